//! Asking question by question. After each answer the draft is stored by the daemon, sealed: a kill or a closed terminal
//! loses nothing that was typed.

use vungxanh_protocol::authority::SymptomAdvice;
use vungxanh_protocol::declaration::{Form, Question as Doubt, Reason, Urgency};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::units::folded;

use super::super::Output;
use super::advice;
use crate::control::client::Client;
use crate::control_api::{Draft, SaveDraftRequest};
use crate::declarations::questions::{self, Answer, Question};
use crate::declarations::reading::{self, units};
use crate::failure::{Exit, Failure};

/// Wards that are offered at one time.
const OFFERED: usize = 9;
/// What goes back to the question before.
const BACK: &str = "<";

/// A form that is being filled in by a person at a terminal.
pub(super) struct Dialogue<'a> {
    pub(super) output: &'a Output,
    pub(super) daemon: &'a Client,
    pub(super) draft: Draft,
    pub(super) now: UnixTime,
    /// What the authority says about symptoms.
    pub(super) advice: SymptomAdvice,
}

/// What a person typed at a question.
enum Typed {
    Answered(Box<Form>),
    Back,
    Again,
}

impl Dialogue<'_> {
    /// Asks what is not answered yet. The form has every answer then, but consent.
    pub(super) fn fill(&mut self) -> Result<(), Failure> {
        self.output.note("declare-how", &[]);
        loop {
            self.ask_the_rest()?;
            let doubts = self.draft.form.normalised().questions();
            if doubts.is_empty() || !self.wants_to_change(&doubts) {
                return Ok(());
            }
        }
    }

    fn ask_the_rest(&mut self) -> Result<(), Failure> {
        while let Some(question) = self.next() {
            match self.ask(question)? {
                Typed::Answered(form) => {
                    let before = self.draft.form.urgency();
                    self.draft.form = *form;
                    self.draft.answered.push(question.field.to_owned());
                    self.save()?;
                    if self.draft.form.urgency() > before {
                        self.advise();
                    }
                }
                Typed::Back => {
                    if let Some(field) = self.draft.answered.pop() {
                        self.draft.form = questions::without(&self.draft.form, &field);
                        self.save()?;
                    }
                }
                Typed::Again => {}
            }
        }
        Ok(())
    }

    fn next(&self) -> Option<Question> {
        let all = questions::questions(&self.draft.form, self.draft.on_behalf);
        let open = |question: &Question| !self.draft.answered.iter().any(|f| f == question.field);
        all.into_iter().find(open)
    }

    fn save(&self) -> Result<(), Failure> {
        self.daemon.send(&SaveDraftRequest { draft: Some(self.draft.clone()) })
    }

    fn ask(&self, question: Question) -> Result<Typed, Failure> {
        self.show_choices(question);
        let id = format!("declare-ask-{}", kebab(question.field));
        let mut text = self.output.texts().get(&id);
        if question.optional {
            text = self.output.texts().with("declare-optional", &[("question", text.into())]);
        }
        let typed = self.read(text)?;
        if typed == BACK {
            return Ok(Typed::Back);
        }
        match question.answer {
            Answer::Ward => self.ward(question, &typed),
            Answer::Province => Ok(self.province(question, &typed)),
            _ => Ok(self.taken(questions::answered(&self.draft.form, question, &typed, self.now))),
        }
    }

    /// A line; the draft is kept when there is none any more.
    fn read(&self, question: String) -> Result<String, Failure> {
        let typed = self.output.ask_unless_ended("note", &[("text", question.into())]);
        typed.ok_or(Failure::new(Exit::Negative, "failure-declare-stopped"))
    }

    fn taken(&self, answered: Result<Form, Reason>) -> Typed {
        match answered {
            Ok(form) => Typed::Answered(Box::new(form)),
            Err(reason) => {
                let id = format!("declare-problem-{}", reason.name().replace('_', "-"));
                let text = self.output.texts().get(&id);
                self.output.note("declare-not-taken", &[("reason", text.into())]);
                Typed::Again
            }
        }
    }

    fn show_choices(&self, question: Question) {
        let (Answer::One(options) | Answer::Many(options)) = question.answer else { return };
        let texts = self.output.texts();
        for (number, option) in (1..).zip(options) {
            let text = reading::offered(question.field, option, texts);
            self.output.note("declare-choice", &[("number", number.into()), ("text", text.into())]);
        }
        if matches!(question.answer, Answer::Many(_)) {
            let text = reading::offered(question.field, "none", texts);
            self.output.note("declare-choice", &[("number", 0.into()), ("text", text.into())]);
        }
    }

    /// A ward by its name, today's or an old one, with or without diacritics; or in words where it is not found.
    fn ward(&self, question: Question, typed: &str) -> Result<Typed, Failure> {
        if typed.is_empty() {
            return Ok(self.taken(Err(Reason::Missing)));
        }
        let found = units().search(typed, None, OFFERED);
        for (number, ward) in (1..).zip(&found) {
            let province = units().province(ward.province).map_or("", |province| province.name);
            let text = format!("{}, {province}", ward.name);
            self.output.note("declare-choice", &[("number", number.into()), ("text", text.into())]);
        }
        let text = self.output.texts().get("declare-choice-ward-other");
        self.output.note("declare-choice", &[("number", 0.into()), ("text", text.into())]);
        let chosen = self.read(self.output.texts().get("declare-ask-ward-which"))?;
        if chosen == "0" {
            return Ok(self.taken(questions::in_place(&self.draft.form, typed)));
        }
        let place = chosen.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let Some(ward) = place.and_then(|place| found.get(place)) else { return Ok(Typed::Again) };
        let form = Form { place: String::new(), ..self.draft.form.clone() };
        let code = ward.code.to_string();
        Ok(self.taken(questions::answered(&form, question, &code, self.now)))
    }

    fn province(&self, question: Question, typed: &str) -> Typed {
        let wanted = folded(typed);
        let named = units().provinces().iter().filter(|province| {
            let name = folded(province.name);
            name == wanted || (!wanted.is_empty() && name.ends_with(&format!(" {wanted}")))
        });
        let found: Vec<_> = named.collect();
        match found.as_slice() {
            [province] => {
                let code = province.code.to_string();
                self.taken(questions::answered(&self.draft.form, question, &code, self.now))
            }
            _ => {
                let names = units().provinces().iter().map(|province| province.name);
                let names = names.collect::<Vec<_>>().join(", ");
                self.output.note("declare-provinces", &[("names", names.into())]);
                Typed::Again
            }
        }
    }

    /// Says at once what to do, calmly, and whom to call.
    fn advise(&self) {
        match self.draft.form.urgency() {
            Urgency::None => {}
            urgency => advice::say(urgency, &self.advice, self.output),
        }
    }

    /// A citizen card's number says something else than the form: nothing keeps it from being sent.
    fn wants_to_change(&mut self, doubts: &[Doubt]) -> bool {
        let mut change = false;
        for doubt in doubts {
            let field = match doubt {
                Doubt::YearDiffers => "born",
                Doubt::SexDiffers => "gender",
            };
            let id = format!("declare-doubt-{}", kebab(doubt.name()));
            if !self.output.confirm(&id, &[]) {
                self.draft.answered.retain(|done| done != field && done != "paper");
                change = true;
            }
        }
        change
    }
}

/// `fromGate` and `sore_throat` as they stand in ids of texts.
pub(super) fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        match letter {
            '_' => kebab.push('-'),
            capital if capital.is_ascii_uppercase() => {
                kebab.push('-');
                kebab.push(capital.to_ascii_lowercase());
            }
            small => kebab.push(small),
        }
    }
    kebab
}
