//! Days near a case.

use serde::{Deserialize, Serialize};
use vungxanh_protocol::authority::ContactRules;
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::risk::{DailySummary, RiskLevel};

use super::TimeSpan;

/// Asks for [`Exposures`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ExposuresRequest;

/// Days near a case, and what to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Exposures {
    /// Days with an exposure, oldest first.
    pub days: Vec<ExposureDay>,
    /// What the authority advises, by language tag, when there is an exposure to act on.
    pub advice: std::collections::BTreeMap<String, String>,
    /// On which days after the last contact, as the authority's document says.
    #[serde(default)]
    pub contacts: ContactRules,
}

/// One day of [`Exposures`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExposureDay {
    /// Scores, seconds by nearness, level.
    pub summary: DailySummary,
    /// Windows that make it up.
    pub windows: usize,
    /// Times at venues that make it up.
    #[serde(default)]
    pub venues: Vec<VenueTime>,
    /// From the first of them to the end of the last: by the person's calendar, these can be two days.
    pub times: TimeSpan,
    /// When the person was first notified.
    pub notified_at: UnixTime,
}

/// A day on which the person was exposed, and that they should be notified of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExposureNotice {
    pub day: UtcDay,
    /// How serious: [`RiskLevel::Low`] or [`RiskLevel::High`].
    pub level: RiskLevel,
}

/// The person has looked at these days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgeRequest {
    /// The days, as they were shown.
    pub days: Vec<ExposureNotice>,
}

/// Time at a venue where a case was, or had been shortly before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueTime {
    /// The venue's name, shortened.
    pub venue: String,
    /// Start of the overlap.
    pub from: UnixTime,
    pub until: UnixTime,
    /// For how many others this device stood.
    pub companions: u8,
    /// The authority's words about it.
    pub texts: Vec<String>,
}
