//! What a damaged database still holds.
//!
//! The database's own structures are not trusted: on damage sled refuses, panics, or silently
//! continues with an older state. Each stored value names its place, carries its generation and is
//! authenticated, so the files are searched for such values before the database is opened,
//! whatever surrounds them. What the database lost is written back; a database that cannot be
//! used is moved aside, and everything found goes into a new one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::seal::SealKey;

use super::StoreError;
use super::database::Database;
use super::day_keys::DayKeys;
use super::record::{self, Opened, Place, RecordKind};
use crate::platform::atomic_file;

/// Records written to a new database in one step.
const STEP: usize = 64;

/// What was done about a damaged database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// What the database said; `None` when it opened but had lost records.
    pub reason: Option<String>,
    /// Where the damaged folder is now, if it had to be replaced. The person may delete it.
    pub moved_to: Option<PathBuf>,
    /// How many records were carried over.
    pub records: usize,
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} records were carried over", self.records)?;
        match &self.moved_to {
            Some(path) => write!(f, "; the damaged folder is {}", path.display()),
            None => Ok(()),
        }
    }
}

/// The last value found for each place, still sealed, with its generation.
pub(super) type Recovered = BTreeMap<Place, RecoveredValue>;

/// A sealed value that opens with a living key.
#[derive(Clone)]
pub(super) struct RecoveredValue {
    generation: u64,
    value: Vec<u8>,
}

impl RecoveredValue {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.value
    }
}

/// Opens the database in `folder`, repairing what is damaged.
pub(super) fn open(
    folder: &Path,
    keys: &DayKeys,
    now: UnixTime,
) -> Result<(Database, Option<Recovery>), StoreError> {
    finish_replacement(folder)?;
    let recovered = recover(folder, keys);
    let opened = Database::open(folder).and_then(|database| {
        let lost = what_is_lost(&database, keys, &recovered)?;
        Ok((database, lost))
    });
    match opened {
        Ok((database, lost)) if lost.is_empty() => Ok((database, None)),
        Ok((database, lost)) => {
            let records = lost.len();
            write(&database, lost)?;
            Ok((database, Some(Recovery { reason: None, moved_to: None, records })))
        }
        Err(StoreError::Damaged { reason, .. }) => {
            let records = recovered.len();
            let values = recovered.into_iter().map(|(place, found)| (place, found.value)).collect();
            let aside = name_aside(folder, now);
            replace(folder, values, &aside)?;
            let recovery = Recovery { reason: Some(reason), moved_to: Some(aside), records };
            Ok((Database::open(folder)?, Some(recovery)))
        }
        Err(error) => Err(error),
    }
}

/// Writes the values of an open database into a new one and puts that in its place, so that the
/// log of the old one no longer takes space.
pub(super) fn rebuild(database: Database, folder: &Path) -> Result<(), StoreError> {
    let mut values = Vec::new();
    for kind in RecordKind::ALL {
        values.extend(database.values(kind, &[], None, |place, value| (place, value.to_vec()))?);
    }
    drop(database);
    replace(folder, values, &old(folder))?;
    remove_folder(&old(folder))
}

/// The opened record, if its key lives.
pub(super) fn open_value(place: &Place, value: &[u8], keys: &DayKeys) -> Option<Opened> {
    record::open_record(place, key_of(place, keys)?, value)
}

/// The key that seals the records of a place, if it lives.
pub(super) fn key_of<'a>(place: &Place, keys: &'a DayKeys) -> Option<&'a SealKey> {
    match place.day() {
        Some(day) => keys.get(day),
        None => Some(keys.state_key()),
    }
}

/// Finds all records in the files of a folder, and of the folders in it, that open with the
/// living keys. A file that cannot be read is passed over.
pub(super) fn recover(folder: &Path, keys: &DayKeys) -> Recovered {
    let mut recovered = Recovered::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = fs::read(&path) {
                salvage_bytes(&bytes, keys, &mut recovered);
            }
        }
    }
    recovered
}

fn salvage_bytes(bytes: &[u8], keys: &DayKeys, recovered: &mut Recovered) {
    for value in record::find_records(bytes) {
        let Some((place, value)) = record::cut_record(value) else { continue };
        let Some(opened) = open_value(&place, value, keys) else { continue };
        let generation = opened.generation;
        if recovered.get(&place).is_none_or(|known| known.generation < generation) {
            recovered.insert(place, RecoveredValue { generation, value: value.to_vec() });
        }
    }
}

/// Reads the whole database, so that damage shows now, and compares it with what its files hold.
fn what_is_lost(
    database: &Database,
    keys: &DayKeys,
    recovered: &Recovered,
) -> Result<Vec<(Place, Vec<u8>)>, StoreError> {
    let mut generations = BTreeMap::new();
    for kind in RecordKind::ALL {
        let found = database.values(kind, &[], None, |place, value| {
            open_value(&place, value, keys).map(|opened| (place, opened.generation))
        })?;
        generations.extend(found.into_iter().flatten());
    }
    let is_lost = |(place, found): &(&Place, &RecoveredValue)| {
        generations.get(*place).is_none_or(|generation| *generation < found.generation)
    };
    let lost = recovered.iter().filter(is_lost);
    Ok(lost.map(|(place, found)| (place.clone(), found.value.clone())).collect())
}

fn write(database: &Database, values: Vec<(Place, Vec<u8>)>) -> Result<(), StoreError> {
    for step in values.chunks(STEP) {
        let changes = step.iter().map(|(place, value)| (place.clone(), Some(value.clone())));
        database.write(changes.collect())?;
    }
    Ok(())
}

/// Puts a new database with `values` in the place of the one in `folder`, which goes to `aside`.
/// Stopped at any moment, [`finish_replacement`] goes on with the old or the new one, whole.
fn replace(folder: &Path, values: Vec<(Place, Vec<u8>)>, aside: &Path) -> Result<(), StoreError> {
    let new = new(folder);
    remove_folder(&new)?;
    let written = Database::open(&new).and_then(|database| write(&database, values));
    if let Err(error) = written {
        let _ = remove_folder(&new);
        return Err(error);
    }
    atomic_file::rename(folder, aside)?;
    Ok(atomic_file::rename(&new, folder)?)
}

/// Cleans up after a [`replace`] that was interrupted.
fn finish_replacement(folder: &Path) -> Result<(), StoreError> {
    let new = new(folder);
    if new.exists() && !folder.exists() {
        atomic_file::rename(&new, folder)?;
    }
    remove_folder(&new)?;
    remove_folder(&old(folder))
}

fn new(folder: &Path) -> PathBuf {
    folder.with_extension("new")
}

fn old(folder: &Path) -> PathBuf {
    folder.with_extension("old")
}

fn remove_folder(folder: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(folder) {
        Err(error) if folder.exists() => Err(StoreError::io("remove", folder, error)),
        _ => Ok(()),
    }
}

fn name_aside(folder: &Path, now: UnixTime) -> PathBuf {
    let name = |copy: u32| match copy {
        1 => folder.with_extension(format!("damaged-{now}")),
        _ => folder.with_extension(format!("damaged-{now}-{copy}")),
    };
    (1..).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(0))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use vungxanh_protocol::interval::UtcDay;

    use super::super::wrapping_key::WrappingKeyFile;
    use super::*;
    use crate::platform::atomic_file::injected::crash_after;

    const NOW: UnixTime = UnixTime::from_secs(1_728_000_000);

    fn keys(folder: &Path) -> DayKeys {
        let wrapping = WrappingKeyFile::new(folder.join("wrapping-key"));
        let rng = &mut StdRng::from_rng(&mut rand::rng());
        let mut keys = DayKeys::open(folder.join("day-keys"), Box::new(wrapping), rng).unwrap();
        keys.make([UtcDay::new(1)], rng).unwrap();
        keys
    }

    fn values(keys: &DayKeys) -> Vec<(Place, Vec<u8>)> {
        let rng = &mut rand::rng();
        let names = (0..150).map(|n| Place::State(format!("name {n:03}")));
        names
            .chain([Place::OwnKeys(UtcDay::new(1))])
            .map(|place| {
                let key = key_of(&place, keys).unwrap();
                let value = record::seal_record(&place, key, 1, b"content", rng);
                (place, value)
            })
            .collect()
    }

    fn content(database: &Database) -> Vec<(Place, Vec<u8>)> {
        let all =
            RecordKind::ALL.map(|kind| database.values(kind, &[], None, |p, v| (p, v.to_vec())));
        let mut all: Vec<_> = all.into_iter().flat_map(Result::unwrap).collect();
        all.sort();
        all
    }

    /// Runs `replacement` on a full store with a crash at each step; afterwards all must be there.
    fn survives_every_crash(damage: bool, replacement: impl Fn(&Path, &DayKeys)) {
        for crash in 0.. {
            let root = tempfile::tempdir().unwrap();
            let folder = root.path().join("store");
            let keys = keys(root.path());
            let mut expected = values(&keys);
            expected.sort();
            write(&Database::open(&folder).unwrap(), expected.clone()).unwrap();
            if damage {
                fs::write(folder.join("conf"), b"rubbish of more than eight bytes").unwrap();
            }
            let ((), cut) = crash_after(crash, || replacement(&folder, &keys));
            let (database, _) = open(&folder, &keys, NOW).unwrap();
            assert!(content(&database) == expected, "after a crash at step {crash}");
            drop(database);
            let (_, recovery) = open(&folder, &keys, NOW).unwrap();
            assert_eq!(recovery, None);
            assert!(!new(&folder).exists() && !old(&folder).exists());
            if !cut {
                assert!(crash > 4, "only {crash} steps");
                break;
            }
        }
    }

    #[test]
    fn a_crash_while_rebuilding_loses_nothing() {
        survives_every_crash(false, |folder, _| {
            if let Ok(database) = Database::open(folder) {
                let _ = rebuild(database, folder);
            }
        });
    }

    #[test]
    fn a_crash_while_replacing_a_damaged_database_loses_nothing() {
        survives_every_crash(true, |folder, keys| {
            let _ = open(folder, keys, NOW);
        });
    }
}
