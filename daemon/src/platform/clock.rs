//! The system's clock, and sleeping by any clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

/// No genuine device runs before this program was written: 2026-01-01.
pub const EARLIEST_PLAUSIBLE: UnixTime = UnixTime::from_secs(1_767_225_600);

/// The machine's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// Longest sleep without looking at the clock again: it may have been set meanwhile.
const LONGEST_POLL_INTERVAL: Duration = Duration::from_secs(30);

impl Clock for SystemClock {
    fn now(&self) -> UnixTime {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        UnixTime::from_secs(since_epoch.map_or(0, |duration| duration.as_secs()))
    }

    fn uptime(&self) -> Duration {
        uptime()
    }

    fn slept(&self) -> Duration {
        // Read first, so that the difference is not more than it was.
        let with_sleep = uptime();
        with_sleep.saturating_sub(since_boot(ClockId::Monotonic))
    }

    fn poll_interval(&self, until: UnixTime) -> Duration {
        let target = UNIX_EPOCH + Duration::from_secs(until.as_secs());
        target.duration_since(SystemTime::now()).unwrap_or_default().min(LONGEST_POLL_INTERVAL)
    }
}

/// Time since the machine started, which also passes while it sleeps.
pub(crate) fn uptime() -> Duration {
    since_boot(ClockId::Boottime)
}

/// Time since the machine started, by a clock that may stand still while it sleeps.
fn since_boot(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs() as u32)
}

/// A clock that is behind the uptime by more seconds than this was set back.
const SET_BACK_SECONDS: u64 = 30;

/// How a sleep ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// The time has come.
    InTime,
    /// Somebody has set the clock back: the time may come much later than was meant.
    SetBack,
}

/// Sleeps until `clock` has reached `until`, however its speed changes, or until somebody sets it
/// back.
pub async fn sleep_until(clock: &dyn Clock, until: UnixTime) -> Woken {
    // Here the uptime is read last, below first: a pause between two readings does not look like a
    // clock that was set back.
    let began = clock.now();
    let began_up = clock.uptime();
    loop {
        let up = clock.uptime().saturating_sub(began_up);
        let now = clock.now();
        if now >= until {
            return Woken::InTime;
        }
        if began.plus(up.as_secs()).since(now) > SET_BACK_SECONDS {
            return Woken::SetBack;
        }
        tokio::time::sleep(clock.poll_interval(until)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::{NOON, SettableClock};

    #[tokio::test]
    async fn a_sleep_ends_in_time_or_when_the_clock_is_set_back() {
        let clock = SettableClock::default();
        assert_eq!(sleep_until(&clock, NOON.plus(600)).await, Woken::InTime);
        assert_eq!(clock.uptime(), Duration::from_secs(600));
        for (set, woken, slept) in [
            (-7 * 3_600, Woken::SetBack, 30),
            (-31, Woken::SetBack, 30),
            (-30, Woken::InTime, 630),
            (300, Woken::InTime, 300),
        ] {
            let (began, until) = (clock.uptime(), clock.now().plus(600));
            let set_meanwhile = async { clock.set(set) };
            let (ended, ()) = tokio::join!(sleep_until(&clock, until), set_meanwhile);
            assert_eq!(ended, woken, "{set}");
            assert_eq!(clock.uptime() - began, Duration::from_secs(slept), "{set}");
        }
    }
}
