//! The file of sealed check-ins: one size for each retention period, rewritten as a whole under a
//! fresh key.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rand::CryptoRng;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::cells::{CELLS_PER_HOUR, CellTable, MAX_RETENTION_DAYS};
use vungxanh_protocol::venue::sealed::SEALED_BYTES;
use vungxanh_protocol::venue::slot::Hour;

use crate::platform::profile::Profile;
use crate::store::StoreError;
use crate::store::rekeyed::{Header, Loaded, RekeyedFile};
use crate::store::wrapping_key::WrappingKeyFile;

const HEADER: &Header = b"VXcells\x01";
const LABEL: &str = "VX-CHECK-INS-1";
const BYTES_PER_DAY: usize = 24 * CELLS_PER_HOUR * SEALED_BYTES;
/// More than the longest retention takes.
const MAX_FILE_BYTES: u64 = (MAX_RETENTION_DAYS as u64 + 1) * BYTES_PER_DAY as u64;

/// A file that could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// Where it is now. What was in it is lost; the person may delete it.
    pub moved_to: PathBuf,
}

/// The file with its content.
pub(super) struct CellFile {
    file: RekeyedFile,
    table: CellTable,
    retention_days: u32,
}

impl CellFile {
    /// Opens the profile's file. Where there is none, or a damaged one, which is moved aside, it
    /// begins with decoys only.
    pub(super) fn open(
        profile: &Profile,
        now: UnixTime,
        retention_days: u32,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Option<Damaged>), StoreError> {
        let key = WrappingKeyFile::new(profile.check_ins_key_file());
        let path = profile.check_ins_file();
        let file = RekeyedFile::new(path, Box::new(key), HEADER, LABEL, MAX_FILE_BYTES);
        let (found, damaged) = match file.load() {
            Ok(Loaded::Nothing) => (None, false),
            Ok(Loaded::Content(bytes)) => {
                let found = read(&bytes);
                let damaged = found.is_none();
                (found, damaged)
            }
            Ok(Loaded::KeyMissing | Loaded::Unreadable) => (None, true),
            Err(error) if is_malformed(&error) => (None, true),
            Err(error) => return Err(error),
        };
        let key = profile.check_ins_key_file();
        let damaged = if damaged { Some(move_aside(&file, &key, now)?) } else { None };
        let (table, retention_days) =
            found.unwrap_or_else(|| (empty(retention_days, rng), retention_days));
        Ok((Self { file, table, retention_days }, damaged))
    }

    pub(super) const fn table(&self) -> &CellTable {
        &self.table
    }

    /// For how many days it holds cells.
    pub(super) const fn retention_days(&self) -> u32 {
        self.retention_days
    }

    /// Writes `table` in place of what is there, under a fresh key.
    pub(super) fn replace(
        &mut self,
        table: CellTable,
        retention_days: u32,
        rng: &mut impl CryptoRng,
    ) -> Result<(), StoreError> {
        self.file.replace(&table.to_bytes(), rng)?;
        self.table = table;
        self.retention_days = retention_days;
        Ok(())
    }
}

/// Decoys only, in hours long past: what comes is added by [`CellTable::advance`], once the clock
/// can be trusted.
pub(super) fn empty(retention_days: u32, rng: &mut impl CryptoRng) -> CellTable {
    CellTable::new(retention_days, Hour::new(0), rng)
}

fn read(bytes: &[u8]) -> Option<(CellTable, u32)> {
    let days = u32::try_from(bytes.len() / BYTES_PER_DAY).ok()?;
    CellTable::from_bytes(bytes, days).ok().map(|table| (table, days))
}

/// Whether it is the key's form that is wrong, not the way to it.
pub(super) fn is_malformed(error: &StoreError) -> bool {
    matches!(error, StoreError::Io { source, .. } if source.kind() == ErrorKind::InvalidData)
}

/// Moves the file aside. Its key, which does not open it, is removed.
pub(super) fn move_aside(
    file: &RekeyedFile,
    key: &Path,
    now: UnixTime,
) -> Result<Damaged, StoreError> {
    let unless_missing = |done: std::io::Result<()>, path: &Path| match done {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(StoreError::io("move aside", path, error))
        }
        _ => Ok(()),
    };
    let path = file.path();
    let moved_to = path.with_extension(format!("damaged-{}", now.as_secs()));
    unless_missing(fs::rename(path, &moved_to), path)?;
    unless_missing(fs::remove_file(key), key)?;
    Ok(Damaged { moved_to })
}
