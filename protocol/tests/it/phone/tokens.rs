//! Tokens: what issuer, holder and server refuse; proofs of numbers.

use std::collections::BTreeSet;

use proptest::prelude::*;
use vungxanh_protocol::declaration::{Form, FormKind};
use vungxanh_protocol::pass::{BlindedPass, DayKey, KeyName, PassIssuer, PassKind, PassRequest};
use vungxanh_protocol::phone::{
    BlindToken, BlindTokenSignature, PhoneError, PhoneProof, TOKEN_BYTES, Token, TokenRequest,
};
use vungxanh_protocol::secret::SecretBytes;

use super::{DAY, NUMBER, VECTORS, bytes, issuer, list, published, rng};

fn token(seed: u64) -> Token {
    let request = TokenRequest::new(DAY, &mut rng(seed));
    request.finish(&issuer(1).issue(&request.blinded()), &issuer(1).public(DAY, 0)).unwrap()
}

#[test]
fn points_that_would_leak_a_secret_are_refused_by_issuer_holder_and_server() {
    for bad in ["g1_outside_subgroup", "g1_identity", "g1_order_three"] {
        let point = bytes(&VECTORS["refused"][bad]);
        let refused = |error| matches!(error, Some(PhoneError::Point(_)));
        assert!(refused(BlindToken::from_bytes(&point).err()), "{bad}");
        assert!(refused(BlindTokenSignature::from_bytes(&point).err()), "{bad}");
        let mut forged = token(1).to_bytes();
        forged[35..].copy_from_slice(&point);
        assert!(refused(Token::from_bytes(&forged).err()), "{bad}");
    }
    let marked: [u8; TOKEN_BYTES] = bytes(&VECTORS["refused"]["token_plus_order_three"]);
    assert!(matches!(Token::from_bytes(&marked), Err(PhoneError::Point(_))));
    let negated: [u8; TOKEN_BYTES] = bytes(&VECTORS["refused"]["token_negated"]);
    let key = published_vector_key();
    assert_eq!(Token::from_bytes(&negated).unwrap().verify(&key), Err(PhoneError::NotIssued));
}

fn published_vector_key() -> vungxanh_protocol::phone::DayPhoneKey {
    let vector = &VECTORS["issuers"][0];
    let seed = |name: &str| SecretBytes::new(bytes(&vector[name]));
    vungxanh_protocol::phone::PhoneIssuer::from_seeds(&seed("token_seed"), &seed("proof_seed"))
        .public(DAY, 0)
}

#[test]
fn another_key_another_request_another_day_or_an_altered_byte_is_no_token() {
    let (right, other) = (issuer(1), issuer(2));
    let request = TokenRequest::new(DAY, &mut rng(3));
    let key = right.public(DAY, 0);
    let of_other = other.issue(&request.blinded());
    assert_eq!(request.finish(&of_other, &key).err(), Some(PhoneError::NotIssued));
    let another = right.issue(&TokenRequest::new(DAY, &mut rng(4)).blinded());
    assert_eq!(request.finish(&another, &key).err(), Some(PhoneError::NotIssued));
    let answer = right.issue(&request.blinded());
    let token = request.finish(&answer, &key).unwrap();
    // The day stands in the token: the same secret under another day takes it no more.
    assert_eq!(token.verify(&right.public(DAY + 1, 0)), Err(PhoneError::NotIssued));
    for at in 0..TOKEN_BYTES {
        let mut altered = token.to_bytes();
        altered[at] ^= 1;
        let verdict = Token::from_bytes(&altered).and_then(|token| token.verify(&key));
        assert!(verdict.is_err(), "byte {at}");
    }
    for length in 0..TOKEN_BYTES {
        assert!(Token::from_bytes(&token.to_bytes()[..length]).is_err());
    }
    assert!(Token::from_bytes(&[&token.to_bytes()[..], &[0]].concat()).is_err());
}

/// A key of passes that signs tokens, or the other way round, would let one be had for the other.
#[test]
fn a_pass_is_no_token_and_a_token_no_pass() {
    let issuing = issuer(1);
    let secret = SecretBytes::from_slice(&issuing.to_bytes().expose()[..32]).unwrap();
    // As if both had one secret: domain and content keep them apart all the same.
    let passes = PassIssuer::from_bytes(&secret).unwrap();
    let name = KeyName { day: DAY, kind: PassKind::Printed, id: 0 };
    let pass_key = DayKey::of(name, &passes).unwrap();
    let request = TokenRequest::new(DAY, &mut rng(5));
    let as_pass = BlindedPass::from_bytes(&request.blinded().to_bytes()).unwrap();
    let answer = BlindTokenSignature::from_bytes(&passes.issue(&as_pass).to_bytes()).unwrap();
    assert!(request.finish(&answer, &issuing.public(DAY, 0)).is_ok(), "one secret would do");
    let pass = PassRequest::new(&pass_key, &mut rng(6)).unwrap();
    let (pass, _) = pass.clone().finish(&passes.issue(&pass.blinded()), &pass_key).unwrap();
    let mut as_token = [0; TOKEN_BYTES];
    as_token.copy_from_slice(&pass.to_bytes()[..TOKEN_BYTES]);
    assert!(Token::from_bytes(&as_token).is_err());
    // Hence secrets are drawn for one purpose: from one seed the two differ.
    let seed = SecretBytes::new([7; 32]);
    let of_tokens = vungxanh_protocol::phone::PhoneIssuer::from_seeds(&seed, &seed);
    assert_ne!(
        of_tokens.to_bytes().expose()[..32],
        *PassIssuer::from_seed(&seed).to_bytes().expose()
    );
}

#[test]
fn the_issuer_sees_nothing_of_a_token_and_each_is_spent_under_its_own_hash() {
    let mut spent = BTreeSet::new();
    for seed in 0..20 {
        let request = TokenRequest::new(DAY, &mut rng(100 + seed));
        let again = TokenRequest::from_bytes(&request.to_bytes()).unwrap();
        assert_eq!(again.blinded(), request.blinded());
        let token = token(100 + seed);
        // Neither point of the transcript stands in the token.
        let answer = issuer(1).issue(&request.blinded());
        assert_ne!(token.to_bytes()[35..], answer.to_bytes());
        assert_ne!(token.to_bytes()[35..], request.blinded().to_bytes());
        assert!(spent.insert(token.spent_hash()));
    }
    let request = TokenRequest::new(DAY, &mut rng(1));
    let mut kept = *request.to_bytes().expose();
    kept[34..].fill(0);
    assert!(TokenRequest::from_bytes(&SecretBytes::new(kept)).is_err());
    assert_eq!(format!("{request:?}"), "TokenRequest(..)");
    assert_eq!(format!("{:?}", request.blinded()), "BlindToken(..)");
    assert_eq!(format!("{:?}", token(1)), "Token(day 20786, ..)");
    assert_eq!(format!("{:?}", issuer(1)), "PhoneIssuer(..)");
    assert_eq!(format!("{:?}", issuer(1).prove(DAY, NUMBER)), "PhoneProof(..)");
}

#[test]
fn a_proof_is_for_one_number_and_one_day() {
    let keys = published(&list([issuer(1).public(DAY, 0), issuer(2).public(DAY + 1, 0)]));
    let proof = issuer(1).prove(DAY, NUMBER).to_base64();
    let own = Form {
        phone: NUMBER.into(),
        phone_proof: proof.clone(),
        ..Form::new(FormKind::Daily, DAY)
    };
    assert_eq!(own.verify_phone(&keys), Ok(()));
    let with = |change: &dyn Fn(&mut Form)| {
        let mut form = own.clone();
        change(&mut form);
        form.verify_phone(&keys)
    };
    let not_proven = Err(PhoneError::NotProven);
    assert_eq!(with(&|form| form.phone = "+84912345679".into()), not_proven);
    assert_eq!(with(&|form| form.day = DAY + 1), not_proven);
    assert_eq!(with(&|form| form.day = DAY + 2), not_proven);
    assert_eq!(with(&|form| form.phone_proof.clear()), not_proven);
    assert_eq!(with(&|form| form.phone_proof.replace_range(..1, "?")), not_proven);
    let of_other_key = issuer(3).prove(DAY, NUMBER).to_base64();
    assert_eq!(with(&|form| form.phone_proof.clone_from(&of_other_key)), not_proven);
    // A key that was replaced that day proves what it proved before.
    let replaced = published(&list([issuer(1).public(DAY, 0), issuer(2).public(DAY, 1)]));
    assert_eq!(own.verify_phone(&replaced), Ok(()));
    assert_eq!(replaced.key_for(DAY), Ok(&issuer(2).public(DAY, 1)));
    // Who declares for another proves the own number, not the other's.
    assert_eq!(with(&|form| form.by_phone = "+84987654321".into()), not_proven);
    let for_another = |form: &mut Form| {
        form.by_phone = NUMBER.into();
        form.phone = "+84987654321".into();
    };
    assert_eq!(with(&for_another), Ok(()));
}

proptest! {
    #[test]
    fn any_bytes_are_a_token_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        for bytes in [bytes.clone(), [&[1], &bytes[..]].concat()] {
            if let Ok(token) = Token::from_bytes(&bytes) {
                prop_assert_eq!(&token.to_bytes()[..], &bytes[..]);
            }
        }
    }

    #[test]
    fn any_text_is_a_proof_or_refused(text in "\\PC{0,100}") {
        if let Some(proof) = PhoneProof::from_base64(&text) {
            prop_assert_eq!(proof.to_base64(), text);
        }
    }
}
