//! One key in an export file.

use super::wire::{Fields, MessageWriter, Value, int32, sint32};
use crate::diagnosis_key::{DiagnosisKey, ReportType};
use crate::exposure_key::KEY_BYTES;
use crate::interval::{Interval, RollingPeriod};

/// Days since onset that mean something; what lies outside is taken as not said.
const DAYS_SINCE_ONSET: std::ops::RangeInclusive<i32> = -14..=14;
/// Levels of the deprecated transmission risk.
const TRANSMISSION_RISK: std::ops::RangeInclusive<i32> = 0..=8;

/// A key as it stands in an export file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyEntry {
    /// The key.
    pub key: DiagnosisKey,
    /// Published before; this entry replaces what was said about it.
    pub revised: bool,
}

/// Why an entry was skipped. The rest of the file is read all the same: a signer's single
/// mistake must not hide everybody else's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum KeyDefect {
    /// Not 16 bytes.
    #[error("a key has {0} bytes instead of 16")]
    KeyLength(usize),
    /// Outside 1..=144.
    #[error("a rolling period of {0} intervals is outside 1..=144")]
    RollingPeriod(i32),
    /// Negative, or missing.
    #[error("a key has no valid first interval")]
    RollingStart,
    /// A report type that GAEN does not define.
    #[error("report type {0} is unknown")]
    ReportType(i32),
    /// Too long, or not a message at all.
    #[error("an entry cannot be read")]
    Malformed,
}

/// Entries that were skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InvalidKeys {
    /// How many.
    pub count: u64,
    /// What was wrong with the first.
    pub first: Option<KeyDefect>,
}

impl InvalidKeys {
    pub(super) fn add(&mut self, defect: KeyDefect) {
        self.count += 1;
        self.first.get_or_insert(defect);
    }

    /// Counts what was skipped in another file to this.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.first = self.first.or(other.first);
    }
}

/// From the message.
pub(super) fn decode(message: &[u8]) -> Result<DiagnosisKey, KeyDefect> {
    let mut key: &[u8] = &[];
    let (mut risk, mut start, mut period, mut report_type, mut onset) = (0, None, 144, 0, None);
    let mut fields = Fields::new(message);
    while let Some((field, value)) = fields.next().map_err(|_| KeyDefect::Malformed)? {
        match (field, value) {
            (1, Value::Bytes(bytes)) => key = bytes,
            (2, Value::Varint(varint)) => risk = int32(varint),
            (3, Value::Varint(varint)) => start = Some(int32(varint)),
            (4, Value::Varint(varint)) => period = int32(varint),
            (5, Value::Varint(varint)) => report_type = int32(varint),
            (6, Value::Varint(varint)) => onset = Some(sint32(varint)),
            _ => {}
        }
    }
    Ok(DiagnosisKey {
        key: <[u8; KEY_BYTES]>::try_from(key).map_err(|_| KeyDefect::KeyLength(key.len()))?,
        rolling_start: start
            .and_then(|number| u32::try_from(number).ok())
            .map(Interval::new)
            .ok_or(KeyDefect::RollingStart)?,
        rolling_period: RollingPeriod::new(period.into())
            .map_err(|_| KeyDefect::RollingPeriod(period))?,
        report_type: ReportType::from_number(report_type.into())
            .ok_or(KeyDefect::ReportType(report_type))?,
        days_since_onset: onset.filter(|days| DAYS_SINCE_ONSET.contains(days)),
        transmission_risk: risk.clamp(*TRANSMISSION_RISK.start(), *TRANSMISSION_RISK.end()),
    })
}

/// As exposure-notifications-server writes it: the classic rolling period and what is unknown
/// are left out.
pub(super) fn encode(key: &DiagnosisKey, message: &mut MessageWriter) {
    message.bytes(1, &key.key);
    if key.transmission_risk != 0 {
        message.int32(2, key.transmission_risk);
    }
    message.int32(3, key.rolling_start.number() as i32);
    if key.rolling_period != RollingPeriod::DAY {
        message.int32(4, key.rolling_period.intervals() as i32);
    }
    if key.report_type != ReportType::Unknown {
        message.int32(5, key.report_type as i32);
    }
    if let Some(days) = key.days_since_onset {
        message.sint32(6, days);
    }
}
