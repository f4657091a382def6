//! The telephone code, between a device and an authority that asks for one.

use std::sync::Arc;

use vungxanh_protocol::declaration::DeclareRequest as Sent;
use vungxanh_protocol::phone::{CodeRequest, ConfirmRequest, PHONE_REQUEST_BYTES, PhoneProof};

use super::super::DeclareError;
use super::super::book::{Book, RECORD};
use super::authority::{Answer, Device, FakeAuthority, RIGHT_CODE};
use super::{State, device, form, request};
use crate::control_api::{AskCodeRequest, CodeState, ConfirmCodeRequest, DeclareRequest};
use crate::store::{put_state, state};

const NUMBER: &str = "+84912345678";

fn ask(again: bool) -> AskCodeRequest {
    AskCodeRequest { phone: "0912 345 678".into(), again, language: "vi".into() }
}

fn typed(code: &str) -> ConfirmCodeRequest {
    ConfirmCodeRequest { phone: NUMBER.into(), code: code.into() }
}

/// A device that knows that a code is asked.
async fn asked_device() -> (Arc<FakeAuthority>, Device) {
    let (authority, device) = device().await;
    assert!(!device.declarations.prepare().await.unwrap().phone_code, "as earlier documents say");
    authority.will_ask_for_codes();
    assert!(device.declarations.prepare().await.unwrap().phone_code);
    (authority, device)
}

#[tokio::test]
async fn a_code_gives_a_proof_inside_and_a_token_outside_on_another_connection() {
    let (authority, device) = asked_device().await;
    let refused = device.declarations.declare(request("Dũng")).await;
    assert!(matches!(refused, Err(DeclareError::CodeNeeded)));
    assert_eq!(device.declarations.ask_code(ask(false)).await.unwrap(), CodeState::Sent);
    let device = device.restarted();
    // What waits is not asked for twice, and what cannot be a code costs no try.
    assert_eq!(device.declarations.ask_code(ask(false)).await.unwrap(), CodeState::Sent);
    let short = device.declarations.confirm_code(typed("12345")).await.unwrap();
    assert_eq!(short, CodeState::Wrong { left: 5 });
    let wrong = device.declarations.confirm_code(typed("654321")).await.unwrap();
    assert_eq!(wrong, CodeState::Wrong { left: 4 });
    let right = device.declarations.confirm_code(typed(" 123 456 ")).await.unwrap();
    assert_eq!(right, CodeState::Proven);
    let device = device.restarted();
    assert_eq!(device.declarations.ask_code(ask(false)).await.unwrap(), CodeState::Proven);
    let status = device.declarations.declare(request("Dũng")).await.unwrap();
    assert_eq!(status.state, State::Sent);
    let child = DeclareRequest {
        form: vungxanh_protocol::declaration::Form {
            phone: String::new(),
            by_name: "Dũng".into(),
            by_phone: "0912 345 678".into(),
            by_relation: Some(vungxanh_protocol::declaration::Relation::Guardian),
            born: Some(2_020),
            ..form("Bi")
        },
        ..request("Bi")
    };
    assert_eq!(device.declarations.declare(child).await.unwrap().state, State::Sent);

    let asked = authority.asked();
    assert!(asked.iter().all(|(_, body)| body.len() == PHONE_REQUEST_BYTES));
    assert_eq!(asked.len(), 3, "one message, two tries");
    let message: CodeRequest = serde_json::from_slice(&asked[0].1).unwrap();
    assert_eq!((message.phone.as_str(), message.language.as_str()), (NUMBER, "vi"));
    let tries = asked[1..].iter().map(|(_, body)| {
        let request: ConfirmRequest = serde_json::from_slice(body).unwrap();
        (request.session, request.blinded)
    });
    let tries: Vec<_> = tries.collect();
    assert_eq!(tries[0], tries[1], "the same again gets the same answer");
    let mut spent = Vec::new();
    for body in authority.bodies() {
        let form = authority.open(&body);
        let proof = PhoneProof::from_base64(&form.phone_proof).unwrap();
        proof.verify(NUMBER, &authority.phone_key()).unwrap();
        let request: Sent = serde_json::from_slice(&body).unwrap();
        let token = request.spent().unwrap().unwrap();
        token.verify(&authority.phone_key()).unwrap();
        spent.push(token.spent_hash());
        assert!(!String::from_utf8_lossy(&body).contains("912345678"));
    }
    assert_eq!(spent.len(), 2);
    assert_ne!(spent[0], spent[1]);
    for by in authority.declared_by() {
        assert!(asked.iter().all(|(from, _)| *from != by), "another connection");
    }
}

#[tokio::test]
async fn five_wrong_codes_end_it_and_another_one_begins_anew() {
    let (_, device) = asked_device().await;
    assert!(matches!(
        device.declarations.confirm_code(typed(RIGHT_CODE)).await,
        Err(DeclareError::NoCode)
    ));
    device.declarations.ask_code(ask(false)).await.unwrap();
    for left in [4, 3, 2, 1, 0] {
        let wrong = device.declarations.confirm_code(typed("000000")).await.unwrap();
        assert_eq!(wrong, CodeState::Wrong { left });
    }
    let over = device.declarations.confirm_code(typed(RIGHT_CODE)).await;
    assert!(matches!(over, Err(DeclareError::NoCode)), "without asking the server");
    assert_eq!(device.declarations.ask_code(ask(true)).await.unwrap(), CodeState::Sent);
    let right = device.declarations.confirm_code(typed(RIGHT_CODE)).await.unwrap();
    assert_eq!(right, CodeState::Proven);
}

#[tokio::test]
async fn what_the_authority_refuses_is_said_and_a_wrong_answer_is_worth_nothing() {
    let (authority, device) = asked_device().await;
    authority.will_answer([Answer::Code("quota_exceeded", 429)]);
    let refused = device.declarations.ask_code(ask(false)).await;
    assert!(matches!(refused, Err(DeclareError::CodeNotSent(why)) if why.contains("quota")));
    authority.will_answer([Answer::Code("country_not_served", 403)]);
    let refused = device.declarations.ask_code(ask(false)).await;
    assert!(matches!(refused, Err(DeclareError::CodeCountry)));
    authority.will_answer([Answer::Page(502)]);
    let refused = device.declarations.ask_code(ask(false)).await;
    assert!(matches!(refused, Err(DeclareError::CodeSync(_))));
    device.declarations.ask_code(ask(false)).await.unwrap();
    authority.will_answer([Answer::OtherPasses]);
    let answer = device.declarations.confirm_code(typed(RIGHT_CODE)).await;
    assert!(matches!(answer, Err(DeclareError::PhoneAnswer(_))), "a proof of another key");
    let right = device.declarations.confirm_code(typed(RIGHT_CODE)).await.unwrap();
    assert_eq!(right, CodeState::Proven);
    // A key of its own for this device would mark it.
    authority.publish_a_phone_key_of_ones_own();
    device.clock.pass(60);
    let other = AskCodeRequest { phone: "0987654321".into(), ..ask(false) };
    let refused = device.declarations.ask_code(other).await;
    assert!(matches!(refused, Err(DeclareError::PhoneKeys(_))));
    assert!(device.declarations.conflicting_keys().unwrap().unwrap().contains("telephone codes"));
}

#[tokio::test]
async fn a_proof_is_of_its_day_and_number_and_ends_with_them() {
    let (_, device) = asked_device().await;
    device.declarations.ask_code(ask(false)).await.unwrap();
    device.declarations.confirm_code(typed(RIGHT_CODE)).await.unwrap();
    let of_another = DeclareRequest {
        form: vungxanh_protocol::declaration::Form { phone: "0987654321".into(), ..form("Lan") },
        ..request("Lan")
    };
    let refused = device.declarations.declare(of_another).await;
    assert!(matches!(refused, Err(DeclareError::CodeNeeded)));
    let book: Book = state(device.store.as_ref(), RECORD).unwrap().unwrap();
    assert!(book.is_possible(device.now()) && book.phone.is_some());
    let mut damaged = serde_json::to_value(&book).unwrap();
    damaged["phone"]["tokens"][0] = "AAAA".into();
    let damaged: Book = serde_json::from_value(damaged).unwrap();
    assert!(!damaged.is_possible(device.now()));
    put_state(device.store.as_ref(), RECORD, &book).unwrap();
    device.clock.pass(2 * 86_400);
    device.declarations.expire().await.unwrap();
    let book: Option<Book> = state(device.store.as_ref(), RECORD).unwrap();
    assert!(book.is_none_or(|book| book.phone.is_none()));
}
