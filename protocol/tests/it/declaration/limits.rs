//! The longest form fits, and so does the request that carries it; others are refused.

use proptest::prelude::*;
use vungxanh_protocol::api::to_padded_json;
use vungxanh_protocol::declaration::{
    Contact, CountryCode, DECLARE_REQUEST_BYTES, DECLARE_RESPONSE_BYTES, DeclareRequest,
    DeclareResponse, Envelope, Form, FormKind, Gender, PaperKind, Relation, SealedForm, Symptom,
    Vehicle, receipt_hash,
};
use vungxanh_protocol::pass::{BUNDLE_PASSES, DayKey, KeyName, PassIssuer, PassKind, PassRequest};
use vungxanh_protocol::phone::{PhoneIssuer, Token, TokenRequest};
use vungxanh_protocol::secret::SecretBytes;

use super::{AUTHORITY, DAY, keys, rng};

/// Every field at its limit, in letters of three bytes.
fn longest() -> Form {
    let text = |bytes: usize| "ễ".repeat(bytes / 3) + &"a".repeat(bytes % 3);
    Form {
        name: text(100),
        born: Some(2_011),
        gender: Some(Gender::Female),
        nationality: Some(CountryCode::VIET_NAM),
        paper_kind: Some(PaperKind::Other),
        paper: "A".repeat(24),
        ward: Some(99_999),
        place: text(120),
        address: text(120),
        phone: "+123456789012345".into(),
        email: format!("{}@{}.vn", text(40), text(36)),
        insurance: "GD4790123456789".into(),
        travelled: Some(true),
        travel: text(200),
        symptoms: Some(vec![
            Symptom::Fever,
            Symptom::Cough,
            Symptom::Breathing,
            Symptom::Pneumonia,
            Symptom::SoreThroat,
            Symptom::Fatigue,
            Symptom::Nausea,
            Symptom::Diarrhoea,
        ]),
        contacts: Some(vec![
            Contact::Case,
            Contact::AffectedCountry,
            Contact::Symptomatic,
            Contact::Animals,
        ]),
        vehicle: Some(Vehicle::Aeroplane),
        number: "A".repeat(20),
        seat: text(8),
        from_country: Some(CountryCode::VIET_NAM),
        from_gate: text(60),
        to_gate: text(60),
        start: Some(1_795_921_200),
        passport: "A".repeat(20),
        note: text(200),
        by_name: text(100),
        by_phone: "+123456789012345".into(),
        by_relation: Some(Relation::Staff),
        consent_held_by: text(60),
        consent: Some(255),
        phone_proof: PhoneIssuer::generate(&mut rng(9)).prove(DAY, "+84912345678").to_base64(),
        ..Form::new(FormKind::Entry, u16::MAX)
    }
}

#[test]
fn a_form_with_every_field_at_its_limit_is_sealed_whole() {
    let form = Form { day: DAY, ..longest() };
    assert!(form.normalised() == form);
    assert_eq!(form.problems(), []);
    let json = serde_json::to_vec(&form).unwrap();
    // 1,900 bytes without the proof of the telephone number.
    assert!(json.len() <= 1_900 + 105, "{} bytes", json.len());
    let keys = keys();
    let key = keys.key_for(DAY, 1).unwrap();
    let sealed =
        SealedForm::seal(&form, &Envelope::of(&form, [1; 16]), AUTHORITY, key, &mut rng(1));
    assert!(sealed.is_ok());
}

#[test]
fn one_byte_more_in_any_text_is_a_problem() {
    type Text = fn(&mut Form) -> &mut String;
    let fields: [(&str, Text); 10] = [
        ("name", |form| &mut form.name),
        ("place", |form| &mut form.place),
        ("address", |form| &mut form.address),
        ("travel", |form| &mut form.travel),
        ("seat", |form| &mut form.seat),
        ("fromGate", |form| &mut form.from_gate),
        ("toGate", |form| &mut form.to_gate),
        ("note", |form| &mut form.note),
        ("byName", |form| &mut form.by_name),
        ("consentHeldBy", |form| &mut form.consent_held_by),
    ];
    for (name, field) in fields {
        let mut form = Form { day: DAY, ..longest() };
        field(&mut form).push('a');
        let problems = form.problems();
        assert_eq!(problems.len(), 1, "{name}");
        assert_eq!((problems[0].field, problems[0].reason.name()), (name, "too_long"));
    }
}

fn token() -> Token {
    let (issuer, request) =
        (PhoneIssuer::generate(&mut rng(9)), TokenRequest::new(DAY, &mut rng(10)));
    request.finish(&issuer.issue(&request.blinded()), &issuer.public(DAY, 0)).unwrap()
}

fn request(form: &Form) -> DeclareRequest {
    let keys = keys();
    let key = keys.key_for(DAY, 1).unwrap();
    let envelope = Envelope::of(form, [1; 16]);
    let sealed = SealedForm::seal(form, &envelope, AUTHORITY, key, &mut rng(1)).unwrap();
    let name = KeyName { day: DAY, kind: PassKind::Live, id: 0 };
    let pass_key = DayKey::of(name, &PassIssuer::generate(&mut rng(2))).unwrap();
    let blinded: Vec<_> = (0..BUNDLE_PASSES)
        .map(|pass| PassRequest::new(&pass_key, &mut rng(pass as u64)).unwrap().blinded())
        .collect();
    let base64 = |bytes: &[u8]| {
        use base64::Engine;
        base64::prelude::BASE64_STANDARD.encode(bytes)
    };
    DeclareRequest {
        kind: envelope.kind.number(),
        ward: envelope.ward,
        day: envelope.day,
        key_id: u32::MAX,
        submission: hex::encode(envelope.submission),
        sealed: base64(sealed.as_bytes()),
        receipt: hex::encode(receipt_hash(&SecretBytes::new([2; 16]))),
        blinded: DeclareRequest::encode_passes(&blinded),
        printed: 12,
        replaces: hex::encode([3; 16]),
        receipt_secret: hex::encode([4; 16]),
        token: DeclareRequest::encode_token(&token()),
        padding: String::new(),
    }
}

#[test]
fn requests_and_answers_have_one_size() {
    let form = Form { day: DAY, ..longest() };
    for mut request in [request(&form), DeclareRequest::default()] {
        let body = to_padded_json(&mut request, DECLARE_REQUEST_BYTES).unwrap();
        assert_eq!(body.len(), DECLARE_REQUEST_BYTES);
    }
    let request = request(&form);
    let issuer = PassIssuer::generate(&mut rng(2));
    let signed: Vec<_> =
        request.blinded_passes().unwrap().iter().map(|pass| issuer.issue(pass)).collect();
    let signed = DeclareResponse::encode_signatures(&signed);
    let mut response = DeclareResponse { signed, ..DeclareResponse::default() };
    assert_eq!(response.signatures().unwrap().len(), BUNDLE_PASSES);
    let body = to_padded_json(&mut response, DECLARE_RESPONSE_BYTES).unwrap();
    assert_eq!(body.len(), DECLARE_RESPONSE_BYTES);
}

#[test]
fn requests_are_parsed_whole_or_refused() {
    let good = request(&Form { day: DAY, ..longest() });
    assert_eq!(good.envelope().unwrap().submission, [1; 16]);
    assert_eq!(good.blinded_passes().unwrap().len(), BUNDLE_PASSES);
    assert!(good.sealed_form().is_ok() && good.receipt().is_ok());
    let change = |change: &dyn Fn(&mut DeclareRequest)| {
        let mut request = good.clone();
        change(&mut request);
        request
    };
    assert!(change(&|request| request.kind = 0).envelope().is_err());
    assert!(change(&|request| request.ward = 100_000).envelope().is_err());
    assert!(change(&|request| request.submission.push('0')).envelope().is_err());
    assert!(change(&|request| request.receipt.clear()).receipt().is_err());
    assert!(change(&|request| request.sealed.push('A')).sealed_form().is_err());
    assert!(change(&|request| request.sealed = "A".repeat(10_000_000)).sealed_form().is_err());
    assert!(change(&|request| request.printed = 25).blinded_passes().is_err());
    assert!(change(&|request| request.blinded.truncate(64 * 23)).blinded_passes().is_err());
    assert!(change(&|request| request.blinded = "A".repeat(64 * 24)).blinded_passes().is_err());
    assert_eq!(good.spent(), Ok(Some(token())));
    assert_eq!(change(&|request| request.token.clear()).spent(), Ok(None));
    assert!(change(&|request| request.token.truncate(108)).spent().is_err());
    assert!(change(&|request| request.token = "A".repeat(112)).spent().is_err());
    assert!(change(&|request| request.token = "?".repeat(112)).spent().is_err());
    assert_eq!(format!("{good:?}"), "DeclareRequest { kind: 3, .. }");
}

proptest! {
    #[test]
    fn any_json_is_a_request_or_refused(text in "\\PC{0,200}") {
        if let Ok(request) = serde_json::from_str::<DeclareRequest>(&text) {
            let _ = (request.envelope(), request.sealed_form(), request.blinded_passes());
        }
    }
}
