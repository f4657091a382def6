//! What is stored about the person: looked at, taken out, taken over, destroyed.

use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;

use super::TimeSpan;

/// Asks for [`History`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct HistoryRequest;

/// What is stored of each interval; never who was met. The person's time zone says which days these are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct History {
    pub intervals: Vec<HistoryInterval>,
    /// Starts of own rolling periods with a key.
    pub own_keys: Vec<UnixTime>,
}

/// One interval of [`History`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct HistoryInterval {
    pub start: UnixTime,
    pub scan_instances: u64,
    /// Bytes sealed.
    pub bytes: u64,
}

/// Asks for all own data, in a sealed file.
#[derive(Clone, Serialize, Deserialize)]
pub struct ExportRequest {
    pub passphrase: String,
}

/// Takes over own data from a file.
#[derive(Clone)]
pub struct ImportRequest {
    /// The file; it is the request's body.
    pub file: Vec<u8>,
    /// Opens it; its UTF-8 bytes are in hex in the header [`PASSPHRASE_HEADER`].
    pub passphrase: String,
}

pub use crate::store::Imported;

/// The header that carries an import's passphrase.
pub const PASSPHRASE_HEADER: &str = "x-passphrase";

/// Destroys what is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ForgetRequest {
    /// Only what touches this time, such as a day of the person; absent: everything but the enrolment.
    pub times: Option<TimeSpan>,
}

/// Response of [`ForgetRequest`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Forgotten {
    /// Days whose keys were destroyed.
    pub days: u32,
}
