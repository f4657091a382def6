//! Files in which people keep a secret key of 32 bytes, sealed under a passphrase. The browser's modules
//! and this crate read each other's. Which keys, [`FileKind`] says.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

pub use crate::passphrase::Cost;
use crate::passphrase::{self, PassphraseError, SALT_BYTES};
use crate::seal::{self, OVERHEAD_BYTES};
use crate::secret::SecretBytes;

/// The longest file, in bytes.
pub const MAX_FILE_BYTES: usize = 4_096;
/// Characters that a new passphrase has at least.
pub const MIN_PASSPHRASE_CHARS: usize = 10;
const ALGORITHM: &str = "argon2id";
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
    /// No key file of this kind.
    #[error("this is no key file of this kind: {0}")]
    NotAKeyFile(&'static str),
    /// Written by a newer program.
    #[error("the key file has a format that this program does not know: use a newer one")]
    Newer,
    /// It holds another key than it says.
    #[error("the key file holds another key than it names: use another copy")]
    OtherKey,
    /// Its key cannot be used.
    #[error("the key in the file cannot be used: {0}")]
    BadKey(String),
}

/// What a kind of key file says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileKind {
    /// What the file says it is, without its version.
    pub format_stem: &'static str,
    /// What the sealing is for.
    pub seal_label: &'static str,
}

impl FileKind {
    fn format(&self) -> String {
        format!("{}1", self.format_stem)
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

/// A secret key under a passphrase, beside its public key of `P` bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct PassphraseFile<const P: usize> {
    kind: FileKind,
    public_key: [u8; P],
    cost: Cost,
    salt: [u8; SALT_BYTES],
    sealed: [u8; SEALED_BYTES],
}

impl<const P: usize> PassphraseFile<P> {
    /// Seals `secret` under a passphrase of at least [`MIN_PASSPHRASE_CHARS`].
    pub fn seal(
        kind: FileKind,
        secret: &SecretBytes<SECRET_BYTES>,
        public_key: [u8; P],
        passphrase: &str,
        cost: Cost,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, KeyFileError> {
        passphrase::check_new(passphrase, MIN_PASSPHRASE_CHARS)?;
        let mut salt = [0; SALT_BYTES];
        rng.fill_bytes(&mut salt);
        let context = context(&public_key, cost, &salt);
        let key = passphrase::derive(passphrase, &salt, cost)?;
        let sealed = seal::seal(&key, kind.seal_label, &context, secret.expose(), rng);
        let sealed = sealed.try_into().map_err(|_| PassphraseError::NoMemory)?;
        Ok(Self { kind, public_key, cost, salt, sealed })
    }

    /// The secret key. That it belongs to the public one, the caller checks.
    pub fn open(&self, passphrase: &str) -> Result<SecretBytes<SECRET_BYTES>, KeyFileError> {
        let key = passphrase::derive(passphrase, &self.salt, self.cost)?;
        let context = context(&self.public_key, self.cost, &self.salt);
        let plain = seal::open(&key, self.kind.seal_label, &context, &self.sealed)
            .map(Zeroizing::new)
            .map_err(|_| KeyFileError::WrongPassphrase)?;
        SecretBytes::from_slice(&plain).ok_or(KeyFileError::OtherKey)
    }

    /// The public key, which anyone who has the file can read.
    pub const fn public_key(&self) -> &[u8; P] {
        &self.public_key
    }

    /// The file.
    pub fn to_json(&self) -> String {
        let fields = Fields {
            format: self.kind.format(),
            public_key: hex::encode(self.public_key),
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
    pub fn from_json(kind: FileKind, file: &[u8]) -> Result<Self, KeyFileError> {
        if file.len() > MAX_FILE_BYTES {
            return Err(KeyFileError::TooLong(file.len()));
        }
        #[derive(Deserialize)]
        struct Format {
            format: String,
        }
        let not_json = |_| KeyFileError::NotAKeyFile("it is cut short, or something else");
        let Format { format } = serde_json::from_slice(file).map_err(not_json)?;
        if format != kind.format() {
            let newer = format.starts_with(kind.format_stem);
            let other = KeyFileError::NotAKeyFile("it says that it is something else");
            return Err(if newer { KeyFileError::Newer } else { other });
        }
        let fields: Fields = serde_json::from_slice(file).map_err(not_json)?;
        if fields.kdf.algorithm != ALGORITHM {
            return Err(KeyFileError::Newer);
        }
        let cost = Cost::new(fields.kdf.memory_kib, fields.kdf.passes)?;
        let public_key = array(&fields.public_key)?;
        let (salt, sealed) = (array(&fields.kdf.salt)?, array(&fields.sealed)?);
        Ok(Self { kind, public_key, cost, salt, sealed })
    }
}

impl<const P: usize> fmt::Debug for PassphraseFile<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PassphraseFile(..)")
    }
}

/// `public key || u32(memory) || u32(passes) || salt`: what the sealing is bound to.
fn context(public_key: &[u8], cost: Cost, salt: &[u8; SALT_BYTES]) -> Vec<u8> {
    let (memory, passes) = (cost.memory_kib().to_be_bytes(), cost.passes().to_be_bytes());
    [public_key, &memory, &passes, salt].concat()
}

fn array<const N: usize>(text: &str) -> Result<[u8; N], KeyFileError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes)
        .map_err(|_| KeyFileError::NotAKeyFile("a field is no hexadecimal of its length"))?;
    Ok(bytes)
}
