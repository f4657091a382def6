//! Accounts: who may do what, logins and passwords.

use std::fmt;
use std::str::FromStr;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use rand::RngExt;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::permissions::{Permission, Permissions};
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
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// Without letters that are mistaken for digits.
const PASSWORD_ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Of the authority: everything but declarations, and the audit log.
    Administrator,
    /// Of the authority: cases and warnings.
    CaseWorker,
    /// Of the authority: approves venues.
    VenueOfficer,
    /// Of the authority: reads health declarations with an own key.
    IntakeOfficer,
    /// Of a venue: everything of this venue.
    VenueManager,
    /// Of a venue: a phone that counts visits, nothing else.
    VenueStaff,
}

impl Role {
    pub const ALL: [Self; 6] = [
        Self::Administrator,
        Self::CaseWorker,
        Self::VenueOfficer,
        Self::IntakeOfficer,
        Self::VenueManager,
        Self::VenueStaff,
    ];

    /// Its name in the database and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::CaseWorker => "case_worker",
            Self::VenueOfficer => "venue_officer",
            Self::IntakeOfficer => "intake_officer",
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
        !matches!(self, Self::VenueManager | Self::VenueStaff)
    }

    /// What someone with this role may do for the authority; nothing for venues' roles, which have pages of
    /// their own.
    pub const fn permissions(self) -> Permissions {
        match self {
            // Who gives accounts away reads no declarations: that is a role of its own.
            Self::Administrator => Permissions::of(&[
                Permission::CodesIssueBulk,
                Permission::CodesRevoke,
                Permission::WarningsWrite,
                Permission::VenuesWrite,
                Permission::StatisticsRead,
                Permission::AccountsWrite,
                Permission::ApiKeysWrite,
                Permission::SettingsWrite,
                Permission::AuditRead,
            ]),
            Self::CaseWorker => Permissions::of(&[
                Permission::CodesIssueBulk,
                Permission::CodesRevoke,
                Permission::WarningsWrite,
                Permission::StatisticsRead,
            ]),
            Self::VenueOfficer => Permissions::of(&[Permission::VenuesWrite]),
            Self::IntakeOfficer => Permissions::of(&[Permission::IntakeRead]),
            Self::VenueManager | Self::VenueStaff => Permissions::NONE,
        }
    }

    /// Whether someone with this role may do what `needed` may do.
    pub fn may(self, needed: Self) -> bool {
        match (self.is_authority(), needed.is_authority()) {
            (true, true) => self.permissions().contains(needed.permissions()),
            (false, false) => self == Self::VenueManager || self == needed,
            _ => false,
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

impl Password {
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A random one: 16 characters, 80 bits.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        let text = Zeroizing::new(random_text(16, rng));
        let groups: Vec<&str> = (0..4).map(|n| &text[4 * n..4 * n + 4]).collect();
        Self(Zeroizing::new(groups.join("-")))
    }

    /// Its hash for the database, a PHC string. Takes tens of milliseconds.
    pub fn hash(
        &self,
        memory: &mut HashMemory,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<String, CannotHash> {
        let salt: [u8; SALT_BYTES] = rng.random();
        let hash = memory.hash(self.expose().as_bytes(), &salt, params()?)?;
        let phc = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params()?).map_err(|_| CannotHash)?,
            salt: Some(Salt::new(&salt).map_err(|_| CannotHash)?),
            hash: Some(Output::new(&hash[..]).map_err(|_| CannotHash)?),
        };
        Ok(phc.to_string())
    }

    /// Whether `hash` is its hash. Takes as long when there is no account, and hence no hash.
    pub fn verify(&self, hash: Option<&str>, memory: &mut HashMemory) -> bool {
        let bytes = self.expose().as_bytes();
        let usable = bytes.len() <= MAX_PASSWORD_BYTES;
        match hash.filter(|_| usable).and_then(StoredHash::read) {
            Some(stored) => memory
                .hash(bytes, &stored.salt, stored.params)
                .is_ok_and(|hash| bool::from(hash[..].ct_eq(&stored.hash))),
            None => {
                let discarded = &bytes[..bytes.len().min(MAX_PASSWORD_BYTES)];
                let _ =
                    params().and_then(|params| memory.hash(discarded, &[0; SALT_BYTES], params));
                false
            }
        }
    }
}

/// A hash from the database.
struct StoredHash {
    params: Params,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl StoredHash {
    fn read(text: &str) -> Option<Self> {
        let phc = PasswordHash::new(text).ok()?;
        let is_ours = phc.algorithm == Algorithm::Argon2id.ident()
            && phc.version == Some(Version::V0x13.into());
        let params = Params::try_from(&phc).ok().filter(|_| is_ours)?;
        let (salt, hash) = (phc.salt?, phc.hash?);
        Some(Self { params, salt: salt.to_vec(), hash: hash.as_bytes().to_vec() })
    }
}

/// What hashing a password takes: 19 MiB, taken at the first use.
#[derive(Default)]
pub struct HashMemory(Vec<Block>);

impl fmt::Debug for HashMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashMemory(..)")
    }
}

impl HashMemory {
    fn hash(
        &mut self,
        password: &[u8],
        salt: &[u8],
        params: Params,
    ) -> Result<Zeroizing<[u8; HASH_BYTES]>, CannotHash> {
        let blocks = params.block_count();
        if self.0.len() < blocks {
            self.0.try_reserve_exact(blocks - self.0.len()).map_err(|_| CannotHash)?;
            self.0.resize(blocks, Block::new());
        }
        let mut hash = Zeroizing::new([0; HASH_BYTES]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(password, salt, &mut hash[..], &mut self.0[..blocks])
            .map_err(|_| CannotHash)?;
        Ok(hash)
    }
}

/// The parameters are fixed and valid; a failure would be one of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct CannotHash;

fn params() -> Result<Params, CannotHash> {
    Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|_| CannotHash)
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
    fn hashes_are_salted_and_of_the_chosen_strength() {
        let memory = &mut HashMemory::default();
        let password = Password::generate(&mut rand::rng());
        let hash = password.hash(memory, &mut rand::rng()).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hash, password.hash(memory, &mut rand::rng()).unwrap());
        assert!(password.verify(Some(&hash), memory));
        assert!(!Password::from("another one".to_owned()).verify(Some(&hash), memory));
        let composed = Password::from("T\u{1ea1}i \u{111}\u{e2}y c\u{f3} n\u{1eaf}ng".to_owned());
        let apart =
            Password::from("Ta\u{323}i \u{111}a\u{302}y co\u{301} na\u{306}\u{301}ng".to_owned());
        assert!(apart.verify(Some(&composed.hash(memory, &mut rand::rng()).unwrap()), memory));
        assert!(!Password::default().verify(None, memory));
        assert!(!Password::default().verify(Some(""), memory));
        assert_eq!(format!("{password:?} {memory:?}"), "Password(..) HashMemory(..)");
    }

    /// argon2-cffi 25.1 (libargon2): `PasswordHasher(2, m, 1).hash("tre xanh 2021")`, with as much
    /// memory as ours and with less.
    const OTHERS: [&str; 2] = [
        "$argon2id$v=19$m=19456,t=2,p=1$oA/07fsZ/JHhXac88QV8xA$6TEDPs/ow9+1LBCf41hLI8cAASSx/YeU62+MyDJNp+8",
        "$argon2id$v=19$m=256,t=2,p=1$E7TGBPCl7giQwKDHwqsqAg$DvShzycvB7DLzAMhyScbUTiP8Srj2VgYxZPg9nMQn3g",
    ];

    #[test]
    fn hashes_of_other_programs_are_verified() {
        let memory = &mut HashMemory::default();
        let password = Password::from("tre xanh 2021".to_owned());
        for hash in OTHERS {
            assert!(password.verify(Some(hash), memory), "{hash}");
            assert!(!Password::from("tre xanh 2022".to_owned()).verify(Some(hash), memory));
        }
    }

    #[test]
    fn who_may_do_what() {
        let may = |role: Role| -> Vec<&str> {
            Role::ALL.into_iter().filter(|needed| role.may(*needed)).map(Role::name).collect()
        };
        assert_eq!(may(Role::Administrator), ["administrator", "case_worker", "venue_officer"]);
        assert_eq!(may(Role::CaseWorker), ["case_worker"]);
        assert_eq!(may(Role::VenueOfficer), ["venue_officer"]);
        assert_eq!(may(Role::IntakeOfficer), ["intake_officer"]);
        assert_eq!(may(Role::VenueManager), ["venue_manager", "venue_staff"]);
        assert_eq!(may(Role::VenueStaff), ["venue_staff"]);
    }

    #[test]
    fn what_each_role_may_do() {
        let of = |role: Role| role.permissions().to_string();
        assert_eq!(of(Role::VenueOfficer), "venues-read venues-write");
        assert_eq!(of(Role::IntakeOfficer), "intake-read");
        assert_eq!(
            of(Role::CaseWorker),
            "codes-issue codes-issue-bulk codes-read codes-revoke warnings-read warnings-write \
             statistics-read"
        );
        let all_but_declarations = Permissions::ALL.without(Permission::IntakeRead);
        assert_eq!(Role::Administrator.permissions(), all_but_declarations);
        assert_eq!(of(Role::VenueManager) + &of(Role::VenueStaff), "");
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
