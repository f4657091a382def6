//! Limits on attempts, by what is attempted and for all together. No network address is looked at
//! or kept (ADR 15): what counts is the account or the telephone number, under a hash that only this
//! process can make and that it forgets when the window ends.

use std::collections::HashMap;
use std::sync::Mutex;

use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::secret::SecretBytes;

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

    /// Counts an attempt before it is made, so that attempts at the same moment count too; `false`
    /// when a limit is reached.
    pub fn attempt(&self, subject: &str, now: UnixTime) -> bool {
        let mut window = self.lock();
        let start = now.floor_to(self.seconds);
        if window.start != start {
            *window = Window { start, ..Window::default() };
        }
        let hash = hmac_sha256(self.key.expose(), &[subject.as_bytes()]);
        let tried = window.each.get(&hash).copied().unwrap_or(0);
        if tried >= self.for_each || window.all >= self.for_all {
            return false;
        }
        window.each.insert(hash, tried + 1);
        window.all += 1;
        true
    }

    /// The last attempt at this was a right one: nothing of it is counted.
    pub fn forgive(&self, subject: &str) {
        let mut window = self.lock();
        let hash = hmac_sha256(self.key.expose(), &[subject.as_bytes()]);
        if let Some(tried) = window.each.remove(&hash) {
            window.all = window.all.saturating_sub(tried);
        }
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
        throttle.forgive("a");
        assert!(throttle.attempt("c", now));
        assert!(throttle.attempt("a", now.plus(900)));
    }
}
