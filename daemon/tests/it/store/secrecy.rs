//! What copies of the profile's files give away.

use std::fs;
use std::path::{Path, PathBuf};

use vungxanh_daemon::platform::profile::Profile;
use vungxanh_daemon::store::{EncounterStore, Forget, SledStore, StoreError};
use vungxanh_protocol::interval::{Interval, RollingPeriod};
use vungxanh_protocol::own_keys::OwnKeys;

use super::{NEIGHBOURS, TODAY, advertisement, copy, open, record_window, up_to, windows};

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn holds(file: &Path, secret: &[u8]) -> bool {
    fs::read(file).unwrap().windows(secret.len()).any(|part| part == secret)
}

#[test]
fn an_expired_day_stays_closed_to_a_restored_copy() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::at(folder.path().join("profile"));
    let (store, _) = open(&profile);
    store.begin_day(TODAY, 14).unwrap();
    (0..4).for_each(|window| record_window(&store, window).unwrap());
    drop(store);
    let old = folder.path().join("old");
    copy(&profile.store_folder(), &old);

    let (store, _) = open(&profile);
    let expired = store.begin_day(TODAY.plus(15), 14).unwrap();
    assert_eq!(expired.0, [TODAY]);
    assert_eq!(windows(&store), up_to(0));
    drop(store);
    fs::remove_dir_all(profile.store_folder()).unwrap();
    copy(&old, &profile.store_folder());

    let (store, _) = open(&profile);
    let loaded = store.scans(Interval::new(0), Interval::new(u32::MAX)).unwrap();
    assert_eq!(loaded.instances, []);
    assert_eq!(loaded.unreadable_blocks, 2, "the blocks are there, and closed");
    let summary = store.scan_summary().unwrap();
    assert_eq!((summary[0].blocks, summary[0].unreadable_blocks), (2, 2));
    // A new key for the same day does not open them either, and recording goes on.
    record_window(&store, 0).unwrap();
    assert_eq!(windows_of_first_interval(&store), 1);
}

fn windows_of_first_interval(store: &SledStore) -> usize {
    let first = TODAY.first_interval();
    store.scans(first, first).unwrap().instances.len() / usize::from(NEIGHBOURS)
}

#[test]
fn the_keys_of_an_old_backup_do_not_come_back_by_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::at(folder.path());
    let (store, _) = open(&profile);
    record_window(&store, 0).unwrap();
    let old_day_keys = fs::read(profile.day_keys_file()).unwrap();
    store.forget(Forget::AllDays).unwrap();
    drop(store);
    fs::write(profile.day_keys_file(), old_day_keys).unwrap();
    let refused = SledStore::open(&profile, TODAY.start());
    assert!(matches!(refused, Err(StoreError::DayKeysUnreadable { .. })));
}

#[test]
fn no_file_holds_an_identifier_or_a_key_in_the_open() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::at(folder.path());
    let (store, _) = open(&profile);
    (0..6).for_each(|window| record_window(&store, window).unwrap());
    let mut keys = OwnKeys::default();
    let key = keys.for_interval(TODAY.first_interval(), RollingPeriod::SIX_HOURS, &mut rand::rng());
    store.put_own_keys(&keys).unwrap();
    store.put_state_bytes("authority", Some(b"the signed document")).unwrap();
    drop(store);
    let files = files(profile.root());
    assert!(files.iter().any(|file| file.ends_with("store/db")), "{files:?}");
    let identifier = key.derive().identifiers.identifier(TODAY.first_interval());
    for file in files {
        for window in 0..6 {
            for neighbour in 0..NEIGHBOURS {
                let heard = advertisement(neighbour, window);
                assert!(!holds(&file, &heard.identifier.0), "{}", file.display());
            }
        }
        assert!(!holds(&file, &[0x5A, 3, 0xC3, 0x3C]), "metadata in {}", file.display());
        assert!(!holds(&file, key.key().expose()), "own key in {}", file.display());
        assert!(!holds(&file, &identifier.0), "own identifier in {}", file.display());
        assert!(!holds(&file, b"signed document"), "{}", file.display());
    }
}

#[test]
fn a_second_program_is_refused_and_told_why() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::at(folder.path());
    let (store, _) = open(&profile);
    record_window(&store, 0).unwrap();
    let error = SledStore::open(&profile, TODAY.start()).unwrap_err();
    assert!(matches!(error, StoreError::Locked { pid: Some(pid), .. }
        if pid == std::process::id()));
    record_window(&store, 1).unwrap();
    drop(store);
    assert_eq!(windows(&open(&profile).0), up_to(2));
}

#[test]
fn a_newer_format_is_refused_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::at(folder.path());
    record_window(&open(&profile).0, 0).unwrap();
    fs::write(profile.schema_file(), "9999\n").unwrap();
    let error = SledStore::open(&profile, TODAY.start()).unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 9999, .. }), "{error}");
    fs::write(profile.schema_file(), "1\n").unwrap();
    assert_eq!(windows(&open(&profile).0), [0]);
}
