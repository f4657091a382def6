//! What the rules say about a form.

/// The name of a field in a form's JSON.
pub type Field = &'static str;

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It has to be answered.
    Missing,
    /// It has more bytes than its limit, counted as in JSON.
    TooLong,
    /// It has the wrong shape.
    Malformed,
    /// A number outside of what is possible.
    OutOfRange,
    /// A child's guardian has to declare, or staff who hold the guardian's consent.
    GuardianNeeded,
}

impl Reason {
    /// Its name in test vectors and text ids.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::OutOfRange => "out_of_range",
            Self::GuardianNeeded => "guardian_needed",
        }
    }
}

/// A field that keeps the form from being sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    /// Which.
    pub field: Field,
    /// Why.
    pub reason: Reason,
}

/// Something to ask about, which does not keep the form from being sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The citizen card's number says another year of birth.
    YearDiffers,
    /// The citizen card's number says another sex.
    SexDiffers,
}

impl Question {
    /// Its name in test vectors and text ids.
    pub const fn name(self) -> &'static str {
        match self {
            Self::YearDiffers => "year_differs",
            Self::SexDiffers => "sex_differs",
        }
    }
}

/// How soon somebody with these answers should call, said at once and without asking anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Nothing to do.
    None,
    /// Fever or cough: stay apart, and call the number of the authority.
    Call,
    /// Trouble with breathing: call at once.
    Now,
}

impl Urgency {
    /// Its name in test vectors and text ids.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Call => "call",
            Self::Now => "now",
        }
    }
}
