//! Who may open declarations: only officers whom the root key names, and never by an older file.

use proptest::prelude::*;
use vungxanh_protocol::intake::{
    INTAKE_KEYS_LABEL, IntakeError, IntakeKey, IntakeKeyList, IntakeKeys, MAX_SIGNED_INTAKE_BYTES,
    MAX_SIGNED_ROSTER_BYTES, OFFICERS_LABEL, Officer, OfficerKeyFile, Roster, SealedHalf,
    spoken_fingerprint,
};
use vungxanh_protocol::key_file::{Cost, KeyFileError};
use vungxanh_protocol::sealed_box::{BoxError, OpeningKey, SealingKey};
use vungxanh_protocol::signed;

use super::{AUTHORITY, DAY, VECTORS, array, bytes, keys, now, opening, rng, root, roster};
use crate::support::given::Given;

#[test]
fn the_roster_is_that_of_another_implementation() {
    let roster = roster();
    assert_eq!(u64::from(roster.serial), VECTORS["roster"]["serial"]);
    let officers = VECTORS["roster"]["officers"].as_array().unwrap();
    assert_eq!(roster.officers.len(), officers.len());
    for (officer, vector) in roster.officers.iter().zip(officers) {
        assert_eq!(u64::from(officer.id), vector["id"]);
        assert_eq!(officer.name, vector["name"]);
        assert_eq!(officer.key.as_bytes(), &array(&vector["key"]));
        assert_eq!(officer.key, opening(&vector["secret"]).public_key());
        assert_eq!(serde_json::json!(officer.groups), vector["groups"]);
        assert_eq!(spoken_fingerprint(&officer.key), vector["spoken"]);
    }
    assert_eq!(hex::encode(roster.to_signed(&root()).unwrap()), VECTORS["roster"]["signed"]);
    assert_eq!(roster.of_group(79).map(|officer| officer.id).collect::<Vec<_>>(), [7]);
    assert_eq!(roster.of_group(0).count(), 2);
}

#[test]
fn a_changed_server_cannot_add_an_officer() {
    let signed = bytes(&VECTORS["roster"]["signed"]);
    for index in 0..signed.len() {
        let mut altered = signed.clone();
        altered[index] ^= 1;
        assert!(Roster::read(&altered, &root().verifying_key(), 0).is_err(), "byte {index}");
    }
    let own = ed25519_dalek::SigningKey::from_bytes(&[9; 32]);
    let forged = roster().to_signed(&own).unwrap();
    assert!(Roster::read(&forged, &root().verifying_key(), 0).is_err());
    // A roster from before an officer was removed is refused, too.
    let older = Roster::read(&signed, &root().verifying_key(), 4);
    assert!(matches!(older, Err(IntakeError::RolledBack { seen: 4, found: 3, .. })));
}

#[test]
fn rosters_that_make_no_sense_are_not_signed() {
    let good = roster();
    let change = |change: &dyn Fn(&mut Vec<Officer>)| {
        let mut roster = good.clone();
        change(&mut roster.officers);
        roster.to_signed(&root())
    };
    assert!(change(&|_| {}).is_ok());
    assert!(change(&|officers| officers.reverse()).is_err());
    assert!(change(&|officers| officers[1].key = officers[0].key).is_err());
    assert!(change(&|officers| officers[0].name = " ".into()).is_err());
    assert!(change(&|officers| officers[0].name = "a\u{7}".into()).is_err());
    assert!(change(&|officers| officers[0].name = "a".repeat(65)).is_err());
    assert!(change(&|officers| officers[0].groups.clear()).is_err());
    assert!(change(&|officers| officers[0].groups.extend(0..=64)).is_err());
    let many = |officers: &mut Vec<Officer>| {
        let keys = (0..513).map(|id| (id, OpeningKey::generate(&mut rng(id.into())).public_key()));
        *officers = keys.map(|(id, key)| Officer { id, key, ..officers[0].clone() }).collect();
    };
    assert!(change(&many).is_err());
    assert!(
        change(&|officers| {
            many(officers);
            officers.pop();
        })
        .is_ok()
    );
    let huge = vec![b'A'; 10_000_000];
    assert!(Roster::read(&huge, &root().verifying_key(), 0).is_err());
    const { assert!(MAX_SIGNED_ROSTER_BYTES < 128 * 1_024 && MAX_SIGNED_INTAKE_BYTES < 128 * 1_024) };
}

#[test]
fn intake_keys_are_those_of_another_implementation() {
    let (vector, keys) = (&VECTORS["intake"], keys());
    let list = keys.list();
    assert_eq!(u64::from(list.serial), vector["serial"]);
    assert_eq!(list.issued_at.as_secs(), vector["issued_at"]);
    assert_eq!(list.expires_at.as_secs(), vector["expires_at"]);
    assert_eq!(list.local_time.minutes_ahead(), vector["minutes_ahead"]);
    for (key, vector) in list.keys.iter().zip(vector["keys"].as_array().unwrap()) {
        assert_eq!(u64::from(key.id), vector["id"]);
        assert_eq!(u64::from(key.day), vector["day"]);
        assert_eq!(u64::from(key.group), vector["group"]);
        assert_eq!(key.key, opening(&vector["secret"]).public_key());
    }
    assert_eq!(hex::encode(list.to_signed(&root()).unwrap()), vector["signed"]);
    assert_eq!(keys.today(now()), DAY);
}

#[test]
fn a_provinces_own_key_comes_before_the_authoritys() {
    let keys = keys();
    let id = |day, province| keys.key_for(day, province).map(|key| key.id);
    assert_eq!(id(DAY, 79), Ok(12));
    assert_eq!(id(DAY, 1), Ok(11));
    assert_eq!(id(DAY + 1, 79), Ok(13));
    assert_eq!(id(DAY + 2, 79), Err(IntakeError::NoKey));
}

#[test]
fn older_expired_or_senseless_files_of_intake_keys_are_refused() {
    let good = keys().list().clone();
    let root = root();
    let read = |list: &IntakeKeyList, seen, at| {
        IntakeKeys::read(&list.to_signed(&root)?, &root.verifying_key(), seen, at)
    };
    assert!(read(&good, 9, now()).is_ok());
    assert!(matches!(read(&good, 10, now()), Err(IntakeError::RolledBack { .. })));
    assert!(matches!(read(&good, 0, good.expires_at), Err(IntakeError::Expired(_))));
    let change = |change: &dyn Fn(&mut Vec<IntakeKey>)| {
        let mut list = good.clone();
        change(&mut list.keys);
        read(&list, 0, now()).is_ok()
    };
    assert!(change(&|_| {}));
    assert!(!change(&|keys| keys.reverse()));
    assert!(!change(&|keys| keys.push(keys[2])));
    assert!(!change(&|keys| keys[1].id = keys[0].id));
}

#[test]
fn a_sealed_half_opens_for_its_officer_key_and_authority_alone() {
    let (keys, roster) = (keys(), roster());
    let [other_key, key, _] = keys.list().keys.as_slice() else { panic!("three keys") };
    let [other, officer] = roster.officers.as_slice() else { panic!("two officers") };
    let secret = |officer: usize| opening(&VECTORS["roster"]["officers"][officer]["secret"]);
    let half = opening(&VECTORS["intake"]["keys"][1]["secret"]);
    let mut given = Given(bytes(&VECTORS["half"]["ikm"]));
    let sealed = SealedHalf::seal(&half, key, officer, AUTHORITY, &mut given).unwrap();
    assert_eq!(hex::encode(sealed.as_bytes()), VECTORS["half"]["sealed"]);
    assert_eq!(sealed.open(officer.id, &secret(1), key, AUTHORITY), Ok(half.clone()));
    for closed in [
        sealed.open(other.id, &secret(1), key, AUTHORITY),
        sealed.open(officer.id, &secret(0), key, AUTHORITY),
        sealed.open(officer.id, &secret(1), other_key, AUTHORITY),
        sealed.open(officer.id, &secret(1), key, "vn.hue"),
    ] {
        assert_eq!(closed, Err(IntakeError::Box(BoxError::Closed)));
    }
    let wrong = SealedHalf::seal(&half, other_key, officer, AUTHORITY, &mut rng(1));
    assert_eq!(wrong, Err(IntakeError::OtherKey));
    // Somebody seals another key in its place: noticed by the published half.
    let forged = IntakeKey { key: SealingKey::from_bytes(&[9; 32]).unwrap(), ..*key };
    assert_eq!(sealed.open(officer.id, &secret(1), &forged, AUTHORITY), Err(IntakeError::OtherKey));
    assert_eq!(format!("{sealed:?}"), "SealedHalf(..)");
}

proptest! {
    /// Signed, so that the reader behind the signature is what is tried.
    #[test]
    fn any_signed_bytes_are_a_file_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        for bytes in [bytes.clone(), [&[1], &bytes[..]].concat()] {
            let roster = signed::sign(OFFICERS_LABEL, &bytes, &root());
            if let Ok(read) = Roster::read(&roster, &root().verifying_key(), 0) {
                prop_assert_eq!(read.to_signed(&root()).unwrap(), roster);
            }
            let keys = signed::sign(INTAKE_KEYS_LABEL, &bytes, &root());
            if let Ok(read) = IntakeKeys::read(&keys, &root().verifying_key(), 0, now()) {
                prop_assert_eq!(read.list().to_signed(&root()).unwrap(), keys);
            }
        }
    }
}

#[test]
fn an_officers_key_comes_back_from_its_file_only_with_the_passphrase() {
    let key = opening(&VECTORS["roster"]["officers"][0]["secret"]);
    let cost = Cost::new(8, 1).unwrap();
    let file = OfficerKeyFile::seal(&key, "bốn chữ dễ nhớ", cost, &mut rng(1)).unwrap();
    let read = OfficerKeyFile::from_json(file.to_json().as_bytes()).unwrap();
    assert_eq!(*read.public_key(), key.public_key());
    assert!(read.open("bốn chữ dễ nhớ").unwrap() == key);
    assert_eq!(read.open("bốn chữ dễ quên").err(), Some(KeyFileError::WrongPassphrase));
    assert!(OfficerKeyFile::seal(&key, "ngắn", cost, &mut rng(1)).is_err());
    // Another public key beside the sealed one: what it is sealed to no longer fits.
    let mut fields: serde_json::Value = serde_json::from_str(&file.to_json()).unwrap();
    fields["public_key"] = VECTORS["roster"]["officers"][1]["key"].clone();
    let mixed = OfficerKeyFile::from_json(fields.to_string().as_bytes()).unwrap();
    assert_eq!(mixed.open("bốn chữ dễ nhớ").err(), Some(KeyFileError::WrongPassphrase));
    // A venue's file is none of an officer's.
    fields["format"] = "VX-VENUE-KEY-FILE-1".into();
    let read = OfficerKeyFile::from_json(fields.to_string().as_bytes());
    assert!(matches!(read, Err(KeyFileError::NotAKeyFile(_))));
    fields["format"] = "VX-OFFICER-KEY-FILE-2".into();
    let read = OfficerKeyFile::from_json(fields.to_string().as_bytes());
    assert_eq!(read, Err(KeyFileError::Newer));
}
