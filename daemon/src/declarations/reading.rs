//! A form in words: what every answer says, for whoever reads it over before it is sent.

use std::sync::LazyLock;

use serde_json::Value;
use vungxanh_protocol::declaration::{Field, Form, FormKind};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::units::Units;

use super::questions;
use crate::platform::i18n::{Language, Texts};

const COUNTRIES: &str = include_str!("../../data/countries.tsv");

static UNITS: LazyLock<Units> = LazyLock::new(Units::of_viet_nam);

/// Provinces and wards; read at their first use.
pub(crate) fn units() -> &'static Units {
    &UNITS
}

/// The two letters of every country and its name.
pub(crate) fn countries(language: Language) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = COUNTRIES.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(move |line| {
        let mut columns = line.split('\t');
        let (code, vi, en) = (columns.next()?, columns.next()?, columns.next()?);
        Some((code, if language == Language::Vi { vi } else { en }))
    })
}

/// A kind of form, as it stands in ids of texts.
pub(crate) const fn kind_name(kind: FormKind) -> &'static str {
    match kind {
        FormKind::Population => "population",
        FormKind::Movement => "movement",
        FormKind::Entry => "entry",
        FormKind::Daily => "daily",
    }
}

/// The text of an answer that is offered.
pub(crate) fn offered(field: Field, option: &str, texts: &Texts) -> String {
    texts.get(&format!("declare-{field}-{option}"))
}

/// The answers in the order of the form, each with its field. `moment` writes a time.
pub(crate) fn answers(
    form: &Form,
    texts: &Texts,
    moment: impl Fn(UnixTime) -> String,
) -> Vec<(Field, String)> {
    let Ok(Value::Object(fields)) = serde_json::to_value(form) else { return Vec::new() };
    let asked = questions::questions(form, !form.by_name.is_empty()).into_iter();
    let said = asked.filter_map(|question| {
        let name = match question.field {
            "ward" if form.ward.is_none() => "place",
            name => name,
        };
        let text = answer(question.field, fields.get(name)?, form, texts, &moment);
        Some((question.field, text))
    });
    said.collect()
}

fn answer(
    field: Field,
    value: &Value,
    form: &Form,
    texts: &Texts,
    moment: &impl Fn(UnixTime) -> String,
) -> String {
    match (field, value) {
        ("ward", Value::Number(_)) => form.ward.and_then(ward).unwrap_or_else(|| value.to_string()),
        ("fromProvince" | "toProvince", Value::Number(code)) => {
            let code = code.as_u64().and_then(|code| u8::try_from(code).ok());
            let province = code.and_then(|code| units().province(code));
            province.map_or_else(|| value.to_string(), |province| province.name.to_owned())
        }
        ("nationality" | "fromCountry", Value::String(code)) => {
            let named = countries(texts.language()).find(|(known, _)| known == code);
            named.map_or_else(|| code.clone(), |(_, name)| name.to_owned())
        }
        ("start", _) => {
            form.start.map_or_else(String::new, |start| moment(UnixTime::from_secs(start.into())))
        }
        ("temperature", _) => form.temperature.map_or_else(String::new, degrees),
        ("travelled", Value::Bool(yes)) => offered(field, if *yes { "yes" } else { "no" }, texts),
        ("gender" | "paperKind" | "vehicle" | "byRelation", Value::String(option)) => {
            offered(field, option, texts)
        }
        ("symptoms" | "contacts", Value::Array(options)) if options.is_empty() => {
            offered(field, "none", texts)
        }
        ("symptoms" | "contacts", Value::Array(options)) => {
            let named = options.iter().filter_map(Value::as_str);
            named.map(|option| offered(field, option, texts)).collect::<Vec<_>>().join("; ")
        }
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// A ward with its province, by its code.
fn ward(code: u32) -> Option<String> {
    let ward = units().ward(code)?;
    let province = units().province(ward.province)?;
    Some(format!("{}, {}", ward.name, province.name))
}

fn degrees(tenths: u16) -> String {
    format!("{},{} °C", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::super::questions::{Answer, all_questions};
    use super::*;

    #[test]
    fn every_question_and_every_answer_has_its_words() {
        for texts in [Language::Vi, Language::En].map(Texts::load) {
            for kind in FormKind::ALL {
                for question in all_questions(kind, true) {
                    let field = question.field;
                    assert!(texts.has(&format!("declare-label-{field}")), "{field}");
                    let (Answer::One(options) | Answer::Many(options)) = question.answer else {
                        continue;
                    };
                    for option in options {
                        assert_ne!(
                            offered(field, option, &texts),
                            format!("declare-{field}-{option}")
                        );
                    }
                }
            }
            for kind in FormKind::ALL {
                let name = kind_name(kind);
                assert!(texts.has(&format!("declare-kind-{name}")));
                assert!(texts.has(&format!("declarations-kind-{name}")));
            }
            for id in ["travelled-yes", "travelled-no", "symptoms-none", "contacts-none"] {
                assert!(texts.has(&format!("declare-{id}")), "{id}");
            }
        }
    }

    #[test]
    fn an_answer_is_read_as_a_person_says_it() {
        let form = json!({
            "kind": "movement", "day": 20_786, "name": "Đào", "born": 1985, "gender": "female",
            "nationality": "VN", "paperKind": "citizen_card", "paper": "001185000001", "ward": 4,
            "phone": "+84912345678", "vehicle": "train", "number": "SE1", "fromProvince": 1,
            "toProvince": 79, "start": 1_795_953_600, "travelled": false, "symptoms": [],
            "contacts": ["case", "animals"],
        });
        let form: Form = serde_json::from_value(form).unwrap();
        let read = answers(&form, &Texts::load(Language::Vi), |time| time.as_secs().to_string());
        let said: Vec<_> = read.iter().map(|(field, text)| (*field, text.as_str())).collect();
        assert_eq!(
            said,
            [
                ("name", "Đào"),
                ("born", "1985"),
                ("gender", "Nữ"),
                ("nationality", "Việt Nam"),
                ("paperKind", "Căn cước, căn cước công dân"),
                ("paper", "001185000001"),
                ("ward", "Phường Ba Đình, Thành phố Hà Nội"),
                ("phone", "+84912345678"),
                ("vehicle", "Tàu hỏa"),
                ("number", "SE1"),
                ("fromProvince", "Thành phố Hà Nội"),
                ("toProvince", "Thành phố Hồ Chí Minh"),
                ("start", "1795953600"),
                ("travelled", "Không"),
                ("symptoms", "Không có triệu chứng nào"),
                ("contacts", "Người bệnh hoặc người nghi mắc bệnh; Động vật"),
            ]
        );
        let in_words = Form { ward: None, place: "gần chợ".into(), ..form };
        let read = answers(&in_words, &Texts::load(Language::En), |_| String::new());
        assert!(read.contains(&("ward", "gần chợ".to_owned())));
    }

    #[test]
    fn countries_are_those_of_the_page_in_a_browser() {
        let codes: Vec<_> = countries(Language::Vi).map(|(code, _)| code).collect();
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../health-authority-server/assets/declare-form.js"
        );
        let script = std::fs::read_to_string(script).unwrap();
        let list = script.split_once("const COUNTRIES = '").unwrap().1.split_once('\'').unwrap().0;
        assert_eq!(codes.join(" "), list);
        let names: BTreeSet<_> = countries(Language::En).map(|(_, name)| name).collect();
        assert_eq!(names.len(), codes.len());
        assert!(countries(Language::Vi).any(|named| named == ("DE", "Đức")));
    }
}
