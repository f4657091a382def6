//! The text message that says to a venue that a request waits.

use std::sync::atomic::Ordering;

use health_authority_server::domain::share_requests::PAPER_DAYS;

use super::*;

/// What the venue was sent, but for the code that confirmed its number.
fn texts(world: &World) -> Vec<String> {
    let sent = world.authority.inbox.0.lock().unwrap();
    assert!(sent.iter().all(|(phone, _)| phone == PHONE));
    sent.iter().skip(1).map(|(_, text)| text.clone()).collect()
}

#[tokio::test]
async fn a_venue_is_told_once_that_a_request_waits_and_nothing_of_what_it_asks() {
    let world = World::new().await;
    assert!(texts(&world).is_empty());
    world.authority.pass(6 * 3_600);
    let row = world.poster().await;
    let visit = |minutes_ago| world.visit(&row, minutes_ago, 20).to_string();
    world.ask(&format!("{}\n{}", visit(200), visit(150))).await.is(303);
    let told = "Vùng Xanh: cơ quan y tế có một yêu cầu đang chờ địa điểm của bạn. Hãy đăng nhập \
                để trả lời:\nVung Xanh: the health authority has a request for your venue. \
                Log in to answer it:\nhttps://hanoi.example.vn/venue/requests";
    assert_eq!(texts(&world), [told], "one message for both");
    world.ask(&visit(200)).await.is(303);
    world.ask(&visit(90)).await.is(303);
    assert_eq!(world.states().await, [RequestState::Waiting; 3]);
    assert_eq!(texts(&world).len(), 1, "as long as one waits, the venue has been told");

    // Once it has answered all, the next one is announced again, also one that it refused before.
    for asked in world.asked().await {
        let path = format!("/venue/requests/{}/refuse", asked.id());
        world.venue_browser().await.post(&path, &[("reason", "on holiday"), SURE[0]]).await.is(303);
    }
    world.ask(&visit(90)).await.is(303);
    assert_eq!(texts(&world), [told, told]);
}

#[tokio::test]
async fn a_request_waits_all_the_same_when_its_message_cannot_be_sent() {
    let world = World::new().await;
    world.authority.pass(6 * 3_600);
    let row = world.poster().await;
    world.authority.inbox.1.store(true, Ordering::SeqCst);
    world.ask(&world.visit(&row, 30, 60).to_string()).await.is(303);
    assert_eq!(world.states().await, [RequestState::Waiting]);
    assert_eq!(world.asked().await.len(), 1);
    assert!(texts(&world).is_empty());
}

#[tokio::test]
async fn a_venue_that_need_not_answer_is_not_told() {
    let world = World::new().await;
    let path = format!("/venue/advance/{}", world.unit);
    world.venue_browser().await.post(&format!("{path}/on"), &[]).await.is(303);
    advance::hand_over(&world).await.is(200);
    // The poster without shares in advance is surely taken down by then.
    world.authority.pass(PAPER_DAYS * DAY_SECONDS + 6 * 3_600);
    let row = world.poster().await;
    world.ask(&world.visit(&row, 90, 60).to_string()).await.is(303);
    assert_eq!(world.states().await, [RequestState::Approved]);
    assert!(texts(&world).is_empty());
}

#[tokio::test]
async fn an_authority_that_calls_its_venues_sends_no_messages() {
    let authority = Authority::start_with("tell_venues = true", "tell_venues = false").await;
    let world = World::of(authority).await;
    world.authority.pass(6 * 3_600);
    let row = world.poster().await;
    world.ask(&world.visit(&row, 30, 60).to_string()).await.is(303);
    assert_eq!(world.states().await, [RequestState::Waiting]);
    assert!(texts(&world).is_empty());
}
