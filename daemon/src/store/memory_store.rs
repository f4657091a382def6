//! A store in memory, for simulations and tests: the same promises, nothing sealed, nothing on disk.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::encounter::ScanInstance;
use vungxanh_protocol::interval::{Interval, UtcDay};
use vungxanh_protocol::own_keys::{OwnKey, OwnKeys};
use vungxanh_protocol::venue::warning::VenueMatch;

use super::block::Block;
use super::merge::{merge_own_keys, merge_venue_matches, merge_windows};
use super::{
    BlockCounts, EncounterStore, ExpiredDays, ExposureRecord, Forget, Imported, LoadedScans,
    Record, Recorded, StoreError, check_state,
};
use crate::platform::threads::lock;

/// Keeps everything in memory until dropped.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<Content>);

#[derive(Debug, Default)]
struct Content {
    days: BTreeSet<UtcDay>,
    scans: BTreeMap<Interval, Block>,
    own_keys: Vec<OwnKey>,
    exposures: BTreeMap<UtcDay, Vec<ExposureRecord>>,
    venue_matches: BTreeMap<UtcDay, Vec<VenueMatch>>,
    state: BTreeMap<String, Vec<u8>>,
}

impl MemoryStore {
    pub fn new() -> Self {
        Self::default()
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        lock(&self.0)
    }
}

impl Content {
    fn destroy(&mut self, gone: impl Fn(UtcDay) -> bool) -> ExpiredDays {
        let days: Vec<_> = self.days.extract_if(.., |day| gone(*day)).collect();
        self.scans.retain(|interval, _| !gone(interval.day()));
        self.own_keys.retain(|own| !gone(own.key.rolling_start().day()));
        self.exposures.retain(|day, _| !gone(*day));
        self.venue_matches.retain(|day, _| !gone(*day));
        ExpiredDays(days)
    }
}

impl EncounterStore for MemoryStore {
    fn record_scan(
        &self,
        interval: Interval,
        scan: &[(Advertisement, ScanInstance)],
    ) -> Result<Recorded, StoreError> {
        let mut content = self.content();
        let mut block = content.scans.get(&interval).cloned().unwrap_or_default();
        let left_out = block.add(interval, scan)?;
        if !block.is_empty() {
            content.days.insert(interval.day());
            content.scans.insert(interval, block);
        }
        Ok(Recorded { left_out })
    }

    fn scans(&self, from: Interval, to: Interval) -> Result<LoadedScans, StoreError> {
        if from > to {
            return Ok(LoadedScans::default());
        }
        let content = self.content();
        let instances = content.scans.range(from..=to).flat_map(|(_, block)| block.instances());
        Ok(LoadedScans { instances: instances.collect(), unreadable_blocks: 0 })
    }

    fn block_counts(&self) -> Result<Vec<BlockCounts>, StoreError> {
        let content = self.content();
        let counts = content.scans.iter().map(|(interval, block)| BlockCounts {
            interval: *interval,
            scan_instances: Some(block.len()),
            bytes: block.encode().len() as u64,
        });
        Ok(counts.collect())
    }

    fn own_keys(&self) -> Result<OwnKeys, StoreError> {
        Ok(OwnKeys::new(self.content().own_keys.clone()))
    }

    fn put_own_keys(&self, keys: &OwnKeys) -> Result<(), StoreError> {
        let mut content = self.content();
        content.own_keys = keys.iter().cloned().collect();
        content.days.extend(keys.iter().map(|own| own.key.rolling_start().day()));
        Ok(())
    }

    fn exposures(&self) -> Result<Vec<ExposureRecord>, StoreError> {
        Ok(self.content().exposures.values().flatten().cloned().collect())
    }

    fn put_exposures(&self, day: UtcDay, windows: &[ExposureRecord]) -> Result<(), StoreError> {
        let mut content = self.content();
        if windows.is_empty() {
            content.exposures.remove(&day);
        } else {
            content.days.insert(day);
            content.exposures.insert(day, windows.to_vec());
        }
        Ok(())
    }

    fn venue_matches(&self) -> Result<Vec<VenueMatch>, StoreError> {
        Ok(self.content().venue_matches.values().flatten().cloned().collect())
    }

    fn put_venue_matches(
        &self,
        day: UtcDay,
        venue_matches: &[VenueMatch],
    ) -> Result<(), StoreError> {
        let mut content = self.content();
        if venue_matches.is_empty() {
            content.venue_matches.remove(&day);
        } else {
            content.days.insert(day);
            content.venue_matches.insert(day, venue_matches.to_vec());
        }
        Ok(())
    }

    fn state_bytes(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.content().state.get(name).cloned())
    }

    fn put_state_bytes(&self, name: &str, bytes: Option<&[u8]>) -> Result<(), StoreError> {
        check_state(name, bytes.unwrap_or_default())?;
        let mut content = self.content();
        match bytes {
            Some(bytes) => content.state.insert(name.to_owned(), bytes.to_vec()),
            None => content.state.remove(name),
        };
        Ok(())
    }

    fn begin_day(&self, today: UtcDay, retention_days: u32) -> Result<ExpiredDays, StoreError> {
        let mut content = self.content();
        let expired = content.destroy(|day| day < today.minus(retention_days));
        content.days.insert(today);
        Ok(expired)
    }

    fn forget(&self, what: Forget) -> Result<ExpiredDays, StoreError> {
        let mut content = self.content();
        let rest = what.rest_of(content.export());
        if what == Forget::Everything {
            content.state.clear();
        }
        let gone = content.destroy(|day| what.touches(day));
        content.import(rest, UtcDay::new(0));
        Ok(gone)
    }

    fn export_records(&self) -> Result<Vec<Record>, StoreError> {
        Ok(self.content().export())
    }

    fn import_records(&self, records: Vec<Record>, oldest: UtcDay) -> Result<Imported, StoreError> {
        records.iter().try_for_each(Record::check)?;
        Ok(self.content().import(records, oldest))
    }

    fn size_on_disk(&self) -> u64 {
        0
    }
}

impl Content {
    fn export(&self) -> Vec<Record> {
        let mut keys: BTreeMap<_, Vec<OwnKey>> = BTreeMap::new();
        for own in &self.own_keys {
            keys.entry(own.key.rolling_start().day()).or_default().push(own.clone());
        }
        let scans = self.scans.iter().map(|(at, block)| Record::Scans(*at, block.clone()));
        let keys = keys.into_iter().map(|(day, keys)| Record::OwnKeys(day, keys));
        let exposures = self.exposures.iter();
        let exposures = exposures.map(|(day, found)| Record::Exposures(*day, found.clone()));
        let venue_matches = self.venue_matches.iter();
        let venue_matches =
            venue_matches.map(|(day, found)| Record::VenueMatches(*day, found.clone()));
        let state = self.state.iter().map(|(k, v)| Record::State(k.clone(), v.clone()));
        scans.chain(keys).chain(exposures).chain(venue_matches).chain(state).collect()
    }

    fn import(&mut self, records: Vec<Record>, oldest: UtcDay) -> Imported {
        let mut imported = Imported::default();
        for record in records {
            let day = record.day();
            if day.is_some_and(|day| day < oldest) {
                imported.too_old += 1;
                continue;
            }
            self.days.extend(day);
            match record {
                Record::Scans(interval, block) => {
                    let known = self.scans.entry(interval).or_default();
                    let before = known.len();
                    known.merge(block);
                    imported.scan_instances += known.len() - before;
                }
                Record::OwnKeys(_, keys) => {
                    imported.own_keys += merge_own_keys(&mut self.own_keys, keys);
                    self.own_keys.sort_by_key(|own| own.key.rolling_start());
                }
                Record::Exposures(day, windows) => {
                    let known = self.exposures.entry(day).or_default();
                    imported.exposure_windows += merge_windows(known, windows);
                }
                Record::VenueMatches(day, venue_matches) => {
                    let known = self.venue_matches.entry(day).or_default();
                    imported.venue_matches += merge_venue_matches(known, venue_matches);
                }
                Record::State(name, bytes) => {
                    imported.states += usize::from(!self.state.contains_key(&name));
                    self.state.entry(name).or_insert(bytes);
                }
            }
        }
        imported
    }
}
