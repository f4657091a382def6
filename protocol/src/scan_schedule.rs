//! When to listen: short scan windows, denser while others are near, with jitter so that two
//! devices never miss each other for long by keeping the same beat.

use std::time::Duration;

use rand::RngExt;

use crate::interval::UnixTime;

/// How long one scan window listens (GAEN: about 4 s; an advertisement every 200-270 ms).
pub const SCAN_WINDOW: Duration = Duration::from_secs(4);

/// Seconds from the start of one scan window to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanPolicy {
    /// While somebody was heard within the last [`ScanPolicy::near_memory_seconds`].
    pub near_seconds: (u64, u64),
    /// While alone.
    pub alone_seconds: (u64, u64),
    /// For how long somebody counts as near after the last sighting.
    pub near_memory_seconds: u64,
}

impl Default for ScanPolicy {
    fn default() -> Self {
        Self { near_seconds: (60, 120), alone_seconds: (180, 300), near_memory_seconds: 600 }
    }
}

/// Decides when the next scan window begins.
#[derive(Debug, Clone, Copy)]
pub struct ScanSchedule {
    policy: ScanPolicy,
    next: Option<UnixTime>,
    last_heard: Option<UnixTime>,
}

impl ScanSchedule {
    /// The first window begins at once.
    pub const fn new(policy: ScanPolicy) -> Self {
        Self { policy, next: None, last_heard: None }
    }

    /// When the next window begins; `None` means at once.
    pub const fn next(&self) -> Option<UnixTime> {
        self.next
    }

    /// Says that a window began at `start` and whether anybody was heard in it.
    pub fn scanned(&mut self, start: UnixTime, heard_anybody: bool, rng: &mut impl rand::Rng) {
        if heard_anybody {
            self.last_heard = Some(start);
        }
        let near = self
            .last_heard
            .is_some_and(|heard| start.since(heard) <= self.policy.near_memory_seconds);
        let (least, most) = if near { self.policy.near_seconds } else { self.policy.alone_seconds };
        self.next = Some(start.plus(rng.random_range(least..=most)));
    }

    /// Whether a window is due. A clock that was set back far does not stop scanning.
    pub fn is_due(&self, now: UnixTime) -> bool {
        self.next.is_none_or(|next| now >= next || next.since(now) > self.policy.alone_seconds.1)
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn gaps(heard: impl Fn(u64) -> bool) -> Vec<u64> {
        let mut rng = StdRng::seed_from_u64(1);
        let mut schedule = ScanSchedule::new(ScanPolicy::default());
        let mut now = UnixTime::from_secs(1_000_000);
        (0..200)
            .map(|i| {
                schedule.scanned(now, heard(i), &mut rng);
                let next = schedule.next().unwrap();
                let gap = next.since(now);
                now = next;
                gap
            })
            .collect()
    }

    #[test]
    fn dense_near_others_and_sparse_alone() {
        assert!(gaps(|_| true).iter().all(|gap| (60..=120).contains(gap)));
        assert!(gaps(|_| false).iter().all(|gap| (180..=300).contains(gap)));
        let spread: std::collections::BTreeSet<_> = gaps(|_| false).into_iter().collect();
        assert!(spread.len() > 40, "the gaps hardly vary: {}", spread.len());
    }

    #[test]
    fn becomes_sparse_some_time_after_the_last_sighting() {
        let gaps = gaps(|i| i == 0);
        assert!(gaps[..5].iter().all(|gap| *gap <= 120));
        assert!(gaps[15..].iter().all(|gap| *gap >= 180));
    }

    #[test]
    fn a_clock_set_back_does_not_stop_scanning() {
        let mut schedule = ScanSchedule::new(ScanPolicy::default());
        let now = UnixTime::from_secs(1_000_000);
        assert!(schedule.is_due(now));
        schedule.scanned(now, false, &mut StdRng::seed_from_u64(1));
        assert!(!schedule.is_due(now.plus(10)));
        assert!(schedule.is_due(now.plus(300)));
        assert!(schedule.is_due(now.minus(86_400)));
    }
}
