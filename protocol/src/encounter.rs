//! From what the radio hears to encounters: sightings of one scan window become one scan instance
//! for each advertisement; scan instances of one advertisement are an encounter.

use std::collections::HashMap;

use crate::advertisement::Advertisement;
use crate::exposure_key::RollingProximityIdentifier;
use crate::interval::UnixTime;
use crate::metadata::EncryptedMetadata;

/// BlueZ's and HCI's mark for "no RSSI known".
pub const RSSI_UNKNOWN: i8 = 127;
/// For how long, at most, a scan speaks for the time before it (GAEN v2, `ScanInstance`).
pub const MAX_SECONDS_SINCE_LAST_SCAN: u64 = 300;
/// For how long a scan speaks when it is unknown when the one before it was (Google's reference
/// matcher: two minutes).
pub const DEFAULT_SECONDS_SINCE_LAST_SCAN: u64 = 120;
/// How many different metadata are kept for one identifier in one scan window: spraying forged
/// metadata beside a true identifier neither wins nor fills the store.
pub const METADATA_KEPT_PER_IDENTIFIER: usize = 4;

/// All sightings of one advertisement in one scan window: each a reception of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanInstance {
    /// Start of the scan window.
    pub time: UnixTime,
    /// Mean RSSI in dBm, uncorrected.
    pub typical_rssi: i8,
    /// Strongest RSSI in dBm, uncorrected.
    pub strongest_rssi: i8,
    /// Number of sightings.
    pub count: u16,
    /// Seconds for which this scan speaks, at most [`MAX_SECONDS_SINCE_LAST_SCAN`].
    pub seconds_since_last_scan: u16,
    /// Whether the device's clock was synchronised. Kept but not scored when it was not.
    pub clock_trusted: bool,
}

/// All scan instances of one identifier with one metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encounter {
    /// What was heard.
    pub advertisement: Advertisement,
    /// When and how strong, by time.
    pub scans: Vec<ScanInstance>,
}

/// Collects the sightings of one scan window.
#[derive(Debug)]
pub struct ScanWindow {
    start: UnixTime,
    seconds_since_last_scan: u16,
    clock_trusted: bool,
    heard: HashMap<RollingProximityIdentifier, HashMap<EncryptedMetadata, Readings>>,
}

#[derive(Debug, Default)]
struct Readings {
    count: u32,
    sum: i64,
    strongest: Option<i8>,
}

impl ScanWindow {
    /// Begins a window at `start`; `previous` is the start of the one before. Where it is not
    /// known, or the clock was set back since, the window speaks for
    /// [`DEFAULT_SECONDS_SINCE_LAST_SCAN`].
    pub fn open(start: UnixTime, previous: Option<UnixTime>, clock_trusted: bool) -> Self {
        let since = previous
            .filter(|previous| *previous <= start)
            .map_or(DEFAULT_SECONDS_SINCE_LAST_SCAN, |previous| start.since(previous));
        Self {
            start,
            seconds_since_last_scan: since.min(MAX_SECONDS_SINCE_LAST_SCAN) as u16,
            clock_trusted,
            heard: HashMap::new(),
        }
    }

    /// When the window began.
    pub const fn start(&self) -> UnixTime {
        self.start
    }

    /// Takes one reception. One without known RSSI says nothing about distance and is ignored.
    pub fn hear(&mut self, advertisement: Advertisement, rssi: i8) {
        if rssi == RSSI_UNKNOWN {
            return;
        }
        let by_metadata = self.heard.entry(advertisement.identifier).or_default();
        let readings = by_metadata.entry(advertisement.metadata).or_default();
        readings.count = readings.count.saturating_add(1);
        readings.sum += i64::from(rssi);
        readings.strongest = readings.strongest.max(Some(rssi));
    }

    /// Ends the window: one scan instance for each advertisement, in the order of their bytes.
    pub fn close(self) -> Vec<(Advertisement, ScanInstance)> {
        let mut instances = Vec::with_capacity(self.heard.len());
        for (identifier, by_metadata) in self.heard {
            let mut kept: Vec<_> = by_metadata.into_iter().collect();
            kept.sort_by_key(|(metadata, readings)| (std::cmp::Reverse(readings.count), *metadata));
            kept.truncate(METADATA_KEPT_PER_IDENTIFIER);
            for (metadata, readings) in kept {
                let instance = ScanInstance {
                    time: self.start,
                    typical_rssi: readings.mean(),
                    strongest_rssi: readings.strongest.unwrap_or(RSSI_UNKNOWN),
                    count: readings.count.min(u32::from(u16::MAX)) as u16,
                    seconds_since_last_scan: self.seconds_since_last_scan,
                    clock_trusted: self.clock_trusted,
                };
                instances.push((Advertisement { identifier, metadata }, instance));
            }
        }
        instances.sort_by_key(|(heard, _)| (heard.identifier, heard.metadata));
        instances
    }
}

impl Readings {
    /// The mean, rounded to the nearest dBm.
    fn mean(&self) -> i8 {
        let mean = self.sum as f64 / f64::from(self.count.max(1));
        mean.round() as i8
    }
}

/// Joins scan instances into encounters, by advertisement; scans ordered by time, duplicates of
/// one moment dropped (the first one stays). An identifier heard across two intervals becomes one
/// encounter.
pub fn join(instances: impl IntoIterator<Item = (Advertisement, ScanInstance)>) -> Vec<Encounter> {
    let instances: Vec<_> = instances.into_iter().collect();
    let order = by_advertisement_and_time(&instances);
    let same = |a: &usize, b: &usize| instances[*a].0 == instances[*b].0;
    let mut encounters = Vec::with_capacity(order.chunk_by(same).count());
    for places in order.chunk_by(same) {
        let mut scans: Vec<_> = places.iter().map(|place| instances[*place].1).collect();
        scans.dedup_by_key(|scan| scan.time);
        let advertisement = instances[places[0]].0;
        encounters.push(Encounter { advertisement, scans });
    }
    encounters
}

/// The places of the instances, sorted: by counting on the identifiers' first bits, which are as good
/// as random, then within each of the small groups. There are about as many groups as instances,
/// 65,536 at most.
fn by_advertisement_and_time(instances: &[(Advertisement, ScanInstance)]) -> Vec<usize> {
    let bits = instances.len().checked_ilog2().unwrap_or(0).min(u16::BITS);
    let group = |heard: &Advertisement| {
        let [first, second, ..] = heard.identifier.0;
        usize::from(u16::from_be_bytes([first, second])) >> (u16::BITS - bits)
    };
    let mut ends = vec![0; 1 << bits];
    for (heard, _) in instances {
        ends[group(heard)] += 1;
    }
    let mut before = 0;
    for end in &mut ends {
        before += std::mem::replace(end, before);
    }
    let mut order = vec![0; instances.len()];
    for (place, (heard, _)) in instances.iter().enumerate() {
        let next = &mut ends[group(heard)];
        order[*next] = place;
        *next += 1;
    }
    let mut begin = 0;
    for end in ends {
        let places = &mut order[std::mem::replace(&mut begin, end)..end];
        places.sort_unstable_by_key(|place| {
            let (heard, scan) = &instances[*place];
            (heard.identifier, heard.metadata, scan.time, *place)
        });
    }
    order
}
