//! What is sent, to whom and for how long, and the consent to it.

use serde_json::Value;
use vungxanh_protocol::declaration::Form;
use vungxanh_protocol::units::Units;

use super::super::Output;
use super::dialogue::kebab;
use super::questions;
use crate::control_api::Preparation;
use crate::platform::time_format::{calendar_day, local_time};

/// The version of the words that stand before consent is asked for: `declare-what-is-sent` and `declare-kept-...`.
pub(super) const CONSENT_VERSION: u8 = 1;

pub(super) fn explain(preparation: &Preparation, output: &Output) {
    let language = output.texts().language().tag();
    let name = preparation.authority.get(language).cloned().unwrap_or_default();
    output.note(
        "declare-what-is-sent",
        &[("authority", name.into()), ("officers", preparation.officers.into())],
    );
    let until = calendar_day(preparation.kept_through);
    match preparation.retention_days {
        Some(days) => {
            output.note("declare-kept-for", &[("days", days.into()), ("until", until.into())]);
        }
        None => output.note("declare-kept-unknown", &[("until", until.into())]),
    }
    if !preparation.keys_are_fresh {
        output.note("declare-keys-are-old", &[]);
    }
}

/// The answers once more, in the order of the form.
pub(super) fn summarise(form: &Form, units: &Units, output: &Output) {
    output.note("declare-summary", &[]);
    let Ok(Value::Object(fields)) = serde_json::to_value(form) else { return };
    for question in questions::questions(form, !form.by_name.is_empty()) {
        let field = match question.field {
            "ward" if form.ward.is_none() => "place",
            field => field,
        };
        let Some(value) = fields.get(field) else { continue };
        let label = output.texts().get(&format!("declare-ask-{}", kebab(question.field)));
        let text = format!("{label} {}", shown(field, value, form, units, output));
        output.note("declare-answer", &[("text", text.into())]);
    }
}

fn shown(field: &str, value: &Value, form: &Form, units: &Units, output: &Output) -> String {
    let choice = |option: &str| {
        output.texts().get(&format!("declare-choice-{}-{}", kebab(field), kebab(option)))
    };
    match (field, value) {
        ("ward", _) => form
            .ward
            .and_then(|code| units.ward(code))
            .map_or_else(|| value.to_string(), |ward| ward.name.to_owned()),
        ("fromProvince" | "toProvince", _) => value
            .as_u64()
            .and_then(|code| units.province(u8::try_from(code).ok()?))
            .map_or_else(|| value.to_string(), |province| province.name.to_owned()),
        ("start", _) => form.start.map_or_else(String::new, |start| {
            local_time(vungxanh_protocol::interval::UnixTime::from_secs(start.into()))
        }),
        ("temperature", _) => form
            .temperature
            .map_or_else(String::new, |tenths| format!("{},{} °C", tenths / 10, tenths % 10)),
        ("travelled", Value::Bool(yes)) => {
            output.texts().get(if *yes { "declare-yes" } else { "declare-no" })
        }
        ("gender" | "paperKind" | "vehicle" | "byRelation", Value::String(option)) => {
            choice(option)
        }
        ("symptoms" | "contacts", Value::Array(options)) if options.is_empty() => {
            output.texts().get("declare-choice-none")
        }
        ("symptoms" | "contacts", Value::Array(options)) => {
            let named = options.iter().filter_map(Value::as_str).map(choice);
            named.collect::<Vec<_>>().join("; ")
        }
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    }
}

/// Consent is an act: a typed word, not the key that is pressed at every question.
pub(super) fn is_given(output: &Output) -> bool {
    let answer = output.ask("declare-consent", &[]).to_lowercase();
    ["yes", "có", "co", "đồng ý", "dong y", "i agree"].contains(&answer.as_str())
}
