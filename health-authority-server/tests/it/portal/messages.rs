//! The message gateway, a real listener that answers as the test wants.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use health_authority_server::services::sms::{Sms, SmsError, Webhook};
use serde_json::{Value, json};

use crate::support::authority::Authority;

type Seen = Arc<Mutex<Vec<(String, Value)>>>;

async fn gateway(status: StatusCode) -> (String, Seen) {
    let seen = Seen::default();
    let answer = move |State(seen): State<Seen>, headers: HeaderMap, body: axum::Json<Value>| async move {
        let secret = headers["x-webhook-secret"].to_str().unwrap().to_owned();
        seen.lock().unwrap().push((secret, body.0));
        status
    };
    let router = Router::new().route("/send", post(answer)).with_state(seen.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, seen)
}

async fn send(url: &str) -> Result<(), SmsError> {
    let webhook = Webhook::new(url.to_owned(), "secret-of-the-gateway".to_owned().into()).unwrap();
    assert_eq!(format!("{webhook:?}"), "Webhook(..)");
    webhook.send(&"0912345678".parse().unwrap(), "123456 là mã xác nhận").await
}

#[tokio::test]
async fn the_gateway_gets_number_text_and_secret() {
    let (url, seen) = gateway(StatusCode::OK).await;
    send(&url).await.unwrap();
    let expected = json!({"phone": "+84912345678", "text": "123456 là mã xác nhận"});
    assert_eq!(*seen.lock().unwrap(), [("secret-of-the-gateway".to_owned(), expected)]);
}

#[tokio::test]
async fn failures_are_clear_and_name_neither_address_nor_number() {
    for status in [StatusCode::UNAUTHORIZED, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::FOUND] {
        let (url, _) = gateway(status).await;
        assert_eq!(send(&url).await, Err(SmsError::Refused(status.as_u16())));
    }
    // No one listens there, and no other test may be given the port.
    let address = "127.0.0.1:1";
    let error = send(&format!("http://{address}/send")).await.unwrap_err();
    assert!(matches!(error, SmsError::Unreachable(_)));
    let text = error.to_string();
    assert!(!text.contains(address) && !text.contains("912345678"), "{text}");
}

#[tokio::test]
async fn a_code_is_sent_to_the_cases_telephone_or_refused_and_never_forgotten() {
    let authority = Authority::start().await;
    let sent = authority.issue(json!({"testType": "confirmed", "Phone": "0912 345 678"})).await;
    assert_eq!(sent.status, 200);
    let code = sent.body["code"].as_str().unwrap();
    let messages = authority.inbox.0.lock().unwrap().clone();
    let [(phone, text)] = &messages[..] else { panic!("{messages:?}") };
    assert_eq!(phone, "+84912345678");
    assert!(
        text.contains(code)
            && text.contains("mã xác nhận")
            && text.contains("valid until 13:15 01/09"),
        "{text}"
    );

    let order = json!({"testType": "confirmed", "phone": "0912", "uuid": "1"});
    let refused = authority.issue(order).await;
    assert_eq!((refused.status, refused.body["errorCode"].as_str()), (400, Some("invalid_phone")));
    let order = json!({"testType": "confirmed", "phone": "+84912345678", "uuid": "1"});
    authority.inbox.1.store(true, Ordering::SeqCst);
    let failed = authority.issue(order.clone()).await;
    assert_eq!((failed.status, failed.body["errorCode"].as_str()), (503, Some("sms_failure")));
    authority.inbox.1.store(false, Ordering::SeqCst);
    authority.inbox.2.store(true, Ordering::SeqCst);
    let refused = authority.issue(order.clone()).await;
    assert_eq!((refused.status, refused.body["errorCode"].as_str()), (503, Some("sms_failure")));
    assert!(refused.body["error"].as_str().unwrap().contains("[messages]"));
    authority.inbox.2.store(false, Ordering::SeqCst);
    assert_eq!(authority.issue(order).await.status, 200, "its id was not used up");
}
