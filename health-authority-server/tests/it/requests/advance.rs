//! Shares in advance, and displays.

use ed25519_dalek::SigningKey;
use health_authority_server::domain::venue_secrets::seal_display;
use vungxanh_protocol::venue::display::{DisplaySecret, show};

use super::*;

pub(super) async fn hand_over(world: &World) -> Got {
    let mut venue = world.venue_browser().await;
    let path = format!("/venue/advance/{}", world.unit);
    let page = venue.get(&path).await;
    let data = data_of(page.is(200));
    let slots = data["slots"].as_array().unwrap();
    let shares = shares_of(&data["payload"], slots, &world.secret);
    venue.json(&path, &shares).await
}

async fn kept(world: &World) -> i64 {
    let pool = crate::warnings::pool(&world.authority).await;
    sqlx::query_scalar("SELECT COUNT(*) FROM advance_shares").fetch_one(&pool).await.unwrap()
}

#[tokio::test]
async fn shares_in_advance_answer_at_once_are_shown_and_can_be_taken_back() {
    let world = World::new().await;
    let path = format!("/venue/advance/{}", world.unit);
    let printed = world.poster().await;
    let mut venue = world.venue_browser().await;
    venue.get(&path).await.is(200).says("You are not handing over shares in advance");
    venue.json(&path, &json!({"shares": []})).await.is(409).says("turn that on first");
    venue.post(&format!("{path}/on"), &[]).await.leads_to(&format!("{path}?done=advance-on"));
    venue.get(&path).await.is(200).says("no shares have been handed over yet");
    // The poster says so, hence it is another one.
    let flagged = world.poster().await;
    assert_ne!(flagged.fingerprint, printed.fingerprint);
    let content = world.scan(&flagged.payload, world.now()).await;
    assert!(content.content().shares_in_advance);

    hand_over(&world).await.is(200);
    assert_eq!(kept(&world).await, 14 * 24);
    venue.get(&path).await.is(200).says("Handed over until 15 Sep 2021");
    world.authority.pass(6 * 3_600);
    let visit = world.visit(&flagged, 90, 60);
    world.ask(&visit.to_string()).await.is(303);
    // Both hung that day; the old one has no shares in advance.
    assert_eq!(world.states().await, [RequestState::Approved, RequestState::Waiting]);
    let poster = world.scan(&flagged.payload, visit.from()).await;
    let there = world.cell_table(&poster, visit.from(), visit.until());
    assert_eq!(world.published_for(&there).await.len(), 2, "one for each hour");

    let mut venue = world.venue_browser().await;
    let asked = venue.post(&format!("{path}/revoke"), &[]).await;
    asked.is(200).says("Withdraw the shares given in advance").says("cannot be brought back");
    assert_ne!(kept(&world).await, 0, "nothing is done before the answer");
    venue.post(&format!("{path}/revoke"), &SURE).await.is(303);
    assert_eq!(kept(&world).await, 0);
    assert!(
        !world.scan(&world.poster().await.payload, world.now()).await.content().shares_in_advance
    );
    world.ask(&world.visit(&flagged, 200, 30).to_string()).await.is(303);
    assert_eq!(world.requests().await[0].state, RequestState::Waiting);
}

#[tokio::test]
async fn shares_in_advance_that_do_not_fit_are_refused_and_used_hours_are_forgotten() {
    let world = World::new().await;
    let path = format!("/venue/advance/{}", world.unit);
    let mut venue = world.venue_browser().await;
    venue.post(&format!("{path}/on"), &[]).await.is(303);
    let data = data_of(&venue.get(&path).await);
    let slots = data["slots"].as_array().unwrap();
    let rogue = PartySecret::generate(&mut rand::rng());
    let shares = shares_of(&data["payload"], &slots[..2], &rogue);
    venue.json(&path, &shares).await.is(422).says("not made by the key on the poster");
    let mut beyond = slots[0].clone();
    beyond["hour"] = (beyond["hour"].as_u64().unwrap() + 14 * 24 + 1).into();
    let shares = shares_of(&data["payload"], &[beyond], &world.secret);
    venue.json(&path, &shares).await.is(422).says("not asked for");
    assert_eq!(kept(&world).await, 0);
    // A part is fine; what is there stays.
    let shares = shares_of(&data["payload"], &slots[..5], &world.secret);
    venue.json(&path, &shares).await.is(200);
    venue.json(&path, &shares).await.is(200);
    assert_eq!(kept(&world).await, 5);
    world.authority.pass(14 * DAY_SECONDS + 2 * 3_600);
    publish(&world.authority).await;
    assert_eq!(kept(&world).await, 3);
}

#[tokio::test]
async fn a_display_is_asked_for_four_scans_of_each_hour() {
    let world = World::new().await;
    let (app, actor, now) = (&world.authority.app, Actor::command_line(), world.now());
    let display = SigningKey::from_bytes(&[5; 32]);
    let secret = DisplaySecret::generate(&mut rand::rng());
    let sealed = seal_display(&app.keys.venue_seal, world.unit, &secret, &mut rand::rng());
    let issuer = app.issuer();
    let key = display.verifying_key().to_bytes();
    let set = app.store.set_unit_display(
        world.venue,
        world.unit,
        &key,
        &sealed,
        issuer.as_ref(),
        &actor,
        now,
    );
    assert!(set.await.unwrap());
    world.authority.pass(6 * 3_600);
    let row = world.poster().await;
    let visit = world.visit(&row, 90, 20);
    world.ask(&visit.to_string()).await.is(303);
    let asked = world.asked().await;
    let asked = asked.iter().find(|asked| asked.slots()[0]["seed"].is_string()).unwrap();
    assert_eq!(asked.slots().len(), 4);
    world.give(asked, &asked.shares(&world.secret)).await.is(200);

    // One scanned two hours before and was still there.
    let scan_hour = Hour::new(Hour::at(visit.from()).number() - 2);
    let shown = show(&row.payload, &display, &secret, scan_hour).unwrap();
    let poster = world.scan(&shown, scan_hour.start()).await;
    let there = world.cell_table(&poster, scan_hour.start(), visit.until());
    assert_eq!(world.published_for(&there).await.len(), 1);
}
