//! The store on a real disk: killed, full, damaged, copied.

mod damage;
mod disk_full;
mod kill;
mod secrecy;
mod space;

use std::fs;
use std::path::Path;
use std::process::Command;

use vungxanh_daemon::platform::profile::Profile;
use vungxanh_daemon::store::{EncounterStore, Recovery, SledStore, StoreError};
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::encounter::ScanInstance;
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::{Interval, UnixTime, UtcDay};
use vungxanh_protocol::metadata::EncryptedMetadata;

const TODAY: UtcDay = UtcDay::new(20_000);
const NEIGHBOURS: u8 = 20;
/// Says to a child process, started by [`again_as_child`], that it is one and where it works.
const CHILD: &str = "VUNGXANH_TEST_CHILD";

fn open(profile: &Profile) -> (SledStore, Option<Recovery>) {
    SledStore::open(profile, TODAY.start()).unwrap()
}

fn advertisement(neighbour: u8, window: u32) -> Advertisement {
    let mut identifier = [neighbour; 16];
    // Changes with the interval, as in life.
    identifier[..4].copy_from_slice(&(window / 2).to_be_bytes());
    Advertisement {
        identifier: RollingProximityIdentifier(identifier),
        metadata: EncryptedMetadata([0x5A, neighbour, 0xC3, 0x3C]),
    }
}

fn instance(time: UnixTime) -> ScanInstance {
    ScanInstance {
        time,
        typical_rssi: -70,
        strongest_rssi: -65,
        count: 9,
        seconds_since_last_scan: 300,
        clock_trusted: true,
    }
}

/// Scan window number `window`: two an interval, from the start of today.
fn record_window(store: &SledStore, window: u32) -> Result<(), StoreError> {
    let time = TODAY.start().plus(u64::from(window) * 300);
    let instance = instance(time);
    let scan: Vec<_> = (0..NEIGHBOURS).map(|n| (advertisement(n, window), instance)).collect();
    store.record_scan(time.interval(), &scan).map(|recorded| assert_eq!(recorded.left_out, 0))
}

/// The scan windows that are stored, each of which must be whole.
fn windows(store: &SledStore) -> Vec<u32> {
    let loaded = store.scans(Interval::new(0), Interval::new(u32::MAX)).unwrap();
    assert_eq!(loaded.unreadable_blocks, 0);
    let mut neighbours = std::collections::BTreeMap::<u32, u8>::new();
    for (heard, scan) in loaded.instances {
        let window = (scan.time.since(TODAY.start()) / 300) as u32;
        assert_eq!(heard, advertisement(heard.metadata.0[1], window));
        *neighbours.entry(window).or_default() += 1;
    }
    assert!(neighbours.values().all(|count| *count == NEIGHBOURS), "a window is not whole");
    neighbours.into_keys().collect()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn up_to(count: u32) -> Vec<u32> {
    (0..count).collect()
}

/// The command that runs the test `name` of this binary again, as a child in `profile`.
fn again_as_child(name: &str, profile: &Profile) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--nocapture", "--include-ignored"]);
    command.env(CHILD, profile.root());
    command
}

/// The child's profile, in a child.
fn as_child() -> Option<Profile> {
    std::env::var_os(CHILD).map(Profile::at)
}
