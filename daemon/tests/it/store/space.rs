//! The space that the store takes.

use vungxanh_daemon::platform::profile::Profile;
use vungxanh_daemon::store::EncounterStore;

use super::{TODAY, advertisement, instance, open, record_window, up_to, windows};

const MIB: u64 = 1024 * 1024;

#[test]
fn expired_days_give_their_space_back() {
    let folder = tempfile::tempdir().unwrap();
    let profile = Profile::at(folder.path());
    let (store, _) = open(&profile);
    // A day in a crowd, then half a quiet one.
    let scan_at = |time| (0..=u8::MAX).map(move |n| (advertisement(n, 0), instance(time)));
    for time in (0..288).map(|window| TODAY.start().plus(window * 300)) {
        let scan: Vec<_> = scan_at(time).collect();
        let _ = store.record_scan(time.interval(), &scan).unwrap();
    }
    (288..432).for_each(|window| record_window(&store, window).unwrap());
    store.put_state_bytes("authority", Some(b"document")).unwrap();
    let full = store.size_on_disk();
    assert!(full > 5 * MIB / 2, "{full} bytes are too few to try this");
    let expired = store.begin_day(TODAY.plus(15), 14).unwrap();
    assert_eq!(expired.0, [TODAY]);
    let size = store.size_on_disk();
    assert!(size < full / 2, "{size} of {full} bytes are left");
    let left = up_to(432).split_off(288);
    assert_eq!(windows(&store), left);
    record_window(&store, 432).unwrap();
    drop(store);
    let (store, recovery) = open(&profile);
    assert_eq!(recovery, None);
    assert_eq!(windows(&store), [left, vec![432]].concat());
    assert_eq!(store.state_bytes("authority").unwrap().as_deref(), Some(&b"document"[..]));
}
