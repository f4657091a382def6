//! The store on disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::encounter::ScanInstance;
use vungxanh_protocol::interval::{Interval, UnixTime, UtcDay};
use vungxanh_protocol::own_keys::{OwnKey, OwnKeys};
use zeroize::Zeroizing;

use super::block::Block;
use super::database::Database;
use super::day_keys::DayKeys;
use super::lock::ProfileLock;
use super::record::{
    Kind, Opened, Place, decode_own_keys, encode_own_keys, merge_own_keys, merge_windows,
    open_record, seal_record,
};
use super::wrapping_key::{WrappingKeyFile, WrappingKeySource};
use super::{
    CaseWindow, DayCounts, EncounterStore, ExpiredDays, Forget, Imported, LoadedScans, Record,
    Recorded, Rescue, StoreError, check_state, migrations, rescue,
};
use crate::profile::Profile;

/// Records written in one step of an import.
const IMPORT_BATCH: usize = 64;

/// Everything in a sled database, sealed; the keys beside it. Holds the profile's lock.
#[derive(Debug)]
pub struct SledStore {
    profile: Profile,
    content: Mutex<Content>,
    _lock: ProfileLock,
}

struct Content {
    folder: PathBuf,
    keys: DayKeys,
    /// `None` after a failed operation: sled must then be opened again.
    database: Option<Database>,
}

impl SledStore {
    /// Takes the profile's lock and opens the store in it, making what is missing. A damaged
    /// database is repaired, if need be by moving it aside under a name with `now`; the result
    /// says so.
    pub fn open(profile: &Profile, now: UnixTime) -> Result<(Self, Option<Rescue>), StoreError> {
        let lock = ProfileLock::acquire(profile)?;
        let wrapping = WrappingKeyFile::new(profile.wrapping_key_file());
        Self::open_locked(profile, lock, Box::new(wrapping), now)
    }

    /// Like [`SledStore::open`], with the lock already taken and the wrapping key kept elsewhere.
    pub fn open_locked(
        profile: &Profile,
        lock: ProfileLock,
        wrapping: Box<dyn WrappingKeySource>,
        now: UnixTime,
    ) -> Result<(Self, Option<Rescue>), StoreError> {
        migrations::run(profile)?;
        let keys = DayKeys::open(profile.day_keys_file(), wrapping, &mut rand::rng())?;
        let folder = profile.store_folder();
        let (database, rescue) = rescue::open(&folder, &keys, now)?;
        let content = Mutex::new(Content { folder, keys, database: Some(database) });
        Ok((Self { profile: profile.clone(), content, _lock: lock }, rescue))
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        // The content is whole between any two operations on it.
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Content {
    /// Runs an operation on the database, opening it again if the one before failed.
    fn database<T>(
        &mut self,
        operation: impl FnOnce(&Database, &DayKeys) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let database = match self.database.take() {
            Some(database) => database,
            None => Database::open(&self.folder)?,
        };
        let done = operation(&database, &self.keys)?;
        self.database = Some(database);
        Ok(done)
    }

    /// The opened record at a place; `None` where there is none or it cannot be opened.
    fn read(&mut self, place: &Place) -> Result<Option<Opened>, StoreError> {
        self.database(|database, keys| {
            let value = database.get(place)?;
            Ok(value.and_then(|value| open(place, &value, keys)))
        })
    }

    /// Reads all records of a kind from a key on, until `each` returns false.
    fn read_all(
        &mut self,
        kind: Kind,
        from: &[u8],
        mut each: impl FnMut(Place, usize, Option<Opened>) -> bool,
    ) -> Result<(), StoreError> {
        self.database(|database, keys| {
            database.values(kind, from, |place, value| {
                let opened = open(&place, value, keys);
                each(place, value.len(), opened)
            })
        })
    }

    /// Seals and stores payloads, making day keys where there are none.
    fn write(&mut self, payloads: Vec<(Place, Zeroizing<Vec<u8>>)>) -> Result<(), StoreError> {
        let rng = &mut rand::rng();
        self.keys.make(payloads.iter().filter_map(|(place, _)| place.day()), rng)?;
        let mut changes = Vec::with_capacity(payloads.len());
        for (place, payload) in payloads {
            let generation = self.read(&place)?.map_or(1, |opened| opened.generation + 1);
            let Some(key) = rescue::key_of(&place, &self.keys) else { continue };
            let value = seal_record(&place, key, generation, &payload, rng);
            changes.push((place, Some(value)));
        }
        self.database(|database, _| database.write(changes))
    }

    fn block(&mut self, interval: Interval) -> Result<Block, StoreError> {
        let opened = self.read(&Place::Scans(interval))?;
        let block = opened.and_then(|opened| Block::decode(interval, &opened.payload).ok());
        Ok(block.unwrap_or_default())
    }

    fn own_keys_by_day(&mut self) -> Result<BTreeMap<UtcDay, Vec<OwnKey>>, StoreError> {
        let mut days = BTreeMap::new();
        self.read_all(Kind::OwnKeys, &[], |place, _, opened| {
            let keys = opened.and_then(|opened| decode_own_keys(&opened.payload));
            if let (Place::OwnKeys(day), Some(keys)) = (place, keys) {
                days.insert(day, keys);
            }
            true
        })?;
        Ok(days)
    }

    fn exposures_by_day(&mut self) -> Result<BTreeMap<UtcDay, Vec<CaseWindow>>, StoreError> {
        let mut days = BTreeMap::new();
        self.read_all(Kind::Exposures, &[], |place, _, opened| {
            let windows = opened.and_then(|opened| serde_json::from_slice(&opened.payload).ok());
            if let (Place::Exposures(day), Some(windows)) = (place, windows) {
                days.insert(day, windows);
            }
            true
        })?;
        Ok(days)
    }

    /// Removes the records that no living key opens: what is left of destroyed days.
    fn remove_dead_records(&mut self) -> Result<(), StoreError> {
        self.database(|database, keys| {
            let mut dead = Vec::new();
            for kind in Kind::ALL {
                database.values(kind, &[], |place, value| {
                    let of_dead_day = place.day().is_some_and(|day| keys.get(day).is_none());
                    if of_dead_day || (kind == Kind::State && open(&place, value, keys).is_none()) {
                        dead.push((place, None));
                    }
                    true
                })?;
            }
            database.write(dead)
        })
    }

    /// After keys were destroyed. The erasure is done by then: when the dead records cannot be
    /// removed, that only costs space until the next day.
    fn tidy(&mut self) {
        if let Err(error) = self.remove_dead_records() {
            tracing::warn!(%error, "cannot remove the records of forgotten days yet");
        }
    }
}

fn open(place: &Place, value: &[u8], keys: &DayKeys) -> Option<Opened> {
    rescue::key_of(place, keys).and_then(|key| open_record(place, key, value))
}

fn windows_payload(windows: &[CaseWindow]) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let bytes = serde_json::to_vec(windows).map_err(|error| StoreError::Unreadable {
        name: "exposures".to_owned(),
        reason: error.to_string(),
    })?;
    check_state("exposures", &bytes)?;
    Ok(Zeroizing::new(bytes))
}

/// A named record's payload: empty where the name was removed, else 1 and the bytes.
fn state_payload(bytes: Option<&[u8]>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.map_or_else(Vec::new, |bytes| [&[1], bytes].concat()))
}

fn state_of(opened: &Opened) -> Option<Vec<u8>> {
    opened.payload.split_first().map(|(_, bytes)| bytes.to_vec())
}

impl EncounterStore for SledStore {
    fn record_scan(
        &self,
        interval: Interval,
        scan: &[(Advertisement, ScanInstance)],
    ) -> Result<Recorded, StoreError> {
        let mut content = self.content();
        let mut block = content.block(interval)?;
        let left_out = block.add(interval, scan)?;
        if !scan.is_empty() {
            content.write(vec![(Place::Scans(interval), Zeroizing::new(block.encode()))])?;
        }
        Ok(Recorded { left_out })
    }

    fn scans(&self, from: Interval, to: Interval) -> Result<LoadedScans, StoreError> {
        let mut loaded = LoadedScans::default();
        let from = Place::Scans(from).key();
        self.content().read_all(Kind::Scans, &from, |place, _, opened| {
            let Place::Scans(interval) = place else { return true };
            if interval > to {
                return false;
            }
            match opened.and_then(|opened| Block::decode(interval, &opened.payload).ok()) {
                Some(block) => loaded.instances.extend(block.instances()),
                None => loaded.unreadable_blocks += 1,
            }
            true
        })?;
        Ok(loaded)
    }

    fn scan_summary(&self) -> Result<Vec<DayCounts>, StoreError> {
        let mut days: BTreeMap<_, DayCounts> = BTreeMap::new();
        self.content().read_all(Kind::Scans, &[], |place, bytes, opened| {
            let Place::Scans(interval) = place else { return true };
            let day = interval.day();
            let counts = days.entry(day).or_insert(DayCounts { day, ..DayCounts::default() });
            counts.blocks += 1;
            counts.bytes += bytes as u64;
            match opened.and_then(|opened| Block::decode(interval, &opened.payload).ok()) {
                Some(block) => counts.scan_instances += block.len(),
                None => counts.unreadable_blocks += 1,
            }
            true
        })?;
        Ok(days.into_values().collect())
    }

    fn own_keys(&self) -> Result<OwnKeys, StoreError> {
        let days = self.content().own_keys_by_day()?;
        Ok(OwnKeys::new(days.into_values().flatten().collect()))
    }

    fn put_own_keys(&self, keys: &OwnKeys) -> Result<(), StoreError> {
        let mut content = self.content();
        let stored = content.own_keys_by_day()?;
        // A day that has no more keys gets an empty record.
        let mut wanted: BTreeMap<_, _> = stored.keys().map(|day| (*day, Vec::new())).collect();
        for own in keys.iter() {
            wanted.entry(own.key.rolling_start().day()).or_default().push(own.clone());
        }
        wanted.retain(|day, keys| stored.get(day) != Some(keys));
        let payload =
            |(day, keys): (UtcDay, Vec<OwnKey>)| (Place::OwnKeys(day), encode_own_keys(&keys));
        content.write(wanted.into_iter().map(payload).collect())
    }

    fn exposures(&self) -> Result<Vec<CaseWindow>, StoreError> {
        Ok(self.content().exposures_by_day()?.into_values().flatten().collect())
    }

    fn put_exposures(&self, day: UtcDay, windows: &[CaseWindow]) -> Result<(), StoreError> {
        let mut content = self.content();
        let stored = content.exposures_by_day()?.remove(&day).unwrap_or_default();
        if stored == windows {
            return Ok(());
        }
        content.write(vec![(Place::Exposures(day), windows_payload(windows)?)])
    }

    fn state_bytes(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let opened = self.content().read(&Place::State(name.to_owned()))?;
        Ok(opened.as_ref().and_then(state_of))
    }

    fn put_state_bytes(&self, name: &str, bytes: Option<&[u8]>) -> Result<(), StoreError> {
        check_state(name, bytes.unwrap_or_default())?;
        self.content().write(vec![(Place::State(name.to_owned()), state_payload(bytes))])
    }

    fn begin_day(&self, today: UtcDay, retention_days: u32) -> Result<ExpiredDays, StoreError> {
        let mut content = self.content();
        let oldest = today.minus(retention_days);
        let expired = content.keys.begin_day(today, oldest, &mut rand::rng())?;
        content.tidy();
        Ok(ExpiredDays(expired))
    }

    fn forget(&self, what: Forget) -> Result<ExpiredDays, StoreError> {
        let mut content = self.content();
        let state = what == Forget::Everything;
        let days = content.keys.forget(|day| what.covers(day), state, &mut rand::rng())?;
        content.tidy();
        Ok(ExpiredDays(days))
    }

    fn export_records(&self) -> Result<Vec<Record>, StoreError> {
        let mut content = self.content();
        let mut records = Vec::new();
        content.read_all(Kind::Scans, &[], |place, _, opened| {
            if let (Place::Scans(interval), Some(opened)) = (place, opened)
                && let Ok(block) = Block::decode(interval, &opened.payload)
            {
                records.push(Record::Scans(interval, block));
            }
            true
        })?;
        let keys = content.own_keys_by_day()?.into_iter().filter(|(_, keys)| !keys.is_empty());
        records.extend(keys.map(|(day, keys)| Record::OwnKeys(day, keys)));
        let exposures =
            content.exposures_by_day()?.into_iter().filter(|(_, found)| !found.is_empty());
        records.extend(exposures.map(|(day, windows)| Record::Exposures(day, windows)));
        content.read_all(Kind::State, &[], |place, _, opened| {
            let bytes = opened.as_ref().and_then(state_of);
            if let (Place::State(name), Some(bytes)) = (place, bytes) {
                records.push(Record::State(name, bytes));
            }
            true
        })?;
        Ok(records)
    }

    fn import_records(&self, records: Vec<Record>, oldest: UtcDay) -> Result<Imported, StoreError> {
        let mut imported = Imported::default();
        records.iter().try_for_each(Record::check)?;
        let mut content = self.content();
        let mut payloads = BTreeMap::new();
        for record in records {
            if record.day().is_some_and(|day| day < oldest) {
                imported.too_old += 1;
                continue;
            }
            let place = record.place();
            if payloads.contains_key(&place) || payloads.len() >= IMPORT_BATCH {
                content.write(std::mem::take(&mut payloads).into_iter().collect())?;
            }
            if let Some(payload) = content.merged(record, &mut imported)? {
                payloads.insert(place, payload);
            }
        }
        content.write(payloads.into_iter().collect())?;
        Ok(imported)
    }

    fn size_on_disk(&self) -> u64 {
        folder_bytes(&self.profile.store_folder()) + folder_bytes(&self.profile.keys_folder())
    }
}

impl Content {
    /// The payload that results from adding an imported record to what is stored; `None` where
    /// that changes nothing.
    fn merged(
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
                Some(windows_payload(&windows)?)
            }
            Record::State(name, bytes) => {
                let known = self.read(&Place::State(name))?.as_ref().and_then(state_of).is_some();
                imported.states += usize::from(!known);
                (!known).then(|| state_payload(Some(&bytes)))
            }
        })
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Content").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// Bytes of all files in a folder and the folders in it.
fn folder_bytes(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => folder_bytes(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}
