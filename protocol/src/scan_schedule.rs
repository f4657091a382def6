//! When to listen: short scan windows, denser while others are near, with jitter so that two
//! devices never miss each other for long by keeping the same beat.

use std::ops::RangeInclusive;
use std::time::Duration;

use rand::RngExt;

use crate::encounter::MAX_SECONDS_SINCE_LAST_SCAN;
use crate::interval::UnixTime;

/// Seconds that one scan window may listen. Under 2 s a device that advertises every 1.28 s, as
/// some do, may be missed.
pub const WINDOW_SECONDS: RangeInclusive<u64> = 2..=30;
/// Seconds that may lie between the starts of two windows. A scan instance speaks for at most
/// [`MAX_SECONDS_SINCE_LAST_SCAN`]: what lies beyond would be lost.
pub const GAP_SECONDS: RangeInclusive<u64> = 30..=MAX_SECONDS_SINCE_LAST_SCAN;
/// The least difference between the shortest and the longest gap, in seconds: with none, two
/// devices could miss each other for hours by the same beat.
pub const LEAST_JITTER_SECONDS: u64 = 10;
/// Seconds for which somebody may count as near.
pub const NEAR_MEMORY_SECONDS: RangeInclusive<u64> = 60..=3_600;

/// How long to listen, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanPolicy {
    /// How long one scan window listens.
    pub window_seconds: u64,
    /// Seconds from the start of one window to the next, from and to, while somebody was heard
    /// within the last [`ScanPolicy::near_memory_seconds`].
    pub near_seconds: (u64, u64),
    /// The same while alone.
    pub alone_seconds: (u64, u64),
    /// For how long somebody counts as near after the last sighting.
    pub near_memory_seconds: u64,
}

impl Default for ScanPolicy {
    /// 4 s as GAEN has it (an advertisement every 200 to 270 ms), more often while others are near.
    fn default() -> Self {
        Self {
            window_seconds: 4,
            near_seconds: (60, 120),
            alone_seconds: (180, 300),
            near_memory_seconds: 600,
        }
    }
}

/// What a scan policy must not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScanPolicyError {
    /// Too short to hear, or so long that it drains the battery.
    #[error("a scan window must be 2 to 30 seconds long, not {0}")]
    Window(u64),
    /// Gaps that lose time, drain the battery or are the wrong way round.
    #[error("the gaps {0} to {1} must lie between 30 and 300 seconds, the shorter first")]
    Gap(u64, u64),
    /// Gaps that hardly vary.
    #[error("the gaps {0} to {1} must differ by at least 10 seconds")]
    Jitter(u64, u64),
    /// A memory too short to matter or so long that it never ends.
    #[error("somebody must count as near for 60 to 3600 seconds, not {0}")]
    NearMemory(u64),
}

impl ScanPolicy {
    /// How long one scan window listens.
    pub const fn window(&self) -> Duration {
        Duration::from_secs(self.window_seconds)
    }

    /// Refuses policies that hear too little, lose time or keep the radio on.
    pub fn check(&self) -> Result<(), ScanPolicyError> {
        if !WINDOW_SECONDS.contains(&self.window_seconds) {
            return Err(ScanPolicyError::Window(self.window_seconds));
        }
        for (least, most) in [self.near_seconds, self.alone_seconds] {
            if !GAP_SECONDS.contains(&least) || !GAP_SECONDS.contains(&most) || least > most {
                return Err(ScanPolicyError::Gap(least, most));
            }
            if most - least < LEAST_JITTER_SECONDS {
                return Err(ScanPolicyError::Jitter(least, most));
            }
        }
        if !NEAR_MEMORY_SECONDS.contains(&self.near_memory_seconds) {
            return Err(ScanPolicyError::NearMemory(self.near_memory_seconds));
        }
        Ok(())
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
    /// The first window begins at once. A policy from outside is checked before:
    /// [`ScanPolicy::check`].
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
        // What was heard after `start` was heard before the clock was set back, any time ago.
        let near = self.last_heard.is_some_and(|heard| {
            heard <= start && start.since(heard) <= self.policy.near_memory_seconds
        });
        let (least, most) = if near { self.policy.near_seconds } else { self.policy.alone_seconds };
        self.next = Some(start.plus(rng.random_range(least..=most)));
    }

    /// Whether a window is due. A clock that was set back far does not stop scanning.
    pub fn is_due(&self, now: UnixTime) -> bool {
        self.next.is_none_or(|next| now >= next || next.since(now) > *GAP_SECONDS.end())
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
    fn a_clock_set_back_does_not_keep_scanning_dense() {
        let mut rng = StdRng::seed_from_u64(1);
        let now = UnixTime::from_secs(1_000_000);
        for _ in 0..100 {
            let mut schedule = ScanSchedule::new(ScanPolicy::default());
            schedule.scanned(now, true, &mut rng);
            let back = now.minus(7 * 3_600);
            schedule.scanned(back, false, &mut rng);
            assert!(schedule.next().unwrap().since(back) >= 180);
        }
    }

    #[test]
    fn a_policy_that_loses_time_or_keeps_a_beat_is_refused() {
        let base = ScanPolicy::default();
        base.check().unwrap();
        let refused = [
            (ScanPolicy { window_seconds: 1, ..base }, ScanPolicyError::Window(1)),
            (ScanPolicy { window_seconds: 31, ..base }, ScanPolicyError::Window(31)),
            (ScanPolicy { near_seconds: (29, 120), ..base }, ScanPolicyError::Gap(29, 120)),
            (ScanPolicy { alone_seconds: (180, 301), ..base }, ScanPolicyError::Gap(180, 301)),
            (ScanPolicy { near_seconds: (120, 60), ..base }, ScanPolicyError::Gap(120, 60)),
            (ScanPolicy { near_seconds: (60, 69), ..base }, ScanPolicyError::Jitter(60, 69)),
            (ScanPolicy { near_memory_seconds: 59, ..base }, ScanPolicyError::NearMemory(59)),
        ];
        for (policy, error) in refused {
            assert_eq!(policy.check(), Err(error));
        }
        let extremes = ScanPolicy {
            window_seconds: 30,
            near_seconds: (30, 40),
            alone_seconds: (30, 300),
            near_memory_seconds: 3_600,
        };
        extremes.check().unwrap();
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
