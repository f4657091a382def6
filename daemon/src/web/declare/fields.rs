//! The fields of a form's questions: what they show, and what is wrong with what was typed.

use serde_json::Value;
use vungxanh_protocol::declaration::{Field, Form, Reason};
use vungxanh_protocol::interval::UnixTime;

use super::super::form_errors::FormErrors;
use super::super::page::Page;
use super::choices::{Choice, nothing, of_countries, provinces};
use super::steps::{self, Step};
use super::typed::Typed;
use crate::control_api::Draft;
use crate::declarations::questions::{self, Answer, Question};
use crate::declarations::reading::offered;
use crate::platform::time_format;

/// Fields whose errors have words of their own.
const WORDED: [&str; 7] =
    ["phone", "byPhone", "paper", "insurance", "born", "temperature", "consent"];
/// What a list of answers begins with, so that none of them is an answer.
pub(super) const NONE: &str = "none";

/// How a question is answered on the page.
pub(super) enum Input {
    /// The type of the field, what it holds, and its other attributes.
    Text {
        kind: &'static str,
        value: String,
        more: &'static str,
    },
    Radio {
        choices: Vec<Choice>,
    },
    Ticks {
        choices: Vec<Choice>,
    },
    List {
        choices: Vec<Choice>,
    },
}

/// A question as the page shows it.
pub(super) struct FieldView {
    pub(super) id: Field,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) error: String,
    pub(super) input: Input,
}

impl Page {
    /// The words of a field: those of a kind of form where it has its own.
    pub(super) fn label(&self, field: Field, form: &Form) -> String {
        let own = format!("declare-label-{field}-{}", kind_name(form));
        if self.texts().has(&own) { self.t(&own) } else { self.named("declare-label", field) }
    }

    /// The same where it is answered, or has to be: without that it may stay empty.
    pub(super) fn name_of_field(&self, field: Field, form: &Form) -> String {
        let label = self.label(field, form);
        let optional = [" (không bắt buộc)", " (optional)"];
        let alone = optional.into_iter().find_map(|ending| label.strip_suffix(ending));
        alone.unwrap_or(&label).to_owned()
    }

    /// What is wrong with an answer.
    pub(super) fn wrong(&self, field: Field, reason: Reason, form: &Form) -> String {
        let error = |name: &str| self.t(&format!("page-declare-error-{name}"));
        match (field, reason) {
            (_, Reason::GuardianNeeded) => error("guardian_needed"),
            ("consentHeldBy", Reason::Missing) => error("consentHeldBy"),
            ("consent", _) => error("consent"),
            (_, Reason::Malformed | Reason::OutOfRange) if WORDED.contains(&field) => {
                error(if field == "byPhone" { "phone" } else { field })
            }
            _ => {
                let id = format!("page-declare-error-{}", reason.name());
                self.t1(&id, "field", self.name_of_field(field, form))
            }
        }
    }
}

/// As it stands in ids of texts.
pub(super) const fn kind_name(form: &Form) -> &'static str {
    crate::declarations::reading::kind_name(form.kind)
}

/// The form of a draft with what was typed in a step, and what is wrong with it. Answers that are wrong are not in the form.
pub(super) fn read(
    page: &Page,
    draft: &Draft,
    step: Step,
    typed: &Typed,
    now: UnixTime,
) -> (Form, FormErrors) {
    let mut form = draft.form.clone();
    let mut errors = FormErrors::default();
    for question in steps::questions(draft, step) {
        let field = question.field;
        if question.answer == Answer::Ward {
            super::place::read(page, &mut form, typed, &mut errors);
            continue;
        }
        match line(question, typed).and_then(|line| questions::taken(&form, question, &line, now)) {
            Some(taken) => form = taken,
            None => {
                let both = matches!(question.answer, Answer::Many(_)) && typed.says(field, NONE);
                errors.add(
                    field,
                    match both {
                        true => page.t("web-declare-none-and-some"),
                        false => page.wrong(field, Reason::Malformed, &form),
                    },
                );
                form = questions::without(&form, field);
            }
        }
    }
    let all = steps::problems(&Draft { form: form.clone(), ..draft.clone() });
    for problem in all.iter().filter(|problem| steps::step_of(problem) == step) {
        // That a guardian has to declare is said when the person's year of birth is known, and what they are decides.
        let (field, shown_at) = match (problem.reason, problem.field) {
            (Reason::GuardianNeeded, _) => ("byRelation", "byRelation"),
            (_, "place") => ("place", "ward"),
            (_, field) => (field, field),
        };
        if errors.at(shown_at).is_empty() {
            errors.add(shown_at, page.wrong(shown_at, problem.reason, &form));
            form = questions::without(&form, field);
        }
    }
    (form, errors)
}

/// As the answer is typed at a terminal; none where it contradicts itself.
fn line(question: Question, typed: &Typed) -> Option<String> {
    if !matches!(question.answer, Answer::Many(_)) {
        return Some(typed.one(question.field).to_owned());
    }
    match typed.all(question.field).as_slice() {
        [NONE] => Some("0".to_owned()),
        answers if answers.contains(&NONE) => None,
        answers => Some(answers.join(" ")),
    }
}

/// The fields of a step: with what was typed, or else with what the draft says.
pub(super) fn views(
    page: &Page,
    draft: &Draft,
    step: Step,
    typed: Option<&Typed>,
    errors: &FormErrors,
) -> Vec<FieldView> {
    let view = |question: Question| {
        let values = match typed {
            Some(typed) => typed.all(question.field).into_iter().map(str::to_owned).collect(),
            None => values_of(&draft.form, question.field),
        };
        field(page, question, &draft.form, &values, errors)
    };
    let asked = steps::questions(draft, step).into_iter();
    asked.filter(|question| question.answer != Answer::Ward).map(view).collect()
}

pub(super) fn field(
    page: &Page,
    question: Question,
    form: &Form,
    values: &[String],
    errors: &FormErrors,
) -> FieldView {
    let id = question.field;
    let hint = format!("declare-hint-{id}");
    let chosen = |value: &str| values.iter().any(|one| one == value);
    let offer = |value: &str| Choice {
        value: value.to_owned(),
        text: offered(id, value, page.texts()),
        chosen: chosen(value),
    };
    let input = match question.answer {
        Answer::YesNo => Input::Radio { choices: ["no", "yes"].map(offer).into() },
        // Whoever chose one by mistake can take it back.
        Answer::One(options) if question.optional => {
            let named = options.iter().copied().map(offer);
            Input::List { choices: std::iter::once(nothing(page, values)).chain(named).collect() }
        }
        Answer::One(options) => {
            Input::Radio { choices: options.iter().copied().map(offer).collect() }
        }
        Answer::Many(options) => {
            let all = std::iter::once(NONE).chain(options.iter().copied());
            Input::Ticks { choices: all.map(offer).collect() }
        }
        Answer::Province => Input::List { choices: provinces(page, values) },
        Answer::Country => Input::List { choices: of_countries(page, id, values) },
        answer => Input::Text {
            kind: kind_of(id, answer),
            value: values.first().cloned().unwrap_or_default(),
            more: attributes(id),
        },
    };
    FieldView {
        id,
        label: page.label(id, form),
        hint: if page.texts().has(&hint) { page.t(&hint) } else { String::new() },
        error: errors.at(id).to_owned(),
        input,
    }
}

/// What a form says at a field, as the field holds it.
pub(super) fn values_of(form: &Form, field: Field) -> Vec<String> {
    let fields = serde_json::to_value(form).unwrap_or_default();
    match (field, fields.get(field)) {
        ("start", _) => {
            let time = form.start.map(|start| UnixTime::from_secs(start.into()));
            time.map(|time| time_format::local(time, "%Y-%m-%dT%H:%M")).into_iter().collect()
        }
        ("temperature", Some(_)) => {
            let tenths = form.temperature.unwrap_or_default();
            vec![format!("{},{}", tenths / 10, tenths % 10)]
        }
        (_, None | Some(Value::Null)) => Vec::new(),
        (_, Some(Value::Bool(yes))) => vec![if *yes { "yes" } else { "no" }.to_owned()],
        (_, Some(Value::Array(answers))) if answers.is_empty() => vec![NONE.to_owned()],
        (_, Some(Value::Array(answers))) => {
            answers.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        (_, Some(Value::String(text))) => vec![text.clone()],
        (_, Some(other)) => vec![other.to_string()],
    }
}

fn kind_of(field: Field, answer: Answer) -> &'static str {
    match (field, answer) {
        (_, Answer::Moment) => "datetime-local",
        ("phone" | "byPhone", _) => "tel",
        ("email", _) => "email",
        _ => "text",
    }
}

/// Lengths are those of the rules, in characters at most; keyboards and what browsers may fill in.
fn attributes(field: Field) -> &'static str {
    match field {
        "name" | "byName" => "maxlength=\"100\" autocomplete=\"name\"",
        "born" => {
            "inputmode=\"numeric\" maxlength=\"4\" class=\"short\" autocomplete=\"bday-year\""
        }
        "phone" | "byPhone" => "maxlength=\"24\" autocomplete=\"tel\"",
        "email" => "maxlength=\"80\" autocomplete=\"email\"",
        "consentHeldBy" => "maxlength=\"60\" autocomplete=\"organization\"",
        "address" => "maxlength=\"120\" autocomplete=\"address-line1\"",
        "paper" | "insurance" | "passport" => {
            "maxlength=\"32\" autocapitalize=\"characters\" spellcheck=\"false\" autocomplete=\"off\""
        }
        "number" => {
            "maxlength=\"24\" autocapitalize=\"characters\" spellcheck=\"false\" class=\"short\" autocomplete=\"off\""
        }
        "seat" => "maxlength=\"8\" class=\"short\" autocomplete=\"off\"",
        "fromGate" | "toGate" => "maxlength=\"60\" autocomplete=\"off\"",
        "temperature" => {
            "inputmode=\"decimal\" maxlength=\"5\" class=\"short\" autocomplete=\"off\""
        }
        "travel" | "note" => "maxlength=\"200\" autocomplete=\"off\"",
        _ => "autocomplete=\"off\"",
    }
}
