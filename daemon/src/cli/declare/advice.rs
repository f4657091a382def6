//! What to do with fever, cough or trouble with breathing: said at once, calmly, from the authority's document on the device,
//! or by the program itself where that says nothing.

use vungxanh_protocol::authority::SymptomAdvice;
use vungxanh_protocol::declaration::Urgency;

use super::super::Output;

pub(super) fn say(urgency: Urgency, of_authority: &SymptomAdvice, output: &Output) {
    let (by_language, ours) = match urgency {
        Urgency::None => return,
        Urgency::Call => (&of_authority.call, "declare-advice-call"),
        Urgency::Now => (&of_authority.now, "declare-advice-now"),
    };
    match by_language.get(output.texts().language().tag()).filter(|text| !text.is_empty()) {
        Some(text) => output.note("note", &[("text", text.as_str().into())]),
        None => output.note(ours, &[]),
    }
}
