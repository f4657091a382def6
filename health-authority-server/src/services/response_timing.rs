//! How long real requests take, so that dummy uploads of other clients are answered after as long.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::RngExt;

/// How many requests of each kind are remembered.
const REMEMBERED: usize = 100;
/// How long an answer takes before any was measured, in milliseconds.
const UNMEASURED_MILLISECONDS: std::ops::Range<u64> = 5..25;

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
