//! What a damaged database still holds.
//!
//! The database's own structures are not trusted: on damage sled refuses, panics, or silently
//! continues with an older state. Each stored value names its place, carries its generation and is
//! authenticated, so the files are searched for such values before the database is opened,
//! whatever surrounds them. What the database lost is written back; a database that cannot be
//! used is moved aside, and everything found goes into a new one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use vungxanh_protocol::interval::UnixTime;

use super::database::Database;
use super::day_keys::DayKeys;
use super::record::{self, Kind, Opened, Place};
use super::{StoreError, durable};

/// What was done about a damaged database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rescue {
    /// What the database said; `None` when it opened but had lost records.
    pub reason: Option<String>,
    /// Where the damaged folder is now, if it had to be replaced. The person may delete it.
    pub moved_to: Option<PathBuf>,
    /// How many records were carried over.
    pub records: usize,
}

/// The last payload found for each place, with its generation.
pub(super) type Salvaged = BTreeMap<Place, Opened>;

/// Opens the database in `folder`, repairing what is damaged.
pub(super) fn open(
    folder: &Path,
    keys: &DayKeys,
    now: UnixTime,
) -> Result<(Database, Option<Rescue>), StoreError> {
    let salvaged = salvage(folder, keys);
    let opened = Database::open(folder).and_then(|database| {
        let lost = what_is_lost(&database, keys, &salvaged)?;
        Ok((database, lost))
    });
    match opened {
        Ok((database, lost)) if lost.is_empty() => Ok((database, None)),
        Ok((database, lost)) => {
            let records = lost.len();
            carry_over(&database, keys, lost)?;
            Ok((database, Some(Rescue { reason: None, moved_to: None, records })))
        }
        Err(StoreError::Damaged { reason, .. }) => {
            let aside = move_aside(folder, now)?;
            let database = Database::open(folder)?;
            let records = salvaged.len();
            carry_over(&database, keys, salvaged.into_iter().collect())?;
            let rescue = Rescue { reason: Some(reason), moved_to: Some(aside), records };
            Ok((database, Some(rescue)))
        }
        Err(error) => Err(error),
    }
}

/// The key that seals the records of a place, if it lives.
pub(super) fn key_of<'a>(place: &Place, keys: &'a DayKeys) -> Option<&'a super::SealKey> {
    match place.day() {
        Some(day) => keys.get(day),
        None => Some(keys.state_key()),
    }
}

/// Moves a damaged database folder aside, durably. Returns its new place.
fn move_aside(folder: &Path, now: UnixTime) -> Result<PathBuf, StoreError> {
    let name = |copy: u32| {
        let mut name = folder.as_os_str().to_owned();
        name.push(format!(".damaged-{now}"));
        if copy > 1 {
            name.push(format!("-{copy}"));
        }
        PathBuf::from(name)
    };
    let aside = (1..).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(0));
    durable::rename(folder, &aside)?;
    Ok(aside)
}

/// Finds all records in the files of a folder, and of the folders in it, that open with the
/// living keys. A file that cannot be read is passed over.
pub(super) fn salvage(folder: &Path, keys: &DayKeys) -> Salvaged {
    let mut found = Salvaged::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(bytes) = fs::read(&path) {
                salvage_bytes(&bytes, keys, &mut found);
            }
        }
    }
    found
}

fn salvage_bytes(bytes: &[u8], keys: &DayKeys, found: &mut Salvaged) {
    for value in record::find_records(bytes) {
        let Some((place, _)) = record::parse_record(value) else { continue };
        let opened = key_of(&place, keys).and_then(|key| record::open_record(&place, key, value));
        if let Some(opened) = opened
            && found.get(&place).is_none_or(|known| known.generation < opened.generation)
        {
            found.insert(place, opened);
        }
    }
}

/// Reads the whole database, so that damage shows now, and compares it with what its files hold.
fn what_is_lost(
    database: &Database,
    keys: &DayKeys,
    salvaged: &Salvaged,
) -> Result<Vec<(Place, Opened)>, StoreError> {
    let mut generations = BTreeMap::new();
    for kind in Kind::ALL {
        database.values(kind, &[], |place, value| {
            let opened =
                key_of(&place, keys).and_then(|key| record::open_record(&place, key, value));
            if let Some(opened) = opened {
                generations.insert(place, opened.generation);
            }
            true
        })?;
    }
    let is_lost = |(place, found): &(&Place, &Opened)| {
        generations.get(*place).is_none_or(|generation| *generation < found.generation)
    };
    let lost = salvaged.iter().filter(is_lost);
    Ok(lost.map(|(place, found)| (place.clone(), found.clone())).collect())
}

fn carry_over(
    database: &Database,
    keys: &DayKeys,
    records: Vec<(Place, Opened)>,
) -> Result<(), StoreError> {
    let seal = |(place, opened): (Place, Opened)| {
        let key = key_of(&place, keys)?;
        let rng = &mut rand::rng();
        let value = record::seal_record(&place, key, opened.generation + 1, &opened.payload, rng);
        Some((place, Some(value)))
    };
    database.write(records.into_iter().filter_map(seal).collect())
}
