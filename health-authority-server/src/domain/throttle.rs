//! Limits on attempts, by what is attempted and for all together.
//!
//! No network address is looked at or stored ([ADR 15](../../../docs/adr/0015-guess-limit-without-addresses.md)):
//! what counts is the account or the telephone number, under a keyed hash that is another one in each
//! window. The counts stand in the database, for all servers of the authority together, until the window
//! ends ([ADR 52](../../../docs/adr/0052-several-servers.md)); here are the rules, and what one process need
//! not ask again. An attempt is counted before it is made, so that attempts at the same moment count too,
//! and taken back when it was right.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::secret::SecretBytes;

use super::codes::{KeyedHash, SHORT_SECONDS};

/// Failed logins and invitations are counted for so long.
pub const WINDOW_SECONDS: u64 = 15 * 60;
/// Wrong passwords or codes for one login in [`WINDOW_SECONDS`], after which it pauses.
const FAILED_LOGINS: u32 = 10;
/// Logins that no one has, checked as if somebody had them, in [`WINDOW_SECONDS`].
const UNKNOWN_LOGINS: u32 = 500;
/// Wrong invitations of staff phones in [`WINDOW_SECONDS`], after which all pause.
const WRONG_INVITATIONS: u32 = 200;
/// Wrong tokens of the first start in [`WINDOW_SECONDS`], after which it pauses.
const WRONG_FIRST_STARTS: u32 = 100;
/// Messages of one kind to one telephone in an hour.
const MESSAGES_TO_ONE: u32 = 3;
const HOUR_SECONDS: u64 = 3_600;
/// So many subjects that are refused are remembered; of more the database is asked.
const MAX_REFUSED: usize = 50_000;
/// Of a budget that anybody uses without wrong or right, a server takes a hundredth at a time.
const PARTS: u32 = 100;

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
    /// Wrong tokens of the first start, of [`ANYBODY`].
    FirstStarts,
    /// Codes to telephones that are not known yet, by number.
    Registrations,
    /// Messages to venues that are registered, by number.
    Notices,
    /// Verification codes sent to cases, by number.
    CaseCodes,
    /// Health declarations, of [`ANYBODY`]: anyone may declare.
    Declarations,
    /// Codes to telephones before a declaration, of [`ANYBODY`]: how many one number gets stands in the
    /// database, because it is counted for a day.
    DeclarationCodes,
}

impl Limit {
    pub const ALL: [Self; 10] = [
        Self::ShortCodes,
        Self::Logins,
        Self::UnknownLogins,
        Self::Invitations,
        Self::FirstStarts,
        Self::Registrations,
        Self::Notices,
        Self::CaseCodes,
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
            Self::FirstStarts => "first-starts",
            Self::Registrations => "registrations",
            Self::Notices => "notices",
            Self::CaseCodes => "case-codes",
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
    /// Verification codes sent to cases in an hour.
    pub case_codes: u32,
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

/// How much of one thing is allowed, in windows of a fixed length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Attempts at one thing in a window.
    pub for_each: u32,
    /// Attempts in all in a window.
    pub for_all: u32,
    /// Length of the window.
    pub seconds: u64,
    /// Attempts that a server takes at a time, where they are of [`ANYBODY`].
    pub at_a_time: u32,
}

/// What was counted in a window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Attempts at this thing; of [`ANYBODY`] the same as those in all.
    pub this: u32,
    /// Attempts in all.
    pub all: u32,
}

impl Rule {
    const fn new(for_each: u32, for_all: u32, seconds: u64) -> Self {
        Self { for_each, for_all, seconds, at_a_time: 1 }
    }

    const fn of_anybody(for_all: u32, seconds: u64) -> Self {
        Self::new(for_all, for_all, seconds)
    }

    const fn in_parts(mut self) -> Self {
        self.at_a_time = self.for_all / PARTS;
        if self.at_a_time == 0 {
            self.at_a_time = 1;
        }
        self
    }

    /// What becomes of an attempt at one thing, and what is counted afterwards. Also beyond the limit for
    /// all, attempts at one thing are counted: who tries a thing that is not there is refused as often as
    /// who tries one that is.
    pub const fn judge(&self, counts: Counts) -> (Attempt, Counts) {
        let Counts { this, all } = counts;
        if this >= self.for_each {
            return (Attempt::TooManyOfThis, counts);
        }
        if all >= self.for_all {
            return (Attempt::TooManyInAll, Counts { this: this + 1, all });
        }
        (Attempt::Allowed, Counts { this: this + 1, all: all + 1 })
    }

    /// So many attempts of [`ANYBODY`] may be made when `all` were counted; they count from then on.
    pub fn part(&self, all: u32) -> u32 {
        self.at_a_time.min(self.for_all.saturating_sub(all))
    }
}

impl Counts {
    /// Without the last attempts at this thing, which were right.
    pub fn take_back(self, attempts: u32) -> Self {
        let taken = attempts.min(self.this);
        Self { this: self.this - taken, all: self.all.saturating_sub(taken) }
    }
}

/// One attempt, as the database counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tried {
    pub limit: Limit,
    pub rule: Rule,
    /// When its window began.
    pub window: UnixTime,
    /// Whose it is, hashed; none of [`ANYBODY`].
    pub subject: Option<KeyedHash>,
}

impl Tried {
    /// When its window ends.
    pub const fn until(&self) -> UnixTime {
        self.window.plus(self.rule.seconds)
    }
}

/// The limits, and what this process knows of them without asking.
pub struct Limits {
    key: SecretBytes<32>,
    limits: [(Rule, Mutex<Known>); Limit::ALL.len()],
}

/// What one process knows of a window.
#[derive(Debug, Default)]
struct Known {
    window: UnixTime,
    /// Subjects that were refused: they are until the window ends.
    refused: HashSet<Option<KeyedHash>>,
    /// Attempts that are counted already and not made.
    left: u32,
}

impl Limits {
    /// Subjects are hashed under `key`, the same in all servers of an authority.
    pub fn new(budgets: Budgets, key: SecretBytes<32>) -> Self {
        let rule = |limit| match limit {
            Limit::ShortCodes => Rule::of_anybody(budgets.short_codes, SHORT_SECONDS),
            Limit::Logins => Rule::new(FAILED_LOGINS, u32::MAX, WINDOW_SECONDS),
            Limit::UnknownLogins => Rule::new(FAILED_LOGINS, UNKNOWN_LOGINS, WINDOW_SECONDS),
            Limit::Invitations => Rule::of_anybody(WRONG_INVITATIONS, WINDOW_SECONDS),
            Limit::FirstStarts => Rule::of_anybody(WRONG_FIRST_STARTS, WINDOW_SECONDS),
            Limit::Registrations => Rule::new(MESSAGES_TO_ONE, budgets.registrations, HOUR_SECONDS),
            Limit::Notices => Rule::new(MESSAGES_TO_ONE, budgets.notices, HOUR_SECONDS),
            Limit::CaseCodes => Rule::new(MESSAGES_TO_ONE, budgets.case_codes, HOUR_SECONDS),
            Limit::Declarations => Rule::of_anybody(budgets.declarations, HOUR_SECONDS).in_parts(),
            Limit::DeclarationCodes => {
                Rule::of_anybody(budgets.declaration_codes, HOUR_SECONDS).in_parts()
            }
        };
        Self { key, limits: Limit::ALL.map(|limit| (rule(limit), Mutex::default())) }
    }

    /// An attempt at `subject`, as it is counted at `now`.
    pub fn tried(&self, limit: Limit, subject: &str, now: UnixTime) -> Tried {
        let rule = self.limits[limit as usize].0;
        let window = now.floor_to(rule.seconds);
        let start = window.as_secs().to_be_bytes();
        let hash = |subject: &str| {
            hmac_sha256(self.key.expose(), &[limit.name().as_bytes(), &start, subject.as_bytes()])
        };
        let subject = (subject != ANYBODY).then(|| hash(subject));
        Tried { limit, rule, window, subject }
    }

    /// What becomes of it, if this process need not ask the database.
    pub fn known(&self, tried: &Tried) -> Option<Attempt> {
        let mut known = self.window(tried);
        if known.refused.contains(&tried.subject) {
            return Some(Attempt::TooManyOfThis);
        }
        if tried.subject.is_none() && known.left > 0 {
            known.left -= 1;
            return Some(Attempt::Allowed);
        }
        None
    }

    /// What the database said of it, and how many more may be made without asking.
    pub fn learn(&self, tried: &Tried, attempt: Attempt, left: u32) {
        let mut known = self.window(tried);
        if attempt == Attempt::TooManyOfThis && known.refused.len() < MAX_REFUSED {
            known.refused.insert(tried.subject);
        }
        known.left = known.left.saturating_add(left);
    }

    /// What is known of the attempt's window; nothing of one that this process has left behind.
    fn window(&self, tried: &Tried) -> MutexGuard<'_, Known> {
        let lock = &self.limits[tried.limit as usize].1;
        let mut known = lock.lock().unwrap_or_else(PoisonError::into_inner);
        if known.window != tried.window {
            *known = Known { window: tried.window, ..Known::default() };
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(900_000);
    const BUDGETS: Budgets = Budgets {
        short_codes: 100,
        registrations: 300,
        notices: 300,
        case_codes: 2_000,
        declarations: 50_000,
        declaration_codes: 7,
    };

    fn limits() -> Limits {
        Limits::new(BUDGETS, SecretBytes::new([7; 32]))
    }

    #[test]
    fn one_thing_and_all_things_are_limited() {
        let rule = Rule::new(2, 3, 900);
        let judge = |this, all| rule.judge(Counts { this, all });
        assert_eq!(judge(1, 1), (Attempt::Allowed, Counts { this: 2, all: 2 }));
        assert_eq!(judge(2, 2), (Attempt::TooManyOfThis, Counts { this: 2, all: 2 }));
        assert_eq!(judge(2, 3).0, Attempt::TooManyOfThis, "as where it is not all");
        assert_eq!(judge(1, 3), (Attempt::TooManyInAll, Counts { this: 2, all: 3 }));
    }

    #[test]
    fn what_was_right_is_taken_back_and_no_more() {
        let counts = Counts { this: 2, all: 5 };
        assert_eq!(counts.take_back(1), Counts { this: 1, all: 4 });
        assert_eq!(counts.take_back(u32::MAX), Counts { this: 0, all: 3 });
        let ended = Counts { this: 0, all: 5 };
        assert_eq!(ended.take_back(1), ended, "of a window that has ended since");
    }

    #[test]
    fn a_subject_has_another_hash_in_each_window_and_limit() {
        let limits = limits();
        let hash = |limit, now| limits.tried(limit, "binh", now).subject.unwrap();
        assert_eq!(hash(Limit::Logins, NOW), hash(Limit::Logins, NOW.plus(899)));
        assert_ne!(hash(Limit::Logins, NOW), hash(Limit::Logins, NOW.plus(900)));
        assert_ne!(hash(Limit::Logins, NOW), hash(Limit::UnknownLogins, NOW));
        assert_eq!(limits.tried(Limit::Logins, ANYBODY, NOW).subject, None);
    }

    #[test]
    fn a_refusal_is_known_until_the_window_ends() {
        let limits = limits();
        let tried = limits.tried(Limit::Logins, "binh", NOW);
        assert_eq!(limits.known(&tried), None);
        limits.learn(&tried, Attempt::TooManyOfThis, 0);
        assert_eq!(limits.known(&tried), Some(Attempt::TooManyOfThis));
        assert_eq!(limits.known(&limits.tried(Limit::Logins, "an", NOW)), None);
        assert_eq!(limits.known(&limits.tried(Limit::Logins, "binh", NOW.plus(900))), None);
    }

    #[test]
    fn a_part_of_a_budget_is_used_without_asking_and_never_more_than_there_is() {
        let limits = limits();
        let tried = limits.tried(Limit::Declarations, ANYBODY, NOW);
        assert_eq!(tried.rule.part(0), 500);
        assert_eq!(tried.rule.part(49_999), 1);
        assert_eq!(tried.rule.part(50_000), 0);
        limits.learn(&tried, Attempt::Allowed, 2);
        let asked: Vec<_> = (0..3).map(|_| limits.known(&tried)).collect();
        assert_eq!(asked, [Some(Attempt::Allowed), Some(Attempt::Allowed), None]);
        let few = limits.tried(Limit::DeclarationCodes, ANYBODY, NOW);
        assert_eq!(few.rule.part(0), 1);
    }
}
