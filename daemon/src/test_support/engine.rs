//! An engine in a profile of its own, by a clock and a radio that tests hold in their hands.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;
use vungxanh_protocol::clock::Clock;

use super::clock::{SettableClock, TokioClock};
use super::radio::ScriptedRadio;
use crate::engine::Engine;
use crate::engine::events::{Event, EventSink};
use crate::platform::profile::Profile;
use crate::radio::RadioState;
use crate::store::MemoryStore;
use crate::sync::{Settings, Sync as AuthoritySync};
use crate::venue::{CheckIns, Runtime};

/// Real time after which a test gives up.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Stores the events that the engine emits.
#[derive(Clone, Default)]
pub(crate) struct RecordedEvents(Arc<Mutex<Vec<Event>>>);

impl RecordedEvents {
    /// The events so far.
    pub(crate) fn list(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }
}

impl EventSink for RecordedEvents {
    fn emit(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

/// An engine in a profile of its own.
pub(crate) struct EngineFixture {
    pub(crate) engine: Arc<Engine>,
    pub(crate) clock: Arc<SettableClock>,
    pub(crate) radio: Arc<ScriptedRadio>,
    pub(crate) events: RecordedEvents,
    pub(crate) profile: Profile,
    _folder: TempDir,
}

impl EngineFixture {
    /// On what `store` holds, with a radio in `state`.
    pub(crate) fn new(store: Arc<MemoryStore>, state: RadioState) -> Self {
        Self::by_clock(SettableClock::default(), store, state)
    }

    /// The same by a clock that was prepared.
    pub(crate) fn by_clock(
        clock: SettableClock,
        store: Arc<MemoryStore>,
        state: RadioState,
    ) -> Self {
        let clock = Arc::new(clock);
        Self::by(clock.clone(), clock, store, state)
    }

    /// The same by tokio's time.
    pub(crate) fn by_tokio(store: Arc<MemoryStore>, state: RadioState) -> Self {
        Self::by(Arc::new(TokioClock::default()), Arc::default(), store, state)
    }

    fn by(
        time: Arc<dyn Clock>,
        clock: Arc<SettableClock>,
        store: Arc<MemoryStore>,
        state: RadioState,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::at(folder.path().join("profile"));
        profile.create().unwrap();
        let (check_ins, _) = CheckIns::open(&profile, Runtime::Memory, time.now()).unwrap();
        let settings = Settings::new(folder.path().join("download_dir"));
        let sync = AuthoritySync::open(store.clone(), time.clone(), settings).unwrap();
        let radio = Arc::new(ScriptedRadio::new(clock.clone(), state));
        let check_ins = Arc::new(check_ins);
        let events = RecordedEvents::default();
        let sink = Box::new(events.clone());
        let engine = Engine::new(time, store, radio.clone(), sync, check_ins, sink).unwrap();
        Self { engine: Arc::new(engine), clock, radio, events, profile, _folder: folder }
    }

    /// Runs `loops` until `happened`; fails when it does not.
    pub(crate) async fn run_until(
        &self,
        loops: impl Future<Output = ()>,
        happened: impl Fn(&Self) -> bool,
    ) {
        tokio::select! {
            () = loops => {}
            () = async { while !happened(self) { tokio::task::yield_now().await } } => {}
            () = tokio::time::sleep(TIMEOUT) => panic!("waited in vain"),
        }
    }

    /// Runs all loops for some time.
    pub(crate) async fn run(&self, seconds: u64) {
        let end = self.clock.uptime() + Duration::from_secs(seconds);
        self.run_until(self.engine.run(), |fixture| fixture.clock.uptime() >= end).await;
    }
}
