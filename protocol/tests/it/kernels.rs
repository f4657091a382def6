//! Every kernel that this machine has against the plain oracle.

use std::num::NonZero;

use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use vungxanh_protocol::diagnosis_key::DiagnosisKey;
use vungxanh_protocol::exposure_key::IdentifierKey;
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::{INTERVALS_PER_DAY, Interval};
use vungxanh_protocol::matching::{Kernel, Match, Matcher, Sighting};

use crate::support::oracle::{self, diagnosis_key};

/// 2026-01-01T00:00:00Z.
const MIDNIGHT: u32 = 2_945_376;

/// What all kernels, on one thread and on three, are asked to find.
fn assert_all_find(
    keys: &[DiagnosisKey],
    sightings: &[Sighting],
    tolerance: u32,
) -> Result<(), TestCaseError> {
    let of_key = |(place, key): (usize, &DiagnosisKey)| {
        let matches = oracle::matches(key, sightings, tolerance);
        matches.into_iter().map(move |found| (place, found))
    };
    let expected: Vec<(usize, Match)> = keys.iter().enumerate().flat_map(of_key).collect();
    for kernel in Kernel::available() {
        let matcher = Matcher::new(sightings.iter().copied(), tolerance).with_kernel(kernel);
        for threads in [1, 3] {
            let mut found = Vec::new();
            matcher.match_batch(keys, NonZero::new(threads).unwrap(), |key, matched| {
                found.push((key, matched));
            });
            prop_assert_eq!(&found, &expected, "{} on {} threads", kernel.name(), threads);
        }
    }
    Ok(())
}

/// Identifiers of the keys heard early, late and at the edges; some several times; and others that
/// share only their first bytes with a true one, so that they pass the bitmaps.
fn hear(rng: &mut StdRng, keys: &[DiagnosisKey], hearings: usize) -> Vec<Sighting> {
    let mut sightings = Vec::new();
    for _ in 0..hearings {
        let key = &keys[rng.random_range(0..keys.len())];
        let last = key.rolling_period.intervals() - 1;
        let offset = match rng.random_range(0..4) {
            0 => 0,
            1 => last,
            _ => rng.random_range(0..=last),
        };
        let derived = key.rolling_start.plus(offset);
        let mut identifier = IdentifierKey::from_key(&key.key).identifier(derived);
        let same_bytes = [16, 16, 16, 4, 8, 12][rng.random_range(0..6)];
        rng.fill_bytes(&mut identifier.0[same_bytes..]);
        for _ in 0..rng.random_range(1..4) {
            let drift = rng.random_range(-14..=14);
            let interval = Interval::new(derived.number().saturating_add_signed(drift));
            sightings.push(Sighting { identifier, interval });
        }
    }
    sightings
}

fn any_key(rng: &mut StdRng) -> DiagnosisKey {
    let period = match rng.random_range(0..4) {
        0 => 144,
        1 => 36,
        _ => rng.random_range(1..=144),
    };
    let start = match rng.random_range(0..3) {
        // Periods laid end to end from midnight, as honest keys have them.
        0 => MIDNIGHT + rng.random_range(0..3 * INTERVALS_PER_DAY / period) * period,
        // Anything, mostly over midnight.
        _ => MIDNIGHT - 144 + rng.random_range(0..4 * INTERVALS_PER_DAY),
    };
    diagnosis_key(rng.random(), start, period.into())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_kernel_finds_what_the_oracle_finds(
        seed: u64,
        keys in 1usize..40,
        hearings in 0usize..60,
        noise in 0usize..200,
        tolerance in 0u32..=12,
    ) {
        let mut rng = StdRng::seed_from_u64(seed);
        let keys: Vec<_> = (0..keys).map(|_| any_key(&mut rng)).collect();
        let mut sightings = hear(&mut rng, &keys, hearings);
        sightings.extend((0..noise).map(|_| Sighting {
            identifier: RollingProximityIdentifier(rng.random()),
            interval: Interval::new(MIDNIGHT + rng.random_range(0..3 * INTERVALS_PER_DAY)),
        }));
        assert_all_find(&keys, &sightings, tolerance)?;
    }

    #[test]
    fn every_kernel_derives_and_encrypts_by_definition(seed: u64, keys in 0usize..20) {
        let mut rng = StdRng::seed_from_u64(seed);
        let keys: Vec<[u8; 16]> = (0..keys).map(|_| rng.random()).collect();
        let start = Interval::new(rng.random());
        for kernel in Kernel::available() {
            let mut identifier_keys = vec![[0; 16]; keys.len()];
            kernel.identifier_keys(&keys, &mut identifier_keys);
            for (key, identifier_key) in keys.iter().zip(&identifier_keys) {
                let intervals: Vec<_> =
                    (0..rng.random_range(0..40)).map(|n| start.plus(n)).collect();
                let mut blocks: Vec<[u8; 16]> = intervals.iter().map(|interval| {
                    let mut block = *b"EN-RPI\0\0\0\0\0\0\0\0\0\0";
                    block[12..].copy_from_slice(&interval.number().to_le_bytes());
                    block
                }).collect();
                kernel.encrypt(identifier_key, &mut blocks);
                let plain = IdentifierKey::from_key(key);
                let expected: Vec<_> =
                    intervals.iter().map(|interval| plain.identifier(*interval).0).collect();
                prop_assert_eq!(blocks, expected, "{}", kernel.name());
            }
        }
    }
}

/// Every interval of every offset to midnight, one sighting each, at the edge of the tolerance.
#[test]
fn nothing_is_lost_at_any_offset_to_midnight() {
    let mut rng = StdRng::seed_from_u64(7);
    for tolerance in [0, 1, 12] {
        let keys: Vec<_> = (0..INTERVALS_PER_DAY)
            .map(|offset| {
                let period = rng.random_range(1..=144);
                diagnosis_key(rng.random(), MIDNIGHT - 72 + offset, period)
            })
            .collect();
        let sightings: Vec<_> = keys
            .iter()
            .flat_map(|key| {
                let identifiers = IdentifierKey::from_key(&key.key);
                key.intervals().flat_map(move |derived| {
                    let identifier = identifiers.identifier(derived);
                    [derived.minus(tolerance), derived.plus(tolerance)]
                        .map(|interval| Sighting { identifier, interval })
                })
            })
            .collect();
        assert_matches_every_sighting(&keys, &sightings, tolerance);
    }
}

fn assert_matches_every_sighting(keys: &[DiagnosisKey], sightings: &[Sighting], tolerance: u32) {
    for kernel in Kernel::available() {
        let matcher = Matcher::new(sightings.iter().copied(), tolerance).with_kernel(kernel);
        let mut found = Vec::new();
        matcher.match_batch(keys, NonZero::<usize>::MIN, |_, matched| found.push(matched.sighting));
        found.sort_unstable();
        assert!(found.into_iter().eq(0..sightings.len()), "{}", kernel.name());
    }
}

/// A busy store: most candidates of the first bitmap are strangers.
#[test]
fn every_kernel_agrees_in_a_crowd() {
    let mut rng = StdRng::seed_from_u64(3);
    let keys: Vec<_> = (0..300).map(|_| any_key(&mut rng)).collect();
    let mut sightings = hear(&mut rng, &keys, 50);
    sightings.extend((0..100_000).map(|_| Sighting {
        identifier: RollingProximityIdentifier(rng.random()),
        interval: Interval::new(MIDNIGHT + rng.random_range(0..INTERVALS_PER_DAY)),
    }));
    let found: Vec<Vec<(usize, Match)>> = Kernel::available()
        .into_iter()
        .map(|kernel| {
            let matcher = Matcher::new(sightings.iter().copied(), 2).with_kernel(kernel);
            let mut found = Vec::new();
            matcher.match_batch(&keys, NonZero::<usize>::MIN, |key, matched| {
                found.push((key, matched));
            });
            found
        })
        .collect();
    // Strangers cannot match, so what the oracle finds among the others is all there is.
    let expected: Vec<_> = keys
        .iter()
        .enumerate()
        .flat_map(|(place, key)| {
            let matches = oracle::matches(key, &sightings[..sightings.len() - 100_000], 2);
            matches.into_iter().map(move |found| (place, found))
        })
        .collect();
    assert!(!expected.is_empty());
    for found in found {
        assert_eq!(found, expected);
    }
}

/// A tolerance of days is taken as one day.
#[test]
fn a_huge_tolerance_is_one_day() {
    let key = diagnosis_key([1; 16], MIDNIGHT, 144);
    let identifier = IdentifierKey::from_key(&key.key).identifier(key.rolling_start);
    for (drift, expected) in [(0, 1), (144, 1), (145, 0)] {
        let sighted = Sighting { identifier, interval: Interval::new(MIDNIGHT - drift) };
        let mut found = 0;
        Matcher::new([sighted], u32::MAX).match_key(&key, |_| found += 1);
        assert_eq!(found, expected);
    }
}

/// Shows that the emulator of `.ci/run` has the instructions that are to be tested.
#[cfg(target_arch = "aarch64")]
#[test]
#[ignore = "needs a processor with the crypto extensions"]
fn the_kernel_of_the_crypto_extensions_is_tested() {
    let names: Vec<_> = Kernel::available().into_iter().map(Kernel::name).collect();
    assert_eq!(names, ["portable", "ARMv8 crypto"]);
}
