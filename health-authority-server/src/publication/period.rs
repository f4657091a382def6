//! Waiting for the end of a period.

use tokio::sync::watch;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

/// How long after a failure it is tried again first, and at most, in seconds.
const FIRST_RETRY_SECONDS: u64 = 5;
const LAST_RETRY_SECONDS: u64 = 300;

/// When publishing goes on: with the next period, or earlier where something failed.
#[derive(Debug, Default)]
pub struct Retries {
    failures: u32,
}

impl Retries {
    /// After a run that began at `now` and went well or not; the next period begins at `next`.
    pub fn next(&mut self, went_well: bool, now: UnixTime, next: UnixTime) -> UnixTime {
        if went_well {
            self.failures = 0;
            return next;
        }
        let doubled = FIRST_RETRY_SECONDS.saturating_mul(1 << self.failures.min(16));
        self.failures += 1;
        next.min(now.plus(doubled.min(LAST_RETRY_SECONDS)))
    }
}

/// Waits until `clock` says `next`; `false` when `stop` says true before.
pub async fn wait_until(
    clock: &dyn Clock,
    next: UnixTime,
    stop: &mut watch::Receiver<bool>,
) -> bool {
    while clock.now() < next {
        tokio::select! {
            () = tokio::time::sleep(clock.poll_interval(next)) => {}
            _ = stop.wait_for(|stop| *stop) => return false,
        }
    }
    !*stop.borrow()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_is_tried_again_ever_later_but_within_the_period() {
        let mut retries = Retries::default();
        let (now, next) = (UnixTime::from_secs(0), UnixTime::from_secs(3_600));
        let mut after = |went_well| retries.next(went_well, now, next).as_secs();
        assert_eq!(after(true), 3_600);
        let waits: Vec<u64> = (0..8).map(|_| after(false)).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(after(true), 3_600);
        assert_eq!(after(false), 5);
        assert_eq!(retries.next(false, next.minus(3), next), next);
    }
}
