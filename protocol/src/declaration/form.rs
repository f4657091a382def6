//! What is declared. The JSON of a form has its fields in this order and leaves empty ones out.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Which form it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormKind {
    /// Everyone, in an outbreak or when a place asks for it.
    Population,
    /// Travelling within the country.
    Movement,
    /// Entering the country.
    Entry,
    /// Symptoms of a day, after an earlier declaration.
    Daily,
}

impl FormKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Population, Self::Movement, Self::Entry, Self::Daily];

    /// The number that stands outside of the sealed form.
    pub const fn number(self) -> u8 {
        match self {
            Self::Population => 1,
            Self::Movement => 2,
            Self::Entry => 3,
            Self::Daily => 4,
        }
    }

    /// The kind of a number; none for numbers that are not known.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// Whether it asks about a journey.
    pub const fn has_journey(self) -> bool {
        matches!(self, Self::Movement | Self::Entry)
    }
}

/// What stands in papers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Other, or not stated.
    Other,
}

/// Which paper a number is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaperKind {
    /// The citizen card (CCCD), 12 digits.
    CitizenCard,
    /// The old identity card (CMND), 9 digits.
    OldCard,
    /// A passport.
    Passport,
    /// Something else.
    Other,
}

/// What was felt in the last 14 days; on the daily form, that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Symptom {
    /// Fever.
    Fever,
    /// Cough.
    Cough,
    /// Trouble with breathing.
    Breathing,
    /// Pneumonia.
    Pneumonia,
    /// Sore throat.
    SoreThroat,
    /// Fatigue.
    Fatigue,
    /// Nausea.
    Nausea,
    /// Diarrhoea.
    Diarrhoea,
}

/// With whom there was contact in the last 14 days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// Someone who is or may be ill with the disease.
    Case,
    /// Someone from a country with the disease.
    AffectedCountry,
    /// Someone with symptoms.
    Symptomatic,
    /// Animals.
    Animals,
}

/// How somebody travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Vehicle {
    /// By air.
    Aeroplane,
    /// By rail.
    Train,
    /// By bus or another hired car.
    Car,
    /// By boat or ship.
    Waterway,
    /// In a vehicle of one's own; it needs no number.
    Personal,
}

/// Who declares for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// A parent or another guardian, who declares for a child; or staff who hold the guardian's consent.
    Guardian,
    /// Family.
    Family,
    /// Staff of a place, a school or the authority.
    Staff,
    /// Someone else.
    Other,
}

/// A country by its two capital letters (ISO 3166-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Viet Nam.
    pub const VIET_NAM: Self = Self(*b"VN");

    /// From two capital letters.
    pub fn new(code: &str) -> Option<Self> {
        let letters = <[u8; 2]>::try_from(code.as_bytes()).ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }
}

impl TryFrom<String> for CountryCode {
    type Error = &'static str;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        Self::new(&code).ok_or("a country is two capital letters")
    }
}

impl From<CountryCode> for String {
    fn from(code: CountryCode) -> Self {
        code.0.iter().copied().map(char::from).collect()
    }
}

/// A declaration as a person fills it in: every answer may still be missing. Empty texts count as
/// missing; unknown fields are ignored when it is read.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Form {
    /// Which form it is.
    pub kind: FormKind,
    /// The local day on which it is declared, counted from 1970-01-01.
    pub day: u16,
    /// Full name, as in papers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Year of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<u16>,
    /// As in papers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// Nationality.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nationality: Option<CountryCode>,
    /// Which paper [`Form::paper`] is the number of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paper_kind: Option<PaperKind>,
    /// Letters and digits; may be missing, because not everyone has one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub paper: String,
    /// The ward where the person stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward: Option<u32>,
    /// The ward in words, where the list was not at hand.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
    /// Street and house.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Where the person can be called; with the country's number in front.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// May be missing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Social or health insurance number; may be missing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub insurance: String,
    /// Whether the person was elsewhere in the last 14 days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub travelled: Option<bool>,
    /// Where.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub travel: String,
    /// What was felt; an empty list is the answer "nothing".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symptoms: Option<Vec<Symptom>>,
    /// Body temperature in tenths of a degree Celsius; on the daily form, may be missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<u16>,
    /// Contacts; an empty list is the answer "none".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<Contact>>,
    /// How the person travels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vehicle: Option<Vehicle>,
    /// Flight, train or number plate.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub number: String,
    /// May be missing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub seat: String,
    /// On entry: the country from which the person comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_country: Option<CountryCode>,
    /// Within the country: the province of departure, by its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_province: Option<u8>,
    /// Station, airport or gate of departure; may be missing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from_gate: String,
    /// Within the country: the province of arrival, by its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_province: Option<u8>,
    /// Station, airport or border gate of arrival.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub to_gate: String,
    /// When the journey begins, on entry when it ends: Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<u32>,
    /// On entry: passport number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub passport: String,
    /// Anything else that an officer should know; may be missing.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Who declares, when it is not the person.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by_name: String,
    /// Where the declarer can be called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub by_phone: String,
    /// What the declarer is to the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_relation: Option<Relation>,
    /// Of a child declared by staff: who holds the guardian's consent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub consent_held_by: String,
    /// The version of the words to which the person, or a child's guardian, has agreed by an act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<u8>,
    /// Base64 of the authority's proof of the declarer's number, where a telephone code was asked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone_proof: String,
}

impl Form {
    /// An empty form.
    pub const fn new(kind: FormKind, day: u16) -> Self {
        Self {
            kind,
            day,
            name: String::new(),
            born: None,
            gender: None,
            nationality: None,
            paper_kind: None,
            paper: String::new(),
            ward: None,
            place: String::new(),
            address: String::new(),
            phone: String::new(),
            email: String::new(),
            insurance: String::new(),
            travelled: None,
            travel: String::new(),
            symptoms: None,
            temperature: None,
            contacts: None,
            vehicle: None,
            number: String::new(),
            seat: String::new(),
            from_country: None,
            from_province: None,
            from_gate: String::new(),
            to_province: None,
            to_gate: String::new(),
            start: None,
            passport: String::new(),
            note: String::new(),
            by_name: String::new(),
            by_phone: String::new(),
            by_relation: None,
            consent_held_by: String::new(),
            consent: None,
            phone_proof: String::new(),
        }
    }
}

/// What people declare does not belong in a log.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form").field("kind", &self.kind).finish_non_exhaustive()
    }
}
