//! Synthetic persons look like real ones, whatever real ones look like.

use std::collections::BTreeMap;

use health_authority_server::authority::disease_profile::{Profile, ReadyMade};
use health_authority_server::domain::upload_shape::{UploadShapes, observe};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::interval::{Interval, RollingPeriod};

use crate::support::authority::START;

const PERSONS: usize = 4_000;

/// How one kind of population uploads.
struct Population {
    /// Periods that a device has stored, drawn from this range.
    kept: std::ops::RangeInclusive<u32>,
    /// Chance that a run of missing periods begins after a period.
    gap: f64,
    /// Longest such run.
    longest_gap: u32,
    /// Chance of a laboratory test.
    confirmed: f64,
    /// Chance that the onset of symptoms is known.
    with_onset: f64,
}

impl Population {
    fn upload(&self, rng: &mut StdRng) -> (Vec<DiagnosisKey>, Option<Interval>) {
        let now = START.interval();
        let running = now.period_start(RollingPeriod::SIX_HOURS);
        let span = rng.random_range(self.kept.clone());
        let report_type = if rng.random_bool(self.confirmed) {
            ReportType::ConfirmedTest
        } else {
            ReportType::ClinicalDiagnosis
        };
        let onset =
            rng.random_bool(self.with_onset).then(|| now.minus(144 * rng.random_range(0..5)));
        let mut keys = Vec::new();
        let mut back = 0;
        while back < span {
            let rolling_start = running.minus(36 * back);
            keys.push(DiagnosisKey {
                key: rng.random(),
                rolling_start,
                rolling_period: RollingPeriod::SIX_HOURS,
                report_type,
                days_since_onset: onset
                    .map(|onset| rolling_start.day().number() as i32 - onset.day().number() as i32),
                transmission_risk: 0,
            });
            back += 1;
            if rng.random_bool(self.gap) {
                back += rng.random_range(1..=self.longest_gap);
            }
        }
        keys.retain(|key| key.days_since_onset.is_none_or(|days| days.abs() <= 14));
        (keys, onset)
    }
}

/// The largest difference between two distribution functions (Kolmogorov and Smirnov).
fn distance(a: &[i64], b: &[i64]) -> f64 {
    let share = |values: &[i64], x: i64| {
        values.iter().filter(|value| **value <= x).count() as f64 / values.len() as f64
    };
    a.iter().chain(b).map(|x| (share(a, *x) - share(b, *x)).abs()).fold(0.0, f64::max)
}

/// What an observer of a batch can see of a person.
fn visible(keys: &[DiagnosisKey]) -> BTreeMap<&'static str, i64> {
    let starts: Vec<i64> = keys.iter().map(|key| i64::from(key.rolling_start.number())).collect();
    let (first, last) = (starts.iter().min().unwrap(), starts.iter().max().unwrap());
    BTreeMap::from([
        ("keys", keys.len() as i64),
        ("oldest", *first),
        ("newest", *last),
        ("missing", (last - first) / 36 + 1 - keys.len() as i64),
        ("report type", keys[0].report_type as i64),
        ("newest day", i64::from(keys[0].days_since_onset.unwrap_or(99))),
    ])
}

fn check(population: &Population, seed: u64) {
    let mut rng = StdRng::seed_from_u64(seed);
    let tracing = Profile::from_json(ReadyMade::Covid19.json()).unwrap().tracing;
    let mut shapes = UploadShapes::prior(&tracing);
    let mut real: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for _ in 0..PERSONS {
        let (keys, onset) = population.upload(&mut rng);
        for seen in observe(&keys, onset, START) {
            shapes.add(seen.property, seen.bucket, 1);
        }
        visible(&keys)
            .into_iter()
            .for_each(|(what, value)| real.entry(what).or_default().push(value));
    }
    let mut synthetic: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for _ in 0..PERSONS {
        let keys = shapes.draw_person(START, &mut rng).keys;
        visible(&keys)
            .into_iter()
            .for_each(|(what, value)| synthetic.entry(what).or_default().push(value));
    }
    for (what, values) in &real {
        // Two samples of 4,000 of one distribution differ by more than 0.043 once in a thousand
        // times; the rest is what drawing each property by itself may lose.
        let found = distance(values, &synthetic[what]);
        assert!(found < 0.08, "{what}: {found}");
    }
}

#[test]
fn devices_that_ran_for_two_weeks() {
    let population =
        Population { kept: 56..=56, gap: 0.05, longest_gap: 1, confirmed: 0.8, with_onset: 0.7 };
    check(&population, 1);
}

#[test]
fn new_devices_often_off() {
    let population =
        Population { kept: 4..=30, gap: 0.1, longest_gap: 3, confirmed: 0.3, with_onset: 0.2 };
    check(&population, 2);
}

#[test]
fn the_test_would_notice_another_population() {
    let population =
        |kept| Population { kept, gap: 0.05, longest_gap: 1, confirmed: 0.8, with_onset: 0.7 };
    let mut rng = StdRng::seed_from_u64(3);
    let counts = |population: Population, rng: &mut StdRng| -> Vec<i64> {
        (0..1_000).map(|_| population.upload(rng).0.len() as i64).collect()
    };
    let (two_weeks, one_more) =
        (counts(population(56..=56), &mut rng), counts(population(52..=52), &mut rng));
    assert!(distance(&two_weeks, &one_more) > 0.3);
}

#[test]
fn every_synthetic_key_is_one_that_a_real_upload_could_have() {
    let tracing = Profile::from_json(ReadyMade::Covid19.json()).unwrap().tracing;
    let shapes = UploadShapes::prior(&tracing);
    let mut rng = StdRng::seed_from_u64(4);
    for _ in 0..500 {
        let person = shapes.draw_person(START, &mut rng);
        assert!((1..=64).contains(&person.keys.len()));
        let mut starts = std::collections::BTreeSet::new();
        for key in &person.keys {
            assert!(!key.is_future(START));
            assert!(key.rolling_end() > START.minus(15 * 86_400).interval());
            assert_eq!(key.rolling_start.number() % 36, 0);
            assert!(starts.insert(key.rolling_start), "one key a period");
            assert!(key.days_since_onset.is_none_or(|days| days.abs() <= 14));
        }
        if let Some((at, to)) = person.revision {
            assert!(at >= START && matches!(to, ReportType::ConfirmedTest | ReportType::Revoked));
            assert_eq!(person.keys[0].report_type, ReportType::ClinicalDiagnosis);
        }
    }
}
