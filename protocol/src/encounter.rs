//! From what the radio hears to encounters: sightings of one scan window become one scan instance
//! for each advertisement; scan instances of one advertisement are an encounter.

use std::collections::HashMap;

use rand::seq::SliceRandom;

use crate::advertisement::Advertisement;
use crate::identifier::RollingProximityIdentifier;
use crate::interval::UnixTime;
use crate::metadata::EncryptedMetadata;
use crate::recently_heard::{FIRST_METADATA, RecentlyHeard};

/// BlueZ's and HCI's mark for "no RSSI known".
pub const RSSI_UNKNOWN: i8 = 127;
/// For how long, at most, a scan speaks for the time before it (GAEN v2, `ScanInstance`).
pub const MAX_SECONDS_SINCE_LAST_SCAN: u64 = 300;
/// For how long a scan speaks when it is unknown when the one before it was (Google's reference
/// matcher: two minutes).
pub const DEFAULT_SECONDS_SINCE_LAST_SCAN: u64 = 120;
/// How many different metadata are stored for one identifier in one scan window: those heard first
/// ([`FIRST_METADATA`]), those most repeated ([`MOST_REPEATED_METADATA`]), and a random sample of the
/// rest. How often a forgery is repeated is its sender's choice, so no rule goes by that alone.
pub const METADATA_KEPT_PER_IDENTIFIER: usize = 8;
/// Of the metadata stored for one identifier, those that are there because they were repeated most.
pub const MOST_REPEATED_METADATA: usize = 2;
/// Scan instances that one scan window gives at most, chosen at random where there are more.
pub const MAX_INSTANCES_PER_WINDOW: usize = 2_048;
/// Of these, room for identifiers that earlier windows heard, too: a crowd of invented ones that
/// appears at once displaces none that stayed near.
pub const ROOM_FOR_KNOWN: usize = MAX_INSTANCES_PER_WINDOW / 4 * 3;

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
    /// Whether the device's clock was synchronised. Stored but not scored when it was not.
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
    receptions: u64,
}

#[derive(Debug, Default)]
struct Readings {
    /// How many receptions of the window came before the first of these.
    first: u64,
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
            receptions: 0,
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
        let first = self.receptions;
        self.receptions += 1;
        let readings = by_metadata
            .entry(advertisement.metadata)
            .or_insert_with(|| Readings { first, ..Readings::default() });
        readings.count = readings.count.saturating_add(1);
        readings.sum += i64::from(rssi);
        readings.strongest = readings.strongest.max(Some(rssi));
    }

    /// Ends the window: one scan instance for each advertisement, in the order of their bytes. At
    /// most [`METADATA_KEPT_PER_IDENTIFIER`] of an identifier and [`MAX_INSTANCES_PER_WINDOW`] in
    /// all; `recent` is what the windows before heard, and learns what this one did.
    pub fn close(
        self,
        recent: &mut RecentlyHeard,
        rng: &mut impl rand::Rng,
    ) -> Vec<(Advertisement, ScanInstance)> {
        recent.forget_old(self.start);
        let (mut known, mut new) = (Vec::new(), Vec::new());
        let mut heard: Vec<_> = self.heard.iter().collect();
        heard.sort_unstable_by_key(|(identifier, _)| **identifier);
        for (identifier, by_metadata) in heard {
            let variants = kept_variants(by_metadata, recent.first_metadata(identifier), rng);
            let of_identifier = variants.into_iter().map(|(metadata, readings)| {
                (Advertisement { identifier: *identifier, metadata }, self.instance(readings))
            });
            if recent.knows(identifier) { &mut known } else { &mut new }.extend(of_identifier);
        }
        let mut instances = sampled(known, new, (ROOM_FOR_KNOWN, MAX_INSTANCES_PER_WINDOW), rng);
        instances.sort_by_key(|(heard, _)| (heard.identifier, heard.metadata));
        for of_identifier in instances.chunk_by(|(a, _), (b, _)| a.identifier == b.identifier) {
            let identifier = of_identifier[0].0.identifier;
            let mut by_reception: Vec<_> = (self.heard.get(&identifier).into_iter().flatten())
                .map(|(metadata, readings)| (readings.first, *metadata))
                .collect();
            by_reception.sort_unstable();
            recent.note(identifier, self.start, by_reception.into_iter().map(|(_, one)| one));
        }
        recent.shrink(rng);
        instances
    }

    fn instance(&self, readings: &Readings) -> ScanInstance {
        ScanInstance {
            time: self.start,
            typical_rssi: readings.mean(),
            strongest_rssi: readings.strongest.unwrap_or(RSSI_UNKNOWN),
            count: readings.count.min(u32::from(u16::MAX)) as u16,
            seconds_since_last_scan: self.seconds_since_last_scan,
            clock_trusted: self.clock_trusted,
        }
    }
}

/// The variants of one identifier that are stored. `remembered` are those that it had first in
/// earlier windows: a forger of metadata has to hear the true ones before.
fn kept_variants<'a>(
    by_metadata: &'a HashMap<EncryptedMetadata, Readings>,
    remembered: &[EncryptedMetadata],
    rng: &mut impl rand::Rng,
) -> Vec<(EncryptedMetadata, &'a Readings)> {
    let mut rest: Vec<_> =
        by_metadata.iter().map(|(metadata, readings)| (*metadata, readings)).collect();
    rest.sort_by_key(|(metadata, readings)| (!remembered.contains(metadata), readings.first));
    if rest.len() <= METADATA_KEPT_PER_IDENTIFIER {
        return rest;
    }
    let mut kept: Vec<_> = rest.drain(..FIRST_METADATA).collect();
    rest.sort_by_key(|(_, readings)| (std::cmp::Reverse(readings.count), readings.first));
    kept.extend(rest.drain(..MOST_REPEATED_METADATA));
    rest.shuffle(rng);
    rest.truncate(METADATA_KEPT_PER_IDENTIFIER - kept.len());
    kept.append(&mut rest);
    kept
}

/// A random sample of at most `most` of two groups together: `reserved` places are for the first, and
/// what one group leaves free the other takes.
pub fn sampled<T>(
    mut preferred: Vec<T>,
    mut others: Vec<T>,
    (reserved, most): (usize, usize),
    rng: &mut impl rand::Rng,
) -> Vec<T> {
    if preferred.len() + others.len() > most {
        preferred.shuffle(rng);
        others.shuffle(rng);
        let of_others = others.len().min(most - preferred.len().min(reserved).min(most));
        others.truncate(of_others);
        preferred.truncate(most - of_others);
    }
    preferred.append(&mut others);
    preferred
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
