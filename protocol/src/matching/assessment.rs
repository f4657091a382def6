//! From encounters and a stream of diagnosis keys to the scans that belong to cases.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};
use std::num::NonZero;

use super::kernel::Kernel;
use super::matcher::{Match, Matcher, Sighting};
use crate::authority::TracingParameters;
use crate::diagnosis_key::{DiagnosisKey, KeyId, ReportType};
use crate::encounter::Encounter;
use crate::exposure_key::{DerivedKeys, KEY_BYTES};
use crate::exposure_window::MatchedScan;
use crate::interval::{Interval, UnixTime};
use crate::metadata::{Authenticity, Metadata, MetadataError};

/// Keys that are matched together, for each thread: enough to fill the days' buckets.
const BATCH_KEYS: usize = 8_192;

/// Takes keys one by one, matches them in batches and keeps what they match.
#[derive(Debug)]
pub struct Assessor<'a> {
    encounters: &'a [Encounter],
    /// Encounter and first scan of each sighting in the matcher.
    sightings: Vec<(u32, u32)>,
    matcher: Matcher,
    plain_gaen: bool,
    threads: NonZero<usize>,
    /// Keys taken that have not been matched yet.
    waiting: Vec<DiagnosisKey>,
    now: Option<UnixTime>,
    keys_read: u64,
    future_keys: u64,
    found: BTreeMap<KeyId, KeyMatches>,
    revoked: HashSet<[u8; KEY_BYTES]>,
    left_out: HashSet<[u8; KEY_BYTES]>,
}

/// Whether a key counts, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It is matched.
    Counts,
    /// It is revoked: by this entry, by an earlier one, or before this stream of keys.
    Revoked,
    /// It begins after the present moment. No honest key is published early.
    Future,
    /// The caller leaves it out.
    LeftOut,
}

#[derive(Debug)]
struct KeyMatches {
    /// As it was read last.
    key: DiagnosisKey,
    /// By encounter and scan: the derived interval and the metadata.
    scans: BTreeMap<(usize, usize), (Interval, Opened)>,
}

type Opened = Result<(Metadata, Authenticity), MetadataError>;

/// A match whose metadata could not be believed: altered on the air, dropped, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedMatch {
    /// The key.
    pub key: DiagnosisKey,
    /// Which encounter.
    pub encounter: usize,
    /// Which of its scans.
    pub scan: usize,
    /// Why.
    pub reason: MetadataError,
}

/// What a stream of keys found.
#[derive(Debug, Default)]
pub struct Assessment {
    /// Keys taken, repetitions included.
    pub keys_read: u64,
    /// Keys that begin after the present moment: ignored, as no honest key is published early.
    pub future_keys: u64,
    /// Scans that belong to cases, by time.
    pub matched: Vec<MatchedScan>,
    /// Matches that were dropped.
    pub refused: Vec<RefusedMatch>,
}

impl<'a> Assessor<'a> {
    /// Prepares to match `encounters` by the authority's tolerance and admission of plain GAEN.
    /// At most 2^32 of them, with as many scans each.
    pub fn new(encounters: &'a [Encounter], clock_tolerance: u32, plain_gaen: bool) -> Self {
        let sightings: Vec<(u32, u32)> = (0..).zip(encounters).flat_map(runs).collect();
        let matcher = Matcher::new(
            sightings.iter().map(|&(e, s)| {
                let encounter = &encounters[e as usize];
                let interval = encounter.scans[s as usize].time.interval();
                Sighting { identifier: encounter.advertisement.identifier, interval }
            }),
            clock_tolerance,
        );
        Self {
            encounters,
            sightings,
            matcher,
            plain_gaen,
            threads: NonZero::<usize>::MIN,
            waiting: Vec::new(),
            now: None,
            keys_read: 0,
            future_keys: 0,
            found: BTreeMap::new(),
            revoked: HashSet::new(),
            left_out: HashSet::new(),
        }
    }

    /// The same with an authority's parameters.
    pub fn by_parameters(encounters: &'a [Encounter], parameters: &TracingParameters) -> Self {
        Self::new(encounters, parameters.clock_tolerance, parameters.plain_gaen)
    }

    /// From here on ignores keys that begin after `now`, and counts them.
    pub const fn at(mut self, now: UnixTime) -> Self {
        self.now = Some(now);
        self
    }

    /// From here on counts these keys as revoked: earlier files revoked them.
    pub fn revoked_before(mut self, keys: impl IntoIterator<Item = [u8; KEY_BYTES]>) -> Self {
        self.revoked.extend(keys);
        self
    }

    /// From here on leaves these keys out: a device does not warn its owner of themselves.
    pub fn leaving_out(mut self, keys: impl IntoIterator<Item = [u8; KEY_BYTES]>) -> Self {
        self.left_out.extend(keys);
        self
    }

    /// From here on matches on so many threads. What is found does not depend on it.
    pub const fn on_threads(mut self, threads: NonZero<usize>) -> Self {
        self.threads = threads;
        self
    }

    /// From here on matches with `kernel` instead of the fastest one of this machine.
    pub fn with_kernel(mut self, kernel: Kernel) -> Self {
        self.matcher = self.matcher.with_kernel(kernel);
        self
    }

    /// Which keys count: all but revoked ones, those that begin after the present moment, and those
    /// that the caller leaves out.
    pub fn admits(&self, key: &DiagnosisKey) -> Admission {
        if key.report_type == ReportType::Revoked || self.revoked.contains(&key.key) {
            Admission::Revoked
        } else if self.now.is_some_and(|now| key.is_future(now)) {
            Admission::Future
        } else if self.left_out.contains(&key.key) {
            Admission::LeftOut
        } else {
            Admission::Counts
        }
    }

    /// Takes one key and says whether it counts. A later entry of the same key and start replaces an
    /// earlier one's report type and days since onset, and matches what either of them matches; a
    /// revoked key matches nothing, whatever came before or comes after.
    pub fn take(&mut self, key: &DiagnosisKey) -> Admission {
        self.keys_read += 1;
        let admission = self.admits(key);
        match admission {
            Admission::Counts => {
                self.waiting.push(*key);
                if self.waiting.len() >= BATCH_KEYS.saturating_mul(self.threads.get()) {
                    self.match_waiting();
                }
            }
            Admission::Revoked => {
                self.revoked.insert(key.key);
            }
            Admission::Future => self.future_keys += 1,
            Admission::LeftOut => {}
        }
        admission
    }

    /// Matches the keys that wait, and takes what they match in their order.
    fn match_waiting(&mut self) {
        let keys = std::mem::take(&mut self.waiting);
        let mut matches = Vec::new();
        self.matcher.match_batch(&keys, self.threads, |key, found| matches.push((key, found)));
        let mut matches = matches.as_slice();
        for (place, key) in keys.iter().enumerate() {
            let of_key;
            (of_key, matches) = matches.split_at(matches.partition_point(|(of, _)| *of <= place));
            if !of_key.is_empty() || !self.found.is_empty() {
                self.take_matches(key, of_key.iter().map(|(_, found)| found));
            }
        }
        self.waiting = keys;
        self.waiting.clear();
    }

    fn take_matches<'m>(&mut self, key: &DiagnosisKey, matches: impl Iterator<Item = &'m Match>) {
        let mut scans = BTreeMap::new();
        let mut metadata_key = None;
        for found in matches {
            let (e, first) = self.sightings[found.sighting];
            let encounter = &self.encounters[e as usize];
            let opened = metadata_key.get_or_insert_with(|| DerivedKeys::from(key).metadata).open(
                &encounter.advertisement.identifier,
                encounter.advertisement.metadata,
                self.plain_gaen,
            );
            let first = first as usize;
            let interval = encounter.scans[first].time.interval();
            let run = encounter.scans[first..]
                .iter()
                .take_while(|scan| scan.time.interval() == interval)
                .count();
            for scan in first..first + run {
                scans.insert((e as usize, scan), (found.derived, opened));
            }
        }
        match self.found.entry(key.id()) {
            Entry::Occupied(mut entry) => {
                let earlier = entry.get_mut();
                earlier.key = *key;
                earlier.scans.append(&mut scans);
            }
            Entry::Vacant(entry) if !scans.is_empty() => {
                entry.insert(KeyMatches { key: *key, scans });
            }
            Entry::Vacant(_) => {}
        }
    }

    /// What was found.
    pub fn finish(mut self) -> Assessment {
        self.match_waiting();
        let mut assessment = Assessment {
            keys_read: self.keys_read,
            future_keys: self.future_keys,
            ..Assessment::default()
        };
        let believed = self.found.into_values().filter(|m| !self.revoked.contains(&m.key.key));
        for KeyMatches { key, scans } in believed {
            for ((encounter, scan), (derived, opened)) in scans {
                match opened {
                    Ok((metadata, authenticity)) => assessment.matched.push(MatchedScan {
                        key,
                        derived,
                        scan: self.encounters[encounter].scans[scan],
                        metadata,
                        authenticity,
                    }),
                    Err(reason) => {
                        assessment.refused.push(RefusedMatch { key, encounter, scan, reason });
                    }
                }
            }
        }
        assessment.matched.sort_by_key(|m| (m.scan.time, m.key.key, m.derived));
        assessment.refused.sort_by_key(|r| (r.encounter, r.scan));
        assessment
    }
}

/// Where the scans of another interval than the one before begin: sightings of one interval are
/// one to the matcher.
fn runs((e, encounter): (u32, &Encounter)) -> impl Iterator<Item = (u32, u32)> {
    let mut before = None;
    (0..).zip(&encounter.scans).filter_map(move |(s, scan)| {
        let interval = scan.time.interval();
        (before.replace(interval) != Some(interval)).then_some((e, s))
    })
}
