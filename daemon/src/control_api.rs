//! The control interface's requests, each with its path and its response: HTTP and JSON over a Unix socket. The
//! daemon's handlers and the command line both take them from here.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use vungxanh_protocol::authority::ContactRules;
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::metadata::CalibrationConfidence;
use vungxanh_protocol::risk::{DailySummary, RiskLevel};

/// How a request is sent. What changes nothing is got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`, without a body.
    Get,
    /// `POST`, with a body in JSON.
    Post,
}

/// Something that the daemon can be asked for.
pub trait Request {
    /// How it is sent.
    const METHOD: Method;
    const PATH: &'static str;
    /// What it is answered with, in JSON.
    type Response;
}

macro_rules! requests {
    ($($method:ident $path:literal $request:ty => $response:ty;)*) => {
        $(impl Request for $request {
            const METHOD: Method = Method::$method;
            const PATH: &'static str = $path;
            type Response = $response;
        })*
    };
}

requests! {
    Get "/v1/status" StatusRequest => Status;
    Get "/v1/nearby" NearbyRequest => Nearby;
    Get "/v1/history" HistoryRequest => History;
    Get "/v1/exposures" ExposuresRequest => Exposures;
    Get "/v1/events" RecentEventsRequest => RecentEvents;
    Post "/v1/exposures/acknowledged" AcknowledgeRequest => ();
    Post "/v1/enroll" EnrolRequest => Status;
    Post "/v1/sync" SyncRequest => Status;
    Post "/v1/checkin" CheckInRequest => CheckedIn;
    Post "/v1/checkout" CheckOutRequest => CheckedOut;
    Post "/v1/extend" ExtendRequest => VisitStatus;
    Get "/v1/visits" VisitsRequest => Visits;
    Post "/v1/diary/on" DiaryOnRequest => Diary;
    Post "/v1/diary/off" DiaryOffRequest => Diary;
    Post "/v1/diary/show" DiaryShowRequest => DiaryVisits;
    Post "/v1/diary/disclosing" DisclosingRequest => Diary;
    Post "/v1/diary/forget" DiaryForgetRequest => Diary;
    Get "/v1/report/periods" PeriodsRequest => ReportablePeriods;
    Post "/v1/report" ReportRequest => Reported;
    // Answered with the file's bytes.
    Post "/v1/export" ExportRequest => Vec<u8>;
    // The body is the file's bytes.
    Post "/v1/import" ImportRequest => Imported;
    Post "/v1/forget" ForgetRequest => Forgotten;
    Post "/v1/open" OpenRequest => Opened;
}

mod days;
mod declarations;
mod recent;

pub use recent::{Occurrence, RecentEvent, RecentEvents, RecentEventsRequest};

pub(crate) use days::HistoryDay;
pub use declarations::{
    AskCodeRequest, CodeState, ConfirmCodeRequest, DeclarationState, DeclarationStatus,
    Declarations, DeclarationsRequest, DeclareRequest, Draft, DraftRequest, KeptDraft, LastForm,
    LastFormRequest, PassRequest, PassSheet, PassSheetRequest, Preparation, PrepareRequest,
    SaveDraftRequest, ShownPass, WithdrawRequest,
};

/// Asks for [`Status`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct StatusRequest;

/// Asks for [`Nearby`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct NearbyRequest;

/// Asks for [`History`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct HistoryRequest;

/// Asks for [`Exposures`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ExposuresRequest;

/// Fetches from the authority now.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct SyncRequest;

/// Ends the open visit.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct CheckOutRequest;

/// Asks for [`Visits`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct VisitsRequest;

/// From now on, visits that end do not go into the diary.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct DiaryOffRequest;

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct DiaryForgetRequest;

/// Asks for [`ReportablePeriods`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct PeriodsRequest;

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

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeSpan {
    pub from: UnixTime,
    pub until: UnixTime,
}

impl TimeSpan {
    pub(crate) const fn range(self) -> Range<UnixTime> {
        self.from..self.until
    }
}

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

/// Own rolling periods that would be published, newest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportablePeriods {
    pub periods: Vec<Period>,
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

/// Opens the page for a browser on this machine.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct OpenRequest;

/// Response of [`OpenRequest`].
#[derive(Clone, Serialize, Deserialize)]
pub struct Opened {
    /// Leads one browser of this user to the page, once and within five minutes.
    pub address: String,
}

/// Body of every refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Text id of the failure, see the command line's texts.
    pub error: String,
    /// The exit code that the command line answers with.
    pub exit: u8,
    /// Technical detail in English.
    pub detail: String,
}
