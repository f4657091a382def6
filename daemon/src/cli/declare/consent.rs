//! What is sent, to whom and for how long, and the consent to it.

use super::super::Output;
use crate::control_api::Preparation;

/// The version of the words that stand before consent is asked for: `declare-what-is-sent`.
pub(super) const CONSENT_VERSION: u8 = 1;

pub(super) fn explain(preparation: &Preparation, output: &Output) {
    let language = output.texts().language().tag();
    let name = preparation.authority.get(language).cloned().unwrap_or_default();
    output.note(
        "declare-what-is-sent",
        &[("authority", name.into()), ("officers", preparation.officers.into())],
    );
    if !preparation.keys_are_fresh {
        output.note("declare-keys-are-old", &[]);
    }
}

/// Consent is an act: a typed word, not the key that is pressed at every question.
pub(super) fn is_given(output: &Output) -> bool {
    let answer = output.ask("declare-consent", &[]).to_lowercase();
    ["yes", "có", "co", "đồng ý", "dong y", "i agree"].contains(&answer.as_str())
}
