//! Fills a store with DAYS days at NEIGHBOURS neighbours all day, a scan every 5 minutes, and
//! says how many bytes that takes and how long it takes to load.
//!
//! `cargo run --release --locked -p vungxanh-daemon --example store_size -- FOLDER [DAYS [NEIGHBOURS]]`

use std::error::Error;
use std::time::Instant;

use rand::{Rng, RngExt, SeedableRng};
use vungxanh_daemon::platform::profile::Profile;
use vungxanh_daemon::store::{EncounterStore, SledStore};
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::encounter::{ScanInstance, join};
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::{INTERVALS_PER_DAY, Interval, UtcDay};
use vungxanh_protocol::metadata::EncryptedMetadata;

const FIRST_DAY: UtcDay = UtcDay::new(20_000);
const RETENTION_DAYS: u32 = 14;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: store_size FOLDER [DAYS [NEIGHBOURS]]")?;
    let days: u32 = arguments.next().map_or(Ok(RETENTION_DAYS), |text| text.parse())?;
    let neighbours: usize = arguments.next().map_or(Ok(100), |text| text.parse())?;
    let profile = Profile::at(folder);
    let (store, _) = SledStore::open(&profile, FIRST_DAY.start())?;
    let rng = &mut rand::rngs::StdRng::seed_from_u64(1);

    let mut scans = 0;
    let began = Instant::now();
    let mut most = 0;
    for day in (0..days).map(|day| FIRST_DAY.plus(day)) {
        store.begin_day(day, RETENTION_DAYS)?;
        for interval in (0..INTERVALS_PER_DAY).map(|n| day.first_interval().plus(n)) {
            let present = crowd(neighbours, rng);
            for offset in [0, 300] {
                let scan: Vec<_> = (present.iter())
                    .map(|heard| (*heard, instance(interval, offset, rng)))
                    .collect();
                let _ = store.record_scan(interval, &scan)?;
                scans += 1;
            }
        }
        most = most.max(store.size_on_disk());
        let live: u64 = store.scan_summary()?.iter().map(|day| day.bytes).sum();
        println!(
            "day {day:>3}: {live:>9} live, {:>9} on disk",
            store.size_on_disk(),
            day = day.number()
        );
    }
    println!(
        "{:.2} ms a scan window written",
        began.elapsed().as_secs_f64() * 1e3 / f64::from(scans)
    );
    println!("{most} bytes on disk at most");
    drop(store);

    let began = Instant::now();
    let (store, _) = SledStore::open(&profile, FIRST_DAY.start())?;
    println!("{:.3} s to open", began.elapsed().as_secs_f64());
    let began = Instant::now();
    let loaded = store.scans(Interval::new(0), Interval::new(u32::MAX))?;
    let read = began.elapsed().as_secs_f64();
    let instances = loaded.instances.len();
    let encounters = join(loaded.instances).len();
    let joined = began.elapsed().as_secs_f64();
    println!(
        "{read:.3} s to load {instances} scan instances, {joined:.3} s with joining {encounters} encounters"
    );
    Ok(())
}

fn crowd(neighbours: usize, rng: &mut impl Rng) -> Vec<Advertisement> {
    (0..neighbours)
        .map(|_| Advertisement {
            identifier: RollingProximityIdentifier(rng.random()),
            metadata: EncryptedMetadata(rng.random()),
        })
        .collect()
}

fn instance(interval: Interval, offset: u64, rng: &mut impl Rng) -> ScanInstance {
    let typical_rssi = rng.random_range(-95..-50);
    ScanInstance {
        time: interval.start().plus(offset),
        typical_rssi,
        strongest_rssi: typical_rssi + rng.random_range(0..12),
        count: rng.random_range(1..20),
        seconds_since_last_scan: 300,
        clock_trusted: true,
    }
}
