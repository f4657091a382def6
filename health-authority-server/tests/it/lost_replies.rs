//! A reply that is lost on its way does not cost the person the code: the same request is answered
//! again, and no other one.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::support::authority::{Authority, Person, Reply};

async fn verify(authority: &Authority, code: &str, nonce: &str) -> Reply {
    authority.post("api/verify", &json!({"code": code, "nonce": nonce})).await
}

async fn certify(authority: &Authority, token: &Value, person: &Person) -> Reply {
    let request = json!({"token": token, "ekeyhmac": person.hmac()});
    authority.post("api/certificate", &request).await
}

fn nonce(byte: u8) -> String {
    BASE64_STANDARD.encode([byte; 32])
}

#[tokio::test]
async fn the_same_client_gets_the_same_token_again() {
    let mut authority = Authority::start().await;
    let code = authority.code("confirmed").await;
    let first = verify(&authority, &code, &nonce(1)).await;
    assert_eq!(first.status, 200);
    authority.restart().await;
    let again = verify(&authority, &code, &nonce(1)).await;
    assert_eq!((again.status, &again.body), (200, &first.body));

    let stranger = verify(&authority, &code, &nonce(2)).await;
    assert_eq!((stranger.status, &stranger.body["errorCode"]), (400, &json!("code_invalid")));
    for without in ["", "short"] {
        let other_client = verify(&authority, &code, without).await;
        assert_eq!(other_client.body["errorCode"], "code_invalid");
    }

    let person = Person::new(authority.now(), 3);
    assert_eq!(certify(&authority, &first.body["token"], &person).await.status, 200);
    let late = verify(&authority, &code, &nonce(1)).await;
    assert_eq!(late.body["errorCode"], "code_invalid", "the token is used up");
}

#[tokio::test]
async fn the_same_key_list_gets_a_certificate_again_until_the_token_expires() {
    let mut authority = Authority::start().await;
    let code = authority.code("confirmed").await;
    let token = verify(&authority, &code, &nonce(1)).await.body["token"].clone();
    let person = Person::new(authority.now(), 3);
    assert_eq!(certify(&authority, &token, &person).await.status, 200);
    authority.restart().await;
    // Longer than a certificate is valid.
    authority.pass(3_600);
    let again = certify(&authority, &token, &person).await;
    assert_eq!(again.status, 200);
    let certificate = again.body["certificate"].as_str().unwrap();
    let published = authority.post("v1/publish", &person.publication(certificate)).await;
    assert_eq!(published.body["insertedExposures"], 3, "{}", published.body);

    let others_list = certify(&authority, &token, &Person::new(authority.now(), 2)).await;
    assert_eq!(others_list.body["errorCode"], "token_invalid");
    authority.pass(24 * 3_600);
    let expired = certify(&authority, &token, &person).await;
    assert_eq!(expired.body["errorCode"], "token_invalid");
}

#[tokio::test]
async fn what_is_kept_for_that_says_nothing_without_the_token() {
    let authority = Authority::start().await;
    let code = authority.code("likely").await;
    let request = json!({"code": code, "nonce": nonce(1), "accept": ["likely"]});
    let token = authority.post("api/verify", &request).await.body["token"].clone();
    let person = Person::new(authority.now(), 3);
    assert_eq!(certify(&authority, &token, &person).await.status, 200);
    authority.app.store.close().await;
    for file in ["server.db", "server.db-wal"] {
        let bytes = std::fs::read(authority.dir().join(file)).unwrap_or_default();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds("likely 1"), "{file} holds the diagnosis in the open");
        assert!(!holds(token.as_str().unwrap()), "{file} holds the token");
        assert!(!holds(&nonce(1)), "{file} holds the nonce");
        assert!(!holds(&person.hmac()), "{file} holds the key list's HMAC");
    }
}
