//! What a store on disk holds: its database with the keys beside it. Reads and writes records by
//! their places, merges imported ones, and frees the space of those whose key is destroyed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::encounter::ScanInstance;
use vungxanh_protocol::interval::{Interval, UnixTime, UtcDay};
use vungxanh_protocol::own_keys::OwnKey;
use vungxanh_protocol::venue::warning::VenueMatch;
use zeroize::Zeroizing;

use super::block::Block;
use super::database::Database;
use super::day_keys::DayKeys;
use super::merge::{merge_own_keys, merge_venue_matches, merge_windows};
use super::record::{Opened, Place, RecordKind, decode_own_keys, encode_own_keys, seal_record};
use super::recovery::Recovered;
use super::{ExposureRecord, Imported, Record, Recovery, StoreError, check_state, recovery};

/// The log may take this many times the bytes that live in it...
const LOG_TO_LIVE: u64 = 3;
/// ...and this much besides, before it is rebuilt: sled's file grows by segments of 512 KiB.
const LOG_ROOM: u64 = 2 * 1024 * 1024;
/// Records written in one step of an import.
const IMPORT_BATCH: usize = 64;

/// Whole between any two operations on it.
pub(super) struct SledRecords {
    folder: PathBuf,
    opened_at: UnixTime,
    pub(super) keys: DayKeys,
    /// `None` after a failed operation: sled must then be opened again.
    database: Option<Database>,
    /// What the files hold, for reading while sled cannot be opened because the disk is full.
    found_in_files: Option<Recovered>,
}

/// A stored record: its place, the bytes that it takes and, where its key lives, what it holds.
pub(super) struct Stored {
    pub(super) place: Place,
    pub(super) bytes: usize,
    pub(super) opened: Option<Opened>,
}

impl SledRecords {
    /// What is in `folder`, under `keys`. The database is opened at the first operation.
    pub(super) const fn new(folder: PathBuf, keys: DayKeys, opened_at: UnixTime) -> Self {
        Self { folder, opened_at, keys, database: None, found_in_files: None }
    }

    /// Opens the database if it is not open, repairing it where needed.
    pub(super) fn connect(&mut self) -> Result<Option<Recovery>, StoreError> {
        if self.database.is_some() {
            return Ok(None);
        }
        let (database, recovery) = recovery::open(&self.folder, &self.keys, self.opened_at)?;
        if let Some(recovery) = &recovery {
            tracing::warn!(?recovery, "the store was damaged and has been repaired");
        }
        self.database = Some(database);
        self.found_in_files = None;
        Ok(recovery)
    }

    /// Runs an operation on the database, opening it again if the one before failed.
    fn database<T>(
        &mut self,
        operation: impl FnOnce(&Database, &DayKeys) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.connect()?;
        match self.database.take() {
            Some(database) => {
                let done = operation(&database, &self.keys)?;
                self.database = Some(database);
                Ok(done)
            }
            None => Err(StoreError::Damaged {
                path: self.folder.clone(),
                reason: "it is not open".to_owned(),
            }),
        }
    }

    /// Runs a reading operation. On a full disk sled cannot even be opened for reading; then the
    /// files are searched once, and `search` reads from what was found until a write succeeds.
    fn reading<T>(
        &mut self,
        operation: impl FnOnce(&Database, &DayKeys) -> Result<T, StoreError>,
        search: impl FnOnce(&Recovered, &DayKeys) -> T,
    ) -> Result<T, StoreError> {
        if self.found_in_files.is_none() {
            match self.database(operation) {
                Err(error) if error.is_disk_full() => {}
                read => return read,
            }
        }
        let Self { folder, keys, found_in_files, .. } = self;
        let found = found_in_files.get_or_insert_with(|| recovery::recover(folder, keys));
        Ok(search(found, keys))
    }

    /// The opened record at a place; `None` where there is none or it cannot be opened.
    pub(super) fn read(&mut self, place: &Place) -> Result<Option<Opened>, StoreError> {
        self.reading(
            |database, keys| {
                let value = database.get(place)?;
                Ok(value.and_then(|value| recovery::open_value(place, &value, keys)))
            },
            |found, keys| {
                found.get(place).and_then(|found| recovery::open_value(place, found.bytes(), keys))
            },
        )
    }

    /// All records of a kind, by key, those with keys from `from` and up to `to`.
    pub(super) fn read_all(
        &mut self,
        kind: RecordKind,
        from: &[u8],
        to: Option<&[u8]>,
    ) -> Result<Vec<Stored>, StoreError> {
        let stored = |place: Place, value: &[u8], keys: &DayKeys| {
            let opened = recovery::open_value(&place, value, keys);
            Stored { place, bytes: value.len(), opened }
        };
        self.reading(
            |database, keys| {
                database.values(kind, from, to, |place, value| stored(place, value, keys))
            },
            |found, keys| {
                let wanted = found.iter().filter(|(place, _)| {
                    let key = place.key();
                    place.kind() == kind && *key >= *from && to.is_none_or(|to| *key <= *to)
                });
                wanted.map(|(place, found)| stored(place.clone(), found.bytes(), keys)).collect()
            },
        )
    }

    /// Seals and stores payloads, making day keys where there are none.
    pub(super) fn write(
        &mut self,
        payloads: Vec<(Place, Zeroizing<Vec<u8>>)>,
    ) -> Result<(), StoreError> {
        let rng = &mut rand::rng();
        self.keys.make(payloads.iter().filter_map(|(place, _)| place.day()), rng)?;
        let mut changes = Vec::with_capacity(payloads.len());
        for (place, payload) in payloads {
            let generation = self.read(&place)?.map_or(1, |opened| opened.generation + 1);
            let Some(key) = recovery::key_of(&place, &self.keys) else { continue };
            let value = seal_record(&place, key, generation, &payload, rng);
            changes.push((place, Some(value)));
        }
        self.database(|database, _| database.write(changes))
    }

    /// The scan instances of an interval; none where there are none.
    pub(super) fn block(&mut self, interval: Interval) -> Result<Block, StoreError> {
        let opened = self.read(&Place::Scans(interval))?;
        let block = opened.and_then(|opened| Block::decode(interval, &opened.payload).ok());
        Ok(block.unwrap_or_default())
    }

    /// Own keys by the day in which they begin.
    pub(super) fn own_keys_by_day(&mut self) -> Result<BTreeMap<UtcDay, Vec<OwnKey>>, StoreError> {
        let stored = self.read_all(RecordKind::OwnKeys, &[], None)?;
        Ok(stored
            .into_iter()
            .filter_map(|stored| {
                Some((stored.place.day()?, decode_own_keys(&stored.opened?.payload)?))
            })
            .collect())
    }

    /// Exposure windows by day.
    pub(super) fn exposures_by_day(
        &mut self,
    ) -> Result<BTreeMap<UtcDay, Vec<ExposureRecord>>, StoreError> {
        self.lists_by_day(RecordKind::Exposures)
    }

    /// Visits that warnings spoke about, by day.
    pub(super) fn venue_matches_by_day(
        &mut self,
    ) -> Result<BTreeMap<UtcDay, Vec<VenueMatch>>, StoreError> {
        self.lists_by_day(RecordKind::VenueMatches)
    }

    /// The lists of a kind that stands as JSON, one a day.
    fn lists_by_day<T: DeserializeOwned>(
        &mut self,
        kind: RecordKind,
    ) -> Result<BTreeMap<UtcDay, Vec<T>>, StoreError> {
        let stored = self.read_all(kind, &[], None)?;
        let list = |opened: Opened| serde_json::from_slice(&opened.payload).ok();
        Ok(stored
            .into_iter()
            .filter_map(|stored| Some((stored.place.day()?, list(stored.opened?)?)))
            .collect())
    }

    /// Removes the records that no living key opens: what is left of destroyed days.
    fn remove_dead_records(&mut self) -> Result<(), StoreError> {
        self.database(|database, keys| {
            let mut dead = Vec::new();
            for kind in RecordKind::ALL {
                let found = database.values(kind, &[], None, |place, value| {
                    let alive = match place.day() {
                        Some(day) => keys.get(day).is_some(),
                        None => recovery::open_value(&place, value, keys).is_some(),
                    };
                    (!alive).then_some((place, None))
                })?;
                dead.extend(found.into_iter().flatten());
            }
            database.write(dead)
        })
    }

    /// Rebuilds the database when its log takes far more than what lives in it.
    fn shrink(&mut self) -> Result<(), StoreError> {
        let live = self.database(|database, _| {
            RecordKind::ALL.into_iter().try_fold(0, |sum, kind| {
                let sizes = database.values(kind, &[], None, |_, value| value.len() as u64)?;
                Ok(sum + sizes.into_iter().sum::<u64>())
            })
        })?;
        if folder_bytes(&self.folder) <= LOG_ROOM + live * LOG_TO_LIVE {
            return Ok(());
        }
        self.database.take().map_or(Ok(()), |database| recovery::rebuild(database, &self.folder))
    }

    /// After keys were destroyed. The erasure is done by then: when the dead records cannot be
    /// removed, that only costs space until the next day.
    pub(super) fn tidy(&mut self) {
        self.found_in_files = None;
        if let Err(error) = self.remove_dead_records().and_then(|()| self.shrink()) {
            tracing::warn!(%error, "cannot free the space of forgotten days yet");
        }
    }
}

impl Stored {
    /// Appends a block's scan instances; `None` if it cannot be opened.
    pub(super) fn load_scans(
        &self,
        instances: &mut Vec<(Advertisement, ScanInstance)>,
    ) -> Option<()> {
        match (&self.place, &self.opened) {
            (Place::Scans(interval), Some(opened)) => {
                Block::load(*interval, &opened.payload, instances).ok()
            }
            _ => None,
        }
    }

    /// The scan instances, if this is a block of them that can be opened.
    pub(super) fn block(&self) -> Option<(Interval, Block)> {
        match (&self.place, &self.opened) {
            (Place::Scans(interval), Some(opened)) => {
                Some((*interval, Block::decode(*interval, &opened.payload).ok()?))
            }
            _ => None,
        }
    }
}

/// A day's list as JSON; `name` is what it is, for messages.
pub(super) fn list_payload<T: Serialize>(
    name: &str,
    list: &[T],
) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let bytes = serde_json::to_vec(list).map_err(|error| StoreError::Unreadable {
        name: name.to_owned(),
        reason: error.to_string(),
    })?;
    check_state(name, &bytes)?;
    Ok(Zeroizing::new(bytes))
}

/// A named record's payload: empty where the name was removed, else 1 and the bytes.
pub(super) fn state_payload(bytes: Option<&[u8]>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.map_or_else(Vec::new, |bytes| [&[1], bytes].concat()))
}

/// The bytes of a named record; `None` where the name was removed.
pub(super) fn state_of(opened: &Opened) -> Option<Vec<u8>> {
    opened.payload.split_first().map(|(_, bytes)| bytes.to_vec())
}

impl SledRecords {
    /// Everything that can be opened.
    pub(super) fn export(&mut self) -> Result<Vec<Record>, StoreError> {
        let scans = self.read_all(RecordKind::Scans, &[], None)?;
        let scans = scans.iter().filter_map(Stored::block);
        let mut records: Vec<_> = scans.map(|(at, block)| Record::Scans(at, block)).collect();
        let keys = self.own_keys_by_day()?.into_iter().filter(|(_, keys)| !keys.is_empty());
        records.extend(keys.map(|(day, keys)| Record::OwnKeys(day, keys)));
        let found = self.exposures_by_day()?.into_iter().filter(|(_, found)| !found.is_empty());
        records.extend(found.map(|(day, windows)| Record::Exposures(day, windows)));
        let found = self.venue_matches_by_day()?.into_iter().filter(|(_, found)| !found.is_empty());
        records.extend(found.map(|(day, venue_matches)| Record::VenueMatches(day, venue_matches)));
        for stored in self.read_all(RecordKind::State, &[], None)? {
            let bytes = stored.opened.as_ref().and_then(state_of);
            if let (Place::State(name), Some(bytes)) = (stored.place, bytes) {
                records.push(Record::State(name, bytes));
            }
        }
        Ok(records)
    }

    /// Adds records to what is there, except those of days before `oldest`.
    pub(super) fn import(
        &mut self,
        records: Vec<Record>,
        oldest: UtcDay,
    ) -> Result<Imported, StoreError> {
        let mut imported = Imported::default();
        let mut payloads = BTreeMap::new();
        for record in records {
            if record.day().is_some_and(|day| day < oldest) {
                imported.too_old += 1;
                continue;
            }
            let place = record.place();
            if payloads.contains_key(&place) || payloads.len() >= IMPORT_BATCH {
                self.write(std::mem::take(&mut payloads).into_iter().collect())?;
            }
            if let Some(payload) = self.merged(record, &mut imported)? {
                payloads.insert(place, payload);
            }
        }
        self.write(payloads.into_iter().collect())?;
        Ok(imported)
    }

    /// The payload that results from adding an imported record to what is stored; `None` where
    /// that changes nothing.
    pub(super) fn merged(
        &mut self,
        record: Record,
        imported: &mut Imported,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, StoreError> {
        Ok(match record {
            Record::Scans(interval, more) => {
                let mut block = self.block(interval)?;
                let before = block.len();
                block.merge(more);
                imported.scan_instances += block.len() - before;
                (block.len() > before).then(|| Zeroizing::new(block.encode()))
            }
            Record::OwnKeys(day, more) => {
                let mut keys = self.own_keys_by_day()?.remove(&day).unwrap_or_default();
                imported.own_keys += merge_own_keys(&mut keys, more);
                Some(encode_own_keys(&keys))
            }
            Record::Exposures(day, more) => {
                let mut windows = self.exposures_by_day()?.remove(&day).unwrap_or_default();
                imported.exposure_windows += merge_windows(&mut windows, more);
                Some(list_payload("exposures", &windows)?)
            }
            Record::VenueMatches(day, more) => {
                let mut venue_matches =
                    self.venue_matches_by_day()?.remove(&day).unwrap_or_default();
                imported.venue_matches += merge_venue_matches(&mut venue_matches, more);
                Some(list_payload("findings", &venue_matches)?)
            }
            Record::State(name, bytes) => {
                let known = self.read(&Place::State(name))?.as_ref().and_then(state_of).is_some();
                imported.states += usize::from(!known);
                (!known).then(|| state_payload(Some(&bytes)))
            }
        })
    }
}

impl std::fmt::Debug for SledRecords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SledRecords").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// Bytes of all files in a folder and the folders in it.
pub(super) fn folder_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}
