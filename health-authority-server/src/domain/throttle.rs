//! Limits on attempts, by what is attempted and for all together.
//!
//! No network address is looked at or kept ([ADR 15](../../../docs/adr/0015-guess-limit-without-addresses.md)):
//! what counts is the account or the telephone number, under a hash that only this process can make
//! and that it forgets when the window ends. An attempt is counted before it is made, so that
//! attempts at the same moment count too, and taken back when it was right.

use std::collections::HashMap;
use std::sync::Mutex;

use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::secret::SecretBytes;

use super::codes::SHORT_SECONDS;

/// Failed logins and invitations are counted for so long.
pub const WINDOW_SECONDS: u64 = 15 * 60;
/// Wrong passwords or codes for one login in [`WINDOW_SECONDS`], after which it pauses.
const FAILED_LOGINS: u32 = 10;
/// The same for all logins together.
const ALL_FAILED_LOGINS: u32 = 2_000;
/// Wrong invitations of staff phones in [`WINDOW_SECONDS`], after which all pause.
const WRONG_INVITATIONS: u32 = 200;
/// Codes to one telephone in an hour.
const MESSAGES_TO_ONE: u32 = 3;

/// The subject of attempts that are counted for all together only.
pub const ANYBODY: &str = "";

/// Counts attempts in windows of a fixed length.
#[derive(Debug)]
pub struct Throttle {
    for_each: u32,
    for_all: u32,
    seconds: u64,
    key: SecretBytes<32>,
    state: Mutex<Window>,
}

#[derive(Debug, Default)]
struct Window {
    start: UnixTime,
    all: u32,
    each: HashMap<[u8; 32], u32>,
}

impl Throttle {
    /// Allows `for_each` attempts at one thing and `for_all` in all, in each window.
    pub fn new(for_each: u32, for_all: u32, seconds: u64) -> Self {
        let key = SecretBytes::generate(&mut rand::rng());
        Self { for_each, for_all, seconds, key, state: Mutex::default() }
    }

    /// Wrong short codes, for [`ANYBODY`].
    ///
    /// Eight digits can be tried out: with 200 codes open at a time, each guess hits one with a
    /// chance of 2 in a million. At the default of 100 failures in a window, a day of
    /// uninterrupted guessing hits a code with a chance of 2 percent, and everyone can see that it
    /// goes on. Someone can stop short codes in this way; long codes cannot be guessed, are not
    /// limited and go on working.
    pub fn of_short_codes(per_window: u32) -> Self {
        Self::new(per_window, per_window, SHORT_SECONDS)
    }

    /// Wrong passwords and codes of authenticator apps, by login.
    pub fn of_logins() -> Self {
        Self::new(FAILED_LOGINS, ALL_FAILED_LOGINS, WINDOW_SECONDS)
    }

    /// Wrong invitations of staff phones, for [`ANYBODY`].
    pub fn of_invitations() -> Self {
        Self::new(WRONG_INVITATIONS, WRONG_INVITATIONS, WINDOW_SECONDS)
    }

    /// Messages, by telephone number.
    pub fn of_messages(per_hour: u32) -> Self {
        Self::new(MESSAGES_TO_ONE, per_hour, 3_600)
    }

    /// Counts an attempt before it is made; `false` when a limit is reached.
    pub fn attempt(&self, subject: &str, now: UnixTime) -> bool {
        let mut window = self.lock();
        let start = now.floor_to(self.seconds);
        if window.start != start {
            *window = Window { start, ..Window::default() };
        }
        let hash = self.hash(subject);
        let tried = window.each.get(&hash).copied().unwrap_or(0);
        if tried >= self.for_each || window.all >= self.for_all {
            return false;
        }
        window.each.insert(hash, tried + 1);
        window.all += 1;
        true
    }

    /// The last attempt at this was a right one: it alone is not counted.
    pub fn retract(&self, subject: &str) {
        self.take_back(subject, 1);
    }

    /// The last attempt at this was a right one: nothing of what was tried before it counts.
    pub fn reset(&self, subject: &str) {
        self.take_back(subject, u32::MAX);
    }

    fn take_back(&self, subject: &str, attempts: u32) {
        let mut window = self.lock();
        let Some(tried) = window.each.get_mut(&self.hash(subject)) else { return };
        let taken = attempts.min(*tried);
        *tried -= taken;
        window.all = window.all.saturating_sub(taken);
    }

    fn hash(&self, subject: &str) -> [u8; 32] {
        hmac_sha256(self.key.expose(), &[subject.as_bytes()])
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Window> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_each_and_all_until_the_window_ends() {
        let throttle = Throttle::new(2, 3, 900);
        let now = UnixTime::from_secs(900_000);
        assert!(throttle.attempt("a", now) && throttle.attempt("a", now));
        assert!(!throttle.attempt("a", now.plus(899)));
        assert!(throttle.attempt("b", now));
        assert!(!throttle.attempt("c", now), "three in all");
        throttle.reset("a");
        assert!(throttle.attempt("c", now));
        assert!(throttle.attempt("a", now.plus(900)));
    }

    #[test]
    fn a_right_attempt_that_is_taken_back_leaves_the_wrong_ones_counted() {
        let throttle = Throttle::of_short_codes(2);
        let now = UnixTime::from_secs(900_000);
        assert!(throttle.attempt(ANYBODY, now) && throttle.attempt(ANYBODY, now));
        throttle.retract(ANYBODY);
        assert!(throttle.attempt(ANYBODY, now.plus(899)));
        assert!(!throttle.attempt(ANYBODY, now.plus(899)));
        assert!(throttle.attempt(ANYBODY, now.plus(900)));
    }

    #[test]
    fn what_was_never_tried_or_is_of_an_ended_window_can_be_taken_back() {
        let throttle = Throttle::new(1, 1, 900);
        throttle.retract("a");
        throttle.reset("a");
        let now = UnixTime::from_secs(900_000);
        assert!(throttle.attempt("a", now) && throttle.attempt("b", now.plus(900)));
        throttle.reset("a");
        assert!(!throttle.attempt("a", now.plus(900)), "only the present window is counted back");
    }
}
