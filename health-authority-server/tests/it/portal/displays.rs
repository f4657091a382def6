//! A code on a screen instead of paper.

use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::venue::display::{DisplaySecret, show};
use vungxanh_protocol::venue::party::{Party, PartySecret};
use vungxanh_protocol::venue::poster::UnverifiedPoster;
use vungxanh_protocol::venue::slot::Hour;

use crate::support::authority::Authority;
use crate::support::browser::{register, staff};
use health_authority_server::domain::accounts::Role;

fn data(page: &str) -> Value {
    let start = page.find("id=\"data\">").unwrap() + 10;
    serde_json::from_str(page[start..].split("</script>").next().unwrap()).unwrap()
}

#[tokio::test]
async fn the_screens_poster_names_its_key_and_its_codes_are_taken() {
    let authority = Authority::start().await;
    let mut browser = register(&authority, "+84912345678").await;
    let venue_secret = PartySecret::generate(&mut rand::rng());
    let key = json!({
        "publicKey": hex::encode(venue_secret.public_key().to_bytes()),
        "proof": hex::encode(venue_secret.prove(Party::Venue).0),
    });
    browser.json("/venue/key", &key).await.is(204);
    let unit = authority.app.store.units(1).await.unwrap()[0].unit;
    let path = format!("/venue/display/{unit}");
    let page = data(&browser.get(&path).await.is(200).body);
    assert_eq!((&page["displayKey"], &page["payload"]), (&Value::Null, &Value::Null));

    let screen = SigningKey::from_bytes(&[9; 32]);
    let secret = DisplaySecret::generate(&mut rand::rng());
    let set = |key: &[u8; 32]| json!({ "displayKey": hex::encode(key), "displaySecret": hex::encode(secret.expose()) });
    // A point of small order verifies anything.
    browser.json(&path, &set(&[0; 32])).await.is(400);
    browser.json("/venue/display/999", &set(screen.verifying_key().as_bytes())).await.is(404);
    browser.json(&path, &set(screen.verifying_key().as_bytes())).await.is(204);
    let page = data(&browser.get(&path).await.is(200).body);
    assert_eq!(page["displayKey"], hex::encode(screen.verifying_key().as_bytes()));
    assert_eq!(page["payload"], Value::Null, "not approved yet");

    staff(&authority, Role::Administrator, "minh").await;
    let mut officer = crate::support::browser::Browser::signed_in(&authority, "minh").await;
    officer.get("/staff/venues/1").await.is(200);
    officer.post("/staff/venues/1/decide", &[("decision", "approve"), ("reason", "")]).await;
    let page = data(&browser.get(&path).await.is(200).body);
    let payload = hex::decode(page["payload"].as_str().unwrap()).unwrap();
    let hour = Hour::at(authority.now());
    let code = show(&payload, &screen, &secret, hour).unwrap();
    let signed = authority.get("v1/authority", &[]).await.bytes().await.unwrap();
    let document = VerifiedAuthority::first_contact(&signed, authority.now()).unwrap();
    let keys = document.document().proven_venue_keys().unwrap();
    let poster = UnverifiedPoster::read(&code).unwrap().verify(&keys, authority.now()).unwrap();
    assert_eq!(poster.content().venue_key, venue_secret.public_key());

    // The secret is sealed in the database, and in no page.
    let kept = authority.app.store.units(1).await.unwrap()[0].display_secret.clone().unwrap();
    assert!(!kept.windows(32).any(|window| window == secret.expose()));
    assert!(!browser.get(&path).await.body.contains(&hex::encode(secret.expose())));
}
