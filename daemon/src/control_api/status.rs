//! Whether tracing works, and who is near.

use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::metadata::CalibrationConfidence;
use vungxanh_protocol::risk::RiskLevel;

use super::VisitStatus;

/// Asks for [`Status`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct StatusRequest;

/// Asks for [`Nearby`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct NearbyRequest;

/// Fetches from the authority now.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SyncRequest;

/// Whether tracing works, and what is known of every part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Status {
    /// Whether identifiers are being exchanged right now.
    pub tracing: bool,
    /// Why not, or what is wrong although it is; empty when all is well.
    pub problems: Vec<Problem>,
    pub version: String,
    pub pid: u32,
    pub now: UnixTime,
    /// The authority, once enrolled.
    pub authority: Option<AuthorityStatus>,
    pub radio: RadioStatus,
    pub store: StoreStatus,
    /// Exchange with the authority.
    pub sync: SyncStatus,
    /// The highest level of the days that are stored.
    pub level: RiskLevel,
    /// The visit that is open.
    #[serde(default)]
    pub visit: Option<VisitStatus>,
}

/// Something that the person should know, by text id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// `problem-<kind>` in the texts.
    pub id: String,
    /// Technical detail in English; may be empty.
    pub detail: String,
}

/// The authority in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthorityStatus {
    pub id: String,
    /// Its name in Vietnamese.
    pub name_vi: String,
    /// Its name in English.
    pub name_en: String,
    pub url: String,
    /// SHA-256 of its root key, hex.
    pub fingerprint: String,
    pub serial: u64,
    /// When the document expires.
    pub expires_at: UnixTime,
}

/// The radio in use.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct RadioStatus {
    /// For example `air (simulated)`.
    pub name: String,
    /// `ready`, `switched_off`, `missing`, ...
    pub state: String,
    /// When the last scan window began.
    pub last_scan: Option<UnixTime>,
    /// Devices heard in it.
    pub heard_in_last_scan: u32,
    /// When the identifier last changed.
    pub last_rotation: Option<UnixTime>,
    /// How often in this run scanning had stopped and was restarted.
    #[serde(default)]
    pub scan_restarts: u32,
    /// Radiated power that our advertisements state, in dBm.
    #[serde(default)]
    pub tx_power: i8,
    /// Decibels added to every RSSI.
    #[serde(default)]
    pub rssi_correction: i8,
    /// How well both are known; `lowest` where they were not measured.
    #[serde(default)]
    pub confidence: Option<CalibrationConfidence>,
}

/// Who was heard in the last scan windows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Nearby {
    pub now: UnixTime,
    /// Whether identifiers are being exchanged right now: if not, an empty list says nothing.
    pub tracing: bool,
    /// Why not, if anything is known to be wrong. Other problems are for [`Status`]: this is shown to others.
    pub problems: Vec<Problem>,
    /// When the last scan window began.
    pub last_scan: Option<UnixTime>,
    /// Devices, the strongest first. A device that changes its identifier appears as another.
    pub devices: Vec<NearbyDevice>,
    /// How many of them are how near by the authority's thresholds, the nearest first.
    #[serde(default)]
    pub by_nearness: [usize; 4],
}

/// One device of [`Nearby`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NearbyDevice {
    /// A short hash of its identifier, with a fresh salt in each run of the daemon.
    pub hash: String,
    /// Mean RSSI of its last window in dBm, uncorrected.
    pub rssi: i8,
    /// Strongest RSSI of its last window in dBm, uncorrected.
    pub strongest_rssi: i8,
    /// Estimated loss in dB, as if it sent with our power.
    pub attenuation_db: i16,
    /// Receptions in its last window.
    pub receptions: u16,
    /// The first window with this identifier.
    pub since: UnixTime,
    pub last: UnixTime,
}

/// What the store holds.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct StoreStatus {
    /// The oldest day with encounters.
    pub oldest_day: Option<UtcDay>,
    pub scan_instances: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Records that could not be opened.
    pub damaged: u64,
}

/// Exchange with the authority.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SyncStatus {
    /// The last fetch that succeeded.
    pub last_success: Option<UnixTime>,
    /// What the last attempt failed with, if it did.
    pub last_error: Option<String>,
    /// Batches matched so far.
    pub batches: u64,
    /// Keys matched so far.
    pub keys: u64,
    /// Dummy uploads sent so far.
    #[serde(rename = "look_alikes")]
    pub dummy_uploads: u64,
    /// When the next fetch is due.
    pub next: Option<UnixTime>,
    /// Matches dropped because their metadata was altered on the air.
    pub altered: u64,
    /// Batches of warnings about venues that were tried so far.
    #[serde(default)]
    pub warning_batches: u64,
}

/// Pins an authority: another one, or the same again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The authority's URL without fragment.
    pub url: String,
    /// SHA-256 of the root key that the person was given or has confirmed, hex.
    pub fingerprint: String,
    /// Whether it takes the place of another authority.
    #[serde(default)]
    pub replace: bool,
}
