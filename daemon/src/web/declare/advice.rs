//! What to do with fever, cough or trouble with breathing: from the authority's document, or the device's own words.

use vungxanh_protocol::authority::SymptomAdvice;
use vungxanh_protocol::declaration::{Form, Urgency};

use super::super::page::Page;

/// Shown at once, calmly.
pub(super) struct Advice {
    pub(super) title: String,
    pub(super) text: String,
    /// Whether to call 115 now.
    pub(super) now: bool,
}

impl Advice {
    pub(super) fn of(form: &Form, page: &Page) -> Option<Self> {
        let of_authority = page.engine().sync.authority().and_then(|enrolled| {
            let document = enrolled.authority.document();
            document.declarations.as_ref().map(|rules| rules.symptoms.clone())
        });
        let SymptomAdvice { call, now } = of_authority.unwrap_or_default();
        let (by_language, title, ours) = match form.urgency() {
            Urgency::None => return None,
            Urgency::Call => (call, "declare-call-title", "declare-advice-call"),
            Urgency::Now => (now, "declare-now-title", "declare-advice-now"),
        };
        let text = by_language.get(page.tag()).filter(|text| !text.is_empty());
        Some(Self {
            title: page.t(title),
            text: text.cloned().unwrap_or_else(|| page.t(ours)),
            now: form.urgency() == Urgency::Now,
        })
    }
}
