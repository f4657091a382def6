//! From encounters and a stream of diagnosis keys to the scans that belong to cases.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};

use super::matcher::{Matcher, Sighted};
use crate::authority::TracingParameters;
use crate::diagnosis_key::{DiagnosisKey, ReportType};
use crate::encounter::Encounter;
use crate::exposure_key::{DerivedKeys, KEY_BYTES};
use crate::exposure_window::MatchedScan;
use crate::interval::{Interval, UnixTime};
use crate::metadata::{Authenticity, Metadata, MetadataError};

/// Takes keys one by one and keeps what they match.
#[derive(Debug)]
pub struct Assessor<'a> {
    encounters: &'a [Encounter],
    /// Encounter and scan of each sighting in the matcher.
    sightings: Vec<(usize, usize)>,
    matcher: Matcher,
    plain_gaen: bool,
    now: Option<UnixTime>,
    keys_read: u64,
    future_keys: u64,
    found: BTreeMap<KeyId, KeyMatches>,
    revoked: HashSet<[u8; KEY_BYTES]>,
}

/// A key repeated in several files is one key.
type KeyId = ([u8; KEY_BYTES], Interval);

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
    pub fn new(encounters: &'a [Encounter], clock_tolerance: u32, plain_gaen: bool) -> Self {
        let sightings: Vec<(usize, usize)> = encounters
            .iter()
            .enumerate()
            .flat_map(|(e, encounter)| (0..encounter.scans.len()).map(move |s| (e, s)))
            .collect();
        let matcher = Matcher::new(
            sightings.iter().map(|&(e, s)| Sighted {
                identifier: encounters[e].advertisement.identifier,
                interval: encounters[e].scans[s].time.interval(),
            }),
            clock_tolerance,
        );
        Self {
            encounters,
            sightings,
            matcher,
            plain_gaen,
            now: None,
            keys_read: 0,
            future_keys: 0,
            found: BTreeMap::new(),
            revoked: HashSet::new(),
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

    /// Takes one key. A later entry of the same key and start replaces an earlier one's report
    /// type and days since onset, and matches what either of them matches; a revoked key matches
    /// nothing, whatever came before or comes after.
    pub fn take(&mut self, key: &DiagnosisKey) {
        self.keys_read += 1;
        if key.report_type == ReportType::Revoked {
            self.revoked.insert(key.key);
            return;
        }
        if self.now.is_some_and(|now| key.is_future(now)) {
            self.future_keys += 1;
            return;
        }
        let mut scans = BTreeMap::new();
        let mut metadata_key = None;
        self.matcher.match_key(key, |found| {
            let (encounter, scan) = self.sightings[found.sighting];
            let heard = &self.encounters[encounter].advertisement;
            let opened = metadata_key.get_or_insert_with(|| DerivedKeys::from(key).metadata).open(
                &heard.identifier,
                heard.metadata,
                self.plain_gaen,
            );
            scans.insert((encounter, scan), (found.derived, opened));
        });
        match self.found.entry((key.key, key.rolling_start)) {
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
    pub fn finish(self) -> Assessment {
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
