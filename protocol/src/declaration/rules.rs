//! The rules of forms: one place for programs, pages and tools; `declaration-rules.json` holds cases
//! for all of them.

use super::form::{Form, FormKind, PaperKind, Relation, Symptom, Vehicle};
use super::papers::{CitizenNumber, is_insurance_number};
use super::phone::normalised_phone;
use super::sealed::MAX_WARD;
use super::text::{json_bytes, normalised, normalised_number};
use super::verdict::{Field, Problem, Question, Reason, Urgency};
use super::{Gender, text};
use crate::interval::DAY_SECONDS;
use crate::phone::PhoneProof;
use crate::text::is_plain;

/// Under this age a guardian consents, and declares (Law 91/2025/QH15 and its decree) or has staff declare.
const ADULT_FROM_AGE: u16 = 16;
const EARLIEST_BIRTH: u16 = 1_900;
/// Tenths of a degree Celsius that a living person can have.
const TEMPERATURES: std::ops::RangeInclusive<u16> = 340..=430;
/// From how many tenths of a degree on it is fever.
const FEVER_FROM: u16 = 380;
/// How many days before and after its day a declared journey may begin.
const JOURNEY_DAYS: u64 = 31;

impl Form {
    /// The form as it is checked and sealed: texts in one form, numbers as they are called, lists in
    /// order, and nothing that its kind does not ask.
    #[must_use]
    pub fn normalised(&self) -> Self {
        let mut form = self.clone();
        for text in form.texts_mut() {
            *text = normalised(text);
        }
        for number in [&mut form.paper, &mut form.insurance, &mut form.number, &mut form.passport] {
            *number = normalised_number(number);
        }
        for phone in [&mut form.phone, &mut form.by_phone] {
            if let Some(number) = normalised_phone(phone) {
                *phone = number;
            }
        }
        if let Some(symptoms) = &mut form.symptoms {
            symptoms.sort_unstable();
            symptoms.dedup();
        }
        if let Some(contacts) = &mut form.contacts {
            contacts.sort_unstable();
            contacts.dedup();
        }
        form.drop_what_is_not_asked();
        form
    }

    fn texts_mut(&mut self) -> [&mut String; 13] {
        [
            &mut self.name,
            &mut self.place,
            &mut self.address,
            &mut self.phone,
            &mut self.email,
            &mut self.travel,
            &mut self.seat,
            &mut self.from_gate,
            &mut self.to_gate,
            &mut self.note,
            &mut self.by_name,
            &mut self.consent_held_by,
            &mut self.by_phone,
        ]
    }

    fn drop_what_is_not_asked(&mut self) {
        let empty = Self::new(self.kind, self.day);
        if !self.kind.has_journey() {
            self.vehicle = None;
            self.start = None;
            for text in [&mut self.number, &mut self.seat, &mut self.from_gate, &mut self.to_gate] {
                text.clear();
            }
        }
        if self.kind != FormKind::Movement {
            (self.from_province, self.to_province) = (None, None);
        }
        if self.kind != FormKind::Entry {
            self.from_country = None;
            self.passport.clear();
        }
        if self.kind == FormKind::Daily {
            *self = Self {
                name: std::mem::take(&mut self.name),
                born: self.born,
                ward: self.ward,
                place: std::mem::take(&mut self.place),
                phone: std::mem::take(&mut self.phone),
                symptoms: self.symptoms.take(),
                temperature: self.temperature,
                note: std::mem::take(&mut self.note),
                by_name: std::mem::take(&mut self.by_name),
                by_phone: std::mem::take(&mut self.by_phone),
                by_relation: self.by_relation,
                consent_held_by: std::mem::take(&mut self.consent_held_by),
                consent: self.consent,
                phone_proof: std::mem::take(&mut self.phone_proof),
                ..empty
            };
        } else {
            self.temperature = None;
        }
        if self.paper.is_empty() {
            self.paper_kind = None;
        }
        if self.travelled != Some(true) {
            self.travel.clear();
        }
        if self.by_name.is_empty() && self.by_phone.is_empty() {
            self.by_relation = None;
        }
        if !(self.is_of_child() && self.by_relation == Some(Relation::Staff)) {
            self.consent_held_by.clear();
        }
    }

    /// Whether the person is under 16, counted in years.
    pub fn is_of_child(&self) -> bool {
        self.born.is_some_and(|born| year_of(self.day).saturating_sub(born) < ADULT_FROM_AGE)
    }

    /// What keeps a normalised form from being sent, in the order of its fields; nothing when it can.
    pub fn problems(&self) -> Vec<Problem> {
        let mut check = Check { form: self, problems: Vec::new() };
        check.person();
        check.health();
        if self.kind.has_journey() {
            check.journey();
        }
        check.text("note", &self.note, 200);
        check.declarer();
        if self.consent.unwrap_or(0) == 0 {
            check.add("consent", Reason::Missing);
        }
        let proof = &self.phone_proof;
        if !proof.is_empty() && PhoneProof::from_base64(proof).is_none() {
            check.add("phoneProof", Reason::Malformed);
        }
        check.problems
    }

    /// What a normalised form should be asked about once more.
    pub fn questions(&self) -> Vec<Question> {
        let mut questions = Vec::new();
        let citizen = match self.paper_kind {
            Some(PaperKind::CitizenCard) => CitizenNumber::read(&self.paper),
            _ => None,
        };
        if let Some(citizen) = citizen {
            if self.born.is_some_and(|born| born != citizen.born) {
                questions.push(Question::YearDiffers);
            }
            let sexes = [Some(Gender::Male), Some(Gender::Female)];
            if sexes.contains(&self.gender) && self.gender != Some(citizen.gender) {
                questions.push(Question::SexDiffers);
            }
        }
        questions
    }

    /// What to show the person at once.
    pub fn urgency(&self) -> Urgency {
        let felt = |symptom| self.symptoms.as_ref().is_some_and(|felt| felt.contains(&symptom));
        let fever = self.temperature.is_some_and(|tenths| tenths >= FEVER_FROM);
        if felt(Symptom::Breathing) || felt(Symptom::Pneumonia) {
            Urgency::Now
        } else if fever || felt(Symptom::Fever) || felt(Symptom::Cough) {
            Urgency::Call
        } else {
            Urgency::None
        }
    }
}

struct Check<'a> {
    form: &'a Form,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn add(&mut self, field: Field, reason: Reason) {
        self.problems.push(Problem { field, reason });
    }

    /// Length and characters of a text; whether there is any.
    fn text(&mut self, field: Field, text: &str, limit: usize) -> bool {
        if !is_plain(text) {
            self.add(field, Reason::Malformed);
        } else if json_bytes(text) > limit {
            self.add(field, Reason::TooLong);
        }
        !text.is_empty()
    }

    fn required_text(&mut self, field: Field, text: &str, limit: usize) {
        if !self.text(field, text, limit) {
            self.add(field, Reason::Missing);
        }
    }

    fn required<T>(&mut self, field: Field, answer: Option<T>) {
        if answer.is_none() {
            self.add(field, Reason::Missing);
        }
    }

    /// A number of letters and digits; empty ones are somebody else's matter.
    fn number(&mut self, field: Field, number: &str, right: impl Fn(&str) -> bool) {
        let letters = number.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let good = number.is_empty() || (letters && right(number));
        if !good {
            self.add(field, Reason::Malformed);
        }
    }

    fn person(&mut self) {
        let form = self.form;
        let daily = form.kind == FormKind::Daily;
        self.required_text("name", &form.name, 100);
        match form.born {
            None => self.add("born", Reason::Missing),
            Some(born) if born < EARLIEST_BIRTH || born > year_of(form.day) => {
                self.add("born", Reason::OutOfRange);
            }
            Some(_) => {}
        }
        if !daily {
            self.required("gender", form.gender);
            self.required("nationality", form.nationality);
            self.paper();
        }
        self.ward();
        if !daily {
            self.required_text("address", &form.address, 120);
        }
        // Who is declared for can be reached through the declarer.
        self.phone("phone", &form.phone, form.by_phone.is_empty());
        self.text("email", &form.email, 80);
        if !form.email.is_empty() && !is_email(&form.email) {
            self.add("email", Reason::Malformed);
        }
        self.number("insurance", &form.insurance, is_insurance_number);
    }

    fn paper(&mut self) {
        let form = self.form;
        if form.paper.is_empty() {
            return;
        }
        let digits = |number: &str| number.bytes().all(|byte| byte.is_ascii_digit());
        match form.paper_kind {
            None => self.add("paperKind", Reason::Missing),
            Some(PaperKind::CitizenCard) => {
                self.number("paper", &form.paper, |number| CitizenNumber::read(number).is_some());
            }
            Some(PaperKind::OldCard) => {
                self.number("paper", &form.paper, |number| number.len() == 9 && digits(number));
            }
            Some(PaperKind::Passport) => self.number("paper", &form.paper, is_passport),
            Some(PaperKind::Other) => {
                self.number("paper", &form.paper, |number| number.len() <= 24);
            }
        }
    }

    fn ward(&mut self) {
        let form = self.form;
        match form.ward {
            Some(ward) if ward == 0 || ward > MAX_WARD => self.add("ward", Reason::OutOfRange),
            None if form.place.is_empty() => self.add("ward", Reason::Missing),
            _ => {}
        }
        self.text("place", &form.place, 120);
    }

    fn phone(&mut self, field: Field, phone: &str, required: bool) {
        if phone.is_empty() {
            if required {
                self.add(field, Reason::Missing);
            }
        } else if normalised_phone(phone).as_deref() != Some(phone) {
            self.add(field, Reason::Malformed);
        }
    }

    fn health(&mut self) {
        let form = self.form;
        if form.kind != FormKind::Daily {
            self.required("travelled", form.travelled);
            if form.travelled == Some(true) {
                self.required_text("travel", &form.travel, 200);
            }
        }
        self.required("symptoms", form.symptoms.as_ref());
        if form.temperature.is_some_and(|tenths| !TEMPERATURES.contains(&tenths)) {
            self.add("temperature", Reason::OutOfRange);
        }
        if form.kind != FormKind::Daily {
            self.required("contacts", form.contacts.as_ref());
        }
    }

    fn journey(&mut self) {
        let form = self.form;
        let entry = form.kind == FormKind::Entry;
        self.required("vehicle", form.vehicle);
        let numbered = form.vehicle.is_some_and(|vehicle| vehicle != Vehicle::Personal);
        if numbered && form.number.is_empty() {
            self.add("number", Reason::Missing);
        }
        self.number("number", &form.number, |number| number.len() <= 20);
        self.text("seat", &form.seat, 8);
        if entry {
            self.required("fromCountry", form.from_country);
        } else {
            self.province("fromProvince", form.from_province);
        }
        self.text("fromGate", &form.from_gate, 60);
        if entry {
            self.required_text("toGate", &form.to_gate, 60);
        } else {
            self.province("toProvince", form.to_province);
            self.text("toGate", &form.to_gate, 60);
        }
        self.start();
        if entry {
            if form.passport.is_empty() {
                self.add("passport", Reason::Missing);
            }
            self.number("passport", &form.passport, is_passport);
        }
    }

    fn province(&mut self, field: Field, province: Option<u8>) {
        match province {
            None => self.add(field, Reason::Missing),
            Some(0 | 100..) => self.add(field, Reason::OutOfRange),
            Some(_) => {}
        }
    }

    fn start(&mut self) {
        let day = u64::from(self.form.day);
        match self.form.start {
            None => self.add("start", Reason::Missing),
            Some(start) if day.abs_diff(u64::from(start) / DAY_SECONDS) > JOURNEY_DAYS => {
                self.add("start", Reason::OutOfRange);
            }
            Some(_) => {}
        }
    }

    fn declarer(&mut self) {
        let form = self.form;
        let another = !form.by_name.is_empty() || !form.by_phone.is_empty();
        let child = form.is_of_child();
        let staff = form.by_relation == Some(Relation::Staff);
        if child && !(another && (staff || form.by_relation == Some(Relation::Guardian))) {
            self.add("byName", Reason::GuardianNeeded);
        } else if another {
            self.required_text("byName", &form.by_name, 100);
        }
        if another {
            self.phone("byPhone", &form.by_phone, true);
            self.required("byRelation", form.by_relation);
            if child && staff {
                self.required_text("consentHeldBy", &form.consent_held_by, 60);
            }
        }
    }
}

fn is_passport(number: &str) -> bool {
    (5..=20).contains(&number.len())
}

/// Something, an @, something with a dot in it.
fn is_email(text: &str) -> bool {
    let parts: Vec<&str> = text.split('@').collect();
    let [name, host] = parts.as_slice() else { return false };
    let labels = host.split('.').all(|label| !label.is_empty());
    !name.is_empty() && labels && host.contains('.') && !text.chars().any(text::is_blank)
}

/// The year of a local day: the civil calendar, without leap seconds.
fn year_of(day: u16) -> u16 {
    let mut left = u32::from(day);
    let mut year = 1_970;
    loop {
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = if leap { 366 } else { 365 };
        if left < days {
            return year;
        }
        left -= days;
        year += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_begin_and_end() {
        for (day, year) in [
            (0, 1970),
            (365, 1971),
            (10_956, 1999),
            (11_322, 2000),
            (11_323, 2001),
            (20_819, 2027),
            (20_818, 2026),
            (u16::MAX, 2149),
        ] {
            assert_eq!(year_of(day), year, "{day}");
        }
    }
}
