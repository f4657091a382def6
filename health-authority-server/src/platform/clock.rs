//! The system's time.

use std::time::{Duration, SystemTime};

use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

/// The system's clock, for release programs.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        UnixTime::from_secs(since.map_or(0, |elapsed| elapsed.as_secs()))
    }

    fn poll_interval(&self, until: UnixTime) -> Duration {
        // Short enough to notice that the clock was set.
        Duration::from_secs(until.since(self.now()).clamp(1, 30))
    }
}
