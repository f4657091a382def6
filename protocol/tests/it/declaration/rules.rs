//! `declaration-rules.json`: the same cases as the browser's module.

use proptest::prelude::*;
use serde_json::{Value, json};
use vungxanh_protocol::declaration::{Form, FormKind, normalised_phone};

use super::DAY;

#[test]
fn every_case_has_its_form_problems_questions_and_urgency() {
    let rules = include_str!("../../../test-vectors/declaration-rules.json");
    let rules: Value = serde_json::from_str(rules).unwrap();
    let cases = rules["cases"].as_array().unwrap();
    assert!(cases.len() > 50);
    for case in cases {
        let name = &case["name"];
        let mut filled = rules["base"][case["base"].as_str().unwrap()].as_object().unwrap().clone();
        filled.extend(case["set"].as_object().cloned().unwrap_or_default());
        for field in case["unset"].as_array().into_iter().flatten() {
            filled.remove(field.as_str().unwrap());
        }
        let form: Form = serde_json::from_value(Value::Object(filled.clone())).unwrap();
        let normalised = form.normalised();

        let mut expected = filled;
        expected.extend(case["normalised"].as_object().cloned().unwrap_or_default());
        if expected.get("paper").is_none_or(|paper| paper == "") {
            expected.remove("paperKind");
        }
        expected.retain(|_, value| !value.is_null() && *value != "");
        assert_eq!(serde_json::to_value(&normalised).unwrap(), Value::Object(expected), "{name}");
        assert!(normalised.normalised() == normalised, "{name}: again");

        let problems = normalised.problems();
        let problems: Vec<_> =
            problems.iter().map(|problem| json!([problem.field, problem.reason.name()])).collect();
        assert_eq!(json!(problems), case.get("problems").cloned().unwrap_or(json!([])), "{name}");
        let questions: Vec<_> = normalised.questions().iter().map(|asked| asked.name()).collect();
        assert_eq!(json!(questions), case.get("questions").cloned().unwrap_or(json!([])), "{name}");
        let urgency = case.get("urgency").map_or("none", |urgency| urgency.as_str().unwrap());
        assert_eq!(normalised.urgency().name(), urgency, "{name}");
    }
}

#[test]
fn what_is_no_form_is_refused_and_later_fields_are_ignored() {
    let read = |text: &str| serde_json::from_str::<Form>(text);
    assert!(read(r#"{"kind":"daily","day":20786,"later":[1,2]}"#).is_ok());
    for text in [
        "",
        "[]",
        "null",
        r#"{"kind":"daily"}"#,
        r#"{"day":1}"#,
        r#"{"kind":"other","day":1}"#,
        r#"{"kind":"daily","day":-1}"#,
        r#"{"kind":"daily","day":1.5}"#,
        r#"{"kind":"daily","day":1,"born":"1985"}"#,
        r#"{"kind":"daily","day":1,"symptoms":["x"]}"#,
        r#"{"kind":"daily","day":1,"nationality":"vn"}"#,
        r#"{"kind":"daily","day":1,"name":5}"#,
        r#"{"kind":"daily","day":1,"consent":256}"#,
        r#"{"kind":"daily","day":1,"travelled":"no"}"#,
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn kinds_have_numbers() {
    for kind in FormKind::ALL {
        assert_eq!(FormKind::from_number(kind.number()), Some(kind));
    }
    assert_eq!(FormKind::from_number(0), None);
    assert_eq!(FormKind::from_number(5), None);
}

proptest! {
    #[test]
    fn any_texts_are_normalised_once_and_never_panic(
        texts in prop::collection::vec("\\PC{0,40}|[ \t\u{a0}o\u{302}\u{301}\"\\\\+0-9]{0,40}", 6),
        born: Option<u16>,
        day: u16,
    ) {
        let mut form = Form::new(FormKind::Movement, day);
        form.born = born;
        let [name, paper, phone, email, number, by_phone] = texts.try_into().unwrap();
        form.name = name;
        form.paper = paper;
        form.phone = phone;
        form.email = email;
        form.number = number;
        form.by_phone = by_phone;
        let once = form.normalised();
        prop_assert!(once.normalised() == once);
        once.problems();
        once.questions();
    }

    #[test]
    fn a_normalised_number_is_itself(text in "[+0-9 ().-]{0,20}") {
        if let Some(number) = normalised_phone(&text) {
            prop_assert_eq!(normalised_phone(&number), Some(number.clone()));
            prop_assert!(number.len() <= 16 && number.starts_with('+'));
        }
    }
}

#[test]
fn a_form_does_not_print_what_it_says() {
    let mut form = Form::new(FormKind::Population, DAY);
    form.name = "Nguyễn Thị Lan".into();
    assert_eq!(format!("{form:?}"), "Form { kind: Population, .. }");
}
