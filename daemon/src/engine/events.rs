//! What the daemon reports while it runs: one line each, or one JSON object each with `--json`.

use serde::Serialize;
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::risk::RiskLevel;

use super::problems::ProblemKind;
use crate::control_api::{DeclarationState, ExposureNotice, TimeSpan};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The daemon answers on its control socket.
    Started {
        socket: String,
        /// The radio in use.
        radio: String,
    },
    /// Identifiers are exchanged from now on.
    Tracing,
    Problem {
        #[serde(rename = "id")]
        kind: ProblemKind,
        detail: String,
    },
    /// A problem is gone.
    #[serde(rename = "mended")]
    Resolved {
        #[serde(rename = "id")]
        kind: ProblemKind,
        /// Its detail when it was last shown or looked at.
        detail: String,
    },
    /// The person was exposed on a day.
    Exposure {
        day: UtcDay,
        level: RiskLevel,
        /// From the first to the last exposure of that day; not in the JSON, which may go to a log.
        #[serde(skip)]
        times: TimeSpan,
        /// When it was found.
        at: UnixTime,
    },
    /// A visit is open.
    CheckedIn {
        /// When it ends by itself.
        until: UnixTime,
        /// It was open before: a second scan.
        extended: bool,
    },
    /// The open visit ends soon by itself.
    VisitEndsSoon {
        until: UnixTime,
    },
    /// The open visit has ended.
    CheckedOut {
        until: UnixTime,
        /// The person did not check out; the stay was over.
        automatic: bool,
    },
    /// This device was restarted: a visit that was open is lost.
    CheckInsBeganAnew,
    /// A dummy upload was sent.
    #[serde(rename = "look_alike")]
    DummyUploadSent,
    /// The person's keys were published.
    Published {
        /// How many rolling periods.
        periods: usize,
    },
    /// A declaration or its withdrawal was answered.
    Declaration {
        state: DeclarationState,
    },
    Stopped,
}

impl Event {
    /// Whether it is about a visit or a declaration: for the person's eyes only, in no log that is stored.
    pub const fn is_private(&self) -> bool {
        matches!(
            self,
            Self::CheckedIn { .. }
                | Self::VisitEndsSoon { .. }
                | Self::CheckedOut { .. }
                | Self::Declaration { .. }
        )
    }
}

pub trait EventSink: Send + Sync {
    fn emit(&self, event: Event);

    /// The person has looked at these exposures, or had them forgotten: for the sinks that remind of them.
    fn acknowledged(&self, _exposures: &[ExposureNotice]) {}
}

/// Several places, one after the other.
impl EventSink for Vec<Box<dyn EventSink>> {
    fn emit(&self, event: Event) {
        self.iter().for_each(|sink| sink.emit(event.clone()));
    }

    fn acknowledged(&self, exposures: &[ExposureNotice]) {
        self.iter().for_each(|sink| sink.acknowledged(exposures));
    }
}
