//! Each problem of the daemon in plain words, with what to do.

use super::page::Page;
use crate::control_api::Problem;
use crate::engine::problems::ProblemKind;

/// A problem as pages show it.
pub(super) struct ProblemView {
    /// What is wrong.
    pub(super) what: String,
    /// What to do; also that nothing is to be done.
    pub(super) to_do: String,
    /// What the system said, in the page's language as far as it is known; may be empty.
    pub(super) detail: String,
    /// Encounters are lost, or never count, while it lasts.
    pub(super) stops_tracing: bool,
}

impl Page {
    pub(super) fn problems(&self, problems: &[Problem]) -> Vec<ProblemView> {
        problems.iter().map(|problem| self.problem(problem)).collect()
    }

    fn problem(&self, problem: &Problem) -> ProblemView {
        let kind = ProblemKind::of_id(&problem.id);
        // When the document expired stands in seconds.
        let says_more = kind != Some(ProblemKind::AuthorityExpired);
        let detail = if says_more { self.texts().reason(&problem.detail) } else { String::new() };
        ProblemView {
            what: self.t(&format!("web-{}", problem.id)),
            to_do: self.t(&format!("web-{}-do", problem.id)),
            detail,
            stops_tracing: kind.is_some_and(ProblemKind::stops_tracing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::i18n::{Language, Texts};

    #[test]
    fn every_kind_says_what_is_wrong_and_what_to_do() {
        for texts in [Language::Vi, Language::En].map(Texts::load) {
            let mut said = Vec::new();
            for kind in ProblemKind::ALL {
                for id in [format!("web-{}", kind.id()), format!("web-{}-do", kind.id())] {
                    assert!(texts.has(&id), "{id}");
                    said.push(texts.get(&id));
                }
            }
            assert!(said.iter().all(|text| text.ends_with('.')), "sentences");
            assert!(!said.iter().any(|text| text.contains("{ $")), "nothing is filled in");
        }
    }
}
