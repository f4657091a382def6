//! The message gateway, a real listener that answers as the test wants.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use health_authority_server::services::sms::{Sms, SmsError, Webhook};
use serde_json::{Value, json};

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
    // Nobody listens there, and no other test may be given the port.
    let address = "127.0.0.1:1";
    let error = send(&format!("http://{address}/send")).await.unwrap_err();
    assert!(matches!(error, SmsError::Unreachable(_)));
    let text = error.to_string();
    assert!(!text.contains(address) && !text.contains("912345678"), "{text}");
}
