//! The system's clock, and sleeping by any clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// Longest sleep without looking at the clock again: it may have been set meanwhile.
const LONGEST_NAP: Duration = Duration::from_secs(30);

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        UnixTime::from_secs(since_epoch.map_or(0, |duration| duration.as_secs()))
    }

    fn uptime(&self) -> Duration {
        let boot_time = clock_gettime(ClockId::Boottime);
        Duration::new(boot_time.tv_sec.unsigned_abs(), boot_time.tv_nsec.unsigned_abs() as u32)
    }

    fn nap(&self, until: UnixTime) -> Duration {
        let target = UNIX_EPOCH + Duration::from_secs(until.as_secs());
        target.duration_since(SystemTime::now()).unwrap_or_default().min(LONGEST_NAP)
    }
}

/// Sleeps until `clock` has reached `until`, however its speed changes or whoever sets it.
pub async fn sleep_until(clock: &dyn Clock, until: UnixTime) {
    while clock.now() < until {
        tokio::time::sleep(clock.nap(until)).await;
    }
}
