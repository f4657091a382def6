//! A limit on wrong short codes.
//!
//! Eight digits can be tried out: with 200 codes open at a time, each guess hits one with a chance
//! of 2 in a million. Failed attempts with short codes are therefore counted in this process, and
//! beyond a limit in 15 minutes every short code is refused until the window
//! ends. At the default of 100 a day of uninterrupted guessing hits a code with a chance of 2
//! percent, and everyone can see that it goes on. Someone can stop short codes in this way;
//! long codes cannot be guessed, are not limited and go on working. No address is needed or kept.

use std::sync::Mutex;

use vungxanh_protocol::interval::UnixTime;

use super::codes::SHORT_SECONDS;

/// Counts failed attempts with short codes.
#[derive(Debug)]
pub struct GuessLimit {
    per_window: u32,
    state: Mutex<Window>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Window {
    start: UnixTime,
    failures: u32,
}

impl GuessLimit {
    /// Allows `per_window` failures in 15 minutes.
    pub fn new(per_window: u32) -> Self {
        Self { per_window, state: Mutex::default() }
    }

    /// Counts an attempt as failed before it is made, so that attempts at the same moment count
    /// too; `false` when the limit is reached. Call [`GuessLimit::forgive`] when it was right.
    pub fn attempt(&self, now: UnixTime) -> bool {
        let mut window = self.lock();
        let start = now.floor_to(SHORT_SECONDS);
        if window.start != start {
            *window = Window { start, failures: 0 };
        }
        if window.failures >= self.per_window {
            return false;
        }
        window.failures += 1;
        true
    }

    /// The last attempt was no guess.
    pub fn forgive(&self) {
        let mut window = self.lock();
        window.failures = window.failures.saturating_sub(1);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Window> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_after_the_limit_until_the_window_ends() {
        let limit = GuessLimit::new(2);
        let now = UnixTime::from_secs(900_000);
        assert!(limit.attempt(now));
        assert!(limit.attempt(now));
        limit.forgive();
        assert!(limit.attempt(now.plus(899)));
        assert!(!limit.attempt(now.plus(899)));
        assert!(limit.attempt(now.plus(900)));
    }
}
