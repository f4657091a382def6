//! What is sent, to whom and for how long, and the consent to it.

use vungxanh_protocol::declaration::Form;

use super::super::Output;
use super::dialogue::kebab;
use crate::control_api::Preparation;
use crate::declarations::reading;
use crate::platform::time_format::{calendar_day, local_time};

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
pub(super) fn summarise(form: &Form, output: &Output) {
    output.note("declare-summary", &[]);
    for (field, answer) in reading::answers(form, output.texts(), local_time) {
        let label = output.texts().get(&format!("declare-ask-{}", kebab(field)));
        output.note("declare-answer", &[("text", format!("{label} {answer}").into())]);
    }
}

/// Consent is an act: a typed word, not the key that is pressed at every question.
pub(super) fn is_given(output: &Output) -> bool {
    let answer = output.ask("declare-consent-ask", &[]).to_lowercase();
    ["yes", "có", "co", "đồng ý", "dong y", "i agree"].contains(&answer.as_str())
}
