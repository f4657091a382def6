//! Matching against the plain oracle, and what the assessor believes.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::encounter::{Encounter, ScanInstance, join};
use vungxanh_protocol::exposure_key::DerivedKeys;
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::{Interval, RollingPeriod, UnixTime};
use vungxanh_protocol::matching::{Assessment, Assessor, Match, Matcher, Sighting};
use vungxanh_protocol::metadata::{
    Authenticity, CalibrationConfidence, EncryptedMetadata, Metadata, MetadataError,
};

use vungxanh_protocol::own_keys::OwnKeys;
use vungxanh_protocol::rotation::Rotation;

use crate::support::oracle::{self, diagnosis_key};

/// 2026-01-01T00:00:00Z.
const MIDNIGHT: u32 = 2_945_376;

fn matches(matcher: &Matcher, key: &DiagnosisKey) -> Vec<Match> {
    let mut found = Vec::new();
    matcher.match_key(key, |found_now| found.push(found_now));
    found
}

fn any_key() -> impl Strategy<Value = DiagnosisKey> {
    // Few different bytes, so that keys repeat, with the same or another start and period.
    (0u8..6, 0u32..300, 1i64..=144)
        .prop_map(|(byte, start, period)| diagnosis_key([byte; 16], MIDNIGHT - 150 + start, period))
}

/// Which key, which of its intervals (as a share), heard how many intervals late or early.
fn any_hearing() -> impl Strategy<Value = (prop::sample::Index, prop::sample::Index, i32)> {
    (any::<prop::sample::Index>(), any::<prop::sample::Index>(), -14..=14)
}

fn sighted(
    keys: &[DiagnosisKey],
    hearings: &[(prop::sample::Index, prop::sample::Index, i32)],
) -> Vec<Sighting> {
    hearings
        .iter()
        .map(|(which, when, drift)| {
            let key = which.get(keys);
            let offset = when.index(key.rolling_period.intervals() as usize) as u32;
            let derived = key.rolling_start.plus(offset);
            Sighting {
                identifier: DerivedKeys::from(key).identifiers.identifier(derived),
                interval: Interval::new(derived.number().saturating_add_signed(*drift)),
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_matcher_finds_what_the_oracle_finds(
        keys in prop::collection::vec(any_key(), 1..12),
        hearings in prop::collection::vec(any_hearing(), 0..40),
        noise in prop::collection::vec(any::<[u8; 16]>(), 0..5),
        tolerance in 0u32..=12,
    ) {
        let mut sightings = sighted(&keys, &hearings);
        sightings.extend(noise.into_iter().map(|identifier| Sighting {
            identifier: RollingProximityIdentifier(identifier),
            interval: Interval::new(MIDNIGHT),
        }));
        let matcher = Matcher::new(sightings.iter().copied(), tolerance);
        for key in &keys {
            prop_assert_eq!(matches(&matcher, key), oracle::matches(key, &sightings, tolerance));
        }
    }

    #[test]
    fn the_assessor_misses_nothing_and_adds_nothing(
        keys in prop::collection::vec((any_key(), prop::bool::weighted(0.1)), 1..12),
        hearings in prop::collection::vec(any_hearing(), 0..40),
        tolerance in 0u32..=12,
    ) {
        let mut keys = keys;
        for (key, revoked) in &mut keys {
            if *revoked {
                key.report_type = ReportType::Revoked;
            }
        }
        let keys: Vec<DiagnosisKey> = keys.into_iter().map(|(key, _)| key).collect();
        let encounters: Vec<Encounter> = hearings
            .iter()
            .zip(sighted(&keys, &hearings))
            .map(|((which, _, _), sighted)| {
                let derived = DerivedKeys::from(which.get(&keys));
                encounter(&derived, sighted.identifier, sighted.interval)
            })
            .collect();

        let revoked: BTreeSet<_> = keys
            .iter()
            .filter(|key| key.report_type == ReportType::Revoked)
            .map(|key| key.key)
            .collect();
        let sightings = sighted(&keys, &hearings);
        let expected: BTreeSet<_> = keys
            .iter()
            .filter(|key| !revoked.contains(&key.key))
            .flat_map(|key| {
                oracle::matches(key, &sightings, tolerance).into_iter().map(|found| {
                    let time = sightings[found.sighting].interval.start();
                    (key.key, key.rolling_start, found.derived, time)
                })
            })
            .collect();

        let assessment = assess(&encounters, tolerance, false, &keys);
        let found: BTreeSet<_> = assessment
            .matched
            .iter()
            .map(|m| (m.key.key, m.key.rolling_start, m.derived, m.scan.time))
            .collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(assessment.refused, vec![]);
        prop_assert_eq!(assessment.keys_read, keys.len() as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The promise of docs/protocol.md, section 7: a device that hears another one at any moment,
    /// its clock behind by up to T * 600 - 300 s or ahead by up to T * 600 s, finds it later.
    #[test]
    fn whoever_was_heard_is_found_within_the_promised_drift(
        seed: u64,
        tolerance in 1u32..=12,
        drift in 0.0f64..=1.0,
        pauses in prop::collection::vec(1u64..3_000, 1..60),
    ) {
        let behind = i64::from(tolerance) * 600 - 300;
        let ahead = i64::from(tolerance) * 600;
        let drift = -behind + ((behind + ahead) as f64 * drift) as i64;

        let mut rng = StdRng::seed_from_u64(seed);
        let mut sender = (Rotation::new(), OwnKeys::default());
        let mut now = Interval::new(MIDNIGHT).start();
        let mut scans = Vec::new();
        for pause in pauses {
            let next_scan = now.plus(pause);
            while let Some(due) = sender.0.next_change().filter(|due| *due < next_scan) {
                sender.0.step(due, CLAIM, &mut sender.1, RollingPeriod::SIX_HOURS, &mut rng);
            }
            now = next_scan;
            sender.0.step(now, CLAIM, &mut sender.1, RollingPeriod::SIX_HOURS, &mut rng);
            let mut clock = now.as_secs();
            clock = clock.saturating_add_signed(drift);
            let heard = sender.0.advertisement().unwrap();
            scans.push((heard, scan(UnixTime::from_secs(clock))));
        }
        let expected = scans.len();
        let keys: Vec<DiagnosisKey> = sender
            .1
            .iter()
            .map(|own| {
                let (start, period) = (own.key.rolling_start(), own.key.rolling_period());
                diagnosis_key(*own.key.key().expose(), start.number(), period.intervals().into())
            })
            .collect();
        let assessment = assess(&join(scans), tolerance, false, &keys);
        prop_assert_eq!(assessment.matched.len(), expected);
        prop_assert_eq!(assessment.refused, vec![]);
    }
}

#[test]
fn tolerance_is_exact_on_both_sides_and_across_midnight() {
    let key = diagnosis_key([1; 16], MIDNIGHT - 1, 2);
    let derived = DerivedKeys::from(&key);
    for interval in [MIDNIGHT - 1, MIDNIGHT] {
        let identifier = derived.identifiers.identifier(Interval::new(interval));
        for tolerance in 0..=12u32 {
            for drift in -14i64..=14 {
                let heard = Interval::new((i64::from(interval) + drift) as u32);
                let matcher = Matcher::new([Sighting { identifier, interval: heard }], tolerance);
                let expected = drift.unsigned_abs() <= u64::from(tolerance);
                assert_eq!(matches(&matcher, &key).len(), usize::from(expected));
            }
        }
    }
}

#[test]
fn identifiers_outside_the_period_do_not_match() {
    let key = diagnosis_key([1; 16], MIDNIGHT, 36);
    let derived = DerivedKeys::from(&key);
    for (interval, expected) in
        [(MIDNIGHT - 1, 0), (MIDNIGHT, 1), (MIDNIGHT + 35, 1), (MIDNIGHT + 36, 0)]
    {
        let identifier = derived.identifiers.identifier(Interval::new(interval));
        let interval = Interval::new(interval);
        let matcher = Matcher::new([Sighting { identifier, interval }], 12);
        assert_eq!(matches(&matcher, &key).len(), expected);
    }
}

#[test]
fn the_ends_of_time_do_not_overflow() {
    for start in [0, u32::MAX - 1, u32::MAX] {
        let key = DiagnosisKey {
            rolling_period: RollingPeriod::DAY,
            ..diagnosis_key([1; 16], start, 144)
        };
        let identifier = DerivedKeys::from(&key).identifiers.identifier(key.rolling_start);
        let interval = key.rolling_start;
        let matcher = Matcher::new([Sighting { identifier, interval }], 12);
        let _ = matches(&matcher, &key);
    }
    assert_eq!(matches(&Matcher::new([], 12), &diagnosis_key([1; 16], 0, 144)), vec![]);
}

const CLAIM: Metadata = Metadata { confidence: CalibrationConfidence::High, tx_power: -8 };

fn scan(time: UnixTime) -> ScanInstance {
    ScanInstance {
        time,
        typical_rssi: -60,
        strongest_rssi: -55,
        count: 3,
        seconds_since_last_scan: 240,
        clock_trusted: true,
    }
}

fn encounter(
    derived: &DerivedKeys,
    identifier: RollingProximityIdentifier,
    heard: Interval,
) -> Encounter {
    let metadata = derived.metadata.seal(&identifier, CLAIM);
    Encounter {
        advertisement: Advertisement { identifier, metadata },
        scans: vec![scan(heard.start())],
    }
}

fn assess(
    encounters: &[Encounter],
    tolerance: u32,
    plain_gaen: bool,
    keys: &[DiagnosisKey],
) -> Assessment {
    let mut assessor = Assessor::new(encounters, tolerance, plain_gaen);
    keys.iter().for_each(|key| {
        assessor.take(key);
    });
    assessor.finish()
}

/// One encounter with `key` in its first interval.
fn met(key: &DiagnosisKey) -> Encounter {
    let derived = DerivedKeys::from(key);
    encounter(&derived, derived.identifiers.identifier(key.rolling_start), key.rolling_start)
}

#[test]
fn all_32_bit_flips_are_refused_and_counted() {
    let key = diagnosis_key([4; 16], MIDNIGHT, 36);
    let true_one = met(&key);
    let mut encounters = vec![true_one.clone()];
    for bit in 0..32 {
        let heard = u32::from_be_bytes(true_one.advertisement.metadata.0) ^ (1 << bit);
        let mut altered = true_one.clone();
        altered.advertisement.metadata = EncryptedMetadata(heard.to_be_bytes());
        encounters.push(altered);
    }
    for plain_gaen in [false, true] {
        let assessment = assess(&encounters, 1, plain_gaen, &[key]);
        assert_eq!(assessment.matched.len(), 1);
        assert_eq!(assessment.matched[0].metadata, CLAIM);
        assert_eq!(assessment.matched[0].authenticity, Authenticity::Authentic);
        let refused: Vec<_> = assessment.refused.iter().map(|r| (r.encounter, r.reason)).collect();
        let expected: Vec<_> = (1..=32).map(|i| (i, MetadataError::Altered)).collect();
        assert_eq!(refused, expected);
    }
}

#[test]
fn plain_senders_count_only_where_admitted() {
    // The first interval of the GAEN v1.2 vector.
    let key = diagnosis_key(oracle::bytes("75c734c6dd1a782de7a965da5eb93125"), 2_642_976, 144);
    let mut plain = met(&key);
    plain.advertisement.metadata = EncryptedMetadata(oracle::bytes("72033874"));

    let admitted = assess(std::slice::from_ref(&plain), 1, true, &[key]);
    assert_eq!(admitted.matched.len(), 1);
    assert_eq!(admitted.matched[0].authenticity, Authenticity::Plain);
    assert_eq!(admitted.matched[0].metadata.tx_power, 8);

    let refused = assess(&[plain], 1, false, &[key]);
    assert_eq!(refused.matched, vec![]);
    assert_eq!(refused.refused.len(), 1);
}

#[test]
fn a_repeated_key_counts_once_with_its_later_report_type() {
    let first = diagnosis_key([4; 16], MIDNIGHT, 36);
    let later = DiagnosisKey {
        report_type: ReportType::ClinicalDiagnosis,
        days_since_onset: Some(3),
        ..first
    };
    // Shorter than the first one and without a match of its own.
    let elsewhere = DiagnosisKey { rolling_period: RollingPeriod::new(1).unwrap(), ..later };
    let derived = DerivedKeys::from(&first);
    let second_interval = first.rolling_start.plus(1);
    let heard =
        [encounter(&derived, derived.identifiers.identifier(second_interval), second_interval)];
    for keys in [vec![first, later], vec![first, first, later], vec![first, elsewhere]] {
        let assessment = assess(&heard, 1, false, &keys);
        assert_eq!(assessment.keys_read, keys.len() as u64);
        assert_eq!(assessment.matched.len(), 1);
        assert_eq!(assessment.matched[0].key.report_type, ReportType::ClinicalDiagnosis);
        assert_eq!(assessment.matched[0].key.days_since_onset, Some(3));
    }
}

#[test]
fn a_revoked_key_matches_nothing_in_any_order() {
    let key = diagnosis_key([4; 16], MIDNIGHT, 36);
    let other = diagnosis_key([5; 16], MIDNIGHT, 36);
    let revoked = DiagnosisKey { report_type: ReportType::Revoked, ..key };
    let heard = [met(&key), met(&other)];
    for keys in [[key, revoked, other], [revoked, key, other], [key, other, revoked]] {
        let assessment = assess(&heard, 1, false, &keys);
        let matched: Vec<_> = assessment.matched.iter().map(|m| m.key.key).collect();
        assert_eq!(matched, vec![other.key]);
        assert_eq!(assessment.refused, vec![]);
    }
}

#[test]
fn keys_that_begin_in_the_future_are_ignored_and_counted() {
    let key = diagnosis_key([4; 16], MIDNIGHT, 36);
    let heard = [met(&key)];
    let at = |now: UnixTime| {
        let mut assessor = Assessor::new(&heard, 1, false).at(now);
        assessor.take(&key);
        let assessment = assessor.finish();
        (assessment.matched.len(), assessment.future_keys, assessment.keys_read)
    };
    let start = key.rolling_start.start();
    assert_eq!(at(start.minus(1)), (0, 1, 1));
    assert_eq!(at(start), (1, 0, 1));
}

#[test]
fn several_metadata_of_one_identifier_are_judged_one_by_one() {
    let key = diagnosis_key([4; 16], MIDNIGHT, 36);
    let derived = DerivedKeys::from(&key);
    let quiet = met(&key);
    let mut loud = quiet.clone();
    let identifier = quiet.advertisement.identifier;
    loud.advertisement.metadata =
        derived.metadata.seal(&identifier, Metadata { tx_power: 4, ..CLAIM });
    let mut forged = quiet.clone();
    forged.advertisement.metadata = EncryptedMetadata([0; 4]);

    let assessment = assess(&[forged, quiet, loud], 1, false, &[key]);
    let powers: Vec<_> = assessment.matched.iter().map(|m| m.metadata.tx_power).collect();
    assert_eq!(powers, vec![-8, 4]);
    assert_eq!(assessment.refused.len(), 1);
    assert_eq!(assessment.refused[0].encounter, 0);
}

#[test]
fn scans_of_one_encounter_are_judged_by_their_own_time() {
    let key = diagnosis_key([4; 16], MIDNIGHT, 36);
    let mut heard = met(&key);
    let start = key.rolling_start;
    heard.scans = [start.minus(2), start.minus(1), start, start.plus(1), start.plus(2)]
        .map(|interval| scan(interval.start()))
        .to_vec();
    let assessment = assess(&[heard], 1, false, &[key]);
    let times: Vec<_> = assessment.matched.iter().map(|m| m.scan.time.interval()).collect();
    assert_eq!(times, vec![start.minus(1), start, start.plus(1)]);
}
