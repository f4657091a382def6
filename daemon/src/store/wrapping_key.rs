//! The wrapping key: the one secret that opens the day keys.

use std::io;
use std::path::PathBuf;

use vungxanh_protocol::seal::SealKey;
use zeroize::Zeroizing;

use super::StoreError;
use crate::platform::atomic_file;

/// Where the wrapping key lives: a file, a secret service, behind a passphrase.
pub trait WrappingKeySource: Send + Sync {
    /// The present key; `None` if there has never been one.
    fn load(&self) -> Result<Option<SealKey>, StoreError>;

    /// Replaces the key by `new`, at once and durably: after a crash either the old or the new one
    /// is there.
    fn replace(&self, new: &SealKey) -> Result<(), StoreError>;

    /// The place in words, for messages.
    fn place(&self) -> String;
}

/// The wrapping key in a file that only its owner can read. It protects copies of the rest of the
/// profile (backups, a stolen database), not against who can read this file too.
#[derive(Debug, Clone)]
pub struct WrappingKeyFile(PathBuf);

impl WrappingKeyFile {
    /// The key is, or will be, in the file at `path`.
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }
}

impl WrappingKeySource for WrappingKeyFile {
    fn load(&self) -> Result<Option<SealKey>, StoreError> {
        let Some(bytes) = atomic_file::read(&self.0, 64)?.map(Zeroizing::new) else {
            return Ok(None);
        };
        let key = SealKey::from_slice(&bytes).ok_or_else(|| {
            let reason = format!("{} bytes instead of 32", bytes.len());
            let source = io::Error::new(io::ErrorKind::InvalidData, reason);
            StoreError::Io { action: "read the key in", path: self.0.clone(), source }
        })?;
        Ok(Some(key))
    }

    fn replace(&self, new: &SealKey) -> Result<(), StoreError> {
        Ok(atomic_file::replace(&self.0, new.expose())?)
    }

    fn place(&self) -> String {
        self.0.display().to_string()
    }
}
