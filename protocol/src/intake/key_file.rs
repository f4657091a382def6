//! The file in which an officer keeps the key that opens declarations, sealed under a passphrase.

use std::fmt;

use crate::key_file::{Cost, FileKind, KeyFileError, PassphraseFile};
use crate::sealed_box::{KEY_BYTES, OpeningKey, SealingKey};

const KIND: FileKind =
    FileKind { format_stem: "VX-OFFICER-KEY-FILE-", seal_label: "VX-OFFICER-KEYFILE-1" };

/// An officer's key under a passphrase.
#[derive(Clone, PartialEq, Eq)]
pub struct OfficerKeyFile {
    public_key: SealingKey,
    file: PassphraseFile<KEY_BYTES>,
}

impl OfficerKeyFile {
    /// Seals `key` under a passphrase of at least [`crate::key_file::MIN_PASSPHRASE_CHARS`].
    pub fn seal(
        key: &OpeningKey,
        passphrase: &str,
        cost: Cost,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, KeyFileError> {
        let public_key = key.public_key();
        let named = *public_key.as_bytes();
        let file = PassphraseFile::seal(KIND, key.expose(), named, passphrase, cost, rng)?;
        Ok(Self { public_key, file })
    }

    /// The key.
    pub fn open(&self, passphrase: &str) -> Result<OpeningKey, KeyFileError> {
        let key = OpeningKey::from_bytes(self.file.open(passphrase)?);
        if key.public_key() == self.public_key { Ok(key) } else { Err(KeyFileError::OtherKey) }
    }

    /// The public half, which anyone who has the file can read.
    pub const fn public_key(&self) -> &SealingKey {
        &self.public_key
    }

    /// The file.
    pub fn to_json(&self) -> String {
        self.file.to_json()
    }

    /// Reads a file of at most [`crate::key_file::MAX_FILE_BYTES`].
    pub fn from_json(file: &[u8]) -> Result<Self, KeyFileError> {
        let file = PassphraseFile::from_json(KIND, file)?;
        let public_key = SealingKey::from_bytes(file.public_key())
            .map_err(|error| KeyFileError::BadKey(error.to_string()))?;
        Ok(Self { public_key, file })
    }
}

impl fmt::Debug for OfficerKeyFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OfficerKeyFile(..)")
    }
}
