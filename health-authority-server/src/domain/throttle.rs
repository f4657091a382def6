//! Limits on attempts, by what is attempted and for all together.
//!
//! No network address is looked at or stored ([ADR 15](../../../docs/adr/0015-guess-limit-without-addresses.md)):
//! what counts is the account or the telephone number, under a hash that only this process can make
//! and that it forgets when the window ends. An attempt is counted before it is made, so that
//! attempts at the same moment count too, and taken back when it was right.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::secret::SecretBytes;

use super::codes::SHORT_SECONDS;

/// Failed logins and invitations are counted for so long.
pub const WINDOW_SECONDS: u64 = 15 * 60;
/// Wrong passwords or codes for one login in [`WINDOW_SECONDS`], after which it pauses.
const FAILED_LOGINS: u32 = 10;
/// Logins that no one has, checked as if somebody had them, in [`WINDOW_SECONDS`].
const UNKNOWN_LOGINS: u32 = 500;
/// Wrong invitations of staff phones in [`WINDOW_SECONDS`], after which all pause.
const WRONG_INVITATIONS: u32 = 200;
/// Messages of one kind to one telephone in an hour.
const MESSAGES_TO_ONE: u32 = 3;
const HOUR_SECONDS: u64 = 3_600;
/// So many subjects are distinguished in a window; more count for all together only.
const MAX_SUBJECTS: usize = 50_000;

/// The subject of attempts that are counted for all together only.
pub const ANYBODY: &str = "";

/// What is limited. Each has a budget of its own, so that no one stops one thing by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// Wrong short codes, of [`ANYBODY`].
    ///
    /// Eight digits can be tried out: with 200 codes open at a time, each guess hits one with a
    /// chance of 2 in a million. At the default of 100 failures in a window, a day of uninterrupted
    /// guessing hits a code with a chance of 2 percent. Someone can stop short codes in this way;
    /// long codes cannot be guessed, are not limited, and are what staff get meanwhile.
    ShortCodes,
    /// Wrong passwords and codes of authenticator apps, by login. Not for all together: a person who
    /// knows many logins would lock all others out. How many are tried is bounded by their work.
    Logins,
    /// Logins that no one has, by login.
    UnknownLogins,
    /// Wrong invitations of staff phones, of [`ANYBODY`].
    Invitations,
    /// Codes to telephones that are not known yet, by number.
    Registrations,
    /// Messages to venues that are registered, by number.
    Notices,
    /// Health declarations, of [`ANYBODY`]: anyone may declare.
    Declarations,
    /// Codes to telephones before a declaration, of [`ANYBODY`]: how many one number gets stands in the
    /// database, because it is counted for a day.
    DeclarationCodes,
}

impl Limit {
    pub const ALL: [Self; 8] = [
        Self::ShortCodes,
        Self::Logins,
        Self::UnknownLogins,
        Self::Invitations,
        Self::Registrations,
        Self::Notices,
        Self::Declarations,
        Self::DeclarationCodes,
    ];

    /// Its name in the database, the log and texts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ShortCodes => "short-codes",
            Self::Logins => "logins",
            Self::UnknownLogins => "unknown-logins",
            Self::Invitations => "invitations",
            Self::Registrations => "registrations",
            Self::Notices => "notices",
            Self::Declarations => "declarations",
            Self::DeclarationCodes => "declaration-codes",
        }
    }

    /// The limit with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|limit| limit.name() == name)
    }
}

/// The limits that an authority sets itself.
#[derive(Debug, Clone, Copy)]
pub struct Budgets {
    /// Wrong short codes in a window.
    pub short_codes: u32,
    /// Codes to telephones in an hour.
    pub registrations: u32,
    /// Messages to registered venues in an hour.
    pub notices: u32,
    /// Health declarations in an hour.
    pub declarations: u32,
    /// Codes to telephones before declarations in an hour.
    pub declaration_codes: u32,
}

/// What becomes of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// It may be made.
    Allowed,
    /// Too many at the same thing.
    TooManyOfThis,
    /// Too many in all.
    TooManyInAll,
}

/// A limit that has just been reached, for the first time in its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    pub limit: Limit,
    /// When its window ends.
    pub until: UnixTime,
}

#[derive(Debug)]
pub struct Limits([Throttle; Limit::ALL.len()]);

impl Limits {
    pub fn new(budgets: Budgets) -> Self {
        Self(Limit::ALL.map(|limit| match limit {
            Limit::ShortCodes => {
                Throttle::new(budgets.short_codes, budgets.short_codes, SHORT_SECONDS)
            }
            Limit::Logins => Throttle::new(FAILED_LOGINS, u32::MAX, WINDOW_SECONDS),
            Limit::UnknownLogins => Throttle::new(FAILED_LOGINS, UNKNOWN_LOGINS, WINDOW_SECONDS),
            Limit::Invitations => {
                Throttle::new(WRONG_INVITATIONS, WRONG_INVITATIONS, WINDOW_SECONDS)
            }
            Limit::Registrations => {
                Throttle::new(MESSAGES_TO_ONE, budgets.registrations, HOUR_SECONDS)
            }
            Limit::Notices => Throttle::new(MESSAGES_TO_ONE, budgets.notices, HOUR_SECONDS),
            Limit::Declarations => {
                Throttle::new(budgets.declarations, budgets.declarations, HOUR_SECONDS)
            }
            Limit::DeclarationCodes => {
                Throttle::new(budgets.declaration_codes, budgets.declaration_codes, HOUR_SECONDS)
            }
        }))
    }

    /// Counts an attempt before it is made, and says whether its limit was reached by it for the
    /// first time in this window.
    pub fn attempt(
        &self,
        limit: Limit,
        subject: &str,
        now: UnixTime,
    ) -> (Attempt, Option<Reached>) {
        let throttle = self.of(limit);
        let (attempt, first) = throttle.attempt(subject, now);
        let until = now.floor_to(throttle.seconds).plus(throttle.seconds);
        (attempt, first.then_some(Reached { limit, until }))
    }

    /// The last attempt at this was a right one: it alone is not counted.
    pub fn retract(&self, limit: Limit, subject: &str) {
        self.of(limit).take_back(subject, 1);
    }

    /// The last attempt at this was a right one: nothing of what was tried before it counts.
    pub fn reset(&self, limit: Limit, subject: &str) {
        self.of(limit).take_back(subject, u32::MAX);
    }

    const fn of(&self, limit: Limit) -> &Throttle {
        &self.0[limit as usize]
    }
}

/// Counts attempts in windows of a fixed length.
#[derive(Debug)]
struct Throttle {
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
    is_reached: bool,
}

impl Throttle {
    /// Allows `for_each` attempts at one thing and `for_all` in all, in each window.
    fn new(for_each: u32, for_all: u32, seconds: u64) -> Self {
        let key = SecretBytes::generate(&mut rand::rng());
        Self { for_each, for_all, seconds, key, state: Mutex::default() }
    }

    /// Also beyond the limit for all, attempts at one thing are counted: who tries a thing that is not
    /// there is refused as often as who tries one that is.
    fn attempt(&self, subject: &str, now: UnixTime) -> (Attempt, bool) {
        let mut window = self.lock();
        let start = now.floor_to(self.seconds);
        if window.start != start {
            *window = Window { start, ..Window::default() };
        }
        let hash = self.hash(subject);
        let tried = window.each.get(&hash).copied().unwrap_or(0);
        if tried >= self.for_each {
            return (Attempt::TooManyOfThis, !std::mem::replace(&mut window.is_reached, true));
        }
        if tried > 0 || window.each.len() < MAX_SUBJECTS {
            window.each.insert(hash, tried + 1);
        }
        if window.all >= self.for_all {
            return (Attempt::TooManyInAll, !std::mem::replace(&mut window.is_reached, true));
        }
        window.all += 1;
        (Attempt::Allowed, false)
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

    fn lock(&self) -> MutexGuard<'_, Window> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(900_000);

    fn allowed(throttle: &Throttle, subject: &str, now: UnixTime) -> bool {
        throttle.attempt(subject, now).0 == Attempt::Allowed
    }

    #[test]
    fn limits_each_and_all_until_the_window_ends() {
        let throttle = Throttle::new(2, 3, 900);
        assert!(allowed(&throttle, "a", NOW) && allowed(&throttle, "a", NOW));
        assert_eq!(throttle.attempt("a", NOW.plus(899)), (Attempt::TooManyOfThis, true));
        assert!(allowed(&throttle, "b", NOW));
        assert_eq!(throttle.attempt("c", NOW), (Attempt::TooManyInAll, false), "said once");
        throttle.take_back("a", u32::MAX);
        assert!(allowed(&throttle, "d", NOW));
        assert!(allowed(&throttle, "a", NOW.plus(900)));
    }

    #[test]
    fn a_right_attempt_that_is_taken_back_leaves_the_wrong_ones_counted() {
        let throttle = Throttle::new(2, 2, 900);
        assert!(allowed(&throttle, ANYBODY, NOW) && allowed(&throttle, ANYBODY, NOW));
        throttle.take_back(ANYBODY, 1);
        assert!(allowed(&throttle, ANYBODY, NOW.plus(899)));
        assert!(!allowed(&throttle, ANYBODY, NOW.plus(899)));
        assert!(allowed(&throttle, ANYBODY, NOW.plus(900)));
    }

    #[test]
    fn what_was_never_tried_or_is_of_an_ended_window_can_be_taken_back() {
        let throttle = Throttle::new(1, 1, 900);
        throttle.take_back("a", 1);
        throttle.take_back("a", u32::MAX);
        assert!(allowed(&throttle, "a", NOW) && allowed(&throttle, "b", NOW.plus(900)));
        throttle.take_back("a", u32::MAX);
        assert!(!allowed(&throttle, "a", NOW.plus(900)), "only the present window is counted back");
    }

    #[test]
    fn a_login_that_nobody_has_is_refused_as_often_as_one_that_somebody_has() {
        let limits = Limits::new(Budgets {
            short_codes: 100,
            registrations: 300,
            notices: 300,
            declarations: 50_000,
            declaration_codes: 1_000,
        });
        for n in 0..2_000 {
            limits.attempt(Limit::UnknownLogins, &format!("nobody{n}"), NOW);
        }
        let answers = |limit, login: &str| -> Vec<bool> {
            let attempt = |_| limits.attempt(limit, login, NOW).0 == Attempt::TooManyOfThis;
            (0..12).map(attempt).collect()
        };
        assert_eq!(answers(Limit::UnknownLogins, "an"), answers(Limit::Logins, "binh"));
        let (attempt, reached) = limits.attempt(Limit::Logins, "chi", NOW);
        assert_eq!((attempt, reached), (Attempt::Allowed, None), "known ones are not kept out");
    }
}
