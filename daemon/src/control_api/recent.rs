//! What happened lately, as programs that show it get it from the daemon.

use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::risk::RiskLevel;

use super::{DeclarationState, Problem, TimeSpan};

/// Asks for [`RecentEvents`].
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct RecentEventsRequest;

/// What happened in this run of the daemon, as far as it is held in memory: nothing of visits and declarations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentEvents {
    /// The newest first.
    pub events: Vec<RecentEvent>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentEvent {
    pub at: UnixTime,
    #[serde(flatten)]
    pub what: Occurrence,
}

/// Something that happened, as a person is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Occurrence {
    Started {
        socket: String,
        radio: String,
    },
    Tracing,
    Problem(Problem),
    /// A problem is gone.
    Resolved(Problem),
    Exposure {
        /// Whole days of the person: no hour is said.
        days: TimeSpan,
        level: RiskLevel,
    },
    CheckedIn {
        until: UnixTime,
    },
    VisitEndsSoon {
        until: UnixTime,
    },
    CheckedOut {
        until: UnixTime,
        automatic: bool,
    },
    CheckInsBeganAnew,
    DummyUploadSent,
    Published {
        periods: usize,
    },
    Declaration {
        state: DeclarationState,
    },
    Stopped,
    /// Of a newer daemon.
    #[serde(other)]
    Unknown,
}
