//! The file in which a venue keeps its secret key, sealed under a passphrase. The browser's
//! modules and this crate read each other's.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::VenueError;
use super::party::{PUBLIC_KEY_BYTES, PartyKey, PartySecret};
pub use crate::passphrase::Cost;
use crate::passphrase::{self, PassphraseError, SALT_BYTES};
use crate::seal::{self, OVERHEAD_BYTES};
use crate::secret::SecretBytes;

/// What the file says it is.
pub const FORMAT: &str = "VX-VENUE-KEY-FILE-1";
/// What the sealing is for.
pub const SEAL_LABEL: &str = "VX-VENUE-KEYFILE-1";
/// The longest file, in bytes.
pub const MAX_FILE_BYTES: usize = 4_096;
/// Characters that a new passphrase has at least.
pub const MIN_PASSPHRASE_CHARS: usize = 10;
const ALGORITHM: &str = "argon2id";
const FORMAT_STEM: &str = "VX-VENUE-KEY-FILE-";
const SECRET_BYTES: usize = 32;
const SEALED_BYTES: usize = SECRET_BYTES + OVERHEAD_BYTES;

/// Why a key file cannot be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// The passphrase cannot be used, or what the file asks for its key.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
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
    /// It holds another key than it says.
    #[error("the key file holds another key than it names: use another copy")]
    OtherKey,
    /// Its key is none.
    #[error(transparent)]
    Venue(#[from] VenueError),
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
        passphrase::check_new(passphrase, MIN_PASSPHRASE_CHARS)?;
        let mut salt = [0; SALT_BYTES];
        rng.fill_bytes(&mut salt);
        let public_key = secret.public_key();
        let context = context(&public_key, cost, &salt);
        let key = passphrase::derive(passphrase, &salt, cost)?;
        let sealed = seal::seal(&key, SEAL_LABEL, &context, secret.to_bytes().expose(), rng);
        let sealed = sealed.try_into().map_err(|_| PassphraseError::NoMemory)?;
        Ok(Self { public_key, cost, salt, sealed })
    }

    /// The secret key.
    pub fn open(&self, passphrase: &str) -> Result<PartySecret, KeyFileError> {
        let key = passphrase::derive(passphrase, &self.salt, self.cost)?;
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
                memory_kib: self.cost.memory_kib(),
                passes: self.cost.passes(),
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
        let cost = Cost::new(fields.kdf.memory_kib, fields.kdf.passes)?;
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
    let (memory, passes) = (cost.memory_kib().to_be_bytes(), cost.passes().to_be_bytes());
    [&public_key.to_bytes()[..], &memory, &passes, salt].concat()
}

fn array<const N: usize>(text: &str) -> Result<[u8; N], KeyFileError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes)
        .map_err(|_| KeyFileError::NotAKeyFile("a field is no hexadecimal of its length"))?;
    Ok(bytes)
}
