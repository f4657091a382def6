//! sled 0.34 behind a wall: few trees, explicit durability, panics turned into errors.
//!
//! What is worked around here:
//! - `flush()` on Linux calls `sync_file_range` only, which neither writes metadata nor empties
//!   the disk's cache: the file is synced too.
//! - Damage makes some paths of sled panic instead of returning an error.
//! - A `snap.*.generating` file that a crash left behind is read as a snapshot and refused.
//! - After a failed write sled refuses everything until it is opened again.
//! - Its idle threads wake seven times a second: they may oversleep (`timer_slack`).

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::StoreError;
use super::record::{Place, RecordKind};
use super::timer_slack::with_timer_slack;
use crate::platform::atomic_file;

/// Bytes of sled's page cache.
const CACHE_BYTES: u64 = 4 * 1024 * 1024;
/// sled holds its file's lock for a moment after it was dropped.
const LOCK_ATTEMPTS: u32 = 50;
const LOCK_PAUSE: Duration = Duration::from_millis(20);
/// By how much sled's threads may oversleep when there is no work for them.
const IDLE_SLACK: Duration = Duration::from_secs(60);

/// An open database. After an error of a kind that sled does not recover from, it must be dropped
/// and opened again.
pub(crate) struct Database {
    path: PathBuf,
    db: sled::Db,
    trees: [sled::Tree; 5],
    log: File,
}

impl Database {
    /// Opens or makes the database in the folder at `path`.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |error| StoreError::io("open", path, error);
        atomic_file::private_folder(path).map_err(failed)?;
        remove_unfinished_snapshots(path).map_err(failed)?;
        let config = sled::Config::default()
            .path(path)
            .cache_capacity(CACHE_BYTES)
            .flush_every_ms(None)
            .mode(sled::Mode::LowSpace);
        let mut attempt = 0;
        let db = loop {
            match guarded(path, || with_timer_slack(IDLE_SLACK, || config.open())) {
                Err(StoreError::Io { source, .. })
                    if attempt < LOCK_ATTEMPTS && source.to_string().contains("lock") =>
                {
                    attempt += 1;
                    std::thread::sleep(LOCK_PAUSE);
                }
                other => break other?,
            }
        };
        let trees = guarded(path, || {
            let trees = RecordKind::ALL.map(|kind| db.open_tree(kind.tree()));
            let [scans, keys, exposures, state, venue_matches] = trees;
            Ok([scans?, keys?, exposures?, state?, venue_matches?])
        })?;
        private_files(path).map_err(failed)?;
        let log = File::open(path.join("db")).map_err(failed)?;
        let database = Self { path: path.to_owned(), db, trees, log };
        database.flush()?;
        atomic_file::sync_parent(&path.join("db"))?;
        atomic_file::sync_parent(path)?;
        Ok(database)
    }

    fn tree(&self, kind: RecordKind) -> &sled::Tree {
        &self.trees[kind as usize - 1]
    }

    /// The stored value at a place.
    pub(crate) fn get(&self, place: &Place) -> Result<Option<Vec<u8>>, StoreError> {
        guarded(&self.path, || self.tree(place.kind()).get(place.key()))
            .map(|found| found.map(|value| value.to_vec()))
    }

    /// All stored values of a kind with keys from `from` on and, if given, up to `to`, by key. Keys
    /// that are no place of this kind are passed over.
    pub(crate) fn values<T>(
        &self,
        kind: RecordKind,
        from: &[u8],
        to: Option<&[u8]>,
        mut each: impl FnMut(Place, &[u8]) -> T,
    ) -> Result<Vec<T>, StoreError> {
        guarded(&self.path, || {
            let mut results = Vec::new();
            for entry in self.tree(kind).range(from..) {
                let (key, value) = entry?;
                if to.is_some_and(|to| key.as_ref() > to) {
                    break;
                }
                results.extend(Place::from_key(kind, &key).map(|place| each(place, &value)));
            }
            Ok(results)
        })
    }

    /// Stores or removes values, durable on return; those of one kind all or none.
    pub(crate) fn write(&self, changes: Vec<(Place, Option<Vec<u8>>)>) -> Result<(), StoreError> {
        if changes.is_empty() {
            return Ok(());
        }
        let mut batches = RecordKind::ALL.map(|_| sled::Batch::default());
        for (place, value) in changes {
            let batch = &mut batches[place.kind() as usize - 1];
            match value {
                Some(value) => batch.insert(place.key(), value),
                None => batch.remove(place.key()),
            }
        }
        guarded(&self.path, || {
            (self.trees.iter().zip(&batches))
                .try_for_each(|(tree, batch)| tree.apply_batch(batch.clone()))
        })?;
        self.flush()
    }

    /// Makes everything written so far durable.
    fn flush(&self) -> Result<(), StoreError> {
        guarded(&self.path, || self.db.flush())?;
        self.log.sync_data().map_err(|error| StoreError::io("save", &self.path, error))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // Whatever was promised is already durable; this only shortens the next start.
        let _ = self.flush();
    }
}

/// Runs an operation of sled; a panic in it is damage, an error.
fn guarded<T>(path: &Path, operation: impl FnOnce() -> sled::Result<T>) -> Result<T, StoreError> {
    let damaged = |reason: String| StoreError::Damaged { path: path.to_owned(), reason };
    match catch_unwind(AssertUnwindSafe(operation)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(sled::Error::Io(error)))
            if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::NotFound) =>
        {
            Err(damaged(format!("a part of its files is missing: {error}")))
        }
        Ok(Err(sled::Error::Io(error))) => Err(StoreError::io("use", path, error)),
        Ok(Err(error)) => Err(damaged(error.to_string())),
        Err(panic) => {
            let text = (panic.downcast_ref::<String>().map(String::as_str))
                .or_else(|| panic.downcast_ref::<&str>().copied());
            Err(damaged(text.unwrap_or("the database stopped").to_owned()))
        }
    }
}

/// sled makes its files for everybody to read, as far as the process lets it: those of earlier
/// programs are narrowed, too.
fn private_files(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(())
}

fn remove_unfinished_snapshots(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "generating") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
