//! The control interface's requests, each with its path and its response: HTTP and JSON over a Unix socket. The
//! daemon's handlers and the command line both take them from here.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;

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
    Post "/v1/diary/remove" DiaryRemoveRequest => DiaryRemoved;
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
mod diary;
mod exposures;
mod own_data;
mod recent;
mod report;
mod status;
mod visits;

pub use diary::{
    Diary, DiaryForgetRequest, DiaryOffRequest, DiaryOnRequest, DiaryRemoveRequest, DiaryRemoved,
    DiaryShowRequest, DiaryVisit, DiaryVisits, DisclosingRequest,
};
pub use exposures::{
    AcknowledgeRequest, ExposureDay, ExposureNotice, Exposures, ExposuresRequest, VenueTime,
};
pub use own_data::{
    ExportRequest, ForgetRequest, Forgotten, History, HistoryInterval, HistoryRequest,
    ImportRequest, Imported, PASSPHRASE_HEADER,
};
pub use recent::{Occurrence, RecentEvent, RecentEvents, RecentEventsRequest};
pub use report::{
    PendingReport, Period, PeriodsRequest, ReportRequest, ReportablePeriods, Reported,
};
pub use status::{
    AuthorityStatus, EnrolRequest, Nearby, NearbyDevice, NearbyRequest, Problem, RadioStatus,
    Status, StatusRequest, StoreStatus, SyncRequest, SyncStatus,
};
pub use visits::{
    CheckInRequest, CheckOutRequest, CheckedIn, CheckedOut, ExtendRequest, VisitStatus, Visits,
    VisitsRequest,
};

pub(crate) use days::HistoryDay;
pub use declarations::{
    AskCodeRequest, CodeState, ConfirmCodeRequest, DeclarationState, DeclarationStatus,
    Declarations, DeclarationsRequest, DeclareRequest, Draft, DraftRequest, KeptDraft, LastForm,
    LastFormRequest, PassRequest, PassSheet, PassSheetRequest, Preparation, PrepareRequest,
    SaveDraftRequest, ShownPass, WithdrawRequest,
};
pub(crate) use declarations::{CONSENT_VERSION, PRINTED};

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
