//! What the daemon reports while it runs: one line each, or one JSON object each with `--json`.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde::Serialize;
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::risk::RiskLevel;

use super::problems::ProblemKind;
use crate::control_api::{
    DeclarationState, ExposureNotice, Occurrence, Problem, RecentEvent, RecentEvents, TimeSpan,
};
use crate::platform::threads::lock;
use crate::platform::time_format::whole_local_days;

/// The most events that are held in memory.
const MOST_RECENT_EVENTS: usize = 200;

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

impl From<&Event> for Occurrence {
    fn from(event: &Event) -> Self {
        let problem = |kind: &ProblemKind, detail: &String| Problem {
            id: kind.id().to_owned(),
            detail: detail.clone(),
        };
        match event {
            Event::Started { socket, radio } => {
                Self::Started { socket: socket.clone(), radio: radio.clone() }
            }
            Event::Tracing => Self::Tracing,
            Event::Problem { kind, detail } => Self::Problem(problem(kind, detail)),
            Event::Resolved { kind, detail } => Self::Resolved(problem(kind, detail)),
            Event::Exposure { times, level, .. } => {
                let days = whole_local_days(&times.range());
                let days = TimeSpan { from: days.start, until: days.end };
                Self::Exposure { days, level: *level }
            }
            Event::CheckedIn { until, .. } => Self::CheckedIn { until: *until },
            Event::VisitEndsSoon { until } => Self::VisitEndsSoon { until: *until },
            Event::CheckedOut { until, automatic } => {
                Self::CheckedOut { until: *until, automatic: *automatic }
            }
            Event::CheckInsBeganAnew => Self::CheckInsBeganAnew,
            Event::DummyUploadSent => Self::DummyUploadSent,
            Event::Published { periods } => Self::Published { periods: *periods },
            Event::Declaration { state } => Self::Declaration { state: *state },
            Event::Stopped => Self::Stopped,
        }
    }
}

/// The last events of this run, in memory only. Of visits nothing is held: of closed ones nothing may be readable.
#[derive(Debug, Default)]
pub(super) struct RecentEventLog(Mutex<VecDeque<RecentEvent>>);

impl RecentEventLog {
    pub(super) fn add(&self, event: &Event, at: UnixTime) {
        if event.is_private() {
            return;
        }
        let mut events = lock(&self.0);
        events.truncate(MOST_RECENT_EVENTS - 1);
        events.push_front(RecentEvent { at, what: event.into() });
    }

    pub(super) fn list(&self) -> RecentEvents {
        RecentEvents { events: lock(&self.0).iter().cloned().collect() }
    }

    pub(super) fn forget(&self) {
        lock(&self.0).clear();
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

    #[test]
    fn the_newest_events_are_held_and_no_more_than_the_limit() {
        let log = RecentEventLog::default();
        for number in 0..=MOST_RECENT_EVENTS {
            log.add(&Event::Published { periods: number }, NOW.plus(number as u64));
        }
        let events = log.list().events;
        assert_eq!(events.len(), MOST_RECENT_EVENTS);
        let newest = Occurrence::Published { periods: MOST_RECENT_EVENTS };
        assert_eq!((events[0].at, &events[0].what), (NOW.plus(200), &newest));
        let oldest = &events[MOST_RECENT_EVENTS - 1].what;
        assert_eq!(oldest, &Occurrence::Published { periods: 1 });
        log.forget();
        assert_eq!(log.list().events, []);
    }

    #[test]
    fn nothing_of_visits_and_declarations_is_held() {
        let log = RecentEventLog::default();
        log.add(&Event::CheckedIn { until: NOW, extended: false }, NOW);
        log.add(&Event::VisitEndsSoon { until: NOW }, NOW);
        log.add(&Event::CheckedOut { until: NOW, automatic: true }, NOW);
        log.add(&Event::Declaration { state: DeclarationState::Withdrawn }, NOW);
        log.add(&Event::Tracing, NOW);
        assert_eq!(log.list().events, [RecentEvent { at: NOW, what: Occurrence::Tracing }]);
    }

    #[test]
    fn of_an_exposure_no_hour_leaves_the_daemon() {
        let times = TimeSpan { from: NOW.plus(60), until: NOW.plus(600) };
        let level = RiskLevel::High;
        let event = Event::Exposure { day: NOW.day(), level, times, at: NOW };
        let days = whole_local_days(&times.range());
        assert!(days.start < times.from && days.end > times.until);
        let days = TimeSpan { from: days.start, until: days.end };
        assert_eq!(Occurrence::from(&event), Occurrence::Exposure { days, level });
    }

    #[test]
    fn events_of_a_newer_daemon_are_read_as_unknown() {
        let json = r#"{"events":[{"at":5,"event":"moved","where":"x"},{"at":4,"event":"problem","id":"problem-sync","detail":"d"}]}"#;
        let read: RecentEvents = serde_json::from_str(json).unwrap();
        let problem = Problem { id: "problem-sync".into(), detail: "d".into() };
        let what: Vec<_> = read.events.into_iter().map(|event| event.what).collect();
        assert_eq!(what, [Occurrence::Unknown, Occurrence::Problem(problem)]);
    }
}
