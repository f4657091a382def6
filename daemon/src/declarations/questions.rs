//! The questions of a form, in the order in which they are asked, what an answer makes of it, and what is as last time:
//! the same at a terminal and on the page.

use serde_json::Value;
use vungxanh_protocol::declaration::{Field, Form, FormKind, PaperKind, Reason, Relation, Vehicle};
use vungxanh_protocol::interval::UnixTime;

use crate::control_api::Draft;
use crate::platform::time_format::parse_stretch;

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Text,
    Year,
    /// Degrees Celsius.
    Temperature,
    YesNo,
    /// One of these, by its number or name.
    One(&'static [&'static str]),
    /// Any of these, by their numbers or names; 0 for none.
    Many(&'static [&'static str]),
    Ward,
    Province,
    /// Two letters.
    Country,
    /// A day, or a time of a day.
    Moment,
}

/// A question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) field: Field,
    pub(crate) answer: Answer,
    /// It may stay without an answer.
    pub(crate) optional: bool,
}

const GENDERS: &[&str] = &["male", "female", "other"];
const PAPERS: &[&str] = &["citizen_card", "old_card", "passport", "other"];
const SYMPTOMS: &[&str] =
    &["fever", "cough", "breathing", "pneumonia", "sore_throat", "fatigue", "nausea", "diarrhoea"];
const CONTACTS: &[&str] = &["case", "affected_country", "symptomatic", "animals"];
const VEHICLES: &[&str] = &["aeroplane", "train", "car", "waterway", "personal"];
const RELATIONS: &[&str] = &["guardian", "family", "staff", "other"];

/// What is asked anew of a form that is filled in as last time: health does not stay as it was.
const ASKED_ANEW: &[Field] = &[
    "travelled",
    "travel",
    "symptoms",
    "temperature",
    "contacts",
    "start",
    "number",
    "seat",
    "note",
];

const fn required(field: Field, answer: Answer) -> Question {
    Question { field, answer, optional: false }
}

const fn optional(field: Field, answer: Answer) -> Question {
    Question { field, answer, optional: true }
}

/// The questions of a form as it is filled in so far. `on_behalf`: somebody else declares for the person.
pub(crate) fn questions(form: &Form, on_behalf: bool) -> Vec<Question> {
    use Answer::{Country, Many, Moment, One, Province, Temperature, Text, Ward, Year, YesNo};
    let daily = form.kind == FormKind::Daily;
    let entry = form.kind == FormKind::Entry;
    let on_behalf = on_behalf || needs_guardian(form);
    let mut list = vec![required("name", Text), required("born", Year)];
    if on_behalf {
        list.push(required("byName", Text));
        list.push(required("byPhone", Text));
        list.push(required("byRelation", One(RELATIONS)));
        if form.is_of_child() && form.by_relation == Some(Relation::Staff) {
            list.push(required("consentHeldBy", Text));
        }
    }
    if !daily {
        list.push(required("gender", One(GENDERS)));
        list.push(required("nationality", Country));
        list.push(optional("paperKind", One(PAPERS)));
        if form.paper_kind.is_some() {
            list.push(required("paper", Text));
        }
    }
    list.push(required("ward", Ward));
    if !daily {
        list.push(required("address", Text));
    }
    list.push(Question { field: "phone", answer: Text, optional: on_behalf });
    if !daily {
        list.push(optional("email", Text));
        list.push(optional("insurance", Text));
    }
    if form.kind.has_journey() {
        list.push(required("vehicle", One(VEHICLES)));
        let numbered = form.vehicle != Some(Vehicle::Personal);
        list.push(Question { field: "number", answer: Text, optional: !numbered });
        list.push(optional("seat", Text));
        list.push(match entry {
            true => required("fromCountry", Country),
            false => required("fromProvince", Province),
        });
        list.push(optional("fromGate", Text));
        if !entry {
            list.push(required("toProvince", Province));
        }
        list.push(Question { field: "toGate", answer: Text, optional: !entry });
        list.push(required("start", Moment));
        if entry {
            list.push(required("passport", Text));
        }
    }
    if !daily {
        list.push(required("travelled", YesNo));
        if form.travelled == Some(true) {
            list.push(required("travel", Text));
        }
    }
    list.push(required("symptoms", Many(SYMPTOMS)));
    if daily {
        list.push(optional("temperature", Temperature));
    } else {
        list.push(required("contacts", Many(CONTACTS)));
    }
    list.push(optional("note", Text));
    list
}

/// Every question that answers to a form can lead to, for a page that shows all at once.
pub(crate) fn all_questions(kind: FormKind, on_behalf: bool) -> Vec<Question> {
    let mut widest = Form {
        paper_kind: Some(PaperKind::Other),
        travelled: Some(true),
        vehicle: Some(Vehicle::Personal),
        ..Form::new(kind, 0)
    };
    if on_behalf {
        // A child, on the day 0.
        (widest.born, widest.by_relation) = (Some(1_970), Some(Relation::Staff));
    }
    questions(&widest, on_behalf)
}

/// A draft in which what does not change is as in the last form of a person. Health and the journey are asked anew.
pub(crate) fn as_last_time(last: Form, kind: FormKind, day: u16) -> Draft {
    let on_behalf = !last.by_name.is_empty();
    let mut form = Form { kind, day, consent: None, phone_proof: String::new(), ..last };
    for field in ASKED_ANEW {
        form = without(&form, field);
    }
    let form = form.normalised();
    let asked = questions(&form, on_behalf).into_iter().map(|question| question.field);
    let answered = asked.filter(|field| !ASKED_ANEW.contains(field)).map(str::to_owned).collect();
    Draft { form, answered, on_behalf, replaces: None }
}

/// Whether the person is a child, for whom a guardian declares, or staff.
fn needs_guardian(form: &Form) -> bool {
    let problems = form.normalised().problems();
    !form.by_name.is_empty()
        || problems.iter().any(|problem| problem.reason == Reason::GuardianNeeded)
}

/// The form with an answer as it was typed; or what is wrong with the answer. Wards and provinces are answered by their
/// code.
pub(crate) fn answered(
    form: &Form,
    question: Question,
    typed: &str,
    now: UnixTime,
) -> Result<Form, Reason> {
    if typed.trim().is_empty() && !question.optional {
        return Err(Reason::Missing);
    }
    let changed = taken(form, question, typed, now).ok_or(Reason::Malformed)?;
    let problems = changed.normalised().problems();
    let wrong = problems.iter().find(|problem| {
        problem.field == question.field
            || (question.field == "byRelation" && problem.reason == Reason::GuardianNeeded)
    });
    match wrong {
        // Who declares for a child is asked next.
        Some(problem) if problem.reason == Reason::GuardianNeeded && question.field == "byName" => {
            Ok(changed)
        }
        Some(problem) => Err(problem.reason),
        None => Ok(changed),
    }
}

/// The form with what was typed at a question, or without an answer to it where nothing was; none if that cannot be read.
/// Whether it can be sent so is not looked at.
pub(crate) fn taken(form: &Form, question: Question, typed: &str, now: UnixTime) -> Option<Form> {
    let value = match typed.trim() {
        "" => None,
        typed => Some(value(question.answer, typed, now)?),
    };
    with(form, question.field, value)
}

/// The form with its ward in words.
pub(crate) fn in_place(form: &Form, typed: &str) -> Result<Form, Reason> {
    let form = Form { ward: None, place: typed.to_owned(), ..form.clone() };
    let problems = form.normalised().problems();
    let wrong = problems.iter().find(|problem| ["ward", "place"].contains(&problem.field));
    wrong.map_or(Ok(form), |problem| Err(problem.reason))
}

/// The form without an answer to one question.
pub(crate) fn without(form: &Form, field: &str) -> Form {
    with(form, field, None).unwrap_or_else(|| form.clone())
}

fn with(form: &Form, field: &str, value: Option<Value>) -> Option<Form> {
    let mut fields = serde_json::to_value(form).ok()?;
    let object = fields.as_object_mut()?;
    match value {
        Some(value) => object.insert(field.to_owned(), value),
        None => object.remove(field),
    };
    serde_json::from_value(fields).ok()
}

fn value(answer: Answer, typed: &str, now: UnixTime) -> Option<Value> {
    Some(match answer {
        Answer::Text => typed.into(),
        Answer::Year | Answer::Ward | Answer::Province => typed.parse::<u32>().ok()?.into(),
        Answer::Temperature => tenths(typed)?.into(),
        Answer::YesNo => yes_or_no(typed)?.into(),
        Answer::Country => typed.to_uppercase().into(),
        Answer::Moment => parse_stretch(typed, now)?.start.as_secs().into(),
        Answer::One(options) => one(options, typed)?.into(),
        Answer::Many(_) if typed == "0" => Value::Array(Vec::new()),
        Answer::Many(options) => {
            let parts = typed.split([' ', ',', ';']).filter(|part| !part.is_empty());
            let named = parts.map(|part| one(options, part).map(Value::from));
            Value::Array(named.collect::<Option<_>>()?)
        }
    })
}

fn one(options: &'static [&'static str], typed: &str) -> Option<&'static str> {
    let by_name = || options.iter().copied().find(|option| *option == typed);
    match typed.parse::<usize>() {
        Ok(number) => options.get(number.checked_sub(1)?).copied(),
        Err(_) => by_name(),
    }
}

fn yes_or_no(typed: &str) -> Option<bool> {
    match typed.to_lowercase().as_str() {
        "y" | "yes" | "c" | "co" | "có" => Some(true),
        "n" | "no" | "k" | "khong" | "không" => Some(false),
        _ => None,
    }
}

/// `37,5`, `37.5` or `37`, with or without a degree sign.
fn tenths(typed: &str) -> Option<u16> {
    let typed = typed.trim_end_matches(['°', 'C', 'c', ' ']);
    let (whole, part) = typed.split_once([',', '.']).unwrap_or((typed, "0"));
    let digit = part.parse::<u16>().ok().filter(|_| part.len() == 1)?;
    whole.parse::<u16>().ok()?.checked_mul(10)?.checked_add(digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_795_953_600);
    const DAY: u16 = 20_786;

    /// Answers every question as a person would; what they typed for each kind of form.
    fn filled(kind: FormKind, on_behalf: bool) -> Form {
        let mut form = Form { consent: Some(1), ..Form::new(kind, DAY) };
        let mut done: Vec<Field> = Vec::new();
        while let Some(question) =
            questions(&form, on_behalf).into_iter().find(|q| !done.contains(&q.field))
        {
            let typed = match question.field {
                "born" => "1990",
                "phone" | "byPhone" => "0912 345 678",
                "paper" => "001090012345",
                "nationality" | "fromCountry" => "vn",
                "ward" => "4",
                "fromProvince" | "toProvince" => "1",
                "travelled" => "k",
                "symptoms" | "contacts" => "0",
                "temperature" => "36,8",
                "email" | "insurance" | "seat" | "fromGate" => "",
                "start" => "2026-11-29 14:30",
                "number" => "VN 254",
                "passport" => "C1234567",
                _ if matches!(question.answer, Answer::One(_)) => "1",
                _ => "chữ",
            };
            form = answered(&form, question, typed, NOW)
                .unwrap_or_else(|reason| panic!("{kind:?} {}: {}", question.field, reason.name()));
            done.push(question.field);
        }
        form
    }

    #[test]
    fn who_answers_every_question_can_send_the_form() {
        for kind in FormKind::ALL {
            for on_behalf in [false, true] {
                let form = filled(kind, on_behalf).normalised();
                assert_eq!(form.problems(), [], "{kind:?} {on_behalf}");
                assert_eq!(form.by_name.is_empty(), !on_behalf);
            }
        }
    }

    #[test]
    fn a_page_asks_for_all_that_any_answers_can_lead_to() {
        for kind in FormKind::ALL {
            for on_behalf in [false, true] {
                let all: Vec<_> = all_questions(kind, on_behalf).iter().map(|q| q.field).collect();
                let asked = |form: &Form| questions(form, on_behalf);
                let filled = filled(kind, on_behalf);
                assert!(asked(&filled).iter().all(|q| all.contains(&q.field)), "{kind:?}");
                let daily = kind == FormKind::Daily;
                assert_eq!(all.contains(&"paper") && all.contains(&"travel"), !daily);
                assert_eq!(all.contains(&"consentHeldBy"), on_behalf);
            }
        }
    }

    #[test]
    fn what_does_not_change_is_as_last_time_and_health_is_asked_anew() {
        let last =
            Form { symptoms: Some(Vec::new()), note: "x".into(), ..filled(FormKind::Entry, true) };
        let draft = as_last_time(last.clone(), FormKind::Population, DAY + 1);
        assert!(draft.on_behalf && draft.form.consent.is_none());
        assert_eq!((draft.form.day, draft.form.kind), (DAY + 1, FormKind::Population));
        assert_eq!((&draft.form.name, &draft.form.by_name), (&last.name, &last.by_name));
        assert!(draft.form.symptoms.is_none() && draft.form.note.is_empty());
        for field in ["symptoms", "contacts", "travelled", "note", "vehicle"] {
            assert!(!draft.answered.iter().any(|done| done == field), "{field}");
        }
        assert!(draft.answered.iter().any(|done| done == "ward"));
    }

    #[test]
    fn an_answer_is_named_by_its_number_or_its_name() {
        let form = Form::new(FormKind::Population, DAY);
        let of = |field, answer, typed: &str| taken(&form, required(field, answer), typed, NOW);
        let by_number = of("symptoms", Answer::Many(SYMPTOMS), "1 5").unwrap();
        assert!(of("symptoms", Answer::Many(SYMPTOMS), "fever sore_throat").unwrap() == by_number);
        assert!(of("gender", Answer::One(GENDERS), "male").unwrap().gender.is_some());
        for bad in ["Male", "0", "4", "citizen_card"] {
            assert!(of("gender", Answer::One(GENDERS), bad).is_none(), "{bad}");
        }
        let none = of("gender", Answer::One(GENDERS), "").unwrap();
        assert!(none.gender.is_none());
    }

    #[test]
    fn an_answer_that_cannot_be_is_refused_at_its_question() {
        let form = Form::new(FormKind::Population, DAY);
        let refused = |field, answer, typed: &str| {
            answered(&form, required(field, answer), typed, NOW).unwrap_err()
        };
        assert_eq!(refused("name", Answer::Text, " "), Reason::Missing);
        assert_eq!(refused("name", Answer::Text, &"đ".repeat(51)), Reason::TooLong);
        assert_eq!(refused("born", Answer::Year, "1899"), Reason::OutOfRange);
        assert_eq!(refused("born", Answer::Year, "mười"), Reason::Malformed);
        assert_eq!(refused("phone", Answer::Text, "123"), Reason::Malformed);
        assert_eq!(refused("gender", Answer::One(GENDERS), "4"), Reason::Malformed);
        assert_eq!(refused("symptoms", Answer::Many(SYMPTOMS), "1 9"), Reason::Malformed);
        assert_eq!(refused("symptoms", Answer::Many(SYMPTOMS), ""), Reason::Missing);
        let limit = answered(&form, required("name", Answer::Text), &"đ".repeat(50), NOW);
        assert!(limit.is_ok());
    }

    #[test]
    fn a_guardian_declares_for_a_child_or_staff_who_hold_the_consent() {
        let mut form = Form::new(FormKind::Population, DAY);
        form = answered(&form, required("born", Answer::Year), "2015", NOW).unwrap();
        let asked: Vec<_> = questions(&form, false).iter().map(|q| q.field).collect();
        assert!(asked.contains(&"byName") && asked.contains(&"byRelation"));
        form = answered(&form, required("byName", Answer::Text), "Lan", NOW).unwrap();
        let relation = required("byRelation", Answer::One(RELATIONS));
        assert_eq!(answered(&form, relation, "2", NOW).unwrap_err(), Reason::GuardianNeeded);
        assert!(answered(&form, relation, "1", NOW).is_ok());
        let asks_who =
            |form: &Form| questions(form, true).iter().any(|q| q.field == "consentHeldBy");
        assert!(!asks_who(&form));
        let by_staff = answered(&form, relation, "3", NOW).unwrap();
        assert!(asks_who(&by_staff));
        let held = required("consentHeldBy", Answer::Text);
        let held = answered(&by_staff, held, "Trường Tràng An", NOW).unwrap();
        assert_eq!(held.normalised().consent_held_by, "Trường Tràng An");
        let adult = answered(&by_staff, required("born", Answer::Year), "1990", NOW).unwrap();
        assert!(!asks_who(&adult));
    }

    #[test]
    fn temperatures_as_people_write_them() {
        for (typed, read) in [("37,5", 375), ("37.5", 375), ("38", 380), ("36,9 °C", 369)] {
            assert_eq!(tenths(typed), Some(read), "{typed}");
        }
        for bad in ["", "37,55", "warm", "99999", "-3"] {
            assert_eq!(tenths(bad), None, "{bad}");
        }
    }
}
