//! The engine: owns the clock and drives the protocol's state machines over radio, store and
//! authority. Six loops run side by side, each of which reports what stops it to [`problems`]
//! and tries again: none of them ends the daemon.
//!
//! - `broadcast`: what to advertise now, changing identifiers;
//! - `scanning`: scan windows into the store, under the eyes of `watchdog`;
//! - `upkeep`: a new day's keys, expired days destroyed;
//! - `check_ins`: reminders and automatic check-outs, the hourly rewrite of sealed check-ins;
//! - `exchange`: batches from the authority, matching, notices, dummy uploads;
//! - `declarations`: sends what was declared until it is answered.

pub(crate) mod clock_watch;
pub mod events;
mod import;
mod keyring;
pub mod problems;

mod broadcast;
mod check_ins;
mod declarations;
mod diary;
mod error;
mod exchange;
mod nearby;
mod page_language;
mod reports;
mod requests;
mod scanning;
mod status;
mod upkeep;
mod watchdog;

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::timeout;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::authority::TracingParameters;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::scan_schedule::ScanPolicy;

pub use self::error::EngineError;

use self::clock_watch::ClockWatch;
use self::events::{Event, EventSink, RecentEventLog};
pub use self::import::ImportError;
use self::keyring::KeyRing;
use self::nearby::Nearby;
use self::problems::{ProblemKind, Problems};
use self::watchdog::Watchdog;
use crate::declarations::Declarations;
use crate::platform::clock::sleep_until;
use crate::platform::threads::{lock, run_blocking};
use crate::radio::Radio;
use crate::store::{EncounterStore, StoreError};
use crate::sync::Sync as AuthoritySync;
use crate::venue::{CheckInError, CheckIns, Runtime};

/// How long a loop waits, in seconds, before it tries again what has failed.
const RETRY_SECONDS: u64 = 60;

/// Everything the loops and the control interface share.
pub struct Engine {
    pub clock: Arc<dyn Clock>,
    pub store: Arc<dyn EncounterStore>,
    /// What broadcasts and listens.
    pub radio: Arc<dyn Radio>,
    pub sync: AuthoritySync,
    pub check_ins: Arc<CheckIns>,
    /// Health declarations and passes.
    pub declarations: Declarations,
    /// Own keys and their broadcast.
    pub keys: Arc<KeyRing>,
    pub problems: Problems,
    scan_policy: ScanPolicy,
    /// Set when an authority is enrolled, keys are published or data forgotten: look again.
    changed: Notify,
    runtime_state: Mutex<RuntimeState>,
    events: Box<dyn EventSink>,
    recent: RecentEventLog,
}

/// What the loops know that is nowhere else.
struct RuntimeState {
    clock_watch: ClockWatch,
    /// What the radio has last said that it broadcasts.
    on_air: Option<OnAir>,
    last_scan: Option<UnixTime>,
    heard_in_last_scan: u32,
    last_rotation: Option<UnixTime>,
    announced_tracing: bool,
    nearby: Nearby,
    watchdog: Watchdog,
}

/// What a radio broadcasts by its own word.
#[derive(Debug, Clone, Copy)]
struct OnAir {
    advertisement: Advertisement,
    /// When the radio falls silent by itself, by the time since boot.
    until: Duration,
}

impl Engine {
    /// Puts the parts together.
    pub fn new(
        clock: Arc<dyn Clock>,
        store: Arc<dyn EncounterStore>,
        radio: Arc<dyn Radio>,
        sync: AuthoritySync,
        check_ins: Arc<CheckIns>,
        events: Box<dyn EventSink>,
    ) -> Result<Self, StoreError> {
        let keys = Arc::new(KeyRing::load(Arc::clone(&store))?);
        let latest_known = upkeep::latest_known(store.as_ref())?;
        let runtime_state = RuntimeState {
            clock_watch: ClockWatch::new(latest_known),
            on_air: None,
            last_scan: None,
            heard_in_last_scan: 0,
            last_rotation: None,
            announced_tracing: false,
            nearby: Nearby::new(&ScanPolicy::default()),
            watchdog: Watchdog::default(),
        };
        let declarations = declarations_of(&clock, &store, &sync, Runtime::Memory);
        Ok(Self {
            clock,
            store,
            radio,
            sync,
            check_ins,
            declarations,
            keys,
            problems: Problems::default(),
            scan_policy: ScanPolicy::default(),
            changed: Notify::new(),
            runtime_state: Mutex::new(runtime_state),
            events,
            recent: RecentEventLog::default(),
        })
    }

    /// Listens by `policy`, which was checked, instead of the usual one.
    pub fn with_scan_policy(self, policy: ScanPolicy) -> Self {
        self.runtime_state().nearby = Nearby::new(&policy);
        Self { scan_policy: policy, ..self }
    }

    /// Which pass is shown stands in `runtime`.
    pub fn with_runtime(self, runtime: Runtime) -> Self {
        let declarations = declarations_of(&self.clock, &self.store, &self.sync, runtime);
        Self { declarations, ..self }
    }

    /// Runs all loops until the future is dropped.
    pub async fn run(self: &Arc<Self>) {
        upkeep::begin_day(self).await;
        self.note_pending_report();
        tokio::join!(
            broadcast::run(self),
            watchdog::guard(self, || scanning::run(self)),
            upkeep::run(self),
            check_ins::run(self),
            exchange::run(self),
            exchange::run_dummy_uploads(self),
            declarations::run(self),
        );
    }

    /// Writes what is not written yet and falls silent before the daemon ends.
    pub async fn stop(&self) {
        if let Err(error) = check_ins::rewrite(self, true).await {
            tracing::warn!(%error, "the file of check-ins could not be written");
        }
        match timeout(STOP_TIMEOUT, self.radio.stop_advertising()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "could not stop advertising"),
            // What a program advertises ends with its connection to the bus.
            Err(_) => tracing::debug!("the radio does not stop advertising"),
        }
        self.emit(Event::Stopped);
    }

    /// The parameters in force, if an authority is enrolled and its document has not expired.
    fn parameters(&self) -> Option<TracingParameters> {
        let Some(enrolled) = self.sync.authority() else {
            self.problem(ProblemKind::NotEnrolled, "");
            self.resolved(ProblemKind::AuthorityExpired);
            return None;
        };
        self.resolved(ProblemKind::NotEnrolled);
        let document = enrolled.authority.document();
        if self.clock.now() >= document.expires_at {
            self.problem(ProblemKind::AuthorityExpired, document.expires_at);
            return None;
        }
        self.resolved(ProblemKind::AuthorityExpired);
        Some(document.tracing.clone())
    }

    /// Makes every loop look again at once: after enrolment, publication, import, forgetting.
    pub fn wake(&self) {
        self.changed.notify_waiters();
    }

    /// Sleeps until `until`, or until something has changed: the clock may have been set back.
    async fn wait_until(&self, until: UnixTime) {
        tokio::select! {
            _ = sleep_until(self.clock.as_ref(), until) => {}
            () = self.changed.notified() => {}
        }
    }

    async fn wait_to_retry(&self) {
        self.wait_until(self.clock.now().plus(RETRY_SECONDS)).await;
    }

    pub(crate) fn emit(&self, event: Event) {
        self.recent.add(&event, self.clock.now());
        self.events.emit(event);
    }

    fn problem(&self, kind: ProblemKind, detail: impl std::fmt::Display) {
        let detail = detail.to_string();
        if self.problems.set(kind, &detail) {
            self.emit(Event::Problem { kind, detail });
        }
    }

    fn resolved(&self, kind: ProblemKind) {
        if let Some(detail) = self.problems.clear(kind) {
            self.emit(Event::Resolved { kind, detail });
        }
    }

    fn runtime_state(&self) -> MutexGuard<'_, RuntimeState> {
        lock(&self.runtime_state)
    }

    /// Runs work on the store without holding up the loops.
    pub(crate) async fn on_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn EncounterStore) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = Arc::clone(&self.store);
        run_blocking(move || work(store.as_ref())).await
    }

    /// Runs work on the check-ins without holding up the loops.
    pub(crate) async fn on_check_ins<T: Send + 'static>(
        &self,
        work: impl FnOnce(&CheckIns) -> Result<T, CheckInError> + Send + 'static,
    ) -> Result<T, CheckInError> {
        let check_ins = Arc::clone(&self.check_ins);
        run_blocking(move || work(check_ins.as_ref())).await
    }
}

fn declarations_of(
    clock: &Arc<dyn Clock>,
    store: &Arc<dyn EncounterStore>,
    sync: &AuthoritySync,
    runtime: Runtime,
) -> Declarations {
    Declarations::new(Arc::clone(store), Arc::clone(clock), sync.clone(), runtime)
}

/// How long the end of the daemon waits for the radio: with all else that ends, less than `TimeoutStopSec` in
/// `dist/vungxanh.service`.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Real time that a radio may take beyond the window before it counts as failed.
const RADIO_TIMEOUT: Duration = Duration::from_secs(30);
