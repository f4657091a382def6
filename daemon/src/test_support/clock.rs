//! Clocks whose time passes as tests want.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

/// 2026-03-10T12:00:00Z
pub(crate) const NOON: UnixTime = UnixTime::from_secs(1_773_144_000);

/// Time passes only by waiting for it, or by hand, and can be set. It begins at [`NOON`].
#[derive(Default)]
pub(crate) struct SettableClock {
    /// Waiting passes no time: only [`SettableClock::pass`] does.
    by_hand: bool,
    up_seconds: AtomicU64,
    set_by: AtomicI64,
    slept_seconds: AtomicU64,
}

impl SettableClock {
    /// Whose time passes by [`SettableClock::pass`] only.
    pub(crate) fn by_hand() -> Self {
        Self { by_hand: true, ..Self::default() }
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.up_seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn suspend(&self, seconds: u64) {
        self.up_seconds.fetch_add(seconds, Ordering::SeqCst);
        self.slept_seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Seconds since it was started.
    pub(crate) fn up(&self) -> u64 {
        self.up_seconds.load(Ordering::SeqCst)
    }

    /// Somebody sets the clock.
    pub(crate) fn set(&self, seconds: i64) {
        self.set_by.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for SettableClock {
    fn now(&self) -> UnixTime {
        let up = NOON.plus(self.up_seconds.load(Ordering::SeqCst)).as_secs();
        UnixTime::from_secs(up.saturating_add_signed(self.set_by.load(Ordering::SeqCst)))
    }

    fn uptime(&self) -> Duration {
        Duration::from_secs(self.up_seconds.load(Ordering::SeqCst))
    }

    fn slept(&self) -> Duration {
        Duration::from_secs(self.slept_seconds.load(Ordering::SeqCst))
    }

    fn poll_interval(&self, until: UnixTime) -> Duration {
        if self.by_hand {
            return Duration::from_secs(3_600);
        }
        self.pass(until.since(self.now()).min(30));
        Duration::ZERO
    }
}

/// Time that passes as tokio's does, which tests may pause.
pub(crate) struct TokioClock(Instant);

impl Default for TokioClock {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for TokioClock {
    fn now(&self) -> UnixTime {
        NOON.plus(self.uptime().as_secs())
    }

    fn uptime(&self) -> Duration {
        self.0.elapsed()
    }

    fn poll_interval(&self, until: UnixTime) -> Duration {
        Duration::from_secs(until.since(self.now()).min(30))
    }
}
