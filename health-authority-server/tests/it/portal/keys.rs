//! A venue's key as its browser presents it.

use serde_json::{Value, json};
use vungxanh_protocol::venue::party::{Party, PartySecret};

use crate::support::authority::Authority;
use crate::support::browser::{Browser, register};

fn presented(secret: &PartySecret, party: Party) -> Value {
    json!({
        "publicKey": hex::encode(secret.public_key().to_bytes()),
        "proof": hex::encode(secret.prove(party).0),
    })
}

async fn key_of(authority: &Authority) -> Option<[u8; 48]> {
    authority.app.store.venue(1).await.unwrap().unwrap().public_key
}

#[tokio::test]
async fn a_key_counts_only_with_the_venues_own_proof() {
    let authority = Authority::start().await;
    let mut browser = register(&authority, "+84912345678").await;
    let page = browser.get("/venue/key").await;
    page.is(200).says("\"publicKey\":null").says("Make the key").says("/assets/venue-key-");
    assert!(!page.body.contains(">key-") && !page.body.contains(">check-"), "a text is missing");
    let [own, other] = [1, 2].map(|_| PartySecret::generate(&mut rand::rng()));
    let mut mixed = presented(&own, Party::Venue);
    mixed["proof"] = presented(&other, Party::Venue)["proof"].clone();
    let mut short = presented(&own, Party::Venue);
    short["publicKey"] = json!("00");
    let mut nothing = presented(&own, Party::Venue);
    nothing["publicKey"] = json!(format!("c0{}", "00".repeat(47)));
    let mut more = presented(&own, Party::Venue);
    more["secret"] = json!("it shall not even be read");
    for refused in [mixed, presented(&own, Party::Authority), short, nothing, more, json!([])] {
        browser.json("/venue/key", &refused).await.is(400);
        assert_eq!(key_of(&authority).await, None, "{refused}");
    }
    browser.json("/venue/key", &presented(&own, Party::Venue)).await.is(204);
    assert_eq!(key_of(&authority).await, Some(own.public_key().to_bytes()));
    let key = hex::encode(own.public_key().to_bytes());
    browser.get("/venue/key").await.is(200).says(&format!("\"publicKey\":\"{key}\""));
}

#[tokio::test]
async fn nobody_else_sets_a_venues_key() {
    let authority = Authority::start().await;
    let mut browser = register(&authority, "+84912345678").await;
    let key = presented(&PartySecret::generate(&mut rand::rng()), Party::Venue);
    let mut stranger = Browser::new(&authority);
    stranger.json("/venue/key", &key).await.is(401);
    stranger.get("/venue/key").await.leads_to("/venue/login");
    let token = std::mem::take(&mut browser.csrf);
    browser.json("/venue/key", &key).await.is(403);
    browser.csrf = token;
    browser.origin = Some("https://elsewhere.example".into());
    browser.json("/venue/key", &key).await.is(403);
    assert_eq!(key_of(&authority).await, None);
}
