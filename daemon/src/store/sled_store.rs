//! The store on disk.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::encounter::ScanInstance;
use vungxanh_protocol::interval::{Interval, UnixTime, UtcDay};
use vungxanh_protocol::own_keys::{OwnKey, OwnKeys};
use vungxanh_protocol::venue::warning::VenueMatch;
use zeroize::Zeroizing;

use super::day_keys::DayKeys;
use super::lock::ProfileLock;
use super::record::{Place, RecordKind, encode_own_keys};
use super::sled_records::{
    SledRecords, Stored, folder_bytes, list_payload, state_of, state_payload,
};
use super::wrapping_key::{WrappingKeyFile, WrappingKeySource};
use super::{
    DayCounts, EncounterStore, ExpiredDays, ExposureRecord, Forget, Imported, LoadedScans, Record,
    Recorded, Recovery, StoreError, check_state, migrations,
};
use crate::platform::profile::Profile;
use crate::platform::threads::lock;

/// Records written in one step of an import.
const IMPORT_BATCH: usize = 64;
/// Everything in a sled database, sealed; the keys beside it. Holds the profile's lock.
#[derive(Debug)]
pub struct SledStore {
    profile: Profile,
    records: Mutex<SledRecords>,
    _lock: ProfileLock,
}

impl SledStore {
    /// Takes the profile's lock and opens the store in it, making what is missing. A damaged
    /// database is repaired, if need be by moving it aside under a name with `now`; the result
    /// says so. On a full disk the store opens for reading.
    pub fn open(profile: &Profile, now: UnixTime) -> Result<(Self, Option<Recovery>), StoreError> {
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
    ) -> Result<(Self, Option<Recovery>), StoreError> {
        migrations::run(profile)?;
        let keys = DayKeys::open(profile.day_keys_file(), wrapping, &mut rand::rng())?;
        let mut records = SledRecords::new(profile.store_folder(), keys, now);
        let recovery = match records.connect() {
            Err(error) if error.is_disk_full() => {
                tracing::warn!(%error, "the store opens for reading only");
                None
            }
            done => done?,
        };
        Ok((Self { profile: profile.clone(), records: Mutex::new(records), _lock: lock }, recovery))
    }

    fn records(&self) -> MutexGuard<'_, SledRecords> {
        lock(&self.records)
    }
}

impl EncounterStore for SledStore {
    fn record_scan(
        &self,
        interval: Interval,
        scan: &[(Advertisement, ScanInstance)],
    ) -> Result<Recorded, StoreError> {
        let mut records = self.records();
        let mut block = records.block(interval)?;
        let left_out = block.add(interval, scan)?;
        if !scan.is_empty() {
            records.write(vec![(Place::Scans(interval), Zeroizing::new(block.encode()))])?;
        }
        Ok(Recorded { left_out })
    }

    fn scans(&self, from: Interval, to: Interval) -> Result<LoadedScans, StoreError> {
        let (from, to) = (Place::Scans(from).key(), Place::Scans(to).key());
        let mut loaded = LoadedScans::default();
        for stored in self.records().read_all(RecordKind::Scans, &from, Some(&to))? {
            loaded.unreadable_blocks +=
                usize::from(stored.load_scans(&mut loaded.instances).is_none());
        }
        Ok(loaded)
    }

    fn scan_summary(&self) -> Result<Vec<DayCounts>, StoreError> {
        let mut days: BTreeMap<_, DayCounts> = BTreeMap::new();
        for stored in self.records().read_all(RecordKind::Scans, &[], None)? {
            let Some(day) = stored.place.day() else { continue };
            let counts = days.entry(day).or_insert(DayCounts { day, ..DayCounts::default() });
            counts.blocks += 1;
            counts.bytes += stored.bytes as u64;
            match stored.block() {
                Some((_, block)) => counts.scan_instances += block.len(),
                None => counts.unreadable_blocks += 1,
            }
        }
        Ok(days.into_values().collect())
    }

    fn own_keys(&self) -> Result<OwnKeys, StoreError> {
        let days = self.records().own_keys_by_day()?;
        Ok(OwnKeys::new(days.into_values().flatten().collect()))
    }

    fn put_own_keys(&self, keys: &OwnKeys) -> Result<(), StoreError> {
        let mut records = self.records();
        let stored = records.own_keys_by_day()?;
        // A day that has no more keys gets an empty record.
        let mut wanted: BTreeMap<_, _> = stored.keys().map(|day| (*day, Vec::new())).collect();
        for own in keys.iter() {
            wanted.entry(own.key.rolling_start().day()).or_default().push(own.clone());
        }
        wanted.retain(|day, keys| stored.get(day) != Some(keys));
        let payload =
            |(day, keys): (UtcDay, Vec<OwnKey>)| (Place::OwnKeys(day), encode_own_keys(&keys));
        records.write(wanted.into_iter().map(payload).collect())
    }

    fn exposures(&self) -> Result<Vec<ExposureRecord>, StoreError> {
        Ok(self.records().exposures_by_day()?.into_values().flatten().collect())
    }

    fn put_exposures(&self, day: UtcDay, windows: &[ExposureRecord]) -> Result<(), StoreError> {
        let mut records = self.records();
        let stored = records.exposures_by_day()?.remove(&day).unwrap_or_default();
        if stored == windows {
            return Ok(());
        }
        records.write(vec![(Place::Exposures(day), list_payload("exposures", windows)?)])
    }

    fn venue_matches(&self) -> Result<Vec<VenueMatch>, StoreError> {
        Ok(self.records().venue_matches_by_day()?.into_values().flatten().collect())
    }

    fn put_venue_matches(
        &self,
        day: UtcDay,
        venue_matches: &[VenueMatch],
    ) -> Result<(), StoreError> {
        let mut records = self.records();
        let stored = records.venue_matches_by_day()?.remove(&day).unwrap_or_default();
        if stored == venue_matches {
            return Ok(());
        }
        records.write(vec![(Place::VenueMatches(day), list_payload("findings", venue_matches)?)])
    }

    fn state_bytes(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let opened = self.records().read(&Place::State(name.to_owned()))?;
        Ok(opened.as_ref().and_then(state_of))
    }

    fn put_state_bytes(&self, name: &str, bytes: Option<&[u8]>) -> Result<(), StoreError> {
        check_state(name, bytes.unwrap_or_default())?;
        self.records().write(vec![(Place::State(name.to_owned()), state_payload(bytes))])
    }

    fn begin_day(&self, today: UtcDay, retention_days: u32) -> Result<ExpiredDays, StoreError> {
        let mut records = self.records();
        let oldest = today.minus(retention_days);
        let expired = records.keys.begin_day(today, oldest, &mut rand::rng())?;
        records.tidy();
        Ok(ExpiredDays(expired))
    }

    fn forget(&self, what: Forget) -> Result<ExpiredDays, StoreError> {
        let mut records = self.records();
        let state = what == Forget::Everything;
        let days = records.keys.forget(|day| what.covers(day), state, &mut rand::rng())?;
        records.tidy();
        Ok(ExpiredDays(days))
    }

    fn export_records(&self) -> Result<Vec<Record>, StoreError> {
        let mut kept = self.records();
        let scans = kept.read_all(RecordKind::Scans, &[], None)?;
        let scans = scans.iter().filter_map(Stored::block);
        let mut records: Vec<_> = scans.map(|(at, block)| Record::Scans(at, block)).collect();
        let keys = kept.own_keys_by_day()?.into_iter().filter(|(_, keys)| !keys.is_empty());
        records.extend(keys.map(|(day, keys)| Record::OwnKeys(day, keys)));
        let found = kept.exposures_by_day()?.into_iter().filter(|(_, found)| !found.is_empty());
        records.extend(found.map(|(day, windows)| Record::Exposures(day, windows)));
        let found = kept.venue_matches_by_day()?.into_iter().filter(|(_, found)| !found.is_empty());
        records.extend(found.map(|(day, venue_matches)| Record::VenueMatches(day, venue_matches)));
        for stored in kept.read_all(RecordKind::State, &[], None)? {
            let bytes = stored.opened.as_ref().and_then(state_of);
            if let (Place::State(name), Some(bytes)) = (stored.place, bytes) {
                records.push(Record::State(name, bytes));
            }
        }
        Ok(records)
    }

    fn import_records(&self, records: Vec<Record>, oldest: UtcDay) -> Result<Imported, StoreError> {
        let mut imported = Imported::default();
        records.iter().try_for_each(Record::check)?;
        let mut kept = self.records();
        let mut payloads = BTreeMap::new();
        for record in records {
            if record.day().is_some_and(|day| day < oldest) {
                imported.too_old += 1;
                continue;
            }
            let place = record.place();
            if payloads.contains_key(&place) || payloads.len() >= IMPORT_BATCH {
                kept.write(std::mem::take(&mut payloads).into_iter().collect())?;
            }
            if let Some(payload) = kept.merged(record, &mut imported)? {
                payloads.insert(place, payload);
            }
        }
        kept.write(payloads.into_iter().collect())?;
        Ok(imported)
    }

    fn size_on_disk(&self) -> u64 {
        folder_bytes(&self.profile.store_folder()) + folder_bytes(&self.profile.keys_folder())
    }
}
