//! Posters that ended, venues that closed or took another key, and hours at the edges.

use super::*;

#[tokio::test]
async fn a_venue_with_another_key_needs_the_earlier_one_for_earlier_posters() {
    let world = World::new().await;
    world.authority.pass(6 * 3_600);
    let old = world.poster().await;
    let visit = world.visit(&old, 60, 40);
    let new_secret = PartySecret::generate(&mut rand::rng());
    world.set_key(&new_secret).await;
    world.ask(&visit.to_string()).await.is(303);
    let asked = world.asked().await;
    let [asked] = &asked[..] else { panic!("the new poster was not up then") };
    assert_eq!(asked.0["venueKey"], hex::encode(world.secret.public_key().to_bytes()));
    let page = world.venue_browser().await.get("/venue/requests").await;
    page.is(200).says("an earlier key of yours");
    let officer = world.officer().await.get("/staff/warnings").await;
    officer.is(200).says("The venue has another key now");
    world.give(asked, &asked.shares(&new_secret)).await.is(422);
    world.give(asked, &asked.shares(&world.secret)).await.is(200);
    let poster = world.scan(&old.payload, visit.from()).await;
    let there = world.cell_table(&poster, visit.from(), visit.until());
    assert_eq!(world.published_for(&there).await.len(), 1);
}

/// Paper goes on hanging: visitors scanned whichever was there.
#[tokio::test]
async fn after_a_replacement_both_posters_are_asked_for() {
    let world = World::new().await;
    world.authority.pass(6 * 3_600);
    let (app, actor) = (&world.authority.app, Actor::command_line());
    let issuer = app.issuer();
    let revoked =
        app.store.revoke_poster(world.venue, world.unit, issuer.as_ref(), &actor, world.now());
    assert!(revoked.await.unwrap());
    assert_eq!(world.posters().await.len(), 2);
    world.authority.pass(6 * 3_600);
    world.ask(&world.visit(&world.poster().await, 60, 30).to_string()).await.is(303);
    let asked = world.asked().await;
    assert_eq!(asked.len(), 2);
    assert_ne!(asked[0].0["payload"], asked[1].0["payload"]);
    for asked in &asked {
        world.give(asked, &asked.shares(&world.secret)).await.is(200);
    }
    // A week later no one takes the old one for the present one any more.
    world.authority.pass(8 * DAY_SECONDS);
    publish(&world.authority).await;
    world.ask(&world.visit(&world.poster().await, 60, 30).to_string()).await.is(303);
    assert_eq!(world.asked().await.len(), 1);
    // The request about a visitor who scanned the old one nevertheless names that poster.
    let old = world.posters().await.remove(0);
    world.ask(&world.visit(&old, 200, 30).to_string()).await.is(303);
    assert_eq!(world.asked().await.len(), 3);
}

#[tokio::test]
async fn an_expired_poster_counts_for_the_hours_in_which_it_was_valid() {
    let authority = Authority::start_with("poster_days = 365", "poster_days = 3").await;
    let world = World::of(authority).await;
    let row = world.poster().await;
    let end = row.expires.start();
    world.authority.pass(end.since(world.now()) + 3 * 3_600 + 60);
    let visit = |from: UnixTime, until: UnixTime| {
        let fingerprint = PosterFingerprint::from_bytes(row.fingerprint);
        DisclosedVisit::new(fingerprint, from, until).unwrap().to_string()
    };
    world.ask(&visit(end.minus(3_600), end.plus(3_600))).await.is(303);
    let asked = world.asked().await.remove(0);
    assert_eq!(asked.hours(), [Hour::at(end).number() - 1], "no device took it afterwards");
    let late = world.ask(&visit(end.plus(60), end.plus(3_000))).await;
    late.is(422).says("no valid poster at that time");
}

#[tokio::test]
async fn a_closed_venue_may_still_answer() {
    let world = World::new().await;
    world.authority.pass(6 * 3_600);
    let row = world.poster().await;
    world.decide(VenueState::Closed).await;
    world.ask(&world.visit(&row, 60, 40).to_string()).await.is(303);
    let officer = world.officer().await.get("/staff/warnings").await;
    officer.is(200).says("The venue is closed: perhaps nobody will answer");
    let asked = world.asked().await.remove(0);
    world.give(&asked, &asked.shares(&world.secret)).await.is(200);
    assert_eq!(publish(&world.authority).await.warnings, 1);
}

#[tokio::test]
async fn hours_that_no_device_keeps_are_left_out_and_lingering_hours_wait() {
    let mut authority = Authority::start().await;
    let profile = authority.dir().join("profile.json");
    let text = std::fs::read_to_string(&profile).unwrap();
    let lingering = text.replace("\"lingering_minutes\": 0", "\"lingering_minutes\": 120");
    assert_ne!(text, lingering);
    std::fs::write(&profile, lingering).unwrap();
    authority.restart().await;
    let world = World::of(authority).await;
    world.authority.pass(14 * DAY_SECONDS);
    let row = world.posters().await.remove(0);
    let at_the_edge = world.visit(&row, 14 * 24 * 60 - 30, 90);
    world.ask(&at_the_edge.to_string()).await.is(303);
    let asked = world.asked().await.remove(0);
    let oldest = Hour::at(world.now().minus(14 * DAY_SECONDS)).number();
    assert_eq!(asked.hours(), (oldest..oldest + 3).collect::<Vec<_>>());
    world.give(&asked, &asked.shares(&world.secret)).await.is(200);
    assert_eq!(publish(&world.authority).await.warnings, 3);

    // A case of just now: the venue counts for two hours more, and visits of the present hour are
    // still being sealed.
    world.ask(&world.visit(&row, 0, 20).to_string()).await.is(303);
    let asked = world.asked().await.remove(0);
    assert_eq!(asked.hours().len(), 3);
    world.give(&asked, &asked.shares(&world.secret)).await.is(200);
    let mut published = Vec::new();
    for _ in 0..3 {
        world.authority.pass(3_600);
        published.push(publish(&world.authority).await.warnings);
    }
    assert_eq!(published, [2, 1, 0], "hours of 19:40 to 22:00 as they end");
}
