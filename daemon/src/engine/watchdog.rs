//! Notices scanning that has silently stopped, starts it anew, and tells the service manager
//! whether the daemon is alive. In the machine's own time, which stands still while it sleeps:
//! neither a clock that was set nor a suspend looks like silence.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::Engine;
use super::problems::Kind;
use crate::radio::RadioState;

/// Longest time without a finished scan window: more than two of the longest gaps (300 s) and
/// what a radio may take.
const SILENCE: Duration = Duration::from_secs(720);
/// How often is looked.
const LOOK_EVERY: Duration = Duration::from_secs(15);
/// Restarts in a row after which only a new process may help.
const HOPELESS_RESTARTS: u32 = 3;
/// Time without a look after which the loops count as stuck.
const STUCK_AFTER: Duration = Duration::from_secs(90);

/// What the watchdog knows.
#[derive(Debug, Default)]
pub(super) struct Watchdog {
    /// The last look: all loops share one task, so that one stuck stops this, too.
    last_look: Option<Instant>,
    /// Since when windows are expected and none has ended.
    waiting_since: Option<Instant>,
    /// Restarts since the last window.
    restarts: u32,
    /// All restarts of this run.
    total_restarts: u32,
}

impl Watchdog {
    /// A window has ended.
    pub(super) fn scanned(&mut self, now: Instant) {
        self.waiting_since = Some(now);
        self.restarts = 0;
    }

    /// How often scanning was started anew in this run.
    pub(super) const fn total_restarts(&self) -> u32 {
        self.total_restarts
    }

    /// Whether scanning has stopped; then the wait begins anew.
    fn has_stopped(&mut self, now: Instant, should_scan: bool) -> bool {
        if !should_scan {
            self.waiting_since = None;
            return false;
        }
        let since = *self.waiting_since.get_or_insert(now);
        if now.saturating_duration_since(since) < SILENCE {
            return false;
        }
        self.waiting_since = Some(now);
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
                engine.problem(Kind::ScanStopped, "");
                tracing::warn!("scanning had stopped and is started anew");
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
        let mut live = engine.live();
        live.watchdog.last_look = Some(now);
        if live.watchdog.has_stopped(now, should_scan) {
            return;
        }
    }
}

impl Engine {
    /// Whether the loops run and scanning is not beyond help: what the service manager is told.
    pub fn is_alive(&self) -> bool {
        self.live().watchdog.is_alive(Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn scanning_that_stopped_is_noticed_once_for_each_silence() {
        let start = Instant::now();
        let mut watchdog = Watchdog::default();
        assert!(!watchdog.has_stopped(start, true));
        let last = start + seconds(300);
        watchdog.scanned(last);
        assert!(!watchdog.has_stopped(last + SILENCE - seconds(1), true));
        assert!(watchdog.has_stopped(last + SILENCE, true));
        assert!(!watchdog.has_stopped(last + SILENCE + seconds(1), true));
        assert_eq!(watchdog.total_restarts(), 1);
    }

    #[test]
    fn a_radio_that_is_off_is_no_silence() {
        let start = Instant::now();
        let mut watchdog = Watchdog::default();
        watchdog.scanned(start);
        assert!(!watchdog.has_stopped(start + seconds(10_000), false));
        let on = start + seconds(10_001);
        assert!(!watchdog.has_stopped(on, true), "the wait begins when it is on");
        assert!(watchdog.has_stopped(on + SILENCE, true));
    }

    #[test]
    fn stuck_or_hopeless_is_not_alive() {
        let mut now = Instant::now();
        let mut watchdog = Watchdog { last_look: Some(now), ..Watchdog::default() };
        assert!(watchdog.is_alive(now + STUCK_AFTER - seconds(1)));
        assert!(!watchdog.is_alive(now + STUCK_AFTER));
        watchdog.scanned(now);
        for _ in 0..HOPELESS_RESTARTS {
            assert!(watchdog.is_alive(now));
            now += SILENCE;
            watchdog.last_look = Some(now);
            assert!(watchdog.has_stopped(now, true));
        }
        assert!(!watchdog.is_alive(now));
        watchdog.scanned(now);
        assert!(watchdog.is_alive(now));
    }
}
