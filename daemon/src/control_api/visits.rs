//! Check-ins at venues.

use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;

use super::Diary;

/// Ends the open visit.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct CheckOutRequest;

/// Asks for [`Visits`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct VisitsRequest;

/// Checks in at a venue; a second scan prolongs the visit.
#[derive(Clone, Serialize, Deserialize)]
pub struct CheckInRequest {
    /// What the poster's QR code says: a URL with the poster after `#`.
    pub code: String,
    /// For how many others this device stands; absent: none, or as before at a second scan.
    #[serde(default)]
    pub companions: Option<u8>,
}

/// Response of [`CheckInRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedIn {
    /// The visit that is open now.
    pub visit: VisitStatus,
    /// It was open before: the second scan prolonged it.
    pub extended: bool,
    /// Another visit was open and has been ended.
    pub ended_another: bool,
    /// Whether the clock can be believed; if not, warnings may miss this visit.
    pub clock_trusted: bool,
}

/// The visit that is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitStatus {
    pub venue: String,
    /// Floor or department; may be empty.
    pub unit: String,
    /// Street address; may be empty.
    pub street: String,
    /// When the person checked in.
    pub since: UnixTime,
    /// When the person is checked out by itself.
    pub until: UnixTime,
    /// The latest end that it can have.
    pub latest: UnixTime,
    /// For how many others this device stands.
    pub companions: u8,
    /// The venue has handed over its shares in advance: the authority alone can make warnings.
    pub shares_in_advance: bool,
}

/// Response of [`CheckOutRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedOut {
    /// When the person checked in.
    pub since: UnixTime,
    /// When the visit ended.
    pub until: UnixTime,
    /// It had ended by itself before.
    pub automatic: bool,
    /// For how many days it is retained, sealed.
    pub kept_days: u32,
}

/// Prolongs the open visit.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ExtendRequest {
    /// By how many minutes; absent: by the poster's stay.
    #[serde(default)]
    pub minutes: Option<u16>,
}

/// Of closed visits nothing can be read, not even how many there were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visits {
    /// The visit that is open.
    pub open: Option<VisitStatus>,
    /// For how many days sealed visits are retained.
    pub kept_days: u32,
    #[serde(default)]
    pub diary: Diary,
}
