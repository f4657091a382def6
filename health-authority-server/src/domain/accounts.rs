//! Accounts: who may do what, logins and passwords.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use rand::RngExt;
use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::phone::Phone;

/// Number of an account in the database.
pub type AccountId = i64;

/// The shortest password, in characters.
pub const MIN_PASSWORD_CHARACTERS: usize = 10;
/// The longest password, in bytes.
pub const MAX_PASSWORD_BYTES: usize = 256;
/// How long a password works that somebody else gave, in seconds.
pub const ONE_TIME_PASSWORD_SECONDS: u64 = 7 * 86_400;
/// The longest name of a person, in bytes.
pub const MAX_PERSON_BYTES: usize = 96;

/// The shortest login of staff.
pub const MIN_LOGIN: usize = 3;
/// The longest login of staff.
pub const MAX_LOGIN: usize = 32;
/// Argon2id with 19 MiB, 2 passes, 1 lane: the least that OWASP's password sheet recommends.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
/// Without letters that are mistaken for digits.
const PASSWORD_ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Of the authority: everything, and the audit log.
    Administrator,
    /// Of the authority: cases and warnings.
    CaseWorker,
    /// Of the authority: approves venues.
    VenueOfficer,
    /// Of a venue: everything of this venue.
    VenueManager,
    /// Of a venue: a phone that counts visits, nothing else.
    VenueStaff,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Administrator,
        Self::CaseWorker,
        Self::VenueOfficer,
        Self::VenueManager,
        Self::VenueStaff,
    ];

    /// Its name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::CaseWorker => "case_worker",
            Self::VenueOfficer => "venue_officer",
            Self::VenueManager => "venue_manager",
            Self::VenueStaff => "venue_staff",
        }
    }

    /// The role with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether it belongs to the authority, not to a venue.
    pub const fn is_authority(self) -> bool {
        matches!(self, Self::Administrator | Self::CaseWorker | Self::VenueOfficer)
    }

    /// Whether someone with this role may do what `needed` may do.
    pub fn may(self, needed: Self) -> bool {
        match self {
            Self::Administrator => needed.is_authority(),
            Self::VenueManager => !needed.is_authority(),
            Self::CaseWorker | Self::VenueOfficer | Self::VenueStaff => self == needed,
        }
    }
}

/// What someone logs in with: a name for the authority's staff, a telephone number for venues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login(String);

/// It can be neither a name nor a telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a login is 3 to 32 small letters, digits, '.', '-' or '_', beginning with a letter, or a \
     telephone number"
)]
pub struct InvalidLogin;

impl Login {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is a telephone number, as those of venues are.
    pub fn is_phone(&self) -> bool {
        self.0.starts_with('+')
    }

    /// For a phone of a venue's staff, which never types it.
    pub fn of_staff_phone(rng: &mut impl rand::CryptoRng) -> Self {
        Self(format!("phone-{}", random_text(12, rng)))
    }
}

impl FromStr for Login {
    type Err = InvalidLogin;

    fn from_str(typed: &str) -> Result<Self, InvalidLogin> {
        let text = typed.trim();
        if text.len() > 2 * MAX_LOGIN {
            return Err(InvalidLogin);
        }
        if text.starts_with(|c: char| c == '+' || c == '(' || c.is_ascii_digit()) {
            return text.parse::<Phone>().map(Self::from).map_err(|_| InvalidLogin);
        }
        let text = text.to_ascii_lowercase();
        let valid = (MIN_LOGIN..=MAX_LOGIN).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_')
            });
        if valid { Ok(Self(text)) } else { Err(InvalidLogin) }
    }
}

impl From<Phone> for Login {
    fn from(phone: Phone) -> Self {
        Self(phone.as_str().to_owned())
    }
}

/// A password in normal form C, because keyboards compose Vietnamese letters differently. Wiped
/// when dropped and never printed.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "String")]
pub struct Password(Zeroizing<String>);

impl From<String> for Password {
    fn from(text: String) -> Self {
        let text = Zeroizing::new(text);
        Self(Zeroizing::new(text.nfc().collect()))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Why a new password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeakPassword {
    /// Fewer than [`MIN_PASSWORD_CHARACTERS`] characters.
    Short,
    /// More than [`MAX_PASSWORD_BYTES`] bytes.
    Long,
    /// Of fewer than five different characters, or the login itself.
    Simple,
}

impl Password {
    /// The password itself.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A random one: 16 characters, 80 bits.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        let text = Zeroizing::new(random_text(16, rng));
        let groups: Vec<&str> = (0..4).map(|n| &text[4 * n..4 * n + 4]).collect();
        Self(Zeroizing::new(groups.join("-")))
    }

    /// Whether it may protect an account, that of `login` if that is known.
    pub fn check(&self, login: Option<&Login>) -> Result<(), WeakPassword> {
        let text = self.expose();
        if text.len() > MAX_PASSWORD_BYTES {
            return Err(WeakPassword::Long);
        }
        if text.chars().count() < MIN_PASSWORD_CHARACTERS {
            return Err(WeakPassword::Short);
        }
        let mut different: Vec<char> = text.chars().collect();
        different.sort_unstable();
        different.dedup();
        // As it could be typed: a telephone number has several forms.
        let is_login =
            login.is_some_and(|login| text.parse::<Login>().is_ok_and(|typed| typed == *login));
        if different.len() < 5 || is_login {
            return Err(WeakPassword::Simple);
        }
        Ok(())
    }

    /// Its hash for the database, a PHC string. Takes tens of milliseconds and 19 MiB.
    pub fn hash(&self, rng: &mut impl rand::CryptoRng) -> Result<String, CannotHash> {
        let salt: [u8; 16] = rng.random();
        let hash = hasher()?.hash_password_with_salt(self.expose().as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|_| CannotHash)
    }

    /// Whether `hash` is its hash. Takes as long when there is no account, and hence no hash.
    pub fn verify(&self, hash: Option<&str>) -> bool {
        let bytes = self.expose().as_bytes();
        let hash = hash.filter(|hash| !hash.is_empty() && bytes.len() <= MAX_PASSWORD_BYTES);
        let parsed = PasswordHash::new(hash.unwrap_or(&NOBODY));
        let right = parsed
            .is_ok_and(|parsed| hasher().is_ok_and(|h| h.verify_password(bytes, &parsed).is_ok()));
        right && hash.is_some()
    }
}

/// The parameters are fixed and valid; a failure would be one of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct CannotHash;

/// A hash that no account has, so that an unknown login takes as long as a known one.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| Password::default().hash(&mut rand::rng()).unwrap_or_default());

fn hasher() -> Result<Argon2<'static>, CannotHash> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|_| CannotHash)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// Random characters that can be read out and typed.
pub(super) fn random_text(characters: usize, rng: &mut impl rand::CryptoRng) -> String {
    let letter = |_| char::from(PASSWORD_ALPHABET[rng.random_range(0..PASSWORD_ALPHABET.len())]);
    (0..characters).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn login(text: &str) -> Login {
        text.parse().unwrap()
    }

    #[test]
    fn logins() {
        assert_eq!(login(" Lan.Nguyen ").as_str(), "lan.nguyen");
        assert_eq!(login("0912 345 678").as_str(), "+84912345678");
        for bad in ["", "ab", "1a", ".abc", "lan nguyen", "lân", &"a".repeat(33), "+12"] {
            assert!(bad.parse::<Login>().is_err(), "{bad}");
        }
    }

    #[test]
    fn weak_passwords() {
        let check = |text: &str| Password::from(text.to_owned()).check(Some(&login("0912345678")));
        assert_eq!(check("ngắn quá"), Err(WeakPassword::Short));
        assert_eq!(check(&"ab3d5".repeat(60)), Err(WeakPassword::Long));
        assert_eq!(check("aaaaaaaaaaaabbbb"), Err(WeakPassword::Simple));
        assert_eq!(check("+84912345678"), Err(WeakPassword::Simple));
        assert_eq!(check("0912345678"), Err(WeakPassword::Simple));
        assert_eq!(check("tre xanh bên đình"), Ok(()));
    }

    #[test]
    fn hashes_are_salted_and_of_the_chosen_strength() {
        let password = Password::generate(&mut rand::rng());
        assert_eq!(password.check(None), Ok(()));
        let hash = password.hash(&mut rand::rng()).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, password.hash(&mut rand::rng()).unwrap());
        assert!(password.verify(Some(&hash)));
        assert!(!Password::from("another one".to_owned()).verify(Some(&hash)));
        let composed = Password::from("T\u{1ea1}i \u{111}\u{e2}y c\u{f3} n\u{1eaf}ng".to_owned());
        let apart =
            Password::from("Ta\u{323}i \u{111}a\u{302}y co\u{301} na\u{306}\u{301}ng".to_owned());
        assert!(apart.verify(Some(&composed.hash(&mut rand::rng()).unwrap())));
        assert!(!Password::default().verify(None));
        assert!(!Password::default().verify(Some("")));
        assert_eq!(format!("{password:?}"), "Password(..)");
    }

    #[test]
    fn who_may_do_what() {
        let may = |role: Role| -> Vec<&str> {
            Role::ALL.into_iter().filter(|needed| role.may(*needed)).map(Role::name).collect()
        };
        assert_eq!(may(Role::Administrator), ["administrator", "case_worker", "venue_officer"]);
        assert_eq!(may(Role::CaseWorker), ["case_worker"]);
        assert_eq!(may(Role::VenueOfficer), ["venue_officer"]);
        assert_eq!(may(Role::VenueManager), ["venue_manager", "venue_staff"]);
        assert_eq!(may(Role::VenueStaff), ["venue_staff"]);
    }

    proptest! {
        #[test]
        fn a_login_that_is_read_reads_itself(text in "\\PC{0,40}") {
            if let Ok(login) = text.parse::<Login>() {
                prop_assert_eq!(login.as_str().parse::<Login>(), Ok(login.clone()));
            }
        }
    }
}
