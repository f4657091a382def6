//! From the form to posters.

use health_authority_server::domain::accounts::Role;
use serde_json::Value;
use vungxanh_protocol::venue::party::{Party, PartySecret};
use vungxanh_protocol::venue::poster::UnverifiedPoster;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, REGISTRATION, register, staff};

const PHONE: &str = "+84912345678";

#[tokio::test]
async fn a_venue_registers_is_approved_gives_its_key_and_has_a_poster() {
    let authority = Authority::start().await;
    let mut venue = register(&authority, PHONE).await;
    venue.get("/venue").await.says("Chợ Đồng Xuân").says("is waiting for an officer");

    staff(&authority, Role::VenueOfficer, "minh").await;
    let mut officer = Browser::signed_in(&authority, "minh").await;
    officer.get("/staff/venues").await.is(200).says("Chợ Đồng Xuân");
    let page = officer.get("/staff/venues/1").await;
    page.is(200).says("Nguyễn Thị Lan").says("tel:+84912345678").says("0912 345 678");
    page.says("Phường Hoàn Kiếm, TP. Hà Nội (00070)").says("Commune, ward or special zone");
    let approved = officer.post("/staff/venues/1/decide", &[("decision", "approve")]).await;
    approved.leads_to("/staff/venues?done=approved");
    assert!(authority.app.store.posters(1).await.unwrap().is_empty(), "not without a key");

    let secret = PartySecret::generate(&mut rand::rng());
    let proof = secret.prove(Party::Venue);
    let proven = secret.public_key().proven(&proof, Party::Venue).unwrap();
    let actor = authority.app.store.credentials(PHONE).await.unwrap().unwrap().account.actor();
    let issuer = authority.app.issuer();
    let store = &authority.app.store;
    let now = authority.now();
    assert!(store.set_venue_key(1, &proven, &proof, issuer.as_ref(), &actor, now).await.unwrap());

    let posters = store.posters(1).await.unwrap();
    let [poster] = &posters[..] else { panic!("one poster") };
    let read = UnverifiedPoster::read(&poster.payload).unwrap();
    let document: Value = {
        let signed = authority.get("v1/authority", &[]).await.bytes().await.unwrap();
        let unverified = vungxanh_protocol::signed::parse(&signed, 1 << 20).unwrap();
        serde_json::from_slice(unverified.unverified_bytes()).unwrap()
    };
    let keys: Vec<vungxanh_protocol::venue::keys::VenueKey> =
        serde_json::from_value(document["venue_keys"].clone()).unwrap();
    let keys: Vec<_> = keys.iter().map(|key| key.proven().unwrap()).collect();
    let verified = read.verify(&keys, authority.now()).unwrap();
    let content = verified.content();
    assert_eq!((content.name.as_str(), content.ward), ("Chợ Đồng Xuân", 70));
    assert_eq!(content.venue_key, secret.public_key());
    venue.get("/venue").await.says("Every unit has a valid poster");
}

#[tokio::test]
async fn every_wrong_field_is_told_and_nothing_is_sent() {
    let authority = Authority::start().await;
    let mut browser = Browser::new(&authority);
    let got = browser.post("/venue/register", &[("name", "Chợ <b>"), ("phone", "12")]).await;
    got.is(422)
        .says("Kind of place: choose")
        .says("Province or city: choose one")
        .says("Commune, ward or special zone: type one")
        .says("Telephone number: for");
    got.says("too short").says("value=\"Chợ &#60;b&#62;\"");
    let mut form = REGISTRATION.to_vec();
    form.retain(|(name, _)| *name != "password_again");
    form.extend([("phone", "0912345678"), ("password_again", "another one")]);
    let got = browser.post("/venue/register", &form).await;
    got.is(422).says("The two passwords are not the same");
    assert!(authority.inbox.0.lock().unwrap().is_empty());
}

/// Without a script: a name as people type it is taken, one of before July 2025 leads to those of today.
#[tokio::test]
async fn a_ward_is_named_in_its_province() {
    let authority = Authority::start().await;
    let mut browser = Browser::new(&authority);
    let form = |ward: &'static str| {
        let mut form = REGISTRATION.to_vec();
        form.retain(|(name, _)| *name != "ward_name");
        form.extend([("phone", "0912 345 678"), ("ward_name", ward)]);
        form
    };
    let old = browser.post("/venue/register", &form("Hàng Bạc")).await;
    old.is(422).says("Did you mean: Phường Hoàn Kiếm").says("value=\"Hàng Bạc\"");
    old.says("<option value=\"1\" selected>Thành phố Hà Nội</option>");
    browser.post("/venue/register", &form("nowhere")).await.is(422).says("type one of today");
    assert!(authority.inbox.0.lock().unwrap().is_empty());
    browser.post("/venue/register", &form("hoan kiem")).await.is(200);
}

#[tokio::test]
async fn codes_work_once_in_time_and_not_for_guessers() {
    let authority = Authority::start().await;
    let mut browser = Browser::new(&authority);
    let mut form = REGISTRATION.to_vec();
    form.push(("phone", "0912 345 678"));
    let asked = browser.post("/venue/register", &form).await;
    let pending = asked.is(200).says("0912 345 678").attribute("name=\"pending\" value=\"");
    let code = authority.inbox.code(PHONE);
    let wrong = if code == "000000" { "000001" } else { "000000" };

    let try_code = async |browser: &mut Browser<'_>, code: &str| {
        browser.post("/venue/confirm", &[("pending", &pending), ("code", code)]).await
    };
    try_code(&mut browser, "12345").await.is(422).says("exactly 6 digits");
    try_code(&mut browser, wrong).await.is(422).says("You have 4 attempts left");
    for _ in 0..4 {
        try_code(&mut browser, wrong).await.is(422);
    }
    try_code(&mut browser, &code).await.is(422).says("a wrong code was entered too often");

    let again = browser.post("/venue/confirm", &[("pending", &pending), ("again", "yes")]).await;
    again.is(200).says("Another code has been sent");
    let code = authority.inbox.code(PHONE);
    authority.pass(600);
    try_code(&mut browser, &code).await.is(422).says("has expired");

    browser.post("/venue/confirm", &[("pending", &pending), ("again", "yes")]).await.is(200);
    let code = authority.inbox.code(PHONE);
    try_code(&mut browser, &code).await.leads_to("/venue");
    let mut other = Browser::new(&authority);
    other.post("/venue/confirm", &[("pending", &pending), ("code", &code)]).await.is(422);
    assert_eq!(authority.inbox.0.lock().unwrap().len(), 3);

    let one_more = other.post("/venue/register", &form).await;
    one_more.is(429).says("Wait an hour");
    authority.pass(3_600);
    let taken = other.post("/venue/register", &form).await;
    let pending = taken.is(200).attribute("name=\"pending\" value=\"");
    let code = authority.inbox.code(PHONE);
    let taken = other.post("/venue/confirm", &[("pending", &pending), ("code", &code)]).await;
    taken.leads_to("/venue/login?done=phone-taken");
    let venues = authority
        .app
        .store
        .venues(health_authority_server::domain::venues::VenueState::Pending, 10)
        .await
        .unwrap();
    assert_eq!(venues.len(), 1);
}

#[tokio::test]
async fn an_unfinished_registration_cannot_be_altered_or_kept() {
    let authority = Authority::start().await;
    let mut browser = Browser::new(&authority);
    let mut form = REGISTRATION.to_vec();
    form.push(("phone", PHONE));
    let asked = browser.post("/venue/register", &form).await;
    let pending = asked.attribute("name=\"pending\" value=\"");
    let code = authority.inbox.code(PHONE);
    let mut altered = pending.clone();
    altered.replace_range(60..61, if &pending[60..61] == "A" { "B" } else { "A" });
    for pending in ["", "AAAA", &altered] {
        let got = browser.post("/venue/confirm", &[("pending", pending), ("code", &code)]).await;
        got.leads_to("/venue/register?done=registration-old");
    }
    authority.pass(3_600);
    let got = browser.post("/venue/confirm", &[("pending", &pending), ("code", &code)]).await;
    got.leads_to("/venue/register?done=registration-old");
}

#[tokio::test]
async fn without_a_way_to_send_messages_the_person_is_told() {
    let authority = Authority::start().await;
    let folder = authority.dir();
    let app =
        health_authority_server::services::app::App::open(&folder, authority.clock.clone()).await;
    let error = app.unwrap().sms.send(&PHONE.parse().unwrap(), "x").await.unwrap_err();
    assert_eq!(error, health_authority_server::services::sms::SmsError::NotConfigured);
}
