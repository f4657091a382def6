//! What the device keeps, sealed: scan instances, own keys, exposure windows, visits that warnings
//! spoke about, and named records.
//!
//! [`EncounterStore`] is the interface; [`SledStore`] keeps everything on disk, [`MemoryStore`]
//! in memory for simulations and tests. All calls block; the engine makes them from
//! `spawn_blocking`.
//!
//! Everything that belongs to a UTC day is sealed under that day's key. Day keys never enter the
//! database, which keeps overwritten values in its log: they stand in a small file of their own
//! (`day_keys`), and a day is erased by destroying its key.

pub(crate) mod archive;
pub(crate) mod block;
mod database;
pub(crate) mod day_keys;
mod error;
mod exposure_record;
mod forget;
pub(crate) mod lock;
mod memory_store;
mod merge;
mod migrations;
mod record;
mod recovery;
pub(crate) mod rekeyed;
mod sled_records;
mod sled_store;
mod timer_slack;
pub(crate) mod wrapping_key;

#[cfg(test)]
mod contract;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::encounter::ScanInstance;
use vungxanh_protocol::interval::{Interval, UtcDay};
use vungxanh_protocol::own_keys::OwnKeys;
use vungxanh_protocol::venue::warning::VenueMatch;

pub use self::error::StoreError;
pub use self::exposure_record::ExposureRecord;
pub use self::forget::Forget;
pub use self::memory_store::MemoryStore;
pub use self::migrations::SCHEMA_VERSION;
pub use self::record::Record;
pub use self::recovery::Recovery;
pub use self::sled_store::SledStore;

/// Bytes that one named record has at most.
pub const MAX_STATE_BYTES: usize = 4 * 1024 * 1024;
/// Bytes that the name of a record has at most.
pub const MAX_STATE_NAME_BYTES: usize = 64;
/// Characters that a new passphrase of the person has at least: of an archive, of the diary.
pub const MIN_PASSPHRASE_CHARS: usize = 8;
/// Different days that can have records at one time. Retention is at most 21 days; the rest is
/// room for a clock that was wrong.
pub const MAX_DAYS: usize = 400;

/// What the device keeps. Every write is durable when the call returns; a failed write leaves
/// everything that was stored before in place.
pub trait EncounterStore: Send + Sync {
    /// Adds one scan window's instances to the block of `interval`, in which each must lie. An
    /// instance of the same advertisement and moment is replaced.
    fn record_scan(
        &self,
        interval: Interval,
        scan: &[(Advertisement, ScanInstance)],
    ) -> Result<Recorded, StoreError>;

    /// The scan instances of the intervals `from..=to`, to be joined by
    /// [`vungxanh_protocol::encounter::join`].
    fn scans(&self, from: Interval, to: Interval) -> Result<LoadedScans, StoreError>;

    /// How much is stored of each interval, by time.
    fn block_counts(&self) -> Result<Vec<BlockCounts>, StoreError>;

    /// How much is stored for each UTC day, by day.
    fn scan_summary(&self) -> Result<Vec<DayCounts>, StoreError> {
        let mut days: BTreeMap<UtcDay, DayCounts> = BTreeMap::new();
        for block in self.block_counts()? {
            let day = block.interval.day();
            let counts = days.entry(day).or_insert(DayCounts { day, ..DayCounts::default() });
            counts.blocks += 1;
            counts.bytes += block.bytes;
            counts.scan_instances += block.scan_instances.unwrap_or(0);
            counts.unreadable_blocks += usize::from(block.scan_instances.is_none());
        }
        Ok(days.into_values().collect())
    }

    /// All own keys that are stored.
    fn own_keys(&self) -> Result<OwnKeys, StoreError>;

    /// Replaces the own keys. Each is sealed under the key of the day in which it begins, and
    /// expires with it.
    fn put_own_keys(&self, keys: &OwnKeys) -> Result<(), StoreError>;

    /// The exposure windows of every day, by day.
    fn exposures(&self) -> Result<Vec<ExposureRecord>, StoreError>;

    /// Replaces the exposure windows of `day`; none removes the day's record.
    fn put_exposures(&self, day: UtcDay, windows: &[ExposureRecord]) -> Result<(), StoreError>;

    /// The visits that warnings spoke about, by day.
    fn venue_matches(&self) -> Result<Vec<VenueMatch>, StoreError>;

    /// Replaces the matches of visits that began on `day`; none removes the day's record.
    fn put_venue_matches(
        &self,
        day: UtcDay,
        venue_matches: &[VenueMatch],
    ) -> Result<(), StoreError>;

    /// The bytes stored under `name`. See [`state`] for typed records.
    fn state_bytes(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Stores bytes under `name`, or removes them. See [`put_state`] for typed records.
    fn put_state_bytes(&self, name: &str, bytes: Option<&[u8]>) -> Result<(), StoreError>;

    /// Makes the key of `today` and destroys the keys and records of all days before
    /// `today - retention_days`. To be called once a day and at start, but only while the clock
    /// can be trusted: a clock that is ahead expires what it should not. One that is behind
    /// destroys nothing.
    fn begin_day(&self, today: UtcDay, retention_days: u32) -> Result<ExpiredDays, StoreError>;

    /// Destroys at once and for good what the person wants forgotten.
    fn forget(&self, what: Forget) -> Result<ExpiredDays, StoreError>;

    /// Everything, readable, for `archive::write` or another store.
    fn export_records(&self) -> Result<Vec<Record>, StoreError>;

    /// Adds records to what is there, except those of days before `oldest`. Nothing is lost: scan
    /// instances, keys and windows are united, a key counts as retired if either side says so,
    /// and of two records of one name the one already there stays.
    fn import_records(&self, records: Vec<Record>, oldest: UtcDay) -> Result<Imported, StoreError>;

    /// Bytes that the store takes on disk; 0 in memory.
    fn size_on_disk(&self) -> u64;
}

/// Reads the record that [`put_state`] stored under `name`.
pub fn state<T: DeserializeOwned>(
    store: &(impl EncounterStore + ?Sized),
    name: &str,
) -> Result<Option<T>, StoreError> {
    let Some(bytes) = store.state_bytes(name)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| StoreError::Unreadable {
        name: name.to_owned(),
        reason: error.to_string(),
    })
}

/// Stores `value` as JSON under `name`, in place of what stood there.
pub fn put_state<T: Serialize>(
    store: &(impl EncounterStore + ?Sized),
    name: &str,
    value: &T,
) -> Result<(), StoreError> {
    let bytes = serde_json::to_vec(value).map_err(|error| StoreError::Unreadable {
        name: name.to_owned(),
        reason: error.to_string(),
    })?;
    store.put_state_bytes(name, Some(&bytes))
}

/// What came of recording a scan window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[must_use]
pub struct Recorded {
    /// Scan instances that the interval's full block had to leave out (`block::MAX_INSTANCES`).
    pub left_out: usize,
}

/// Scan instances as loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LoadedScans {
    /// All instances of the blocks that could be opened, by interval.
    pub instances: Vec<(Advertisement, ScanInstance)>,
    /// Blocks that are there but cannot be opened: their day's key is gone or they are damaged.
    pub unreadable_blocks: usize,
}

/// What is stored of one interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockCounts {
    pub interval: Interval,
    /// `None`: the block cannot be opened.
    pub scan_instances: Option<usize>,
    /// Bytes of the sealed block.
    pub bytes: u64,
}

/// What is stored for one UTC day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct DayCounts {
    pub day: UtcDay,
    /// Intervals with at least one scan instance.
    pub blocks: usize,
    pub scan_instances: usize,
    /// Bytes of the sealed blocks.
    pub bytes: u64,
    /// Of `blocks`, those that cannot be opened.
    pub unreadable_blocks: usize,
}

/// Days whose keys were destroyed, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExpiredDays(pub Vec<UtcDay>);

/// What an import added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// Scan instances that were not there before.
    pub scan_instances: usize,
    /// Own keys that were not there before.
    pub own_keys: usize,
    /// Exposure windows that were not there before.
    pub exposure_windows: usize,
    /// Visits that warnings spoke about and that were not there before.
    #[serde(default)]
    pub venue_matches: usize,
    /// Named records that were not there before.
    pub states: usize,
    /// Records left out because their day is no longer retained.
    pub too_old: usize,
}

fn check_state(name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    if name.len() > MAX_STATE_NAME_BYTES {
        let (bytes, limit) = (name.len(), MAX_STATE_NAME_BYTES);
        return Err(StoreError::TooLarge { name: name.to_owned(), bytes, limit });
    }
    if bytes.len() > MAX_STATE_BYTES {
        let (bytes, limit) = (bytes.len(), MAX_STATE_BYTES);
        return Err(StoreError::TooLarge { name: name.to_owned(), bytes, limit });
    }
    Ok(())
}
