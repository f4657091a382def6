//! When devices' requests are answered: at ticks, so that a little more or less work does not show, and dummy
//! uploads of other clients after as long as real ones.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::RngExt;

/// How many requests of each kind are remembered.
const REMEMBERED: usize = 100;
/// How long an answer takes before any was measured, in milliseconds.
const UNMEASURED_MILLISECONDS: std::ops::Range<u64> = 5..25;

/// Answers leave at multiples of this time after their request came: real and dummy uploads differ by some
/// hundredths of a millisecond of work, which then changes the tick of one in some hundred answers only.
const TICK_MILLISECONDS: u64 = 10;

/// The time of the next tick after a request that has taken `elapsed`.
fn next_tick(elapsed: Duration) -> Duration {
    let tick = Duration::from_millis(TICK_MILLISECONDS);
    let begun = elapsed.as_nanos() / tick.as_nanos();
    tick.saturating_mul(u32::try_from(begun).unwrap_or(u32::MAX).saturating_add(1))
}

/// Waits until a request that came at `started` may be answered.
pub async fn until_tick(started: Instant) {
    tokio::time::sleep_until((started + next_tick(started.elapsed())).into()).await;
}

/// How long the last real requests took, of each kind.
#[derive(Debug, Default)]
pub struct ResponseTiming([Mutex<VecDeque<Duration>>; 3]);

/// What a device asks for.
#[derive(Debug, Clone, Copy)]
pub enum RequestKind {
    /// `api/verify`.
    Verify,
    /// `api/certificate`.
    Certificate,
    /// `v1/publish`.
    Publish,
}

impl ResponseTiming {
    /// Records how long a real request took.
    pub fn record(&self, kind: RequestKind, elapsed: Duration) {
        let mut recent = self.recent(kind);
        if recent.len() == REMEMBERED {
            recent.pop_front();
        }
        recent.push_back(elapsed);
    }

    /// As long as one of the recent real requests took.
    pub fn sample(&self, kind: RequestKind) -> Duration {
        let recent = self.recent(kind);
        if recent.is_empty() {
            return Duration::from_millis(rand::rng().random_range(UNMEASURED_MILLISECONDS));
        }
        recent[rand::rng().random_range(0..recent.len())]
    }

    fn recent(&self, kind: RequestKind) -> MutexGuard<'_, VecDeque<Duration>> {
        self.0[kind as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_leave_at_the_next_tick() {
        let milliseconds = Duration::from_millis;
        assert_eq!(next_tick(Duration::ZERO), milliseconds(10));
        assert_eq!(next_tick(Duration::from_micros(1_410)), milliseconds(10));
        assert_eq!(next_tick(Duration::from_micros(9_999)), milliseconds(10));
        assert_eq!(next_tick(milliseconds(10)), milliseconds(20));
        assert_eq!(next_tick(milliseconds(3_605)), milliseconds(3_610));
    }

    #[test]
    fn a_sample_is_one_of_the_last_hundred_of_its_kind() {
        let timing = ResponseTiming::default();
        assert!(timing.sample(RequestKind::Verify) < Duration::from_millis(25));
        timing.record(RequestKind::Verify, Duration::from_secs(9));
        assert_eq!(timing.sample(RequestKind::Verify), Duration::from_secs(9));
        for _ in 0..REMEMBERED {
            timing.record(RequestKind::Verify, Duration::from_secs(2));
        }
        assert_eq!(timing.sample(RequestKind::Verify), Duration::from_secs(2));
        assert!(timing.sample(RequestKind::Publish) < Duration::from_millis(25));
    }
}
