//! When a key may be published.

use vungxanh_protocol::diagnosis_key::DiagnosisKey;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::publish::release_time;

/// The clock tolerance of plain GAEN readers, in intervals.
const PLAIN_GAEN_TOLERANCE: u32 = 12;
/// The largest clock tolerance that our clients take from a document, in intervals.
const OUR_TOLERANCE: u32 = 2;

/// How long keys wait: for the end of the period in which they came, and until every reader has
/// stopped believing identifiers of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseRule {
    period_seconds: u64,
    largest_tolerance: u32,
}

/// A key with the times at which it came and may be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimedKey {
    pub key: DiagnosisKey,
    /// Start of the period in which it came.
    pub received_window: UnixTime,
    /// When it may be published at the earliest.
    pub release_at: UnixTime,
}

impl ReleaseRule {
    /// For batches of `period_seconds`, with or without plain GAEN clients among the readers.
    pub const fn new(period_seconds: u64, plain_gaen: bool) -> Self {
        let largest_tolerance = if plain_gaen { PLAIN_GAEN_TOLERANCE } else { OUR_TOLERANCE };
        Self { period_seconds, largest_tolerance }
    }

    /// Start of the period that `at` is in.
    pub const fn window(&self, at: UnixTime) -> UnixTime {
        at.floor_to(self.period_seconds)
    }

    /// The times of a key that came at `received`.
    pub fn apply(&self, key: DiagnosisKey, received: UnixTime) -> TimedKey {
        TimedKey {
            key,
            received_window: self.window(received),
            release_at: release_time(&key, self.largest_tolerance),
        }
    }
}

#[cfg(test)]
mod tests {
    use vungxanh_protocol::diagnosis_key::ReportType;
    use vungxanh_protocol::interval::{Interval, RollingPeriod};

    use super::*;

    #[test]
    fn a_key_waits_for_its_period_and_for_the_readers_with_the_largest_tolerance() {
        let key = DiagnosisKey {
            key: [1; 16],
            rolling_start: Interval::new(36),
            rolling_period: RollingPeriod::SIX_HOURS,
            report_type: ReportType::ConfirmedTest,
            days_since_onset: None,
            transmission_risk: 0,
        };
        for (plain_gaen, hours_after_the_end) in [(false, 1), (true, 3)] {
            let timed = ReleaseRule::new(3_600, plain_gaen).apply(key, UnixTime::from_secs(43_199));
            assert_eq!(timed.received_window, UnixTime::from_secs(39_600));
            assert_eq!(timed.release_at, UnixTime::from_secs((12 + hours_after_the_end) * 3_600));
        }
    }
}
