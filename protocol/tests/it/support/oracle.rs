//! The plain oracle of matching, by definition and without any short cut, and small helpers that
//! several tests share.

use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::exposure_key::IdentifierKey;
use vungxanh_protocol::interval::{Interval, RollingPeriod};
use vungxanh_protocol::matching::{Match, Sighting};

/// Every match of `key`: all its identifiers compared with all sightings, by derived interval,
/// then sighting.
pub fn matches(key: &DiagnosisKey, sightings: &[Sighting], tolerance: u32) -> Vec<Match> {
    let identifiers = IdentifierKey::from_key(&key.key);
    let mut found = Vec::new();
    for offset in 0..key.rolling_period.intervals() {
        let derived = Interval::new(key.rolling_start.number() + offset);
        let identifier = identifiers.identifier(derived);
        for (sighting, sighted) in sightings.iter().enumerate() {
            let drift = i64::from(sighted.interval.number()) - i64::from(derived.number());
            if sighted.identifier == identifier && drift.abs() <= i64::from(tolerance) {
                found.push(Match { derived, sighting });
            }
        }
    }
    found
}

/// A confirmed case's key.
pub fn diagnosis_key(key: [u8; 16], start: u32, period: i64) -> DiagnosisKey {
    DiagnosisKey {
        key,
        rolling_start: Interval::new(start),
        rolling_period: RollingPeriod::new(period).unwrap(),
        report_type: ReportType::ConfirmedTest,
        days_since_onset: Some(0),
        transmission_risk: 0,
    }
}

/// Exactly `N` bytes from hex.
pub fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    hex::decode(hex).unwrap().try_into().unwrap()
}
