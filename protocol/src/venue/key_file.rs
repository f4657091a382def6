//! The file in which a venue keeps its secret key, sealed under a passphrase. The browser's
//! modules and this crate read each other's.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, Zeroizing};

use super::VenueError;
use super::party::{PUBLIC_KEY_BYTES, PartyKey, PartySecret};
use crate::seal::{self, OVERHEAD_BYTES, SealKey};
use crate::secret::SecretBytes;

/// What the file says it is.
pub const FORMAT: &str = "VX-VENUE-KEY-FILE-1";
/// What the sealing is for.
pub const SEAL_LABEL: &str = "VX-VENUE-KEYFILE-1";
/// The longest file, in bytes.
pub const MAX_FILE_BYTES: usize = 4_096;
/// Characters that a new passphrase has at least.
pub const MIN_PASSPHRASE_CHARS: usize = 10;
/// The longest passphrase, in bytes of UTF-8.
pub const MAX_PASSPHRASE_BYTES: usize = 1_024;
/// The most memory that a file may ask for, in KiB.
pub const MAX_MEMORY_KIB: u32 = 256 * 1_024;
/// The most passes that a file may ask for.
pub const MAX_PASSES: u32 = 16;
const ALGORITHM: &str = "argon2id";
const FORMAT_STEM: &str = "VX-VENUE-KEY-FILE-";
const SALT_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;
const SEALED_BYTES: usize = SECRET_BYTES + OVERHEAD_BYTES;

/// Why a key file cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Too easy to guess.
    #[error("the passphrase has fewer than 10 characters: use several words")]
    ShortPassphrase,
    /// Longer than any passphrase.
    #[error("the passphrase is longer than 1,024 bytes")]
    LongPassphrase,
    /// The passphrase does not open the file, or the file was altered.
    #[error("the passphrase is wrong for this key file, or the file was altered: try again")]
    WrongPassphrase,
    /// Longer than any key file.
    #[error("the file has {0} bytes, more than the 4,096 of a key file: choose another one")]
    TooLong(usize),
    /// No key file.
    #[error("this is no key file of a venue: {0}")]
    NotAKeyFile(&'static str),
    /// Written by a newer program.
    #[error("the key file has a format that this program does not know: use a newer one")]
    Newer,
    /// It asks for more memory or time than is sensible.
    #[error("the key file asks for more memory or time than this program allows")]
    Excessive,
    /// The key could not be worked out.
    #[error("not enough memory to work out the key from the passphrase")]
    NoMemory,
    /// It holds another key than it says.
    #[error("the key file holds another key than it names: use another copy")]
    OtherKey,
    /// Its key is none.
    #[error(transparent)]
    Venue(#[from] VenueError),
}

/// What working out the key from the passphrase costs (Argon2id, RFC 9106, one lane).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl Default for Cost {
    /// RFC 9106, section 4, second recommended option but one lane: 64 MiB, three passes.
    fn default() -> Self {
        Self { memory_kib: 64 * 1_024, passes: 3 }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    format: String,
    public_key: String,
    kdf: Kdf,
    sealed: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kdf {
    algorithm: String,
    memory_kib: u32,
    passes: u32,
    salt: String,
}

/// A venue's secret key under a passphrase.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyFile {
    public_key: PartyKey,
    cost: Cost,
    salt: [u8; SALT_BYTES],
    sealed: [u8; SEALED_BYTES],
}

impl KeyFile {
    /// Seals `secret` under a passphrase of at least [`MIN_PASSPHRASE_CHARS`].
    pub fn seal(
        secret: &PartySecret,
        passphrase: &str,
        cost: Cost,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, KeyFileError> {
        if passphrase.nfc().count() < MIN_PASSPHRASE_CHARS {
            return Err(KeyFileError::ShortPassphrase);
        }
        let mut salt = [0; SALT_BYTES];
        rng.fill_bytes(&mut salt);
        let public_key = secret.public_key();
        let context = context(&public_key, cost, &salt);
        let key = derive(passphrase, cost, &salt)?;
        let sealed = seal::seal(&key, SEAL_LABEL, &context, secret.to_bytes().expose(), rng);
        let sealed = sealed.try_into().map_err(|_| KeyFileError::NoMemory)?;
        Ok(Self { public_key, cost, salt, sealed })
    }

    /// The secret key.
    pub fn open(&self, passphrase: &str) -> Result<PartySecret, KeyFileError> {
        let key = derive(passphrase, self.cost, &self.salt)?;
        let context = context(&self.public_key, self.cost, &self.salt);
        let plain = seal::open(&key, SEAL_LABEL, &context, &self.sealed)
            .map(Zeroizing::new)
            .map_err(|_| KeyFileError::WrongPassphrase)?;
        let bytes = SecretBytes::from_slice(&plain).ok_or(KeyFileError::OtherKey)?;
        let secret = PartySecret::from_bytes(&bytes)?;
        if secret.public_key() != self.public_key {
            return Err(KeyFileError::OtherKey);
        }
        Ok(secret)
    }

    /// The public key, which anybody who has the file can read.
    pub const fn public_key(&self) -> &PartyKey {
        &self.public_key
    }

    /// The file.
    pub fn to_json(&self) -> String {
        let fields = Fields {
            format: FORMAT.into(),
            public_key: hex::encode(self.public_key.to_bytes()),
            kdf: Kdf {
                algorithm: ALGORITHM.into(),
                memory_kib: self.cost.memory_kib,
                passes: self.cost.passes,
                salt: hex::encode(self.salt),
            },
            sealed: hex::encode(self.sealed),
        };
        // Strings and numbers always serialise.
        serde_json::to_string_pretty(&fields).unwrap_or_default() + "\n"
    }

    /// Reads a file of at most [`MAX_FILE_BYTES`].
    pub fn from_json(file: &[u8]) -> Result<Self, KeyFileError> {
        if file.len() > MAX_FILE_BYTES {
            return Err(KeyFileError::TooLong(file.len()));
        }
        #[derive(Deserialize)]
        struct Format {
            format: String,
        }
        let not_json = |_| KeyFileError::NotAKeyFile("it is cut short, or something else");
        let Format { format } = serde_json::from_slice(file).map_err(not_json)?;
        if format != FORMAT {
            let newer = format.starts_with(FORMAT_STEM);
            let other = KeyFileError::NotAKeyFile("it says that it is something else");
            return Err(if newer { KeyFileError::Newer } else { other });
        }
        let fields: Fields = serde_json::from_slice(file).map_err(not_json)?;
        if fields.kdf.algorithm != ALGORITHM {
            return Err(KeyFileError::Newer);
        }
        let cost = Cost { memory_kib: fields.kdf.memory_kib, passes: fields.kdf.passes };
        if cost.memory_kib > MAX_MEMORY_KIB || cost.passes > MAX_PASSES {
            return Err(KeyFileError::Excessive);
        }
        if cost.memory_kib < 8 || cost.passes < 1 {
            return Err(KeyFileError::NotAKeyFile("its cost is none"));
        }
        let public_key = PartyKey::from_bytes(&array::<PUBLIC_KEY_BYTES>(&fields.public_key)?)?;
        let (salt, sealed) = (array(&fields.kdf.salt)?, array(&fields.sealed)?);
        Ok(Self { public_key, cost, salt, sealed })
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyFile(..)")
    }
}

/// `public key || u32(memory) || u32(passes) || salt`: what the sealing is bound to.
fn context(public_key: &PartyKey, cost: Cost, salt: &[u8; SALT_BYTES]) -> Vec<u8> {
    let (memory, passes) = (cost.memory_kib.to_be_bytes(), cost.passes.to_be_bytes());
    [&public_key.to_bytes()[..], &memory, &passes, salt].concat()
}

/// Keyboards compose Vietnamese letters differently, hence the normal form C.
fn derive(passphrase: &str, cost: Cost, salt: &[u8]) -> Result<SealKey, KeyFileError> {
    if passphrase.len() > MAX_PASSPHRASE_BYTES {
        return Err(KeyFileError::LongPassphrase);
    }
    let composed: Zeroizing<String> = Zeroizing::new(passphrase.nfc().collect());
    let params = Params::new(cost.memory_kib, cost.passes, 1, None)
        .map_err(|_| KeyFileError::NotAKeyFile("its cost is none"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut key = [0; SECRET_BYTES];
    let derived = argon2.hash_password_into(composed.as_bytes(), salt, &mut key);
    let seal_key = SealKey::new(key);
    key.zeroize();
    derived.map(|()| seal_key).map_err(|_| KeyFileError::NoMemory)
}

fn array<const N: usize>(text: &str) -> Result<[u8; N], KeyFileError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes)
        .map_err(|_| KeyFileError::NotAKeyFile("a field is no hexadecimal of its length"))?;
    Ok(bytes)
}
