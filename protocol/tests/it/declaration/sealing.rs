//! The sealed declaration: one size, opened in its place only.

use proptest::prelude::*;
use vungxanh_protocol::api::to_padded_json;
use vungxanh_protocol::declaration::{
    DECLARE_REQUEST_BYTES, DeclarationError, DeclareRequest, Earlier, Envelope, Form, FormKind,
    SEALED_BYTES, SealedForm, WithdrawRequest, receipt_hash,
};
use vungxanh_protocol::sealed_box::{BoxError, OpeningKey};
use vungxanh_protocol::secret::SecretBytes;

use super::{AUTHORITY, DAY, VECTORS, array, bytes, keys, opening, rng};
use crate::support::given::Given;

fn form() -> Form {
    serde_json::from_value(VECTORS["declaration"]["form"].clone()).unwrap()
}

fn envelope() -> Envelope {
    Envelope::of(&form(), array(&VECTORS["declaration"]["submission"]))
}

fn half() -> OpeningKey {
    opening(&VECTORS["intake"]["keys"][0]["secret"])
}

#[test]
fn a_declaration_is_sealed_as_another_implementation_does() {
    let vector = &VECTORS["declaration"];
    let keys = keys();
    let key = keys.key_for(DAY, 1).unwrap();
    let form = form();
    assert!(form.normalised() == form && form.problems().is_empty());
    assert_eq!(serde_json::to_string(&form).unwrap(), vector["json"]);
    let mut given = Given(bytes(&vector["ikm"]));
    let sealed = SealedForm::seal(&form, &envelope(), AUTHORITY, key, &mut given).unwrap();
    assert_eq!(hex::encode(sealed.as_bytes()), vector["sealed"]);
    assert!(sealed.open(&envelope(), AUTHORITY, key, &half()).unwrap() == form);
    let receipt = SecretBytes::new(array(&VECTORS["receipt"]["secret"]));
    assert_eq!(hex::encode(receipt_hash(&receipt)), VECTORS["receipt"]["hash"]);
}

#[test]
fn a_declaration_moved_to_another_place_stays_closed() {
    let keys = keys();
    let key = keys.key_for(DAY, 1).unwrap();
    let sealed = SealedForm::from_bytes(&bytes(&VECTORS["declaration"]["sealed"])).unwrap();
    let good = envelope();
    let closed = |envelope: &Envelope, authority: &str, key, half: &OpeningKey| {
        let opened = sealed.open(envelope, authority, key, half);
        assert!(matches!(opened, Err(DeclarationError::Box(BoxError::Closed))));
    };
    closed(&Envelope { kind: FormKind::Entry, ..good }, AUTHORITY, key, &half());
    closed(&Envelope { ward: 5, ..good }, AUTHORITY, key, &half());
    closed(&Envelope { day: DAY + 1, ..good }, AUTHORITY, key, &half());
    closed(&Envelope { submission: [0; 16], ..good }, AUTHORITY, key, &half());
    closed(&good, "vn.hue", key, &half());
    closed(&good, AUTHORITY, keys.key_for(DAY, 79).unwrap(), &half());
    // The key of another day, as when the right one has been destroyed.
    closed(&good, AUTHORITY, key, &opening(&VECTORS["intake"]["keys"][2]["secret"]));
}

#[test]
fn truncated_lengthened_and_altered_declarations_are_refused() {
    let keys = keys();
    let key = keys.key_for(DAY, 1).unwrap();
    let sealed = bytes(&VECTORS["declaration"]["sealed"]);
    for length in [0, 1, 32, SEALED_BYTES - 1] {
        assert!(SealedForm::from_bytes(&sealed[..length]).is_err());
    }
    assert!(SealedForm::from_bytes(&vec![0; 10_000_000]).is_err());
    for index in (0..SEALED_BYTES).step_by(61) {
        let mut altered = sealed.clone();
        altered[index] ^= 1;
        let altered = SealedForm::from_bytes(&altered).unwrap();
        assert!(altered.open(&envelope(), AUTHORITY, key, &half()).is_err(), "byte {index}");
    }
}

#[test]
fn what_stands_outside_cannot_differ_from_what_is_inside() {
    let keys = keys();
    let key = keys.key_for(DAY, 1).unwrap();
    for envelope in [
        Envelope { kind: FormKind::Daily, ..envelope() },
        Envelope { ward: 79, ..envelope() },
        Envelope { day: DAY + 1, ..envelope() },
    ] {
        let sealed = SealedForm::seal(&form(), &envelope, AUTHORITY, key, &mut rng(1));
        assert_eq!(sealed.unwrap_err(), DeclarationError::OtherEnvelope);
    }
    // Nor is it sealed to another day's key.
    let tomorrow = keys.key_for(DAY + 1, 1).unwrap();
    let sealed = SealedForm::seal(&form(), &envelope(), AUTHORITY, tomorrow, &mut rng(1));
    assert_eq!(sealed.unwrap_err(), DeclarationError::OtherEnvelope);
}

#[test]
fn an_officer_reads_what_a_careless_sender_sealed() {
    // Somebody's own program sends a form with problems, and one that is no form at all.
    let keys = keys();
    let key = keys.key_for(DAY, 1).unwrap();
    let careless = Form { ward: Some(4), ..Form::new(FormKind::Population, DAY) };
    let sealed = SealedForm::seal(&careless, &envelope(), AUTHORITY, key, &mut rng(1)).unwrap();
    let opened = sealed.open(&envelope(), AUTHORITY, key, &half()).unwrap();
    assert!(!opened.problems().is_empty());
    let info = [b"VX-INTAKE-1\0\x08", AUTHORITY.as_bytes(), &key.id.to_be_bytes()].concat();
    let aad = [&[1, 0, 0, 4][..], &DAY.to_be_bytes(), &envelope().submission].concat();
    for plain in [vec![0; 2_048], vec![0xff; 2_048], vec![]] {
        let sealed = key.key.seal(&info, &aad, &plain, &mut rng(1)).unwrap();
        if let Ok(sealed) = SealedForm::from_bytes(&sealed) {
            let opened = sealed.open(&envelope(), AUTHORITY, key, &half());
            assert!(matches!(opened, Err(DeclarationError::Format(_))));
        }
    }
}

#[test]
fn requests_name_an_earlier_submission_by_what_only_its_sender_knows() {
    let receipt = SecretBytes::new(array(&VECTORS["receipt"]["secret"]));
    let sealed = SealedForm::from_bytes(&bytes(&VECTORS["declaration"]["sealed"])).unwrap();
    let request = DeclareRequest::new(&envelope(), 11, &sealed, &receipt, &[], 0);
    assert_eq!(request.envelope().unwrap(), envelope());
    assert!(request.sealed_form().unwrap() == sealed);
    assert_eq!(request.receipt().unwrap(), receipt_hash(&receipt));
    assert_eq!(request.replaced().unwrap(), None);
    let earlier = Earlier { submission: envelope().submission, receipt: receipt_hash(&receipt) };
    let (submission, secret) = (request.submission.clone(), hex::encode(receipt.expose()));
    let replacing =
        DeclareRequest { replaces: submission.clone(), receipt_secret: secret.clone(), ..request };
    assert_eq!(replacing.replaced().unwrap(), Some(earlier));
    let mut withdrawal =
        WithdrawRequest { submission, receipt_secret: secret, ..Default::default() };
    assert_eq!(withdrawal.earlier().unwrap(), earlier);
    let body = to_padded_json(&mut withdrawal, DECLARE_REQUEST_BYTES).unwrap();
    assert_eq!(body.len(), DECLARE_REQUEST_BYTES, "of the size of a declaration");
    for (submission, secret) in [("", "00"), ("zz", ""), ("00", "00")] {
        let withdrawal = WithdrawRequest {
            submission: submission.into(),
            receipt_secret: secret.into(),
            ..Default::default()
        };
        assert!(withdrawal.earlier().is_err(), "{submission} {secret}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_declaration_has_one_size_and_comes_back(
        name in "\\PC{0,30}", note in "\\PC{0,60}", ward in 1u32..100_000, seed: u64,
    ) {
        let keys = keys();
        let key = keys.key_for(DAY, 1).unwrap();
        let form = Form { name, note, ward: Some(ward), ..form() }.normalised();
        let envelope = Envelope::of(&form, [7; 16]);
        let sealed = SealedForm::seal(&form, &envelope, AUTHORITY, key, &mut rng(seed)).unwrap();
        prop_assert_eq!(sealed.as_bytes().len(), SEALED_BYTES);
        prop_assert!(sealed.open(&envelope, AUTHORITY, key, &half()).unwrap() == form);
    }
}
