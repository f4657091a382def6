//! Files with random bytes, cut short, or gone.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use vungxanh_daemon::platform::profile::Profile;
use vungxanh_daemon::store::{EncounterStore, Recovery};
use vungxanh_protocol::interval::{Interval, RollingPeriod};
use vungxanh_protocol::own_keys::OwnKeys;

use super::{TODAY, copy, open, record_window, up_to, windows};

const WINDOWS: u32 = 400;

struct Damaged {
    _folder: tempfile::TempDir,
    profile: Profile,
    keys: OwnKeys,
}

impl Damaged {
    /// A copy of a store with scans, a key and a named record, closed.
    fn prepare() -> Self {
        static WHOLE: LazyLock<Damaged> = LazyLock::new(Damaged::write);
        let folder = tempfile::tempdir().unwrap();
        copy(WHOLE.profile.root(), folder.path());
        let profile = Profile::at(folder.path());
        Self { _folder: folder, profile, keys: WHOLE.keys.clone() }
    }

    fn write() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::at(folder.path());
        let (store, _) = open(&profile);
        (0..WINDOWS).for_each(|window| record_window(&store, window).unwrap());
        let mut keys = OwnKeys::default();
        keys.for_interval(TODAY.first_interval(), RollingPeriod::SIX_HOURS, &mut rand::rng());
        store.put_own_keys(&keys).unwrap();
        store.put_state_bytes("authority", Some(b"old")).unwrap();
        store.put_state_bytes("authority", Some(b"document")).unwrap();
        Self { _folder: folder, profile, keys }
    }

    fn log(&self) -> PathBuf {
        self.profile.store_folder().join("db")
    }

    /// Opens the damaged store; checks that it works and keeps what it has. Returns what was done
    /// and how many windows are left.
    fn check(&self) -> (Option<Recovery>, usize) {
        let (store, recovery) = open(&self.profile);
        let left = windows(&store);
        record_window(&store, WINDOWS).unwrap();
        store.begin_day(TODAY, 14).unwrap();
        drop(store);
        let (store, second) = open(&self.profile);
        assert_eq!(second, None, "once repaired it is whole");
        assert_eq!(windows(&store).len(), left.len() + 1);
        if let Some(aside) = recovery.as_ref().and_then(|recovery| recovery.moved_to.as_ref()) {
            assert!(aside.join("db").exists(), "the damaged folder is kept");
            let name = aside.file_name().unwrap().to_str().unwrap();
            assert!(name.starts_with("store.damaged-"), "{name}");
        }
        (recovery, left.len())
    }
}

#[test]
fn random_bytes_in_the_log_cost_only_what_they_hit() {
    let rng = &mut StdRng::seed_from_u64(7);
    let (mut least, mut noticed) = (usize::MAX, 0);
    for round in 0..12 {
        let damaged = Damaged::prepare();
        let mut log = fs::read(damaged.log()).unwrap();
        for _ in 0..=round / 3 {
            let at = rng.random_range(0..log.len() - 64);
            rng.fill_bytes(&mut log[at..at + 64]);
        }
        fs::write(damaged.log(), log).unwrap();
        let (recovery, left) = damaged.check();
        least = least.min(left);
        noticed += usize::from(recovery.is_some());
    }
    // Each of at most four hits can spoil two windows of one block, where no older copy is left.
    assert!(least >= WINDOWS as usize - 8, "{least} of {WINDOWS} left");
    assert!(noticed > 0, "no damage was noticed");
}

#[test]
fn a_log_cut_short_keeps_what_is_before_the_cut() {
    for part in [2, 3, 10] {
        let damaged = Damaged::prepare();
        let length = fs::metadata(damaged.log()).unwrap().len();
        let log = fs::OpenOptions::new().write(true).open(damaged.log()).unwrap();
        log.set_len(length - length / part).unwrap();
        drop(log);
        let (_, left) = damaged.check();
        let whole = WINDOWS as usize - WINDOWS as usize / part as usize;
        assert!(left > whole / 2, "cut by 1/{part}: {left} windows left");
    }
}

#[test]
fn an_overwritten_head_is_moved_aside_and_the_rest_carried_over() {
    let damaged = Damaged::prepare();
    let mut log = fs::read(damaged.log()).unwrap();
    log[..4096].fill(0xA5);
    fs::write(damaged.log(), log).unwrap();
    let (recovery, left) = damaged.check();
    let recovery = recovery.expect("the damage was not noticed");
    assert!(left > WINDOWS as usize * 9 / 10, "{left}; {recovery:?}");
    let (store, _) = open(&damaged.profile);
    assert_eq!(store.own_keys().unwrap(), damaged.keys);
    assert_eq!(store.state_bytes("authority").unwrap().as_deref(), Some(&b"document"[..]));
}

#[test]
fn damaged_side_files_do_no_harm() {
    let damaged = Damaged::prepare();
    let folder = damaged.profile.store_folder();
    fs::write(folder.join("conf"), b"segment_size: nonsense\nrubbish").unwrap();
    fs::write(folder.join("snap.00000000FFFFFFFF"), [7; 100]).unwrap();
    fs::write(folder.join("snap.0000000000000000.generating"), [7; 3]).unwrap();
    let (recovery, left) = damaged.check();
    assert!(recovery.unwrap().moved_to.is_some());
    assert_eq!(left, WINDOWS as usize);
}

#[test]
fn a_deleted_database_begins_anew() {
    let damaged = Damaged::prepare();
    fs::remove_dir_all(damaged.profile.store_folder()).unwrap();
    let (store, recovery) = open(&damaged.profile);
    assert_eq!(recovery, None);
    assert_eq!(windows(&store), up_to(0));
    drop(store);
    let (_, left) = damaged.check();
    assert_eq!(left, 0);
}

#[test]
fn a_forgotten_day_is_not_carried_over() {
    let damaged = Damaged::prepare();
    let (store, _) = open(&damaged.profile);
    store.put_state_bytes("authority", None).unwrap();
    store.forget(vungxanh_daemon::store::Forget::AllDays).unwrap();
    record_window(&store, 0).unwrap();
    drop(store);
    fs::write(damaged.profile.store_folder().join("conf"), b"rubbish, more than 8 bytes").unwrap();
    let (store, recovery) = open(&damaged.profile);
    assert!(recovery.unwrap().moved_to.is_some());
    assert_eq!(windows(&store), up_to(1));
    assert_eq!(store.state_bytes("authority").unwrap(), None, "removed records stay removed");
    assert_eq!(store.own_keys().unwrap(), OwnKeys::default());
    let loaded = store.scans(Interval::new(0), Interval::new(u32::MAX)).unwrap();
    assert_eq!(loaded.unreadable_blocks, 0);
}
