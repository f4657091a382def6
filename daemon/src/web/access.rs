//! Who may look at the page: the one-time token of `vungxanh open`, the sessions that it is exchanged for, and when the
//! page ends. Time (since boot) and randomness are arguments.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rand::CryptoRng;
use vungxanh_protocol::secret::SecretBytes;

use crate::platform::i18n::Language;

/// The page ends after this time without a request of the person.
pub(super) const IDLE: Duration = Duration::from_secs(30 * 60);
/// While a pass is shown the page goes on for this time after the last request of the person: a day at doors, but not a
/// tab that was forgotten.
pub(super) const SHOWN: Duration = Duration::from_secs(12 * 60 * 60);
/// A token that is not used by then is void.
const TOKEN_LIFE: Duration = Duration::from_secs(5 * 60);
/// Browsers that can look at the page at the same time; the oldest makes room.
const MAX_SESSIONS: usize = 4;
/// After so many tokens and cookies that nobody was given, the page ends.
const MAX_WRONG: u32 = 100;
const SECRET_BYTES: usize = 32;

type Secret = SecretBytes<SECRET_BYTES>;

/// One browser.
struct Session {
    cookie: Secret,
    csrf: Secret,
    language: Language,
}

/// What a request of a session is answered by.
pub(super) struct Visitor {
    /// What its forms carry.
    pub(super) csrf: Csrf,
    pub(super) language: Language,
}

/// The token of a session's forms.
#[derive(Clone)]
pub(super) struct Csrf(Secret);

impl Csrf {
    /// As it stands in a form.
    pub(super) fn text(&self) -> String {
        written(&self.0)
    }

    pub(super) fn matches(&self, sent: &str) -> bool {
        read(sent).is_some_and(|sent| sent == self.0)
    }
}

pub(super) struct Access {
    /// The token that was given out last, and until when it can be exchanged.
    token: Option<(Secret, Duration)>,
    sessions: Vec<Session>,
    last_request: Duration,
    /// Until when a pass that was shown keeps the page open.
    shown_until: Duration,
    wrong: u32,
}

impl Access {
    pub(super) const fn new(now: Duration) -> Self {
        Self {
            token: None,
            sessions: Vec::new(),
            last_request: now,
            shown_until: Duration::ZERO,
            wrong: 0,
        }
    }

    /// A token for the browser that is opened next; the one before is void.
    pub(super) fn issue(&mut self, now: Duration, rng: &mut impl CryptoRng) -> String {
        let token = Secret::generate(rng);
        let text = written(&token);
        self.token = Some((token, now.saturating_add(TOKEN_LIFE)));
        self.last_request = now;
        text
    }

    /// The value of the cookie of a new session, for the token that was given out.
    pub(super) fn exchange(
        &mut self,
        sent: &str,
        language: Language,
        now: Duration,
        rng: &mut impl CryptoRng,
    ) -> Option<String> {
        if self.is_over(now) {
            return None;
        }
        let is_right = match (&self.token, read(sent)) {
            (Some((token, until)), Some(sent)) => (sent == *token) & (now < *until),
            _ => false,
        };
        if !is_right {
            self.wrong += 1;
            return None;
        }
        self.token = None;
        if self.sessions.len() >= MAX_SESSIONS {
            self.sessions.remove(0);
        }
        let session =
            Session { cookie: Secret::generate(rng), csrf: Secret::generate(rng), language };
        let cookie = written(&session.cookie);
        self.sessions.push(session);
        self.last_request = now;
        Some(cookie)
    }

    /// Whose cookie it is. `wanted` is the language that was asked for from now on. What a page asks `by_itself` does not
    /// keep the page open.
    pub(super) fn visitor(
        &mut self,
        cookie: &str,
        wanted: Option<Language>,
        by_itself: bool,
        now: Duration,
    ) -> Option<Visitor> {
        if self.is_over(now) {
            return None;
        }
        let sent = read(cookie);
        let mut found = None;
        // All are compared, so that the time does not say which it was.
        for session in &mut self.sessions {
            if sent.as_ref().is_some_and(|sent| *sent == session.cookie) {
                found = Some(session);
            }
        }
        let Some(session) = found else {
            self.wrong += 1;
            return None;
        };
        session.language = wanted.unwrap_or(session.language);
        if !by_itself {
            self.last_request = now;
        }
        Some(Visitor { csrf: Csrf(session.csrf.clone()), language: session.language })
    }

    /// A pass is shown, which is valid for so long. Its page asks by itself; as long as it does, somebody may be at a door.
    pub(super) fn show_pass(&mut self, valid_for: Duration, now: Duration) {
        let until = now + valid_for.min(IDLE);
        self.shown_until = self.shown_until.max(until.min(self.last_request + SHOWN));
    }

    /// How long the page goes on without a request; none when it has ended.
    pub(super) fn left(&self, now: Duration) -> Option<Duration> {
        let end = (self.last_request + IDLE).max(self.shown_until);
        let left = end.checked_sub(now).filter(|left| !left.is_zero());
        left.filter(|_| self.wrong < MAX_WRONG)
    }

    pub(super) fn is_over(&self, now: Duration) -> bool {
        self.left(now).is_none()
    }
}

fn written(secret: &Secret) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(secret.expose())
}

fn read(text: &str) -> Option<Secret> {
    let mut bytes = [0; SECRET_BYTES];
    let length = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    (length == SECRET_BYTES).then_some(Secret::new(bytes))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn rng() -> StdRng {
        StdRng::seed_from_u64(1)
    }

    fn looks(access: &mut Access, cookie: &str, now: Duration) -> bool {
        access.visitor(cookie, None, false, now).is_some()
    }

    #[test]
    fn a_token_is_good_once_and_for_five_minutes() {
        let rng = &mut rng();
        let mut access = Access::new(MINUTE);
        let token = access.issue(MINUTE, rng);
        assert!(access.exchange("", Language::Vi, MINUTE, rng).is_none());
        let cookie =
            access.exchange(&token, Language::Vi, 6 * MINUTE - Duration::from_secs(1), rng);
        assert!(looks(&mut access, &cookie.unwrap(), 6 * MINUTE));
        assert!(access.exchange(&token, Language::Vi, 6 * MINUTE, rng).is_none(), "a second time");
        let late = access.issue(6 * MINUTE, rng);
        assert!(access.exchange(&late, Language::Vi, 11 * MINUTE, rng).is_none(), "too late");
        let (void, last) = (access.issue(11 * MINUTE, rng), access.issue(11 * MINUTE, rng));
        assert!(access.exchange(&void, Language::Vi, 11 * MINUTE, rng).is_none(), "replaced");
        assert!(access.exchange(&last, Language::Vi, 11 * MINUTE, rng).is_some());
    }

    #[test]
    fn it_ends_after_thirty_minutes_without_a_request_of_the_person() {
        let rng = &mut rng();
        let mut access = Access::new(Duration::ZERO);
        let token = access.issue(Duration::ZERO, rng);
        let cookie = access.exchange(&token, Language::Vi, Duration::ZERO, rng).unwrap();
        assert!(looks(&mut access, &cookie, 20 * MINUTE));
        assert_eq!(access.left(49 * MINUTE), Some(MINUTE));
        for minute in 21..50 {
            assert!(access.visitor(&cookie, None, true, minute * MINUTE).is_some(), "by itself");
        }
        assert!(access.is_over(50 * MINUTE));
        assert!(!looks(&mut access, &cookie, 50 * MINUTE), "the cookie ends with the page");
        let token = access.issue(51 * MINUTE, rng);
        assert!(access.exchange(&token, Language::Vi, 51 * MINUTE, rng).is_some());
    }

    /// A pass that renews itself each half minute from `from` on. When the page has ended by then.
    fn shown(access: &mut Access, cookie: &str, from: Duration, valid_until: Duration) -> Duration {
        let mut now = from;
        while access.visitor(cookie, None, now > from, now).is_some() {
            access.show_pass(valid_until.saturating_sub(now), now);
            now += Duration::from_secs(30);
        }
        assert!(access.is_over(now));
        now
    }

    #[test]
    fn a_pass_that_is_shown_keeps_the_page_open_for_half_a_day_and_no_longer_than_it_is_valid() {
        let rng = &mut rng();
        let open = |rng: &mut StdRng| {
            let mut access = Access::new(Duration::ZERO);
            let token = access.issue(Duration::ZERO, rng);
            let cookie = access.exchange(&token, Language::Vi, Duration::ZERO, rng).unwrap();
            (access, cookie)
        };
        let week = 7 * 24 * 60 * MINUTE;
        let (mut access, cookie) = open(rng);
        assert_eq!(shown(&mut access, &cookie, 10 * MINUTE, week), 10 * MINUTE + SHOWN);
        // Its last moments: as long as any page.
        let (mut access, cookie) = open(rng);
        assert_eq!(shown(&mut access, &cookie, 10 * MINUTE, 25 * MINUTE), 40 * MINUTE);
        let (mut access, cookie) = open(rng);
        assert_eq!(shown(&mut access, &cookie, 10 * MINUTE, 90 * MINUTE), 90 * MINUTE);
        // The tab is closed: half an hour later, all is closed.
        let (mut access, cookie) = open(rng);
        for minute in 0..60 {
            assert!(access.visitor(&cookie, None, minute > 0, minute * MINUTE).is_some());
            access.show_pass(week, minute * MINUTE);
        }
        assert_eq!(access.left(59 * MINUTE), Some(IDLE));
        assert!(!access.is_over(88 * MINUTE) && access.is_over(89 * MINUTE));
        // What else asks by itself keeps nothing open, and who guesses ends it all the same.
        let (mut access, _) = open(rng);
        access.show_pass(week, MINUTE);
        for _ in 0..MAX_WRONG {
            assert!(!looks(&mut access, "AAAA", 2 * MINUTE));
        }
        assert!(access.is_over(2 * MINUTE));
    }

    #[test]
    fn a_page_that_nobody_opened_ends_too() {
        let mut access = Access::new(Duration::ZERO);
        access.issue(Duration::ZERO, &mut rng());
        assert!(!access.is_over(IDLE - MINUTE));
        assert!(access.is_over(IDLE));
    }

    #[test]
    fn who_guesses_ends_the_page() {
        let rng = &mut rng();
        let mut access = Access::new(Duration::ZERO);
        let token = access.issue(Duration::ZERO, rng);
        let other = written(&Secret::generate(rng));
        for guess in 0..MAX_WRONG {
            let late = Duration::from_secs(guess.into());
            if guess % 2 == 0 {
                assert!(access.exchange(&other, Language::Vi, late, rng).is_none());
            } else {
                assert!(!looks(&mut access, &other, late));
            }
        }
        assert!(access.is_over(3 * MINUTE));
        assert!(access.exchange(&token, Language::Vi, 3 * MINUTE, rng).is_none(), "the right one");
    }

    #[test]
    fn each_browser_has_its_own_language_and_token_of_forms_and_the_fifth_ends_the_first() {
        let rng = &mut rng();
        let mut access = Access::new(Duration::ZERO);
        let mut cookies = Vec::new();
        for _ in 0..MAX_SESSIONS {
            let token = access.issue(Duration::ZERO, rng);
            cookies.push(access.exchange(&token, Language::Vi, Duration::ZERO, rng).unwrap());
        }
        let mut csrf = |cookie: &str, wanted| {
            let found = access.visitor(cookie, wanted, false, Duration::ZERO).unwrap();
            (found.csrf.text(), found.language)
        };
        let (first, language) = csrf(&cookies[0], Some(Language::En));
        assert_eq!(language, Language::En);
        assert_eq!(csrf(&cookies[0], None), (first.clone(), Language::En));
        let (second, language) = csrf(&cookies[1], None);
        assert_eq!(language, Language::Vi);
        assert_ne!(first, second);
        let token = access.issue(Duration::ZERO, rng);
        access.exchange(&token, Language::Vi, Duration::ZERO, rng).unwrap();
        assert!(!looks(&mut access, &cookies[0], Duration::ZERO));
        let visitor = access.visitor(&cookies[1], None, false, Duration::ZERO).unwrap();
        assert!(visitor.csrf.matches(&second) && !visitor.csrf.matches(&first));
        assert!(!visitor.csrf.matches("") && !visitor.csrf.matches(&second[1..]));
    }
}
