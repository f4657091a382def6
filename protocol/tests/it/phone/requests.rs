//! Requests and answers: one size each, parsed whole or refused.

use proptest::prelude::*;
use vungxanh_protocol::api::to_padded_json;
use vungxanh_protocol::phone::{
    CodeRequest, ConfirmRequest, PHONE_REQUEST_BYTES, PHONE_RESPONSE_BYTES, PhoneResponse,
    TOKENS_EACH, TokenRequest,
};

use super::{DAY, NUMBER, issuer, rng};

fn confirmation() -> ConfirmRequest {
    let requests = (0..TOKENS_EACH).map(|seed| TokenRequest::new(DAY, &mut rng(seed as u64)));
    let blinded: Vec<_> = requests.map(|request| request.blinded()).collect();
    ConfirmRequest {
        phone: "+123456789012345".into(),
        session: hex::encode([7; 16]),
        code: "123456".into(),
        day: u16::MAX,
        blinded: ConfirmRequest::encode_tokens(&blinded),
        padding: String::new(),
    }
}

#[test]
fn requests_and_answers_have_one_size() {
    let mut code = CodeRequest {
        phone: NUMBER.into(),
        language: "vi".into(),
        session: hex::encode([7; 16]),
        padding: String::new(),
    };
    let body = to_padded_json(&mut code, PHONE_REQUEST_BYTES).unwrap();
    assert_eq!(body.len(), PHONE_REQUEST_BYTES);
    let body = to_padded_json(&mut confirmation(), PHONE_REQUEST_BYTES).unwrap();
    assert_eq!(body.len(), PHONE_REQUEST_BYTES);
    let issuing = issuer(1);
    let tokens = confirmation().tokens().unwrap();
    let signatures: Vec<_> = tokens.iter().map(|token| issuing.issue(token)).collect();
    let mut response = PhoneResponse::confirmed(&signatures, issuing.prove(DAY, NUMBER));
    assert_eq!(response.signatures().unwrap(), signatures);
    assert_eq!(response.proof(), Ok(issuing.prove(DAY, NUMBER)));
    for response in [&mut response, &mut PhoneResponse::default()] {
        let body = to_padded_json(response, PHONE_RESPONSE_BYTES).unwrap();
        assert_eq!(body.len(), PHONE_RESPONSE_BYTES);
    }
    assert!(PhoneResponse::default().signatures().is_err());
    assert!(PhoneResponse::default().proof().is_err());
}

#[test]
fn requests_are_parsed_whole_or_refused_and_print_nothing() {
    let good = confirmation();
    assert_eq!(good.session(), Ok([7; 16]));
    assert_eq!(good.tokens().unwrap().len(), TOKENS_EACH);
    let change = |change: &dyn Fn(&mut ConfirmRequest)| {
        let mut request = good.clone();
        change(&mut request);
        request
    };
    assert!(change(&|request| request.session.push('0')).session().is_err());
    assert!(change(&|request| request.blinded.truncate(64 * 99)).tokens().is_err());
    assert!(change(&|request| request.blinded = "A".repeat(6_400)).tokens().is_err());
    assert!(change(&|request| request.blinded = "A".repeat(10_000_000)).tokens().is_err());
    assert_eq!(format!("{good:?}"), "ConfirmRequest { .. }");
    assert_eq!(format!("{:?}", CodeRequest::default()), "CodeRequest { .. }");
}

proptest! {
    #[test]
    fn any_json_is_a_request_or_refused(text in "\\PC{0,200}") {
        if let Ok(request) = serde_json::from_str::<CodeRequest>(&text) {
            let _ = request.session();
        }
        if let Ok(request) = serde_json::from_str::<ConfirmRequest>(&text) {
            let _ = (request.session(), request.tokens());
        }
    }
}
