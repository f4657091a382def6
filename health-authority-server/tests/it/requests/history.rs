//! Requests as staff look back on them: found by state and time, cancelled, reminded of.

use std::sync::atomic::Ordering;

use super::*;

const HOUR: u64 = 3_600;

async fn press(world: &World, path: &str, fields: &[(&str, &str)]) -> Got {
    world.officer().await.post(path, fields).await
}

/// How many rows the list has.
fn rows(page: &Got) -> usize {
    page.is(200);
    page.body.matches("<th scope=\"row\">").count()
}

#[tokio::test]
async fn requests_are_found_by_state_and_by_the_day_on_which_they_were_asked() {
    let world = World::new().await;
    world.authority.pass(6 * HOUR);
    let row = world.poster().await;
    world.ask(&world.visit(&row, 30, 20).to_string()).await.is(303);
    let asked = world.asked().await.remove(0);
    let path = format!("/venue/requests/{}/refuse", asked.id());
    world.venue_browser().await.post(&path, &[("reason", "on holiday"), SURE[0]]).await.is(303);
    // 23:30 in Viet Nam, and half past midnight of the next day.
    world.authority.pass(4 * HOUR + 1_800);
    world.ask(&world.visit(&row, 30, 20).to_string()).await.is(303);
    world.authority.pass(HOUR);
    world.ask(&world.visit(&row, 20, 20).to_string()).await.is(303);

    let mut officer = world.officer().await;
    for (query, found) in [
        ("", 3),
        ("state=waiting", 2),
        ("state=refused", 1),
        ("state=published", 0),
        ("state=nonsense", 3),
        ("since=2021-09-01&through=2021-09-01", 2),
        ("since=2021-09-02", 1),
        ("through=2021-08-31", 0),
        ("state=waiting&through=2021-09-01", 1),
        ("page=1", 0),
        ("page=4294967295", 0),
    ] {
        let got = officer.get(&format!("/staff/warnings?{query}")).await;
        assert_eq!(rows(&got), found, "{query}");
    }
    officer.get("/staff/warnings?state=published").await.says("No request was found");
    let wrong = officer.get("/staff/warnings?since=1/9/2021").await;
    wrong.is(200).says("id=\"since-error\"");
}

#[tokio::test]
async fn a_long_history_comes_in_pages_the_latest_first() {
    let world = World::new().await;
    let database = world.authority.database().await;
    for number in 0..101i64 {
        sqlx::query(
            "INSERT INTO share_requests (visit_hash, state, reason, notice_text, requested_at, \
             forget_at) VALUES ($1, 'published', '', '', $2, 99999999999)",
        )
        .bind(number.to_be_bytes().to_vec())
        .bind(1_630_000_000 + number)
        .execute(&database)
        .await
        .unwrap();
    }
    database.close().await;
    let mut officer = world.officer().await;
    let first = officer.get("/staff/warnings?state=published").await;
    assert_eq!(rows(&first), 50);
    let latest = first.body.split("<th scope=\"row\">").nth(1).unwrap();
    assert!(latest.contains("/staff/warnings/101\""), "{latest}");
    first.says("state=published&#38;since=&#38;through=&#38;page=1#requests");
    assert_eq!(rows(&officer.get("/staff/warnings?state=published&page=1").await), 50);
    let last = officer.get("/staff/warnings?state=published&page=2").await;
    assert_eq!(rows(&last), 1);
    assert!(!last.body.contains("rel=\"next\"") && last.body.contains("rel=\"prev\""));
}

#[tokio::test]
async fn a_request_that_waits_is_cancelled_and_can_be_asked_again() {
    let world = World::new().await;
    world.authority.pass(6 * HOUR);
    let visit = world.visit(&world.poster().await, 30, 60).to_string();
    world.ask(&visit).await.is(303);
    let asked = world.asked().await.remove(0);
    let page = world.officer().await.get("/staff/warnings/1").await;
    page.is(200).says("/staff/warnings/1/cancel");
    let cancel = "/staff/warnings/1/cancel";
    press(&world, cancel, &[]).await.is(200).says("Cancel request 1?").says("cannot be taken back");
    assert_eq!(world.states().await, [RequestState::Waiting], "only asked");
    press(&world, cancel, &SURE).await.leads_to("/staff/warnings/1?done=request-cancelled");
    assert_eq!(world.states().await, [RequestState::Cancelled]);
    assert!(world.asked().await.is_empty(), "the venue does not see it any more");
    world.give(&asked, &asked.shares(&world.secret)).await.is(409).says("or was cancelled");
    press(&world, cancel, &SURE).await.is(409);
    press(&world, cancel, &[]).await.is(409);
    press(&world, "/staff/warnings/9/cancel", &SURE).await.is(404);
    let page = world.officer().await.get("/staff/warnings/1").await;
    page.is(200).says("Request cancelled").says(OFFICER).says(">cancelled<");
    assert!(!page.body.contains("/staff/warnings/1/cancel"));

    world.ask(&visit).await.is(303);
    assert_eq!(world.states().await, [RequestState::Waiting], "the same one, opened again");
    world.give(&asked, &asked.shares(&world.secret)).await.is(200);
    publish(&world.authority).await;
    assert_eq!(world.states().await, [RequestState::Published]);
    press(&world, cancel, &[]).await.is(409);
    press(&world, cancel, &SURE).await.is(409);
}

#[tokio::test]
async fn warnings_that_wait_for_a_batch_go_with_their_request() {
    let world = World::new().await;
    world.authority.pass(6 * HOUR);
    world.ask(&world.visit(&world.poster().await, 30, 60).to_string()).await.is(303);
    let asked = world.asked().await.remove(0);
    world.give(&asked, &asked.shares(&world.secret)).await.is(200);
    let due = async || {
        let database = world.authority.database().await;
        let sql = "SELECT COUNT(*) AS due FROM due_warnings";
        let row = sqlx::query(sql).fetch_one(&database).await.unwrap();
        let due: i64 = sqlx::Row::get(&row, "due");
        database.close().await;
        due
    };
    assert!(due().await > 0);
    let cancel = "/staff/warnings/1/cancel";
    press(&world, cancel, &[]).await.is(200).says("wait for the next batch are deleted");
    press(&world, cancel, &SURE).await.is(303);
    assert_eq!(due().await, 0);
    publish(&world.authority).await;
    assert_eq!(world.states().await, [RequestState::Cancelled]);
}

#[tokio::test]
async fn a_venue_that_does_not_answer_is_reminded_at_intervals_and_three_times_at_most() {
    let world = World::new().await;
    world.authority.pass(6 * HOUR);
    world.ask(&world.visit(&world.poster().await, 30, 60).to_string()).await.is(303);
    let remind = "/staff/warnings/1/remind";
    let sent = || world.authority.inbox.0.lock().unwrap().len();
    let before = sent();
    press(&world, remind, &[]).await.is(422).says("1 Sep 2021 23:00");
    world.officer().await.get("/staff/warnings/1").await.says("reminded from 1 Sep 2021 23:00");
    for times in 1..=3 {
        world.authority.pass(4 * HOUR);
        let page = world.officer().await.get("/staff/warnings/1").await;
        page.is(200).says(remind);
        press(&world, remind, &[]).await.leads_to("/staff/warnings/1?done=venue-reminded");
        assert_eq!(sent(), before + times);
        press(&world, remind, &[]).await.is(422);
    }
    world.authority.pass(4 * HOUR);
    press(&world, remind, &[]).await.is(422).says("3 times: call it now");
    let (phone, text) = world.authority.inbox.0.lock().unwrap().last().unwrap().clone();
    assert_eq!(phone, PHONE);
    let told = "Vùng Xanh: yêu cầu của cơ quan y tế vẫn đang chờ địa điểm của bạn trả lời. Hãy đăng \
                nhập:\nVung Xanh: a request of the health authority still waits for your venue. Log \
                in to answer it:\nhttps://hanoi.example.vn/venue/requests";
    assert_eq!(text, told);
    let page = world.officer().await.get("/staff/warnings/1").await;
    page.says("Reminded 3 times").says("call it now");
    assert_eq!(page.body.matches("Venue reminded").count(), 3, "in its history");

    press(&world, "/staff/warnings/9/remind", &[]).await.is(404);
    press(&world, "/staff/warnings/1/cancel", &SURE).await.is(303);
    press(&world, remind, &[]).await.is(409);
}

#[tokio::test]
async fn a_reminder_that_is_not_sent_does_not_count() {
    let world = World::new().await;
    world.authority.pass(6 * HOUR);
    world.ask(&world.visit(&world.poster().await, 30, 60).to_string()).await.is(303);
    world.authority.pass(4 * HOUR);
    world.authority.inbox.1.store(true, Ordering::SeqCst);
    let remind = "/staff/warnings/1/remind";
    press(&world, remind, &[]).await.is(422).says("could not be sent");
    world.authority.inbox.1.store(false, Ordering::SeqCst);
    press(&world, remind, &[]).await.is(303);
    world.officer().await.get("/staff/warnings/1").await.says("Reminded once");
}

#[tokio::test]
async fn where_venues_get_no_messages_the_page_says_so() {
    let authority = Authority::start_with("tell_venues = true", "tell_venues = false").await;
    let world = World::of(authority).await;
    world.authority.pass(6 * HOUR);
    world.ask(&world.visit(&world.poster().await, 30, 60).to_string()).await.is(303);
    world.authority.pass(4 * HOUR);
    world.officer().await.get("/staff/warnings/1").await.says("call the venue");
    press(&world, "/staff/warnings/1/remind", &[]).await.is(422).says("sends no text messages");
}

#[tokio::test]
async fn only_case_workers_cancel_and_remind() {
    let world = World::new().await;
    world.authority.pass(6 * HOUR);
    world.ask(&world.visit(&world.poster().await, 30, 60).to_string()).await.is(303);
    staff(&world.authority, Role::VenueOfficer, "venue.officer").await;
    let mut officer = Browser::signed_in(&world.authority, "venue.officer").await;
    for path in ["/staff/warnings/1/cancel", "/staff/warnings/1/remind"] {
        officer.post(path, &SURE).await.is(403);
        Browser::new(&world.authority).post(path, &SURE).await.is(401);
        let mut worker = world.officer().await;
        worker.csrf = "x".into();
        worker.post(path, &SURE).await.is(403);
    }
    assert_eq!(world.states().await, [RequestState::Waiting]);
}
