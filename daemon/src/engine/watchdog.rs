//! Notices scanning that has silently stopped, restarts it, and reports to the service manager
//! whether the daemon is alive. It counts only time in which it looks itself: neither a clock that was
//! set nor a suspend looks like silence, not even on machines whose monotonic clock runs on in it
//! (suspend-to-idle without the processor's own support).

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::Engine;
use super::problems::ProblemKind;
use crate::radio::RadioState;

/// Longest time without a finished scan window: more than two of the longest gaps (300 s) and
/// what a radio may take.
const SILENCE: Duration = Duration::from_secs(720);
/// How often is looked.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// What a look that comes late counts at most: the machine slept meanwhile, or was busy.
const LONGEST_LOOK: Duration = Duration::from_secs(30);
/// Restarts in a row after which only a new process may help.
const HOPELESS_RESTARTS: u32 = 3;
/// Time without a look after which the loops count as stuck.
const STUCK_AFTER: Duration = Duration::from_secs(90);

/// What the watchdog knows.
#[derive(Debug, Default)]
pub(super) struct Watchdog {
    /// The last look: all loops share one task, so that one stuck stops this, too.
    last_look: Option<Instant>,
    /// For how long windows have been expected and none has ended.
    silent_for: Duration,
    /// Restarts since the last window.
    restarts: u32,
    /// All restarts of this run.
    total_restarts: u32,
}

impl Watchdog {
    /// A window has ended.
    pub(super) fn scanned(&mut self) {
        self.silent_for = Duration::ZERO;
        self.restarts = 0;
    }

    /// How often scanning was restarted in this run.
    pub(super) const fn total_restarts(&self) -> u32 {
        self.total_restarts
    }

    /// One look: whether scanning has stopped; then the wait begins again.
    fn has_stopped(&mut self, now: Instant, should_scan: bool) -> bool {
        let last_look = self.last_look.replace(now).unwrap_or(now);
        if !should_scan {
            self.silent_for = Duration::ZERO;
            return false;
        }
        self.silent_for += now.saturating_duration_since(last_look).min(LONGEST_LOOK);
        if self.silent_for < SILENCE {
            return false;
        }
        self.silent_for = Duration::ZERO;
        self.restarts += 1;
        self.total_restarts += 1;
        true
    }

    fn is_alive(&self, now: Instant) -> bool {
        let looks =
            self.last_look.is_none_or(|last| now.saturating_duration_since(last) < STUCK_AFTER);
        looks && self.restarts < HOPELESS_RESTARTS
    }
}

/// Runs `scanning`, and again when it has stopped.
pub(super) async fn guard<F: Future<Output = ()>>(engine: &Engine, scanning: impl Fn() -> F) {
    loop {
        tokio::select! {
            () = scanning() => {}
            () = stopped(engine) => {
                engine.problem(ProblemKind::ScanStopped, "");
                tracing::warn!("scanning had stopped and is restarted");
            }
        }
    }
}

/// Returns when scanning has stopped.
async fn stopped(engine: &Engine) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let ready = *engine.radio.state().borrow() == RadioState::Ready;
        let should_scan = ready && engine.parameters().is_some();
        let now = Instant::now();
        if engine.runtime_state().watchdog.has_stopped(now, should_scan) {
            return;
        }
    }
}

impl Engine {
    /// Whether the loops run and scanning is not beyond help: what is reported to the service manager.
    pub fn is_alive(&self) -> bool {
        self.runtime_state().watchdog.is_alive(Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::Ordering;

    use tokio::time::timeout;

    use super::*;
    use crate::engine::scanning;
    use crate::store::MemoryStore;
    use crate::test_support::{EngineFixture, NOON, enrol};

    #[tokio::test(start_paused = true)]
    async fn a_radio_that_ends_no_window_is_started_anew_until_that_is_hopeless() {
        let store = Arc::new(MemoryStore::new());
        enrol(store.as_ref(), NOON);
        let bench = EngineFixture::by_tokio(store, RadioState::Ready);
        let engine = &bench.engine;
        let is_told = || engine.problems.list().iter().any(|p| p.id == "problem-scan-stopped");
        bench.radio.hangs.store(true, Ordering::SeqCst);
        let starts = Cell::new(0);
        let scanning = || {
            starts.set(starts.get() + 1);
            scanning::run(engine)
        };
        let mut guarded = pin!(guard(engine, scanning));
        assert!(timeout(SILENCE, &mut guarded).await.is_err());
        assert_eq!((starts.get(), is_told()), (1, false));
        // The first look begins the silence; a little more, so that the last look is over.
        let mut wait = LOOK_EVERY + Duration::from_secs(5);
        for restarts in 1..=HOPELESS_RESTARTS {
            assert!(engine.is_alive());
            assert!(timeout(wait, &mut guarded).await.is_err());
            assert_eq!((starts.get(), is_told()), (1 + restarts, true));
            assert_eq!(engine.status().await.unwrap().radio.scan_restarts, restarts);
            wait = SILENCE;
        }
        assert!(!engine.is_alive());
        bench.radio.hangs.store(false, Ordering::SeqCst);
        assert!(timeout(SILENCE / 2, &mut guarded).await.is_err());
        assert!(engine.is_alive() && !is_told());
        assert_eq!(starts.get(), 1 + HOPELESS_RESTARTS);
    }

    /// A watchdog and its time.
    struct Watched {
        watchdog: Watchdog,
        now: Instant,
    }

    impl Watched {
        fn new() -> Self {
            let mut watched = Self { watchdog: Watchdog::default(), now: Instant::now() };
            assert!(!watched.look(true));
            watched
        }

        fn look(&mut self, should_scan: bool) -> bool {
            self.watchdog.has_stopped(self.now, should_scan)
        }

        /// Time passes with a look every 15 s; how often scanning was found stopped.
        fn pass(&mut self, time: Duration, should_scan: bool) -> usize {
            let end = self.now + time;
            let mut found = 0;
            while self.now < end {
                self.now += LOOK_EVERY;
                found += usize::from(self.look(should_scan));
            }
            found
        }

        fn is_alive(&self) -> bool {
            self.watchdog.is_alive(self.now)
        }
    }

    #[test]
    fn scanning_that_stopped_is_noticed_once_for_each_silence() {
        let mut watched = Watched::new();
        assert_eq!(watched.pass(SILENCE / 2, true), 0);
        watched.watchdog.scanned();
        assert_eq!(watched.pass(SILENCE - LOOK_EVERY, true), 0);
        assert_eq!(watched.pass(LOOK_EVERY, true), 1);
        assert_eq!(watched.pass(SILENCE - LOOK_EVERY, true), 0);
        assert_eq!(watched.watchdog.total_restarts(), 1);
    }

    #[test]
    fn a_radio_that_is_off_is_no_silence() {
        let mut watched = Watched::new();
        assert_eq!(watched.pass(20 * SILENCE, false), 0);
        assert_eq!(watched.pass(SILENCE - LOOK_EVERY, true), 0, "the wait begins when it is on");
        assert_eq!(watched.pass(LOOK_EVERY, true), 1);
    }

    #[test]
    fn a_machine_that_slept_is_no_silence() {
        let mut watched = Watched::new();
        for _ in 0..3 {
            assert_eq!(watched.pass(SILENCE / 4, true), 0);
            watched.now += 10 * SILENCE;
            assert!(!watched.look(true), "on a machine whose clock runs on");
        }
        assert_eq!(watched.pass(SILENCE / 4, true), 1, "the silence itself goes on");
    }

    #[test]
    fn stuck_or_hopeless_is_not_alive() {
        let mut watched = Watched::new();
        watched.now += STUCK_AFTER - Duration::from_secs(1);
        assert!(watched.is_alive());
        watched.now += Duration::from_secs(1);
        assert!(!watched.is_alive());
        watched.look(true);
        watched.watchdog.scanned();
        for _ in 0..HOPELESS_RESTARTS {
            assert!(watched.is_alive());
            assert_eq!(watched.pass(SILENCE, true), 1);
        }
        assert!(!watched.is_alive());
        watched.watchdog.scanned();
        assert!(watched.is_alive());
    }
}
