//! From a folder of signed export files to daily summaries, and loading the store.
//!
//! `cargo bench -p vungxanh-daemon --bench chain`, about a minute, most of it for making the store.
//! Medians of rounds in which all contenders take turns, by the time that the thread spends on a
//! core.

#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::hint::black_box;
use std::path::{Path, PathBuf};

use p256::ecdsa::SigningKey;
use p256::pkcs8::{EncodePublicKey, LineEnding};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rustix::time::{ClockId, clock_gettime};
use vungxanh_daemon::platform::profile::Profile;
use vungxanh_daemon::store::{EncounterStore, SledStore};
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::encounter::{Encounter, ScanInstance, join};
use vungxanh_protocol::export::{
    ExportFile, ExportHeader, Limits, SignatureInfo, VerificationKey, write_export,
};
use vungxanh_protocol::exposure_key::DerivedKeys;
use vungxanh_protocol::exposure_window::exposure_windows;
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::{INTERVALS_PER_DAY, Interval, RollingPeriod, UtcDay};
use vungxanh_protocol::matching::{Assessor, Kernel};
use vungxanh_protocol::metadata::{CalibrationConfidence, EncryptedMetadata, Metadata};
use vungxanh_protocol::risk::{DailySummary, RiskParameters};

const FIRST_DAY: UtcDay = UtcDay::new(20_000);
const DAYS: u32 = 14;
const TOLERANCE: u32 = 1;
const KEYS: usize = 100_000;
const KEYS_PER_FILE: usize = 10_000;
const ROUNDS: usize = 5;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let signer = SigningKey::from_slice(&[7; 32]).unwrap();
    let pem = signer.verifying_key().to_public_key_pem(LineEnding::LF).unwrap();
    let public_key = VerificationKey::from_pem(&pem).unwrap();
    let files = [144, 36].map(|period| {
        let exports = folder.path().join(format!("exports-{period}"));
        (period, write_exports(&exports, period, &signer))
    });
    for identifiers in [50_000, 200_000] {
        println!("\n{identifiers} identifiers, two scans each, in 14 days");
        let profile = Profile::at(folder.path().join(format!("profile-{identifiers}")));
        fill(&profile, identifiers);
        let (store, _) = SledStore::open(&profile, FIRST_DAY.start()).unwrap();
        loading(&store);
        let encounters = join(load(&store));
        for (period, files) in &files {
            chain(*period, files, &encounters, &public_key);
        }
    }
}

/// Loading, joining and indexing, one after the other.
fn loading(store: &SledStore) {
    let (mut loads, mut joins, mut indexes) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let began = seconds();
        let instances = load(store);
        loads.push(seconds() - began);
        let began = seconds();
        let encounters = join(instances);
        joins.push(seconds() - began);
        let began = seconds();
        black_box(Assessor::new(&encounters, TOLERANCE, false));
        indexes.push(seconds() - began);
    }
    let [load, join, index] = [loads, joins, indexes].map(median);
    println!(
        "  load {:.1} ms + join {:.1} ms + index {:.1} ms = {:.1} ms",
        load * 1e3,
        join * 1e3,
        index * 1e3,
        (load + join + index) * 1e3
    );
}

fn chain(period: u32, files: &[PathBuf], encounters: &[Encounter], public_key: &VerificationKey) {
    let kernels = Kernel::available();
    let mut times = vec![Vec::new(); kernels.len()];
    let (mut opening, mut reading) = (Vec::new(), Vec::new());
    let mut summaries = Vec::new();
    for _ in 0..ROUNDS {
        for (kernel, times) in kernels.iter().zip(&mut times) {
            let began = seconds();
            summaries.push(summarise(files, encounters, public_key, *kernel));
            times.push(seconds() - began);
        }
        let began = seconds();
        for path in files {
            black_box(open(path).verify(std::slice::from_ref(public_key)).unwrap());
        }
        opening.push(seconds() - began);
        let began = seconds();
        for path in files {
            let mut file = open(path);
            file.without_verification()
                .for_each_key(|entry| {
                    black_box(entry);
                })
                .unwrap();
        }
        reading.push(seconds() - began);
    }
    assert!(summaries.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(!summaries[0].is_empty());
    let bytes: u64 = files.iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    let per_key = |seconds: f64| seconds * 1e9 / KEYS as f64;
    println!(
        "  period {period:>3}: {:.1} bytes a key; first pass with verification {:.0} ns a key; both \
         passes without {:.0}",
        bytes as f64 / KEYS as f64,
        per_key(median(opening)),
        per_key(median(reading)),
    );
    for (kernel, times) in kernels.iter().zip(times) {
        let seconds = median(times);
        println!(
            "    {:<14} {:>9.0} keys/s from signed files to daily summaries, {:.0} ns a key",
            kernel.name(),
            KEYS as f64 / seconds,
            per_key(seconds)
        );
    }
}

/// What the daemon does with files on disk.
fn summarise(
    files: &[PathBuf],
    encounters: &[Encounter],
    public_key: &VerificationKey,
    kernel: Kernel,
) -> Vec<DailySummary> {
    let mut assessor = Assessor::new(encounters, TOLERANCE, false).with_kernel(kernel);
    for path in files {
        let mut file = open(path);
        let keys = file.verify(std::slice::from_ref(public_key)).unwrap();
        keys.for_each_key(|entry| {
            assessor.take(&entry.key);
        })
        .unwrap();
    }
    let windows = exposure_windows(&assessor.finish().matched, 0);
    RiskParameters::enx_default().daily_summaries(&windows)
}

fn open(path: &Path) -> ExportFile<File> {
    ExportFile::open(File::open(path).unwrap(), &Limits::default()).unwrap()
}

fn load(store: &SledStore) -> Vec<(Advertisement, ScanInstance)> {
    store.scans(Interval::new(0), Interval::new(u32::MAX)).unwrap().instances
}

/// A store in which all intervals are busy, and someone of each period's cases near all the time.
fn fill(profile: &Profile, identifiers: u32) {
    let (store, _) = SledStore::open(profile, FIRST_DAY.start()).unwrap();
    let mut rng = StdRng::seed_from_u64(1);
    let cases = [144, 36].map(keys);
    let intervals = DAYS * INTERVALS_PER_DAY;
    for n in 0..intervals {
        let interval = FIRST_DAY.first_interval().plus(n);
        if n % INTERVALS_PER_DAY == 0 {
            store.begin_day(interval.day(), DAYS).unwrap();
        }
        let mut present: Vec<Advertisement> = (0..identifiers / intervals)
            .map(|_| Advertisement {
                identifier: RollingProximityIdentifier(rng.random()),
                metadata: EncryptedMetadata(rng.random()),
            })
            .collect();
        for keys in &cases {
            let near = keys.iter().take(20).filter(|key| key.intervals().any(|i| i == interval));
            present.extend(near.map(|key| heard(key, interval)));
        }
        let scans: Vec<_> = [0, 300]
            .into_iter()
            .flat_map(|offset| present.iter().map(move |heard| (*heard, scan(interval, offset))))
            .collect();
        let _ = store.record_scan(interval, &scans).unwrap();
    }
}

fn heard(key: &DiagnosisKey, interval: Interval) -> Advertisement {
    let derived = DerivedKeys::from(key);
    let identifier = derived.identifiers.identifier(interval);
    let claim = Metadata { confidence: CalibrationConfidence::High, tx_power: -8 };
    Advertisement { identifier, metadata: derived.metadata.seal(&identifier, claim) }
}

fn scan(interval: Interval, offset: u64) -> ScanInstance {
    ScanInstance {
        time: interval.start().plus(offset),
        typical_rssi: -60,
        strongest_rssi: -55,
        count: 3,
        seconds_since_last_scan: 300,
        clock_trusted: true,
    }
}

/// Keys of random periods of the 14 days.
fn keys(period: u32) -> Vec<DiagnosisKey> {
    let mut rng = StdRng::seed_from_u64(u64::from(period));
    let periods = DAYS * INTERVALS_PER_DAY / period;
    (0..KEYS)
        .map(|_| DiagnosisKey {
            key: rng.random(),
            rolling_start: FIRST_DAY.first_interval().plus(rng.random_range(0..periods) * period),
            rolling_period: RollingPeriod::new(period.into()).unwrap(),
            report_type: ReportType::ConfirmedTest,
            days_since_onset: Some(rng.random_range(-2..10)),
            transmission_risk: 0,
        })
        .collect()
}

fn write_exports(folder: &Path, period: u32, signer: &SigningKey) -> Vec<PathBuf> {
    fs::create_dir_all(folder).unwrap();
    let (start, end) = (FIRST_DAY.plus(DAYS).start(), FIRST_DAY.plus(DAYS + 1).start());
    let (header, info) = (ExportHeader::single(start, end, "VN"), SignatureInfo::new("452", "v1"));
    let write = |(n, keys): (usize, &[DiagnosisKey])| {
        let path = folder.join(format!("{n}.zip"));
        fs::write(&path, write_export(&header, keys, &[], signer, &info).unwrap()).unwrap();
        path
    };
    keys(period).chunks(KEYS_PER_FILE).enumerate().map(write).collect()
}

/// Time that this thread has spent on a core.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
