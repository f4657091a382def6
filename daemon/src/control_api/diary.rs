//! The diary of visits, which opens with a passphrase.

use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;

/// From now on, visits that end do not go into the diary.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct DiaryOffRequest;

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct DiaryForgetRequest;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diary {
    pub kept: bool,
    /// Visits that end go into it.
    pub on: bool,
}

/// From now on, visits that end go into the diary; begins one where there is none.
#[derive(Clone, Serialize, Deserialize)]
pub struct DiaryOnRequest {
    pub passphrase: String,
}

/// Asks for [`DiaryVisits`].
#[derive(Clone, Serialize, Deserialize)]
pub struct DiaryShowRequest {
    pub passphrase: String,
}

/// Sent before the person is shown lines to disclose.
#[derive(Clone, Serialize, Deserialize)]
pub struct DisclosingRequest {
    /// As [`DiaryVisit::line`].
    pub lines: Vec<String>,
}

/// Removes visits from the diary for good; answered with [`DiaryRemoved`].
#[derive(Clone, Serialize, Deserialize)]
pub struct DiaryRemoveRequest {
    pub passphrase: String,
    /// As [`DiaryVisit::line`].
    pub lines: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiaryRemoved {
    pub removed: usize,
}

/// Response of [`DiaryShowRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiaryVisits {
    pub visits: Vec<DiaryVisit>,
}

/// A visit in the diary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiaryVisit {
    pub venue: String,
    /// Floor or department; may be empty.
    pub unit: String,
    /// When the person came.
    pub from: UnixTime,
    pub until: UnixTime,
    /// For how many others the device stood.
    pub companions: u8,
    /// What to give to an officer of the authority, if the person chooses to (`vx-visit:1:...`).
    pub line: String,
}
