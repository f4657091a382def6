//! Codes for the lines of a list: one for each, whoever sends the list and however often.

use std::sync::atomic::Ordering;

use health_authority_server::domain::accounts::Role;
use serde_json::{Value, json};
use vungxanh_protocol::interval::DAY_SECONDS;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, Got, staff};

const PATH: &str = "/staff/codes/list";

fn line(phone: &str) -> Value {
    json!({"phone": phone, "testType": "confirmed", "symptomDate": "2021-08-30", "testDate": ""})
}

fn body(got: &Got) -> Value {
    serde_json::from_str(&got.body).unwrap_or_else(|_| panic!("{}", got.body))
}

async fn authority() -> Authority {
    let authority = Authority::start().await;
    staff(&authority, Role::CaseWorker, "lan.nguyen").await;
    staff(&authority, Role::CaseWorker, "another").await;
    authority
}

#[tokio::test]
async fn a_line_gets_one_code_by_message_however_often_it_is_sent() {
    let authority = authority().await;
    let mut worker = Browser::signed_in(&authority, "lan.nguyen").await;
    worker.get(PATH).await.is(200).says("staff-codes").says("\"today\":\"2021-09-01\"");
    let sent = worker.json(PATH, &line("0912345678")).await;
    let sent = body(sent.is(200));
    assert_eq!((&sent["state"], &sent["until"]), (&json!("sent"), &json!(1_630_562_400)));
    let (phone, text) = authority.inbox.0.lock().unwrap()[0].clone();
    let code = text.split_whitespace().find(|word| word.trim_end_matches(',').len() == 16).unwrap();
    let code = code.trim_end_matches(',').to_owned();
    assert!(
        phone == "+84912345678" && !sent.to_string().contains(&code),
        "the code is for the telephone"
    );
    for days in [0, 1, 13, 14] {
        authority.pass(days * DAY_SECONDS);
        authority.batch().await;
        let mut another = Browser::signed_in(&authority, "another").await;
        let order = json!({"phone": "+84 912 345 678", "testType": "confirmed", "symptomDate": "2021-08-30", "testDate": ""});
        let got = another.json(PATH, &order).await;
        // 28 days after the onset the line cannot be of a case any more.
        if days < 14 {
            assert_eq!(body(got.is(200)), json!({"state": "repeated", "id": sent["id"]}), "{days}");
        } else {
            got.is(422);
        }
    }
    assert_eq!(authority.inbox.0.lock().unwrap().len(), 1);
    assert_eq!(authority.total("codes_issued").await, 1);
}

#[tokio::test]
async fn a_line_whose_message_is_not_sent_may_come_again() {
    let authority = authority().await;
    let mut worker = Browser::signed_in(&authority, "lan.nguyen").await;
    authority.inbox.1.store(true, Ordering::SeqCst);
    let failed = worker.json(PATH, &line("0912345678")).await;
    assert!(body(failed.is(503))["message"].as_str().unwrap().contains("could not be sent"));
    authority.inbox.1.store(false, Ordering::SeqCst);
    authority.inbox.2.store(true, Ordering::SeqCst);
    worker.json(PATH, &line("0912345678")).await.is(503);
    worker.get(PATH).await.is(200).says("sends no text messages");
    authority.inbox.2.store(false, Ordering::SeqCst);
    assert_eq!(body(worker.json(PATH, &line("0912345678")).await.is(200))["state"], "sent");
    let mut other = line("0912345678");
    other["testType"] = "likely".into();
    assert_eq!(body(worker.json(PATH, &other).await.is(200))["state"], "sent", "another case");
    assert_eq!(authority.inbox.0.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_line_that_is_wrong_is_refused_with_words() {
    let authority = authority().await;
    let mut worker = Browser::signed_in(&authority, "lan.nguyen").await;
    for (field, value, words) in [
        ("phone", "0912", "0912 345 678"),
        ("testType", "maybe", "types of test"),
        ("testType", "", "types of test"),
        ("symptomDate", "2021-09-02", "in the future"),
        ("testDate", "1/9/2021", "Enter a date"),
    ] {
        let mut order = line("0912345678");
        order[field] = value.into();
        let got = worker.json(PATH, &order).await;
        assert!(body(got.is(422))["message"].as_str().unwrap().contains(words), "{}", got.body);
    }
    let mut more = line("0912345678");
    more["name"] = "An".into();
    worker.json(PATH, &more).await.is(400);
    let mut nul = line("0912345678");
    nul["phone"] = "0912345678\0".into();
    worker.json(PATH, &nul).await.is(400);
    assert_eq!(authority.total("codes_issued").await, 0);
}
