//! Publishing the own keys after a positive test.

use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;

/// Asks for [`ReportablePeriods`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct PeriodsRequest;

/// Own rolling periods that would be published, newest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportablePeriods {
    pub periods: Vec<Period>,
    /// A publication that was begun before.
    #[serde(default)]
    pub pending: Option<PendingReport>,
}

/// A publication that was interrupted: what happens when it goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingReport {
    /// What is published, newest first.
    pub periods: Vec<Period>,
    pub left_out: Vec<Period>,
    /// The keys may have arrived: what is published cannot be changed any more.
    pub sent: bool,
}

/// A span of time; `end` is the first moment after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// First second.
    pub start: UnixTime,
    /// First second after.
    pub end: UnixTime,
}

/// Publishes the own keys.
#[derive(Clone, Serialize, Deserialize)]
pub struct ReportRequest {
    pub code: String,
    /// Keys whose validity touches one of these are left out.
    pub leave_out: Vec<Period>,
    /// The end of the newest period that the person was shown: what begins later is left out, too.
    #[serde(default)]
    pub shown_until: Option<UnixTime>,
}

/// Response of [`ReportRequest`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Reported {
    pub published: usize,
    pub left_out: usize,
    /// What the authority knows of the case: `confirmed`, `likely`.
    pub report_type: String,
    /// When the keys are expected in a batch at the latest, as far as the device knows.
    pub expected_by: UnixTime,
}
