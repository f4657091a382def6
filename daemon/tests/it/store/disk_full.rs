//! A disk without space: a real limit on file size, and a real small file system.

use std::fs;
use std::process::Command;

use vungxanh_daemon::platform::profile::Profile;
use vungxanh_daemon::store::{EncounterStore, SledStore};
use vungxanh_protocol::interval::Interval;
use vungxanh_protocol::interval::RollingPeriod;
use vungxanh_protocol::own_keys::OwnKeys;

use super::{TODAY, again_as_child, as_child, open, record_window, up_to, windows};

/// Far more than fit.
const TOO_MANY: u32 = 200_000;

fn own_keys() -> OwnKeys {
    let mut keys = OwnKeys::default();
    keys.for_interval(TODAY.first_interval(), RollingPeriod::SIX_HOURS, &mut rand::rng());
    keys
}

/// Records until the disk is full; returns how many windows were stored. Checks that they can
/// still be read then, that the error says what to do, and that the store can be opened again
/// before there is space.
fn fill(profile: &Profile) -> u32 {
    let (store, recovery) = open(profile);
    assert_eq!(recovery, None);
    store.begin_day(TODAY, 14).unwrap();
    let keys = own_keys();
    store.put_own_keys(&keys).unwrap();
    store.put_state_bytes("authority", Some(b"document")).unwrap();
    let first = windows(&store).len() as u32;
    let failed = (first..TOO_MANY).find_map(|window| {
        let error = record_window(&store, window).err()?;
        Some((window, error))
    });
    let (stored, error) = failed.expect("the disk did not fill up");
    assert!(stored > 20, "full after {stored} windows");
    assert!(error.is_disk_full(), "{error}");
    assert!(error.to_string().contains("free some space"), "{error}");
    for _ in 0..3 {
        check_full(&store, stored, &keys);
        // Also fails, or finds a little room; either way nothing is lost.
        let _ = record_window(&store, stored);
    }
    drop(store);
    let (store, _) = open(profile);
    check_full(&store, stored, &keys);
    windows(&store).len() as u32
}

fn check_full(store: &SledStore, stored: u32, keys: &OwnKeys) {
    let found = windows(store);
    assert!(found.len() as u32 >= stored, "{} of {stored}", found.len());
    assert_eq!(store.own_keys().unwrap(), *keys);
    assert_eq!(store.state_bytes("authority").unwrap().as_deref(), Some(&b"document"[..]));
    assert_eq!(store.scans(Interval::new(0), Interval::new(1)).unwrap().unreadable_blocks, 0);
}

#[test]
fn a_limit_on_file_size_is_survived() {
    if let Some(profile) = as_child() {
        println!("stored {}", fill(&profile));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::at(folder.path());
    let child = again_as_child("store::disk_full::a_limit_on_file_size_is_survived", &profile);
    // The limit is in blocks of 512 bytes; the signal that comes with it is ignored.
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 2200; exec \"$@\"", "sh"]);
    limited.arg(child.get_program()).args(child.get_args());
    for (name, value) in child.get_envs() {
        limited.env(name, value.unwrap());
    }
    let output = limited.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let stored = text.lines().find_map(|line| line.split("stored ").nth(1)).unwrap();
    let stored: u32 = stored.trim().parse().unwrap();

    let (store, recovery) = open(&profile);
    assert_eq!(recovery, None);
    assert_eq!(windows(&store), up_to(stored));
    record_window(&store, stored).unwrap();
    assert_eq!(windows(&store), up_to(stored + 1));
}

#[test]
#[ignore = "needs root to mount a tmpfs"]
fn a_full_tmpfs_is_survived() {
    let folder = tempfile::tempdir().unwrap();
    let mounted = Mounted::tmpfs(folder.path().join("small"), "3m");
    let ballast = mounted.0.join("ballast");
    fs::write(&ballast, vec![1; 3 * 512 * 1024]).unwrap();
    let profile = Profile::at(mounted.0.join("profile"));
    let stored = fill(&profile);
    let (store, _) = open(&profile);
    assert!(store.put_state_bytes("large", Some(&vec![1; 500_000])).unwrap_err().is_disk_full());
    fs::remove_file(&ballast).unwrap();
    assert_eq!(windows(&store), up_to(stored));
    record_window(&store, stored).unwrap();
    store.put_state_bytes("large", Some(&vec![1; 200_000])).unwrap();
    store.begin_day(TODAY.plus(1), 14).unwrap();
    drop(store);
    assert_eq!(windows(&open(&profile).0), up_to(stored + 1));
}

struct Mounted(std::path::PathBuf);

impl Mounted {
    fn tmpfs(at: std::path::PathBuf, size: &str) -> Self {
        fs::create_dir(&at).unwrap();
        let option = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &option, "tmpfs"]).arg(&at);
        assert!(mount.status().unwrap().success(), "mount failed");
        Self(at)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
