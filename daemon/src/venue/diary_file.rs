//! The file of the private diary: sealed once more under a key that is replaced with it, so that
//! old copies open with nothing, not even with the passphrase.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rand::CryptoRng;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::cells::MAX_RETENTION_DAYS;

use super::cell_file::{Damaged, is_malformed, move_aside};
use super::diary::{Diary, ENTRY_BYTES};
use crate::platform::profile::Profile;
use crate::store::StoreError;
use crate::store::rekeyed::{Header, Loaded, RekeyedFile};
use crate::store::wrapping_key::WrappingKeyFile;

const HEADER: &Header = b"VXdiary\x01";
const LABEL: &str = "VX-DIARY-1";
/// More than the longest retention takes.
const MAX_FILE_BYTES: u64 = (MAX_RETENTION_DAYS as u64 + 1) * 24 * 4 * ENTRY_BYTES as u64;

/// The file, and the diary in it if there is one.
pub(super) struct DiaryFile {
    file: RekeyedFile,
    key: PathBuf,
    diary: Option<Diary>,
}

impl DiaryFile {
    /// Opens the profile's diary, if there is one; a damaged one is moved aside.
    pub(super) fn open(
        profile: &Profile,
        now: UnixTime,
    ) -> Result<(Self, Option<Damaged>), StoreError> {
        let key = profile.diary_key_file();
        let source = Box::new(WrappingKeyFile::new(key.clone()));
        let file = RekeyedFile::new(profile.diary_file(), source, HEADER, LABEL, MAX_FILE_BYTES);
        let (diary, damaged) = match file.load() {
            Ok(Loaded::Nothing) => (None, false),
            Ok(Loaded::Content(bytes)) => {
                let diary = Diary::from_bytes(&bytes);
                let damaged = diary.is_none();
                (diary, damaged)
            }
            Ok(Loaded::KeyMissing | Loaded::Unreadable) => (None, true),
            Err(error) if is_malformed(&error) => (None, true),
            Err(error) => return Err(error),
        };
        let damaged = if damaged { Some(move_aside(&file, &key, now)?) } else { None };
        Ok((Self { file, key, diary }, damaged))
    }

    /// The diary, if there is one.
    pub(super) const fn diary(&self) -> Option<&Diary> {
        self.diary.as_ref()
    }

    /// Writes a diary in place of what is there.
    pub(super) fn replace(
        &mut self,
        diary: Diary,
        rng: &mut impl CryptoRng,
    ) -> Result<(), StoreError> {
        self.file.replace(&diary.to_bytes(), rng)?;
        self.diary = Some(diary);
        Ok(())
    }

    /// Destroys it: the key first.
    pub(super) fn destroy(&mut self) -> Result<(), StoreError> {
        self.diary = None;
        remove(&self.key)?;
        remove(self.file.path())
    }
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(StoreError::io("remove", path, error))
        }
        _ => Ok(()),
    }
}
