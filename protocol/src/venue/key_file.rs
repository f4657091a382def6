//! The file in which a venue keeps its secret key, sealed under a passphrase.

use std::fmt;

use super::party::{PUBLIC_KEY_BYTES, PartyKey, PartySecret};
pub use crate::key_file::{Cost, KeyFileError, MAX_FILE_BYTES, MIN_PASSPHRASE_CHARS};
use crate::key_file::{FileKind, PassphraseFile};

/// What the file says of itself.
pub const KIND: FileKind =
    FileKind { format_stem: "VX-VENUE-KEY-FILE-", seal_label: "VX-VENUE-KEYFILE-1" };

/// A venue's secret key under a passphrase.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyFile {
    public_key: PartyKey,
    file: PassphraseFile<PUBLIC_KEY_BYTES>,
}

impl KeyFile {
    /// Seals `secret` under a passphrase of at least [`MIN_PASSPHRASE_CHARS`].
    pub fn seal(
        secret: &PartySecret,
        passphrase: &str,
        cost: Cost,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, KeyFileError> {
        let public_key = secret.public_key();
        let (secret, named) = (secret.to_bytes(), public_key.to_bytes());
        let file = PassphraseFile::seal(KIND, &secret, named, passphrase, cost, rng)?;
        Ok(Self { public_key, file })
    }

    /// The secret key.
    pub fn open(&self, passphrase: &str) -> Result<PartySecret, KeyFileError> {
        let secret = PartySecret::from_bytes(&self.file.open(passphrase)?).map_err(bad_key)?;
        if secret.public_key() == self.public_key {
            Ok(secret)
        } else {
            Err(KeyFileError::OtherKey)
        }
    }

    /// The public key, which anyone who has the file can read.
    pub const fn public_key(&self) -> &PartyKey {
        &self.public_key
    }

    /// The file.
    pub fn to_json(&self) -> String {
        self.file.to_json()
    }

    /// Reads a file of at most [`MAX_FILE_BYTES`].
    pub fn from_json(file: &[u8]) -> Result<Self, KeyFileError> {
        let file = PassphraseFile::from_json(KIND, file)?;
        let public_key = PartyKey::from_bytes(file.public_key()).map_err(bad_key)?;
        Ok(Self { public_key, file })
    }
}

impl fmt::Debug for KeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyFile(..)")
    }
}

fn bad_key(error: super::VenueError) -> KeyFileError {
    KeyFileError::BadKey(error.to_string())
}
