//! A form in parts that fit on a telephone's screen, each a page.

use vungxanh_protocol::declaration::{Field, Form, Problem, Reason};

use crate::control_api::{CONSENT_VERSION, Draft};
use crate::declarations::questions::{Question, all_questions};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Declarer,
    Person,
    Place,
    Journey,
    Health,
}

impl Step {
    const ALL: [Self; 5] = [Self::Declarer, Self::Person, Self::Place, Self::Journey, Self::Health];

    /// In addresses and ids of texts.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Declarer => "declarer",
            Self::Person => "person",
            Self::Place => "place",
            Self::Journey => "journey",
            Self::Health => "health",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    fn of(field: Field) -> Self {
        match field {
            "byName" | "byPhone" | "byRelation" | "consentHeldBy" => Self::Declarer,
            "ward" | "place" | "address" => Self::Place,
            "vehicle" | "number" | "seat" | "fromCountry" | "fromProvince" | "fromGate"
            | "toProvince" | "toGate" | "start" => Self::Journey,
            "symptoms" | "temperature" | "contacts" | "travelled" | "travel" | "note" => {
                Self::Health
            }
            _ => Self::Person,
        }
    }
}

/// Those that a draft has, in their order.
pub(super) fn steps(draft: &Draft) -> Vec<Step> {
    let has = |step: &Step| !questions(draft, *step).is_empty();
    Step::ALL.into_iter().filter(has).collect()
}

/// What a step asks.
pub(super) fn questions(draft: &Draft, step: Step) -> Vec<Question> {
    let all = all_questions(draft.form.kind, draft.on_behalf);
    all.into_iter().filter(|question| Step::of(question.field) == step).collect()
}

/// The step after this one; none before the form is read over.
pub(super) fn after(draft: &Draft, step: Step) -> Option<Step> {
    steps(draft).into_iter().skip_while(|known| *known != step).nth(1)
}

/// What keeps a draft from being sent, but consent.
pub(super) fn problems(draft: &Draft) -> Vec<Problem> {
    let form = Form { consent: Some(CONSENT_VERSION), ..draft.form.clone() }.normalised();
    let mut problems = form.problems();
    if draft.on_behalf && form.by_name.is_empty() && form.by_phone.is_empty() {
        // By the rules alone a form without a declarer is the person's own.
        for field in ["byName", "byPhone", "byRelation"] {
            problems.push(Problem { field, reason: Reason::Missing });
        }
    }
    problems
}

/// The step where a problem is mended.
pub(super) fn step_of(problem: &Problem) -> Step {
    Step::of(problem.field)
}

/// The first step in which something keeps the draft from being sent.
pub(super) fn first_open(draft: &Draft) -> Option<Step> {
    let problems = problems(draft);
    steps(draft).into_iter().find(|step| problems.iter().any(|one| step_of(one) == *step))
}

#[cfg(test)]
mod tests {
    use vungxanh_protocol::declaration::FormKind;

    use super::*;

    fn draft(kind: FormKind, on_behalf: bool) -> Draft {
        Draft { form: Form::new(kind, 20_786), answered: Vec::new(), on_behalf, replaces: None }
    }

    #[test]
    fn every_question_is_asked_in_one_step() {
        for kind in FormKind::ALL {
            for on_behalf in [false, true] {
                let draft = draft(kind, on_behalf);
                let asked = steps(&draft).into_iter().flat_map(|step| questions(&draft, step));
                let mut asked: Vec<_> = asked.map(|question| question.field).collect();
                let mut all: Vec<_> =
                    all_questions(kind, on_behalf).iter().map(|question| question.field).collect();
                asked.sort_unstable();
                all.sort_unstable();
                assert_eq!(asked, all);
                let has = |step| steps(&draft).contains(&step);
                assert_eq!(has(Step::Declarer), on_behalf);
                assert_eq!(has(Step::Journey), kind.has_journey());
            }
        }
    }

    #[test]
    fn who_declares_for_another_says_who_they_are() {
        let draft = draft(FormKind::Daily, true);
        assert_eq!(first_open(&draft), Some(Step::Declarer));
        let names: Vec<_> = steps(&draft).into_iter().map(Step::name).collect();
        assert_eq!(names, ["declarer", "person", "place", "health"]);
        assert_eq!(after(&draft, Step::Health), None);
        assert!(Step::ALL.into_iter().all(|step| Step::named(step.name()) == Some(step)));
    }
}
