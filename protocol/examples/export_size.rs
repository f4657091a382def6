//! How many bytes a key takes in an export file.
//!
//! `cargo run --locked -p vungxanh-protocol --example export_size`, minutes, in a debug build. Cases of 14 days and
//! the running period, with the days since onset that an authority publishes: one for each level of
//! infectiousness.

#![allow(clippy::unwrap_used)]

use p256::ecdsa::SigningKey;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::export::{ExportHeader, SignatureInfo, write_export};
use vungxanh_protocol::interval::{INTERVALS_PER_DAY, RollingPeriod, UtcDay};

const TODAY: UtcDay = UtcDay::new(20_000);
const DAYS: u32 = 14;

fn main() {
    let signer = SigningKey::from_slice(&[7; 32]).unwrap();
    let header = ExportHeader::single(TODAY.start(), TODAY.plus(1).start(), "VN");
    let info = SignatureInfo::new("452", "v1");
    for period in [INTERVALS_PER_DAY, 36] {
        // All new cases of a day in one file, and those of an hour.
        for cases in [10_000, 417] {
            let mut rng = StdRng::seed_from_u64(u64::from(period));
            let keys: Vec<_> = (0..cases).flat_map(|_| case(period, &mut rng)).collect();
            let file = write_export(&header, &keys, &[], &signer, &info).unwrap();
            println!(
                "period {period:>3}, {cases:>6} cases: {} keys a case, {} keys, {:.2} bytes a key",
                keys.len() / cases,
                keys.len(),
                file.len() as f64 / keys.len() as f64
            );
        }
    }
}

fn case(period: u32, rng: &mut StdRng) -> Vec<DiagnosisKey> {
    let onset = TODAY.minus(rng.random_range(0..6));
    let running = TODAY.first_interval().plus(INTERVALS_PER_DAY - period);
    (0..=DAYS * INTERVALS_PER_DAY / period)
        .map(|age| {
            let rolling_start = running.minus(age * period);
            let days = i64::from(rolling_start.day().number()) - i64::from(onset.number());
            DiagnosisKey {
                key: rng.random(),
                rolling_start,
                rolling_period: RollingPeriod::new(period.into()).unwrap(),
                report_type: ReportType::ConfirmedTest,
                days_since_onset: Some(level_day(days)),
                transmission_risk: 0,
            }
        })
        .collect()
}

/// The day nearest to onset with the level of infectiousness of that day, by the profile
/// `covid-19`: high, standard, none.
const fn level_day(days: i64) -> i32 {
    match days {
        -2..=3 => 0,
        -4..=5 => -3,
        _ => -5,
    }
}
