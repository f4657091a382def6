//! Diagnosis keys: temporary exposure keys of cases, public once they are in an export file.

use serde::{Deserialize, Serialize};

use crate::exposure_key::{DerivedKeys, KEY_BYTES};
use crate::interval::{Interval, RollingPeriod, UnixTime};

/// How a case was established (GAEN export file, `TemporaryExposureKey.ReportType`).
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ReportType {
    /// Not said.
    #[default]
    Unknown = 0,
    /// A laboratory test.
    ConfirmedTest = 1,
    /// A physician's judgement.
    ClinicalDiagnosis = 2,
    /// The person's own report.
    SelfReport = 3,
    /// Reserved by GAEN.
    Recursive = 4,
    /// Taken back: readers ignore the key from now on.
    Revoked = 5,
}

impl ReportType {
    /// From the number in an export file; `None` for numbers that GAEN does not define.
    pub const fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            0 => Self::Unknown,
            1 => Self::ConfirmedTest,
            2 => Self::ClinicalDiagnosis,
            3 => Self::SelfReport,
            4 => Self::Recursive,
            5 => Self::Revoked,
            _ => return None,
        })
    }
}

/// How infectious a case was on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Infectiousness {
    /// Not infectious: the window is ignored.
    None,
    /// Infectious.
    Standard,
    /// Highly infectious.
    High,
}

/// What makes two entries of export files the same key, whatever else they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId {
    /// The key bytes.
    pub key: [u8; KEY_BYTES],
    /// First interval of validity.
    pub rolling_start: Interval,
}

/// A published key of a case. Not secret, hence printable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DiagnosisKey {
    /// The key bytes.
    pub key: [u8; KEY_BYTES],
    /// First interval of validity.
    pub rolling_start: Interval,
    /// Intervals of validity.
    pub rolling_period: RollingPeriod,
    /// How the case was established.
    pub report_type: ReportType,
    /// Days from onset of symptoms to this key, -14..=14; `None` when not said.
    pub days_since_onset: Option<i32>,
    /// The deprecated transmission risk level, 0..=8.
    pub transmission_risk: i32,
}

impl DiagnosisKey {
    /// By which the same key is recognised in another file.
    pub const fn id(&self) -> KeyId {
        KeyId { key: self.key, rolling_start: self.rolling_start }
    }

    /// The first interval after the key's validity.
    pub const fn rolling_end(&self) -> Interval {
        self.rolling_start.plus(self.rolling_period.intervals())
    }

    /// The intervals for which the key makes identifiers.
    pub fn intervals(&self) -> impl ExactSizeIterator<Item = Interval> + use<> {
        let start = self.rolling_start;
        (0..self.rolling_period.intervals() as u16).map(move |i| start.plus(u32::from(i)))
    }

    /// Whether the key begins after `now`, as no honest key does.
    pub fn is_future(&self, now: UnixTime) -> bool {
        self.rolling_start > now.interval()
    }
}

impl From<&DiagnosisKey> for DerivedKeys {
    fn from(key: &DiagnosisKey) -> Self {
        Self::from_key(&key.key)
    }
}
