//! One key for each day, the same for everybody, and never an older file.

use proptest::prelude::*;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::phone::{
    MAX_PHONE_KEYS, MAX_SIGNED_PHONE_KEYS_BYTES, PHONE_KEYS_LABEL, PhoneError, PhoneKeyList,
    PhoneKeys,
};
use vungxanh_protocol::signed;

use super::{DAY, VECTORS, issuer, list, published, root};

fn read(list: &PhoneKeyList, seen: Option<&PhoneKeys>) -> Result<PhoneKeys, PhoneError> {
    PhoneKeys::read(&list.to_signed(&root())?, &root().verifying_key(), seen)
}

#[test]
fn another_key_for_a_day_that_was_seen_is_refused_and_named() {
    let keys = published(&list([issuer(1).public(DAY, 0)]));
    let mut swapped = list([issuer(2).public(DAY, 0)]);
    swapped.serial = 9;
    assert_eq!(read(&swapped, Some(&keys)), Err(PhoneError::ConflictingKeys { day: DAY, id: 0 }));
    assert!(read(&swapped, None).is_ok());
    // A day that is no more listed is no conflict.
    swapped = list([issuer(2).public(DAY + 1, 0)]);
    assert!(read(&swapped, Some(&keys)).is_ok());
}

#[test]
fn an_older_file_is_refused_and_the_same_one_taken() {
    let newer = list([issuer(1).public(DAY, 0)]);
    let keys = published(&newer);
    let older = PhoneKeyList { serial: 4, ..newer.clone() };
    assert_eq!(read(&older, Some(&keys)), Err(PhoneError::RolledBack { seen: 5, found: 4 }));
    assert_eq!(read(&newer, Some(&keys)), Ok(keys.clone()));
    assert_eq!(keys.key_for(DAY + 1), Err(PhoneError::UnknownDay));
}

#[test]
fn every_altered_byte_is_refused() {
    let signed = list([issuer(1).public(DAY, 0)]).to_signed(&root()).unwrap();
    for index in 0..signed.len() {
        let mut altered = signed.clone();
        altered[index] ^= 1;
        assert!(PhoneKeys::read(&altered, &root().verifying_key(), None).is_err(), "byte {index}");
        assert!(PhoneKeys::read(&signed[..index], &root().verifying_key(), None).is_err());
    }
}

#[test]
fn bounds() {
    let huge = vec![b'A'; 10_000_000];
    let verdict = PhoneKeys::read(&huge, &root().verifying_key(), None);
    assert!(matches!(verdict, Err(PhoneError::Signed(_))));
    const { assert!(MAX_SIGNED_PHONE_KEYS_BYTES < 32 * 1_024) };
    let late = UnixTime::from_secs(u64::from(u32::MAX) + 1);
    let one = list([issuer(1).public(DAY, 0)]);
    assert!(PhoneKeyList { expires_at: late, ..one }.to_signed(&root()).is_err());
    let of_days = |days: usize| list((0..days).map(|n| issuer(1).public(n.try_into().unwrap(), 0)));
    assert!(read(&of_days(MAX_PHONE_KEYS), None).is_ok());
    assert!(of_days(MAX_PHONE_KEYS + 1).to_signed(&root()).is_err());
}

/// The file of one key, with another key in its place.
fn forged(token: &[u8], proof: &[u8]) -> Result<PhoneKeys, PhoneError> {
    let signed = list([issuer(1).public(DAY, 0)]).to_signed(&root()).unwrap();
    let mut bytes = signed[89..].to_vec();
    let at = bytes.len() - 128;
    if !token.is_empty() {
        bytes[at..at + 96].copy_from_slice(token);
    }
    if !proof.is_empty() {
        bytes[at + 96..].copy_from_slice(proof);
    }
    let signed = signed::sign(PHONE_KEYS_LABEL, &bytes, &root());
    PhoneKeys::read(&signed, &root().verifying_key(), None)
}

#[test]
fn keys_outside_the_group_weak_ones_and_second_encodings_are_refused() {
    assert!(forged(&[], &[]).is_ok());
    for bad in ["g2_outside_subgroup", "g2_identity"] {
        let point = hex::decode(VECTORS["refused"][bad].as_str().unwrap()).unwrap();
        assert!(matches!(forged(&point, &[]), Err(PhoneError::Point(_))), "{bad}");
    }
    let (mut identity, mut order_two, mut second) = ([0; 32], [0xff; 32], [0xff; 32]);
    identity[0] = 1;
    (order_two[0], order_two[31]) = (0xec, 0x7f);
    // y = p + 3, a second encoding of y = 3, a point of large order.
    (second[0], second[31]) = (0xf0, 0x7f);
    for bad in [identity, order_two, second] {
        assert_eq!(forged(&[], &bad), Err(PhoneError::BadProofKey), "{}", hex::encode(bad));
    }
}

proptest! {
    /// Signed, so that the reader behind the signature is what is tried.
    #[test]
    fn any_signed_bytes_are_a_file_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..170)) {
        for bytes in [bytes.clone(), [&[1], &bytes[..]].concat()] {
            let file = signed::sign(PHONE_KEYS_LABEL, &bytes, &root());
            if let Ok(read) = PhoneKeys::read(&file, &root().verifying_key(), None) {
                prop_assert_eq!(read.list().to_signed(&root()).unwrap(), file);
            }
        }
    }
}
