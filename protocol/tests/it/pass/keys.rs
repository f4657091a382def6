//! One key for each day and kind, the same for everybody, and never an older file.

use proptest::prelude::*;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{
    KEYS_LABEL, KeyName, MAX_SIGNED_KEYS_BYTES, PassError, PassKeyList, PassKeys, PassKind,
};
use vungxanh_protocol::signed;

use super::{DAY, Office, list, name, root};

fn read(list: &PassKeyList, seen: Option<&PassKeys>) -> Result<PassKeys, PassError> {
    PassKeys::read(&list.to_signed(&root())?, &root().verifying_key(), seen)
}

#[test]
fn another_key_under_a_name_that_was_seen_is_refused_and_named() {
    let (office, other) = (Office::new(1), Office::new(2));
    let mut swapped = list([(name(PassKind::Live), &other.live)]);
    swapped.serial = 9;
    let conflict = PassError::ConflictingKeys { day: DAY, kind: 1, id: 0 };
    assert_eq!(read(&swapped, Some(&office.keys)), Err(conflict));
    assert!(read(&swapped, None).is_ok());
}

#[test]
fn two_keys_to_choose_from_are_refused() {
    let office = Office::new(1);
    let second = KeyName { id: 1, ..name(PassKind::Live) };
    let mut list = list([(name(PassKind::Live), &office.live), (second, &office.printed)]);
    assert!(list.to_signed(&root()).is_err());
    list.revoked.insert(name(PassKind::Live));
    let keys = read(&list, None).unwrap();
    assert_eq!(keys.key_for(DAY, PassKind::Live).unwrap().name(), second);
}

#[test]
fn an_older_file_is_refused_and_the_same_one_taken() {
    let office = Office::new(1);
    let mut older = office.list.clone();
    older.serial -= 1;
    let rolled_back = PassError::RolledBack { seen: 5, found: 4 };
    assert_eq!(read(&older, Some(&office.keys)), Err(rolled_back));
    assert_eq!(read(&office.list, Some(&office.keys)), Ok(office.keys.clone()));
}

#[test]
fn every_altered_byte_is_refused() {
    let signed = Office::new(1).list.to_signed(&root()).unwrap();
    for index in 0..signed.len() {
        let mut altered = signed.clone();
        altered[index] ^= 1;
        assert!(PassKeys::read(&altered, &root().verifying_key(), None).is_err(), "byte {index}");
    }
    for length in 0..signed.len() {
        assert!(PassKeys::read(&signed[..length], &root().verifying_key(), None).is_err());
    }
}

#[test]
fn a_file_of_ten_megabytes_is_refused_by_its_length() {
    let huge = vec![b'A'; 10_000_000];
    let verdict = PassKeys::read(&huge, &root().verifying_key(), None);
    assert!(matches!(verdict, Err(PassError::Signed(_))));
    const { assert!(MAX_SIGNED_KEYS_BYTES < 64 * 1_024) };
}

#[test]
fn bounds() {
    let office = Office::new(1);
    for days in [0, 15] {
        let list = PassKeyList { valid_days: days, ..office.list.clone() };
        assert!(list.to_signed(&root()).is_err(), "{days} days");
    }
    let late = UnixTime::from_secs(u64::from(u32::MAX) + 1);
    assert!(PassKeyList { expires_at: late, ..office.list.clone() }.to_signed(&root()).is_err());
    let specimen = KeyName { kind: PassKind::LiveSpecimen, ..name(PassKind::Live) };
    assert!(list([(specimen, &office.live)]).to_signed(&root()).is_err());
    let missing = office.keys.key_for(DAY + 1, PassKind::Live);
    assert_eq!(missing, Err(PassError::UnknownKey));
}

proptest! {
    /// Signed, so that the reader behind the signature is what is tried.
    #[test]
    fn any_signed_bytes_are_a_file_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..140)) {
        for bytes in [bytes.clone(), [&[1], &bytes[..]].concat()] {
            let file = signed::sign(KEYS_LABEL, &bytes, &root());
            if let Ok(read) = PassKeys::read(&file, &root().verifying_key(), None) {
                prop_assert_eq!(read.list().to_signed(&root()).unwrap(), file);
            }
        }
    }
}
