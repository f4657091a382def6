//! What is refused before a secret touches it, and what an issuer's wrong answer is worth.

use vungxanh_protocol::pass::{
    BlindSignature, BlindedPass, DayKey, HolderKey, Pass, PassContent, PassError, PassKind,
    PassRequest,
};
use vungxanh_protocol::secret::SecretBytes;

use super::{DAY, NOW, Office, VECTORS, bytes, name, rng};

/// Every way in which 48 bytes are no point for us.
const BAD_POINTS: [&str; 5] =
    ["g1_outside_subgroup", "g1_identity", "g1_not_on_curve", "g1_order_three", "g1_not_canonical"];

#[test]
fn points_that_would_leak_a_secret_are_refused_by_issuer_holder_and_door() {
    let (pass, _) = Office::new(1).issue(PassKind::Printed, 1);
    for bad in BAD_POINTS {
        let point = bytes(&VECTORS["refused"][bad]);
        assert!(matches!(BlindedPass::from_bytes(&point), Err(PassError::BadPoint(_))), "{bad}");
        assert!(matches!(BlindSignature::from_bytes(&point), Err(PassError::BadPoint(_))), "{bad}");
        let mut forged = pass.to_bytes();
        forged[37..].copy_from_slice(&point);
        assert!(matches!(Pass::from_bytes(&forged), Err(PassError::BadPoint(_))), "{bad}");
    }
    for bad in ["g2_outside_subgroup", "g2_identity"] {
        let key = DayKey::from_bytes(name(PassKind::Live), &bytes(&VECTORS["refused"][bad]));
        assert!(matches!(key, Err(PassError::BadPoint(_))), "{bad}");
    }
}

#[test]
fn a_signature_with_a_point_of_order_three_added_is_refused() {
    // The pairing alone takes it (generate_pass.py shows that): it would mark one holder's pass.
    let marked = bytes(&VECTORS["refused"]["pass_plus_order_three"]);
    let verdict = Pass::from_bytes(&marked);
    assert_eq!(verdict, Err(PassError::BadPoint("the pass's signature")));
}

#[test]
fn a_negated_signature_is_none() {
    let signed = hex::decode(VECTORS["keys"]["signed"].as_str().unwrap()).unwrap();
    let root = super::root().verifying_key();
    let keys = vungxanh_protocol::pass::PassKeys::read(&signed, &root, None).unwrap();
    let negated = Pass::from_bytes(&bytes(&VECTORS["refused"]["pass_negated"])).unwrap();
    assert_eq!(keys.verify(&negated), Err(PassError::NotIssued));
}

#[test]
fn an_answer_of_another_key_or_to_another_request_makes_no_pass() {
    let (office, other) = (Office::new(1), Office::new(2));
    let key = office.keys.key_for(DAY, PassKind::Live).unwrap();
    let request = || PassRequest::new(key, &mut rng(5)).unwrap();
    let wrong_key = other.live.issue(&request().blinded());
    assert_eq!(request().finish(&wrong_key, key).unwrap_err(), PassError::NotIssued);
    let another = PassRequest::new(key, &mut rng(6)).unwrap();
    let wrong_request = office.live.issue(&another.blinded());
    assert_eq!(request().finish(&wrong_request, key).unwrap_err(), PassError::NotIssued);
    // A key of its own for one person, which would mark them, is not the published one.
    let own = DayKey::of(name(PassKind::Live), &other.live).unwrap();
    assert_ne!(&own, key);
    assert!(request().finish(&office.live.issue(&request().blinded()), key).is_ok());
}

#[test]
fn the_blinded_message_changes_with_each_request_and_is_signed_by_nobody() {
    let office = Office::new(1);
    let key = office.keys.key_for(DAY, PassKind::Live).unwrap();
    let holder = || HolderKey::from_seed(&SecretBytes::new([9; 32]));
    let blinded =
        |fill| PassRequest::with(key, holder(), &SecretBytes::new([fill; 32])).unwrap().blinded();
    assert_ne!(blinded(1).to_bytes(), blinded(2).to_bytes());
    assert_eq!(blinded(1).to_bytes(), blinded(1).to_bytes());
}

#[test]
fn weak_and_second_encodings_of_holder_keys_are_refused() {
    let content = |bytes: [u8; 32]| {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes).unwrap();
        PassContent::new(PassKind::Live, DAY, 0, key)
    };
    // The identity, the point of order 2, and y = p + 1, a second encoding of the identity.
    let (mut identity, mut order_two, mut second) = ([0; 32], [0xff; 32], [0xff; 32]);
    identity[0] = 1;
    (order_two[0], order_two[31]) = (0xec, 0x7f);
    (second[0], second[31]) = (0xee, 0x7f);
    // y = p + 3 is a second encoding of y = 3, a point of large order.
    let mut large = second;
    large[0] = 0xf0;
    for bad in [identity, order_two, second, large] {
        assert_eq!(content(bad), Err(PassError::BadHolderKey), "{}", hex::encode(bad));
    }
    assert!(content(*HolderKey::generate(&mut rng(1)).public_key().as_bytes()).is_ok());
}

#[test]
fn a_kept_request_whose_parts_do_not_belong_together_is_refused() {
    let office = Office::new(1);
    let key = office.keys.key_for(DAY, PassKind::Printed).unwrap();
    let request = PassRequest::new(key, &mut rng(1)).unwrap();
    let mut kept = *request.to_bytes().expose();
    kept[0] ^= 1;
    let read = PassRequest::from_bytes(&SecretBytes::new(kept));
    assert_eq!(read.unwrap_err(), PassError::BadHolderKey);
    let mut kept = *request.to_bytes().expose();
    kept[32..64].fill(0);
    assert_eq!(PassRequest::from_bytes(&SecretBytes::new(kept)).unwrap_err(), PassError::BadScalar);
}

#[test]
fn nothing_prints_a_secret() {
    let office = Office::new(1);
    let key = office.keys.key_for(DAY, PassKind::Live).unwrap();
    let request = PassRequest::new(key, &mut rng(1)).unwrap();
    assert_eq!(format!("{request:?}"), "PassRequest(..)");
    assert_eq!(format!("{:?}", request.blinded()), "BlindedPass(..)");
    assert_eq!(format!("{:?}", office.live), "PassIssuer(SecretScalar(..))");
    let (pass, holder) = office.issue(PassKind::Live, 1);
    assert_eq!(format!("{holder:?}"), "HolderKey(..)");
    let holder = hex::encode(holder.public_key().as_bytes());
    let live =
        vungxanh_protocol::pass::LivePass::show(&pass, &office.issue(PassKind::Live, 1).1, NOW);
    for printed in [format!("{pass:?}"), format!("{:?}", live.unwrap())] {
        assert!(!printed.contains(&holder[..8]), "{printed}");
    }
}
