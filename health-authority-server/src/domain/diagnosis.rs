//! What staff say about a case: the kind of test and two dates.

use clap::builder::PossibleValue;
use jiff::ToSpan;
use jiff::civil::Date;
use vungxanh_protocol::diagnosis_key::ReportType;
use vungxanh_protocol::interval::{UnixTime, UtcDay};

/// The kind of test, as the verification protocol names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TestType {
    Confirmed,
    Likely,
    /// A negative test, which takes back a likely case.
    Negative,
}

impl clap::ValueEnum for TestType {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

impl TestType {
    const ALL: [Self; 3] = [Self::Confirmed, Self::Likely, Self::Negative];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Likely => "likely",
            Self::Negative => "negative",
        }
    }

    /// From the name on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.name() == name)
    }

    /// What the keys of such a case say in an export file.
    pub const fn report_type(self) -> ReportType {
        match self {
            Self::Confirmed => ReportType::ConfirmedTest,
            Self::Likely => ReportType::ClinicalDiagnosis,
            Self::Negative => ReportType::Revoked,
        }
    }

    /// Which types a client takes that names `accept`. The names form a hierarchy: who takes
    /// `likely` takes `confirmed` too. Nothing named means `confirmed` only. `None` when a name
    /// is unknown.
    pub fn accepted(accept: &[String]) -> Option<Vec<Self>> {
        let names: Option<Vec<Self>> = accept.iter().map(|name| Self::from_name(name)).collect();
        let widest = names?.into_iter().max().unwrap_or(Self::Confirmed);
        Some(Self::ALL[..=widest as usize].to_vec())
    }
}

/// A case as staff describe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Diagnosis {
    /// The kind of test.
    pub test_type: TestType,
    pub symptom_day: Option<UtcDay>,
    /// Day of the test.
    pub test_day: Option<UtcDay>,
}

impl Diagnosis {
    /// For keeping: the type's name and the two days, separated by spaces; `-` is no day.
    pub fn to_text(self) -> String {
        let day = |day: Option<UtcDay>| day.map_or_else(|| "-".into(), |d| d.number().to_string());
        format!("{} {} {}", self.test_type.name(), day(self.symptom_day), day(self.test_day))
    }

    /// Reads what [`Diagnosis::to_text`] wrote.
    pub fn from_text(text: &str) -> Option<Self> {
        let day = |text: &str| match text {
            "-" => Some(None),
            number => number.parse().ok().map(|number| Some(UtcDay::new(number))),
        };
        let mut parts = text.split(' ');
        Some(Self {
            test_type: TestType::from_name(parts.next()?)?,
            symptom_day: day(parts.next()?)?,
            test_day: day(parts.next()?)?,
        })
    }
}

/// Days back that staff may date a test or the onset of symptoms.
pub const MAX_DAYS_BACK: u32 = 28;

/// `YYYY-MM-DD`, or an empty text for no day.
pub fn format_day(day: Option<UtcDay>) -> String {
    let epoch = Date::constant(1970, 1, 1);
    day.and_then(|day| epoch.checked_add(i64::from(day.number()).days()).ok())
        .map(|date| date.to_string())
        .unwrap_or_default()
}

/// Why a date was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not `YYYY-MM-DD`.
    #[error("the date is not of the form YYYY-MM-DD")]
    Malformed,
    /// In the future or too long ago.
    #[error("the date is in the future or more than {MAX_DAYS_BACK} days ago")]
    OutOfRange,
}

/// Reads `YYYY-MM-DD`; an empty text is no day. `today` is the caller's local day: a date up to
/// [`MAX_DAYS_BACK`] days before it is taken, none after it.
pub fn parse_day(text: &str, today: UtcDay) -> Result<Option<UtcDay>, DateError> {
    if text.is_empty() {
        return Ok(None);
    }
    let day = day_of_text(text)?;
    if day > today || day < today.minus(MAX_DAYS_BACK) {
        return Err(DateError::OutOfRange);
    }
    Ok(Some(day))
}

/// Reads `YYYY-MM-DD`, of any year from 1970 on.
pub fn day_of_text(text: &str) -> Result<UtcDay, DateError> {
    let date: Date = text.parse().map_err(|_| DateError::Malformed)?;
    if date.to_string() != text {
        return Err(DateError::Malformed);
    }
    let span = date.since((jiff::Unit::Day, Date::constant(1970, 1, 1)));
    let days = span.map_err(|_| DateError::Malformed)?.get_days();
    Ok(UtcDay::new(u32::try_from(days).map_err(|_| DateError::OutOfRange)?))
}

/// The day where it is `minutes` later than UTC.
pub fn local_day(now: UnixTime, minutes: f32) -> UtcDay {
    let seconds = (minutes.clamp(-14.0 * 60.0, 14.0 * 60.0) * 60.0) as i64;
    now.plus(seconds.max(0).unsigned_abs()).minus(seconds.min(0).unsigned_abs()).day()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepted_types_form_a_hierarchy() {
        use TestType::{Confirmed, Likely, Negative};
        let accepted = |names: &[&str]| {
            TestType::accepted(&names.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(accepted(&[]), Some(vec![Confirmed]));
        assert_eq!(accepted(&["likely"]), Some(vec![Confirmed, Likely]));
        assert_eq!(accepted(&["negative", "confirmed"]), Some(vec![Confirmed, Likely, Negative]));
        assert_eq!(accepted(&["user-report"]), None);
    }

    #[test]
    fn days_round_trip_and_are_bounded() {
        let today = UtcDay::new(18_700); // 2021-03-14
        assert_eq!(parse_day("2021-03-14", today), Ok(Some(today)));
        assert_eq!(format_day(Some(today)), "2021-03-14");
        assert_eq!(parse_day("", today), Ok(None));
        assert_eq!(format_day(None), "");
        assert_eq!(parse_day("2021-03-15", today), Err(DateError::OutOfRange));
        assert_eq!(parse_day("2021-02-14", today), Ok(Some(today.minus(28))));
        assert_eq!(parse_day("2021-02-13", today), Err(DateError::OutOfRange));
        assert_eq!(parse_day("1969-12-31", today), Err(DateError::OutOfRange));
        for malformed in ["14/03/2021", "2021-3-14", "20210314", "2021-02-30", "x"] {
            assert_eq!(parse_day(malformed, today), Err(DateError::Malformed), "{malformed}");
        }
    }
}
