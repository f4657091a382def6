//! What a venue may answer, and what it may not.

use serde_json::{Value, json};
use vungxanh_protocol::venue::party::PartySecret;

use super::*;

async fn one_request(world: &World) -> Asked {
    world.authority.pass(6 * 3_600);
    let row = world.poster().await;
    world.ask(&world.visit(&row, 30, 130).to_string()).await.is(303);
    let mut asked = world.asked().await;
    assert_eq!(asked.len(), 1);
    asked.remove(0)
}

/// The refusal's name, after checking that nothing was stored.
async fn refused(world: &World, asked: &Asked, shares: &Value) -> (u16, String) {
    let got = world.give(asked, shares).await;
    let body: Value = serde_json::from_str(&got.body).unwrap();
    assert!(body["message"].as_str().unwrap().len() > 20, "{body}");
    assert_eq!(world.states().await, [RequestState::Waiting]);
    let pool = crate::warnings::pool(&world.authority).await;
    let kept: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM due_warnings").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 0);
    (got.status, body["error"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn shares_that_do_not_fit_are_refused_and_nothing_is_kept() {
    let world = World::new().await;
    let asked = one_request(&world).await;
    assert_eq!(asked.hours().len(), 3);
    let good = asked.shares(&world.secret);
    let changed = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut shares = good["shares"].as_array().unwrap().clone();
        change(&mut shares);
        json!({ "shares": shares })
    };
    let is = |status: u16, name: &str| (status, name.to_owned());

    let missing = changed(&|shares| drop(shares.pop()));
    assert_eq!(refused(&world, &asked, &missing).await, is(422, "missing"));
    // The share of one hour, given for another.
    let swapped = changed(&|shares| {
        let first = shares[0]["share"].clone();
        shares[0]["share"] = shares[1]["share"].clone();
        shares[1]["share"] = first;
    });
    assert_eq!(refused(&world, &asked, &swapped).await, is(422, "wrong"));
    let rogue = asked.shares(&PartySecret::generate(&mut rand::rng()));
    assert_eq!(refused(&world, &asked, &rogue).await, is(422, "wrong"));
    let more = changed(&|shares| {
        let mut other = shares[0].clone();
        other["hour"] = (shares[0]["hour"].as_u64().unwrap() + 30).into();
        shares.push(other);
    });
    assert_eq!(refused(&world, &asked, &more).await, is(422, "not-wanted"));
    let of_a_display = changed(&|shares| shares[0]["scanHour"] = shares[0]["hour"].clone());
    assert_eq!(refused(&world, &asked, &of_a_display).await, is(422, "not-wanted"));
    for text in ["", "00", "zz", &"c0".repeat(96), &format!("c0{}", "00".repeat(95))] {
        let unreadable = changed(&|shares| shares[0]["share"] = text.into());
        assert_eq!(refused(&world, &asked, &unreadable).await, is(422, "unreadable"), "{text}");
    }
    let many = json!({"shares": vec![good["shares"][0].clone(); 1_401]});
    assert_eq!(refused(&world, &asked, &many).await, is(422, "too-many"));

    world.give(&asked, &good).await.is(200);
    assert_eq!(world.states().await, [RequestState::Approved]);
    let again = world.give(&asked, &good).await;
    again.is(409).says("already been answered");
}

#[tokio::test]
async fn other_requests_and_venues_are_out_of_reach() {
    let world = World::new().await;
    let asked = one_request(&world).await;
    let good = asked.shares(&world.secret);
    let other = register(&world.authority, "+84987654321").await;
    let mut other = other;
    let page = other.get("/venue/requests").await;
    assert!(data_of(&page)["requests"].as_array().unwrap().is_empty());
    let path = format!("/venue/requests/{}", asked.id());
    other.json(&format!("{path}/shares"), &good).await.is(404);
    other.post(&format!("{path}/refuse"), &[("reason", "x")]).await.is(404);
    other.get(&format!("/venue/advance/{}", world.unit)).await.is(404);
    other.json(&format!("/venue/advance/{}", world.unit), &good).await.is(404);
    other.post(&format!("/venue/advance/{}/on", world.unit), &[]).await.is(404);
    other.post(&format!("/venue/advance/{}/revoke", world.unit), &[]).await.is(404);

    let mut venue = world.venue_browser().await;
    venue.json("/venue/requests/999/shares", &good).await.is(404);
    venue.json(&format!("{path}/shares"), &json!({"shares": 1})).await.is(400);
    // Without the page's token, and from another site.
    venue.csrf = "0".repeat(64);
    venue.json(&format!("{path}/shares"), &good).await.is(403);
    let mut venue = world.venue_browser().await;
    venue.origin = Some("https://evil.example".into());
    venue.json(&format!("{path}/shares"), &good).await.is(403);
    assert_eq!(world.states().await, [RequestState::Waiting]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_two_answers_at_once_counts() {
    let world = World::new().await;
    let asked = one_request(&world).await;
    let good = asked.shares(&world.secret);
    let (one, two) = tokio::join!(world.give(&asked, &good), world.give(&asked, &good));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    assert_eq!(publish(&world.authority).await.warnings, 3);
}

#[tokio::test]
async fn a_refusal_asks_for_a_reason_beside_its_field_and_says_what_it_does() {
    let world = World::new().await;
    let asked = one_request(&world).await;
    let path = format!("/venue/requests/{}/refuse", asked.id());
    let mut venue = world.venue_browser().await;
    venue.post(&path, &[]).await.is(200).says("visitors of those hours get no warning");
    assert_eq!(world.states().await, [RequestState::Waiting], "nothing is done before the answer");
    let long = "x".repeat(501);
    for reason in ["", " ", &long, "key \u{202e}lost"] {
        let again = venue.post(&path, &[("reason", reason), SURE[0]]).await;
        again.is(422).says("id=\"reason-error\"").says("Give a reason of at most 500");
    }
    assert_eq!(world.states().await, [RequestState::Waiting]);
    venue.post(&path, &[("reason", "key lost"), SURE[0]]).await.is(303);
    assert_eq!(world.states().await, [RequestState::Refused]);
}
