//! A small file that is sealed under a fresh key whenever it is written, so that an old copy of it
//! opens with nothing that still exists.
//!
//! File and key are replaced in this order:
//!
//! 1. `FILE.next`, sealed under the new key, is written, synced and renamed in place;
//! 2. the key is replaced: from here on the new content counts;
//! 3. `FILE.next` is renamed to `FILE`.
//!
//! Stopped before 2, `FILE` opens with the old key and the other file is left over; stopped after
//! 2, only `FILE.next` opens, and step 3 is done when the file is next read.

use std::path::{Path, PathBuf};

use rand::CryptoRng;
use vungxanh_protocol::seal::{self, SealKey};
use zeroize::Zeroizing;

use super::StoreError;
use super::wrapping_key::WrappingKeySource;
use crate::platform::atomic_file;

/// Eight bytes that begin a file and say its format.
pub(crate) type Header = [u8; 8];

/// A file and the source of its key.
pub(crate) struct RekeyedFile {
    path: PathBuf,
    key: Box<dyn WrappingKeySource>,
    header: &'static Header,
    label: &'static str,
    limit: u64,
}

pub(crate) enum Loaded {
    /// No content was ever completed.
    Nothing,
    Content(Zeroizing<Vec<u8>>),
    /// There is a file, but no key.
    KeyMissing,
    /// There is a file, but the key does not open it.
    Unreadable,
}

impl RekeyedFile {
    /// The file at `path`, at most `limit` bytes, sealed under `label`.
    pub(crate) const fn new(
        path: PathBuf,
        key: Box<dyn WrappingKeySource>,
        header: &'static Header,
        label: &'static str,
        limit: u64,
    ) -> Self {
        Self { path, key, header, label, limit }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where its key is, in words.
    pub(crate) fn key_place(&self) -> String {
        self.key.place()
    }

    /// Reads the content that counts, and finishes an interrupted replacement.
    pub(crate) fn load(&self) -> Result<Loaded, StoreError> {
        let current = atomic_file::read(&self.path, self.limit)?;
        let next_content = atomic_file::read(&self.next(), self.limit)?;
        let there_is_one = current.is_some();
        let Some(key) = self.key.load()? else {
            return Ok(if there_is_one { Loaded::KeyMissing } else { Loaded::Nothing });
        };
        let open = |content: Option<Vec<u8>>| {
            let sealed = content?.strip_prefix(self.header)?.to_vec();
            seal::open(&key, self.label, self.header, &sealed).ok().map(Zeroizing::new)
        };
        if let Some(content) = open(current) {
            return Ok(Loaded::Content(content));
        }
        if let Some(content) = open(next_content) {
            atomic_file::rename(&self.next(), &self.path)?;
            return Ok(Loaded::Content(content));
        }
        Ok(if there_is_one { Loaded::Unreadable } else { Loaded::Nothing })
    }

    /// Puts `content` in place of what is there, under a new key, durable on return.
    pub(crate) fn replace(
        &self,
        content: &[u8],
        rng: &mut impl CryptoRng,
    ) -> Result<(), StoreError> {
        // An interrupted replacement may have left the only good content in the `next` file.
        self.load()?;
        let key = SealKey::generate(rng);
        let sealed = seal::seal(&key, self.label, self.header, content, rng);
        atomic_file::replace(&self.next(), &[self.header, sealed.as_slice()].concat())?;
        self.key.replace(&key)?;
        Ok(atomic_file::rename(&self.next(), &self.path)?)
    }

    fn next(&self) -> PathBuf {
        self.path.with_extension("next")
    }
}
