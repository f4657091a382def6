//! Scan windows, encounters and exposure windows.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::encounter::{
    DEFAULT_SECONDS_SINCE_LAST_SCAN, MAX_INSTANCES_PER_WINDOW, METADATA_KEPT_PER_IDENTIFIER,
    RSSI_UNKNOWN, ScanInstance, ScanWindow, join,
};
use vungxanh_protocol::exposure_window::{
    ExposureWindow, MAX_WINDOW_SECONDS, MatchedScan, ScanAttenuation, attenuation_db,
    exposure_windows,
};
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::metadata::{
    Authenticity, CalibrationConfidence, EncryptedMetadata, Metadata,
};
use vungxanh_protocol::recently_heard::RecentlyHeard;

use crate::support::oracle::diagnosis_key;

/// 2026-01-01T00:00:00Z.
const MIDNIGHT: UnixTime = UnixTime::from_secs(1_767_225_600);
const NOON: UnixTime = MIDNIGHT.plus(43_200);

fn close(window: ScanWindow) -> Vec<(Advertisement, ScanInstance)> {
    window.close(&mut RecentlyHeard::default(), &mut StdRng::seed_from_u64(0))
}

fn heard(identifier: u8, metadata: u8) -> Advertisement {
    Advertisement {
        identifier: RollingProximityIdentifier([identifier; 16]),
        metadata: EncryptedMetadata([metadata; 4]),
    }
}

#[test]
fn a_scan_window_gives_mean_strongest_and_count() {
    let mut window = ScanWindow::open(NOON, Some(NOON.minus(240)), true);
    for rssi in [-60, -70, -71] {
        window.hear(heard(1, 1), rssi);
    }
    window.hear(heard(2, 1), -90);
    assert_eq!(window.start(), NOON);
    let expected = |typical_rssi, strongest_rssi, count| ScanInstance {
        time: NOON,
        typical_rssi,
        strongest_rssi,
        count,
        seconds_since_last_scan: 240,
        clock_trusted: true,
    };
    // The mean of -60, -70 and -71 is -67.
    assert_eq!(
        close(window),
        vec![(heard(1, 1), expected(-67, -60, 3)), (heard(2, 1), expected(-90, -90, 1))]
    );
}

#[test]
fn unknown_rssi_is_no_sighting() {
    let mut window = ScanWindow::open(NOON, None, true);
    window.hear(heard(1, 1), RSSI_UNKNOWN);
    window.hear(heard(2, 1), -50);
    window.hear(heard(2, 1), RSSI_UNKNOWN);
    let instances = close(window);
    assert_eq!(instances.len(), 1);
    assert_eq!(instances[0].0, heard(2, 1));
    assert_eq!((instances[0].1.typical_rssi, instances[0].1.count), (-50, 1));
}

#[test]
fn a_scan_speaks_for_the_time_since_the_one_before() {
    let seconds = |previous| {
        let mut window = ScanWindow::open(NOON, previous, true);
        window.hear(heard(1, 1), -50);
        close(window)[0].1.seconds_since_last_scan
    };
    assert_eq!(seconds(Some(NOON.minus(60))), 60);
    assert_eq!(seconds(Some(NOON.minus(300))), 300);
    assert_eq!(seconds(Some(NOON.minus(301))), 300);
    assert_eq!(seconds(Some(NOON.minus(86_400))), 300);
    assert_eq!(seconds(Some(NOON)), 0);
    // Unknown: the first scan of all, and one after the clock was set back.
    assert_eq!(seconds(None), 120);
    assert_eq!(seconds(Some(NOON.plus(5))), 120);
    assert_eq!(DEFAULT_SECONDS_SINCE_LAST_SCAN, 120);
}

/// Of 200 forgeries beside a true identifier: `honest` receptions of the true metadata, `forged` of
/// each forgery. How many of 100 windows keep the true ones.
fn windows_that_keep_the_truth(
    true_first: bool,
    forgeries: u8,
    (honest, forged): (u32, u32),
    recent: &mut RecentlyHeard,
) -> usize {
    let mut rng = StdRng::seed_from_u64(11);
    let mut keeps = |number: u64| {
        let mut window = ScanWindow::open(NOON.plus(number * 60), None, true);
        let truth = |window: &mut ScanWindow| {
            (0..honest).for_each(|_| window.hear(heard(1, 250), -60));
        };
        if true_first {
            truth(&mut window);
        }
        for metadata in 0..forgeries {
            (0..forged).for_each(|_| window.hear(heard(1, metadata), -40));
        }
        truth(&mut window);
        let kept = window.close(recent, &mut rng);
        assert!(kept.len() <= METADATA_KEPT_PER_IDENTIFIER);
        kept.iter().any(|(kept, _)| *kept == heard(1, 250))
    };
    (0..100).filter(|number| keeps(*number)).count()
}

#[test]
fn forged_metadata_do_not_erase_the_true_ones_however_often_they_are_repeated() {
    let kept = |forgeries, true_first| {
        let mut recent = RecentlyHeard::default();
        windows_that_keep_the_truth(true_first, forgeries, (15, 20), &mut recent)
    };
    assert_eq!(kept(4, false), 100);
    assert_eq!(kept(4, true), 100);
    // Heard first, in this window.
    assert_eq!(kept(200, true), 100);
    // Heard last of 25 in every window: a place in the sample is left to chance, not to loudness.
    assert!((5..40).contains(&kept(24, false)), "{}", kept(24, false));
}

#[test]
fn what_an_identifier_had_first_in_an_earlier_window_stays_though_forgeries_come_before_it() {
    let mut recent = RecentlyHeard::default();
    let mut window = ScanWindow::open(NOON.minus(60), None, true);
    window.hear(heard(1, 250), -70);
    window.close(&mut recent, &mut StdRng::seed_from_u64(1));
    assert_eq!(windows_that_keep_the_truth(false, 200, (1, 20), &mut recent), 100);
}

#[test]
fn a_crowd_of_invented_identifiers_leaves_room_for_those_who_were_heard_before() {
    let mut rng = StdRng::seed_from_u64(2);
    let mut recent = RecentlyHeard::default();
    let invented = |number: u32| {
        let mut identifier = [9; 16];
        identifier[..4].copy_from_slice(&number.to_be_bytes());
        Advertisement {
            identifier: RollingProximityIdentifier(identifier),
            metadata: EncryptedMetadata([0; 4]),
        }
    };
    let mut next = 0;
    let mut honest_in = Vec::new();
    for number in 0..3 {
        let mut window = ScanWindow::open(NOON.plus(60 * number), None, true);
        if number > 0 {
            for _ in 0..17_000 {
                (0..20).for_each(|_| window.hear(invented(next), -30));
                next += 1;
            }
        }
        (1..=200).for_each(|honest| window.hear(heard(honest, 1), -80));
        let kept = window.close(&mut recent, &mut rng);
        assert!(kept.len() <= MAX_INSTANCES_PER_WINDOW);
        honest_in.push(kept.iter().filter(|(_, scan)| scan.count == 1).count());
    }
    assert_eq!(honest_in, [200, 200, 200]);
    // Later than an identifier lives nothing is remembered.
    let mut window = ScanWindow::open(NOON.plus(7_200), None, true);
    (1..=200).for_each(|honest| window.hear(heard(honest, 1), -80));
    (0..17_000).for_each(|number| window.hear(invented(number), -30));
    window.close(&mut recent, &mut rng);
    assert!(!recent.knows(&invented(next - 1).identifier));
}

proptest! {
    #[test]
    fn mean_and_strongest_are_those_of_the_readings(
        readings in prop::collection::vec(-127i8..=20, 1..300),
    ) {
        let mut window = ScanWindow::open(NOON, None, false);
        readings.iter().for_each(|rssi| window.hear(heard(1, 1), *rssi));
        let (_, scan) = close(window)[0];
        let sum: i64 = readings.iter().map(|rssi| i64::from(*rssi)).sum();
        let mean = sum as f64 / readings.len() as f64;
        prop_assert!((f64::from(scan.typical_rssi) - mean).abs() <= 0.5);
        prop_assert_eq!(Some(&scan.strongest_rssi), readings.iter().max());
        prop_assert_eq!(usize::from(scan.count), readings.len());
        prop_assert!(!scan.clock_trusted);
    }
}

#[test]
fn joining_makes_one_encounter_of_each_advertisement() {
    let at = |seconds: u64| ScanInstance { time: NOON.plus(seconds), ..scan_instance(0) };
    let encounters = join([
        (heard(2, 1), at(240)),
        (heard(1, 2), at(0)),
        (heard(1, 1), at(900)),
        (heard(1, 1), at(0)),
        (heard(1, 1), at(600)),
        // Loaded twice.
        (heard(1, 1), at(600)),
    ]);
    let found: Vec<_> = encounters
        .iter()
        .map(|e| (e.advertisement, e.scans.iter().map(|s| s.time.since(NOON)).collect::<Vec<_>>()))
        .collect();
    assert_eq!(
        found,
        vec![(heard(1, 1), vec![0, 600, 900]), (heard(1, 2), vec![0]), (heard(2, 1), vec![240]),]
    );
}

proptest! {
    #[test]
    fn joining_agrees_with_a_map(
        receptions in prop::collection::vec((any::<[u8; 2]>(), 0u8..4, 0u64..5), 0..400),
    ) {
        let instances = receptions.into_iter().map(|(first, metadata, windows)| {
            let mut advertisement = heard(first[1] % 3, metadata);
            advertisement.identifier.0[..2].copy_from_slice(&first);
            (advertisement, scan_instance(windows * 240))
        });
        let mut expected = BTreeMap::<_, BTreeMap<_, _>>::new();
        for (advertisement, scan) in instances.clone() {
            let scans = expected.entry((advertisement.identifier, advertisement.metadata)).or_default();
            scans.entry(scan.time).or_insert(scan);
        }
        let joined: Vec<_> = join(instances)
            .into_iter()
            .map(|one| ((one.advertisement.identifier, one.advertisement.metadata), one.scans))
            .collect();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(advertisement, scans)| (advertisement, scans.into_values().collect::<Vec<_>>()))
            .collect();
        prop_assert_eq!(joined, expected);
    }
}

fn scan_instance(seconds_after_noon: u64) -> ScanInstance {
    ScanInstance {
        time: NOON.plus(seconds_after_noon),
        typical_rssi: -60,
        strongest_rssi: -55,
        count: 3,
        seconds_since_last_scan: 240,
        clock_trusted: true,
    }
}

fn case() -> DiagnosisKey {
    diagnosis_key([1; 16], NOON.interval().number(), 36)
}

fn matched(scan: ScanInstance) -> MatchedScan {
    MatchedScan {
        key: case(),
        derived: scan.time.interval(),
        scan,
        metadata: Metadata { confidence: CalibrationConfidence::High, tx_power: -8 },
        authenticity: Authenticity::Authentic,
    }
}

/// Scans every `step` seconds from `start` on, each speaking for as long.
fn row(start: UnixTime, step: u16, count: u64) -> Vec<MatchedScan> {
    (0..count)
        .map(|i| {
            matched(ScanInstance {
                time: start.plus(i * u64::from(step)),
                seconds_since_last_scan: step,
                ..scan_instance(0)
            })
        })
        .collect()
}

fn shape(windows: &[ExposureWindow]) -> Vec<(u64, usize, u32)> {
    windows.iter().map(|w| (w.start.since(NOON), w.scans.len(), w.seconds())).collect()
}

#[test]
fn attenuation_is_power_minus_corrected_rssi_and_never_negative() {
    assert_eq!(attenuation_db(-8, -60, 0), 52);
    assert_eq!(attenuation_db(-8, -60, 5), 47);
    assert_eq!(attenuation_db(-8, -60, -5), 57);
    assert_eq!(attenuation_db(-50, -40, 0), 0);
    assert_eq!(attenuation_db(20, -127, -128), 255);
    assert_eq!(attenuation_db(-128, 127, 127), 0);
}

#[test]
fn a_window_holds_typical_and_minimum_attenuation() {
    let windows = exposure_windows(&[matched(scan_instance(0))], 2);
    assert_eq!(
        windows,
        vec![ExposureWindow {
            day: NOON.day(),
            start: NOON,
            report_type: ReportType::ConfirmedTest,
            days_since_onset: Some(0),
            confidence: CalibrationConfidence::High,
            authenticity: Authenticity::Authentic,
            // -8 - (-60 + 2) and -8 - (-55 + 2).
            scans: vec![ScanAttenuation {
                typical_attenuation_db: 50,
                minimum_attenuation_db: 45,
                seconds: 240,
            }],
        }]
    );
}

#[test]
fn a_window_ends_after_30_minutes() {
    // Six scans of 300 s fill a window; 240 s: seven of them are 1,680 s, the eighth would pass.
    assert_eq!(
        shape(&exposure_windows(&row(NOON, 300, 13), 0)),
        vec![(0, 6, 1_800), (1_800, 6, 1_800), (3_600, 1, 300)]
    );
    assert_eq!(
        shape(&exposure_windows(&row(NOON, 240, 8), 0)),
        vec![(0, 7, 1_680), (1_680, 1, 240)]
    );
    // By time alone: a scan 30 minutes after the first belongs to the next window.
    let far = [scan_instance(0), scan_instance(1_799), scan_instance(1_800)].map(matched);
    assert_eq!(shape(&exposure_windows(&far, 0)), vec![(0, 2, 480), (1_800, 1, 240)]);
}

#[test]
fn windows_split_at_utc_midnight() {
    let around = row(MIDNIGHT.minus(480), 240, 4);
    let windows = exposure_windows(&around, 0);
    let days: Vec<_> = windows.iter().map(|w| (w.day, w.start, w.scans.len())).collect();
    let today = MIDNIGHT.day();
    assert_eq!(days, vec![(today.minus(1), MIDNIGHT.minus(480), 2), (today, MIDNIGHT, 2)]);
}

#[test]
fn scans_under_an_untrusted_clock_are_kept_but_make_no_window() {
    let untrusted = ScanInstance { clock_trusted: false, ..scan_instance(0) };
    assert_eq!(join([(heard(1, 1), untrusted)])[0].scans, vec![untrusted]);
    assert_eq!(exposure_windows(&[matched(untrusted)], 0), vec![]);
    let both = [matched(untrusted), matched(scan_instance(240))];
    assert_eq!(shape(&exposure_windows(&both, 0)), vec![(240, 1, 240)]);
}

#[test]
fn one_moment_counts_once_for_a_key() {
    let believed = matched(scan_instance(0));
    let forged_plain = MatchedScan {
        metadata: Metadata { tx_power: -50, ..believed.metadata },
        authenticity: Authenticity::Plain,
        scan: ScanInstance { count: 100, ..believed.scan },
        ..believed
    };
    // The identifier changed in the middle of the scan.
    let next_identifier = MatchedScan {
        derived: believed.derived.plus(1),
        scan: ScanInstance { typical_rssi: -40, count: 1, ..believed.scan },
        ..believed
    };
    // The key was published a second time with an earlier start.
    let mut other_start = believed;
    other_start.key.rolling_start = believed.key.rolling_start.minus(1);
    let expected = exposure_windows(&[believed], 0);
    for mut scans in [
        vec![believed, forged_plain],
        vec![believed, next_identifier],
        vec![believed, other_start],
        vec![believed, forged_plain, next_identifier, other_start],
    ] {
        assert_eq!(exposure_windows(&scans, 0), expected);
        if !scans.contains(&other_start) {
            scans.reverse();
            assert_eq!(exposure_windows(&scans, 0), expected);
        }
    }
}

#[test]
fn cases_calibrations_and_report_types_have_windows_of_their_own() {
    let first = matched(scan_instance(0));
    let second = matched(scan_instance(240));
    let mut other_key = second;
    other_key.key.key = [2; 16];
    let mut other_confidence = second;
    other_confidence.metadata.confidence = CalibrationConfidence::Low;
    let mut other_onset = second;
    other_onset.key.days_since_onset = Some(1);
    for other in [other_key, other_confidence, other_onset] {
        assert_eq!(shape(&exposure_windows(&[first, other], 0)), vec![(0, 1, 240), (240, 1, 240)]);
    }
}

proptest! {
    /// Whatever is scanned: no window is longer than 30 minutes or has scans of two days, and no
    /// second is lost or counted twice.
    #[test]
    fn windows_hold_every_trusted_second_once(
        scans in prop::collection::vec((0u64..200_000, 0u16..=300, 1u8..4, any::<bool>()), 0..60),
    ) {
        let mut expected = BTreeMap::new();
        let matched: Vec<MatchedScan> = scans
            .iter()
            .map(|&(offset, seconds, key, clock_trusted)| {
                let mut one = matched(ScanInstance {
                    time: MIDNIGHT.plus(offset),
                    seconds_since_last_scan: seconds,
                    clock_trusted,
                    ..scan_instance(0)
                });
                one.key.key = [key; 16];
                if clock_trusted {
                    expected.entry((key, offset)).or_insert(u64::from(seconds));
                }
                one
            })
            .collect();
        let windows = exposure_windows(&matched, 0);
        for window in &windows {
            prop_assert!(u64::from(window.seconds()) <= MAX_WINDOW_SECONDS);
            prop_assert!(!window.scans.is_empty());
            prop_assert_eq!(window.day, window.start.day());
        }
        let total: u64 = windows.iter().map(|w| u64::from(w.seconds())).sum();
        prop_assert_eq!(total, expected.values().sum::<u64>());
        prop_assert!(windows.is_sorted_by_key(|w| w.start));
    }
}
