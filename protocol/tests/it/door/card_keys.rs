//! The file of card keys, and the halves that officers open.

use proptest::prelude::*;
use vungxanh_protocol::door::{
    CARD_KEYS_LABEL, CardKey, CardKeyList, CardKeys, DoorError, MAX_CARD_KEYS,
    MAX_SIGNED_CARD_KEYS_BYTES, open_card_half, seal_card_half,
};
use vungxanh_protocol::intake::{IntakeError, Officer, WHOLE_AUTHORITY};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::sealed_box::{BoxError, OpeningKey};
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::signed;

use super::{AUTHORITY, HOUR, VECTORS, array, card, card_key, rng, text};
use crate::support::given::Given;

fn root() -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&[0x41; 32])
}

fn bytes() -> Vec<u8> {
    hex::decode(text(&VECTORS["card_keys"]["signed"])).unwrap()
}

fn read(signed: &[u8], seen: u32, now: UnixTime) -> Result<CardKeys, DoorError> {
    CardKeys::read(signed, &root().verifying_key(), seen, now)
}

fn keys() -> CardKeys {
    read(&bytes(), 0, HOUR.start()).unwrap()
}

#[test]
fn card_keys_are_those_of_another_implementation() {
    let (vector, keys) = (&VECTORS["card_keys"], keys());
    let list = keys.list();
    assert_eq!(u64::from(list.serial), vector["serial"]);
    assert_eq!(list.issued_at.as_secs(), vector["issued_at"]);
    assert_eq!(list.expires_at.as_secs(), vector["expires_at"]);
    assert_eq!(list.local_time.minutes_ahead(), vector["minutes_ahead"]);
    assert_eq!(list.keys.len(), 2);
    for (key, vector) in list.keys.iter().zip(vector["keys"].as_array().unwrap()) {
        assert_eq!(u64::from(key.id), vector["id"]);
        assert_eq!(
            [key.first_day, key.last_day].map(u64::from),
            [vector["first_day"].as_u64().unwrap(), vector["last_day"].as_u64().unwrap()]
        );
        assert_eq!(key.to_bytes(), (array(&vector["sealing_key"]), array(&vector["signing_key"])));
    }
    assert_eq!(list.keys[0], card_key());
    assert_eq!(list.to_signed(&root()).unwrap(), bytes());
}

#[test]
fn a_quarters_key_makes_cards_and_those_before_it_verify_them() {
    let keys = keys();
    let id = |day| keys.key_for(day).map(|key| key.id);
    assert_eq!(id(20_786 - 60), None);
    assert_eq!(id(20_786), Some(4));
    assert_eq!(id(20_786 + 33), Some(5));
    assert_eq!(id(20_786 + 213), Some(5));
    assert_eq!(id(20_786 + 214), None);
    assert_eq!(keys.verify(&card(), 20_786 + 40), Ok(()));
    // A destroyed quarter is not in the file any more.
    let mut destroyed = keys.list().clone();
    destroyed.keys.remove(0);
    let destroyed = read(&destroyed.to_signed(&root()).unwrap(), 0, HOUR.start()).unwrap();
    assert_eq!(destroyed.verify(&card(), 20_786), Err(DoorError::NotACard));
    assert_eq!(destroyed.key_for(20_786), None);
}

#[test]
fn altered_older_expired_or_senseless_files_of_card_keys_are_refused() {
    let (good, signed) = (keys().list().clone(), bytes());
    for index in 0..signed.len() {
        let mut altered = signed.clone();
        altered[index] ^= 1;
        assert!(read(&altered, 0, HOUR.start()).is_err(), "byte {index}");
    }
    let forged = good.to_signed(&ed25519_dalek::SigningKey::from_bytes(&[9; 32])).unwrap();
    assert!(read(&forged, 0, HOUR.start()).is_err());
    assert!(read(&signed, 6, HOUR.start()).is_ok());
    let older = read(&signed, 7, HOUR.start());
    assert!(matches!(older, Err(DoorError::Intake(IntakeError::RolledBack { seen: 7, .. }))));
    let expired = read(&signed, 0, good.expires_at);
    assert!(matches!(expired, Err(DoorError::Intake(IntakeError::Expired(_)))));
    assert!(read(&[b'A'; 10_000_000], 0, HOUR.start()).is_err());
    const { assert!(MAX_SIGNED_CARD_KEYS_BYTES < 16 * 1_024) };
    let change = |change: &dyn Fn(&mut Vec<CardKey>)| {
        let mut list = good.clone();
        change(&mut list.keys);
        list.to_signed(&root()).is_ok()
    };
    assert!(change(&|_| {}) && change(&Vec::clear));
    assert!(!change(&|keys| keys.reverse()));
    assert!(!change(&|keys| keys[1].first_day = keys[0].first_day));
    assert!(!change(&|keys| keys[1].id = keys[0].id));
    assert!(!change(&|keys| keys[0].last_day = keys[0].first_day - 1));
    let many = |count: usize| {
        move |keys: &mut Vec<CardKey>| {
            let of = |at: usize| {
                let mut key = keys[0];
                (key.id, key.first_day) = (u8::try_from(at).unwrap(), u16::try_from(at).unwrap());
                key
            };
            *keys = (0..count).map(of).collect();
        }
    };
    assert!(change(&many(MAX_CARD_KEYS)) && !change(&many(MAX_CARD_KEYS + 1)));
}

#[test]
fn a_half_of_a_card_key_opens_for_its_officer_key_and_authority_alone() {
    let vector = &VECTORS["card_keys"]["half"];
    let opening = |value| OpeningKey::from_bytes(SecretBytes::new(array(value)));
    let (secret, half) =
        (opening(&vector["officer_secret"]), opening(&VECTORS["card"]["sealing_secret"]));
    let officer = Officer {
        id: 7,
        key: secret.public_key(),
        name: "Trần Hoa".into(),
        groups: [WHOLE_AUTHORITY].into(),
    };
    let keys = keys();
    let [key, other] = keys.list().keys.as_slice() else { panic!("two keys") };
    let mut given = Given(hex::decode(text(&vector["ikm"])).unwrap());
    let sealed = seal_card_half(&half, key, &officer, AUTHORITY, &mut given).unwrap();
    assert_eq!(hex::encode(sealed.as_bytes()), text(&vector["sealed"]));
    assert_eq!(open_card_half(&sealed, 7, &secret, key, AUTHORITY), Ok(half.clone()));
    for closed in [
        open_card_half(&sealed, 1, &secret, key, AUTHORITY),
        open_card_half(&sealed, 7, &half, key, AUTHORITY),
        open_card_half(&sealed, 7, &secret, other, AUTHORITY),
        open_card_half(&sealed, 7, &secret, key, "vn.hue"),
    ] {
        assert_eq!(closed, Err(IntakeError::Box(BoxError::Closed)));
    }
    let mut forged = *key;
    forged.sealing = other.sealing;
    assert_eq!(open_card_half(&sealed, 7, &secret, &forged, AUTHORITY), Err(IntakeError::OtherKey));
    let wrong = seal_card_half(&half, other, &officer, AUTHORITY, &mut rng(1));
    assert_eq!(wrong, Err(IntakeError::OtherKey));
}

proptest! {
    /// Signed, so that the reader behind the signature is what is tried; also with the points of keys.
    #[test]
    fn any_signed_bytes_are_card_keys_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..120),
        changed in 0..300_usize,
        byte in any::<u8>(),
    ) {
        // Behind the signature and its line feed.
        let mut near = self::bytes().split_off(89);
        if let Some(place) = near.get_mut(changed) {
            *place = byte;
        }
        for bytes in [bytes.clone(), [&[1], &bytes[..]].concat(), near] {
            let signed = signed::sign(CARD_KEYS_LABEL, &bytes, &root());
            if let Ok(read) = read(&signed, 0, UnixTime::from_secs(0)) {
                let list: &CardKeyList = read.list();
                prop_assert_eq!(list.to_signed(&root()).unwrap(), signed);
            }
        }
    }
}
