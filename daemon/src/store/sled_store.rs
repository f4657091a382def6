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
use super::sled_records::{SledRecords, folder_bytes, list_payload, state_of, state_payload};
use super::wrapping_key::{WrappingKeyFile, WrappingKeySource};
use super::{
    BlockCounts, EncounterStore, ExpiredDays, ExposureRecord, Forget, Imported, LoadedScans,
    Record, Recorded, Recovery, StoreError, check_state, migrations,
};
use crate::platform::profile::Profile;
use crate::platform::threads::lock;

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

    /// Like [`SledStore::open`], with the lock already taken and the wrapping key stored elsewhere.
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

    fn block_counts(&self) -> Result<Vec<BlockCounts>, StoreError> {
        let stored = self.records().read_all(RecordKind::Scans, &[], None)?;
        let counts = stored.iter().filter_map(|stored| match &stored.place {
            Place::Scans(interval) => Some(BlockCounts {
                interval: *interval,
                scan_instances: stored.block().map(|(_, block)| block.len()),
                bytes: stored.bytes as u64,
            }),
            _ => None,
        });
        Ok(counts.collect())
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
        let rest = what.rest_of(records.export()?);
        let state = what == Forget::Everything;
        let days = records.keys.forget(|day| what.touches(day), state, &mut rand::rng())?;
        records.tidy();
        records.import(rest, UtcDay::new(0))?;
        Ok(ExpiredDays(days))
    }

    fn export_records(&self) -> Result<Vec<Record>, StoreError> {
        self.records().export()
    }

    fn import_records(&self, records: Vec<Record>, oldest: UtcDay) -> Result<Imported, StoreError> {
        records.iter().try_for_each(Record::check)?;
        self.records().import(records, oldest)
    }

    fn size_on_disk(&self) -> u64 {
        folder_bytes(&self.profile.store_folder()) + folder_bytes(&self.profile.keys_folder())
    }
}
