//! Sessions: a random token in a cookie, of which the database keeps a hash.

use std::fmt;

use subtle::ConstantTimeEq;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::secret::SecretBytes;
use zeroize::Zeroizing;

use super::accounts::{Role, random_text};
use super::codes::KeyedHash;
use super::typed::letters_and_digits;

/// The database records at most this often that a session is in use, in seconds.
pub const SEEN_SECONDS: u64 = 60;
/// How long an invitation is valid, in seconds.
pub const INVITATION_SECONDS: u64 = 24 * 3_600;
const INVITATION_CHARACTERS: usize = 16;

/// How long a session lives, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetime {
    /// Without any request.
    pub idle: u64,
    pub longest: u64,
}

impl Lifetime {
    /// By what a stolen browser could do.
    pub const fn of(role: Role) -> Self {
        match role {
            Role::Administrator | Role::CaseWorker | Role::VenueOfficer | Role::IntakeOfficer => {
                Self { idle: 30 * 60, longest: 10 * 3_600 }
            }
            Role::VenueManager => Self { idle: 2 * 3_600, longest: 24 * 3_600 },
            Role::VenueStaff => Self { idle: 4 * 86_400, longest: 30 * 86_400 },
        }
    }

    /// Whether a session begun and last seen then is still good.
    pub fn covers(self, created: UnixTime, seen: UnixTime, now: UnixTime) -> bool {
        now < created.plus(self.longest) && now < seen.plus(self.idle)
    }
}

/// A session's secret: 256 random bits.
#[derive(Clone)]
pub struct SessionToken(SecretBytes<32>);

impl SessionToken {
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        Self(SecretBytes::generate(rng))
    }

    /// From the cookie's value.
    pub fn from_cookie(value: &str) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        hex::decode_to_slice(value, &mut bytes[..]).ok()?;
        Some(Self(SecretBytes::new(*bytes)))
    }

    pub fn to_cookie(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0.expose()))
    }

    /// What the database keeps.
    pub fn hash(&self, key: &SecretBytes<32>) -> KeyedHash {
        hmac_sha256(key.expose(), &[b"session\0", self.0.expose()])
    }

    /// What every request that changes something must carry beside the cookie.
    pub fn csrf(&self) -> CsrfToken {
        CsrfToken(hex::encode(hmac_sha256(self.0.expose(), &[b"VX-CSRF-1"])))
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

/// Shows that a request comes from our own page: other sites cannot read it.
#[derive(Clone)]
pub struct CsrfToken(String);

impl CsrfToken {
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the request carried it. Constant time.
    pub fn matches(&self, sent: &str) -> bool {
        self.0.as_bytes().ct_eq(sent.as_bytes()).into()
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken(..)")
    }
}

/// A code, shown once, by which a phone of a venue's staff opens its account.
#[derive(Clone)]
pub struct Invitation(Zeroizing<String>);

impl Invitation {
    /// A fresh one of 80 bits.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        Self(Zeroizing::new(random_text(INVITATION_CHARACTERS, rng)))
    }

    /// What a person typed or a link held.
    pub fn parse(typed: &str) -> Option<Self> {
        letters_and_digits(typed).filter(|text| text.len() == INVITATION_CHARACTERS).map(Self)
    }

    /// In groups of four, for reading out.
    pub fn grouped(&self) -> Zeroizing<String> {
        let groups: Vec<&str> = (0..4).map(|n| &self.0[4 * n..4 * n + 4]).collect();
        Zeroizing::new(groups.join("-"))
    }

    /// What the database keeps.
    pub fn hash(&self, key: &SecretBytes<32>) -> KeyedHash {
        hmac_sha256(key.expose(), &[b"invitation\0", self.0.as_bytes()])
    }
}

impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Invitation(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_cookie_and_nothing_prints_it() {
        let token = SessionToken::generate(&mut rand::rng());
        let key = SecretBytes::new([3; 32]);
        let read = SessionToken::from_cookie(&token.to_cookie()).unwrap();
        assert_eq!(read.hash(&key), token.hash(&key));
        assert!(token.csrf().matches(read.csrf().expose()));
        assert!(!token.csrf().matches(SessionToken::generate(&mut rand::rng()).csrf().expose()));
        assert!(!token.csrf().matches(""));
        assert_eq!(format!("{token:?} {:?}", token.csrf()), "SessionToken(..) CsrfToken(..)");
        for bad in ["", "00", &"g".repeat(64), &"0".repeat(66)] {
            assert!(SessionToken::from_cookie(bad).is_none());
        }
    }

    #[test]
    fn invitations_are_read_however_they_are_typed() {
        let invitation = Invitation::generate(&mut rand::rng());
        let key = SecretBytes::new([3; 32]);
        let read =
            Invitation::parse(&format!(" {} ", invitation.grouped().to_uppercase())).unwrap();
        assert_eq!(read.hash(&key), invitation.hash(&key));
        assert!(Invitation::parse("abc").is_none());
        assert_eq!(format!("{invitation:?}"), "Invitation(..)");
    }

    #[test]
    fn a_session_ends_when_idle_and_in_any_case() {
        let (lifetime, start) = (Lifetime { idle: 10, longest: 25 }, UnixTime::from_secs(1_000));
        let covers = |seen, now| lifetime.covers(start, start.plus(seen), start.plus(now));
        assert!(covers(0, 9) && !covers(0, 10));
        assert!(covers(16, 24) && !covers(24, 25));
    }
}
