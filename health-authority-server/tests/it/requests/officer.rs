//! What an officer may ask, and what is said when no one can be warned.

use super::*;

#[tokio::test]
async fn the_same_visit_is_asked_for_once() {
    let world = World::new().await;
    world.authority.pass(6 * 3_600);
    let row = world.poster().await;
    let visit = world.visit(&row, 30, 60).to_string();
    world.ask(&visit).await.is(303);
    world.ask(&format!("{visit}\n\n  {visit}\n")).await.is(303);
    assert_eq!(world.states().await, [RequestState::Waiting]);
    let page = world.officer().await.get("/staff/warnings/1").await;
    page.is(200).says("<li aria-current=\"step\"><h2>The venue answers</h2>");
    let when = page.body.split("<dt>When</dt><dd>").nth(1).unwrap().split("</dd>").next().unwrap();
    assert_eq!(when.matches("2021").count(), 1, "a common day once: {when}");

    // After a refusal it is asked again, after the publication not.
    let asked = world.asked().await.remove(0);
    let path = format!("/venue/requests/{}/refuse", asked.id());
    world.venue_browser().await.post(&path, &[("reason", "on holiday"), SURE[0]]).await.is(303);
    let page = world.officer().await.get("/staff/warnings").await;
    page.is(200).says("refused by the venue").says("on holiday");
    world.ask_with(&[("visits", &visit), ("reason", "please look again")]).await.is(303);
    let asked = world.asked().await.remove(0);
    assert_eq!(asked.0["reason"], "please look again");
    world.give(&asked, &asked.shares(&world.secret)).await.is(200);
    publish(&world.authority).await;
    world.ask(&visit).await.is(303);
    assert_eq!(world.states().await, [RequestState::Published]);
}

#[tokio::test]
async fn what_cannot_be_warned_about_is_said_and_stays_in_the_form() {
    let world = World::new().await;
    world.authority.pass(2 * DAY_SECONDS);
    let row = world.poster().await;
    let good = world.visit(&row, 30, 60);
    let (now, fingerprint) = (world.now(), good.poster());
    let visit = |from: UnixTime, until: UnixTime| {
        DisclosedVisit::new(fingerprint, from, until).unwrap().to_string()
    };
    let future = visit(now.minus(60), now.plus(60));
    let old = visit(now.minus(15 * DAY_SECONDS), now.minus(14 * DAY_SECONDS));
    let unknown = PosterFingerprint::from_bytes([7; 16]);
    let unknown = DisclosedVisit::new(unknown, good.from(), good.until()).unwrap().to_string();
    for (line, words) in [
        (future.as_str(), "in the future"),
        (old.as_str(), "no device still keeps"),
        (unknown.as_str(), "No poster with that fingerprint"),
    ] {
        let got = world.ask(line).await;
        got.is(422).says(words).says(line);
    }
    let line = good.to_string();
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[("visits", &line), ("test_type", "negative")], "negative result"),
        (&[("visits", &line), ("reason", " ")], "1 to 500 characters"),
        (
            &[("visits", &line), ("notice_text", &"x".repeat(118))],
            "at most 117 characters (about 80",
        ),
        (&[("visits", &line), ("symptom_date", "tomorrow")], "must be a date"),
        // Nine days before onset: not infectious by the profile.
        (&[("visits", &line), ("symptom_date", "2021-08-06")], "not infectious"),
        (&[("visits", "")], "Enter visits or choose a place"),
        (&[("visits", &line), ("unit", "1")], "not both"),
    ];
    for (fields, words) in cases {
        world.ask_with(fields).await.is(422).says(words);
    }
    let two = format!("{line}\nvx-visit:1:nonsense");
    world.ask(&two).await.is(422).says("Line 2 is not a complete visit").says("nonsense");
    assert!(world.requests().await.is_empty(), "nothing was opened by any of them");

    // Of several visits, those that can be asked for are, and the others stay.
    let got = world.ask(&format!("{line}\n{unknown}")).await;
    got.is(422).says(&unknown);
    assert!(!got.body.contains(&line));
    assert_eq!(world.states().await, [RequestState::Waiting]);
}

#[tokio::test]
async fn infectiousness_follows_from_the_onset() {
    let world = World::new().await;
    world.authority.pass(6 * 3_600);
    let row = world.poster().await;
    // START is 2021-09-01. The profile: high on the day of onset, standard four days later.
    let ask = async |minutes_ago: u64, onset: &str| {
        let visit = world.visit(&row, minutes_ago, 20).to_string();
        world.ask_with(&[("visits", &visit), ("symptom_date", onset)]).await.is(303);
        let newest = world.requests().await.remove(0);
        newest.details.unwrap().notice.infectiousness as u8
    };
    assert_eq!(ask(20, "2021-09-01").await, 2);
    assert_eq!(ask(60, "2021-08-28").await, 1);
    assert_eq!(ask(100, "").await, 1, "without onset");
}

#[tokio::test]
async fn a_place_is_found_by_name_and_the_times_told_from_memory() {
    let world = World::new().await;
    world.authority.pass(6 * 3_600);
    let mut officer = world.officer().await;
    officer.get("/staff/warnings?place=nothing").await.is(200).says("No place was found");
    let found = officer.get("/staff/warnings?place=dong+XUAN").await;
    let link = format!("/staff/warnings?unit={}", world.unit);
    found.is(200).says("Chợ Đồng Xuân").says(&link);
    officer.get(&link).await.is(200).says("datetime-local");
    let unit = world.unit.to_string();
    // 12:00 UTC now; these are times in Vietnam.
    let times =
        [("unit", unit.as_str()), ("from", "2021-09-01T17:30"), ("until", "2021-09-01T18:10")];
    world.ask_with(&times).await.leads_to("/staff/warnings?done=requests-opened");
    let asked = world.asked().await.remove(0);
    assert_eq!(asked.0["from"], 1_630_492_200);
    assert_eq!(asked.hours().len(), 2);
    let missing = [("unit", unit.as_str()), ("from", ""), ("until", "2021-09-01T18:10")];
    world.ask_with(&missing).await.is(422).says("when the person arrived and left");
    let unknown = [("unit", "999"), ("from", "2021-09-01T17:30"), ("until", "2021-09-01T18:10")];
    world.ask_with(&unknown).await.is(422).says("no valid poster");
}

#[tokio::test]
async fn only_case_workers_ask_and_only_managers_answer() {
    let world = World::new().await;
    staff(&world.authority, Role::VenueOfficer, "venue.officer").await;
    staff(&world.authority, Role::Administrator, "admin").await;
    let mut officer = Browser::signed_in(&world.authority, "venue.officer").await;
    officer.get("/staff/warnings").await.is(403);
    officer.post("/staff/warnings", &[("reason", "x")]).await.is(403);
    let mut admin = Browser::signed_in(&world.authority, "admin").await;
    admin.get("/staff/warnings").await.is(200);
    let mut nobody = Browser::new(&world.authority);
    nobody.get("/staff/warnings").await.leads_to("/staff/login");
    nobody.get("/venue/requests").await.leads_to("/venue/login");
    nobody.json("/venue/requests/1/shares", &json!({"shares": []})).await.is(401);
    let mut worker = world.officer().await;
    worker.get("/venue/requests").await.leads_to("/venue/login");
}

#[tokio::test]
async fn the_command_line_asks_too() {
    let world = World::new().await;
    world.authority.pass(6 * 3_600);
    let visit = world.visit(&world.poster().await, 30, 60).to_string();
    let dir = world.authority.dir();
    let run = |arguments: &[&str]| {
        let mut all: Vec<std::ffi::OsString> =
            ["health-authority-server", "warning"].iter().map(Into::into).collect();
        all.extend(arguments.iter().map(Into::into));
        all.extend(["--dir".into(), dir.clone().into()]);
        let clock = world.authority.clock.clone();
        let code = std::thread::spawn(|| health_authority_server::run(all, clock)).join().unwrap();
        format!("{code:?}")
    };
    let done = format!("{:?}", std::process::ExitCode::SUCCESS);
    let bad_input = format!("{:?}", std::process::ExitCode::from(3));
    assert_eq!(run(&["request", "--visit", &visit, "--reason", "case"]), done);
    assert_eq!(run(&["list", "--json"]), done);
    assert_eq!(world.states().await, [RequestState::Waiting]);
    assert_eq!(run(&["request", "--visit", "vx-visit:1:x", "--reason", "case"]), bad_input);
    let unit = world.unit.to_string();
    let (from, until) = ("2021-09-01T17:30+07:00", "2021-09-01T18:10+07:00");
    let told = ["request", "--unit", &unit, "--from", from, "--until", until, "--reason", "case"];
    assert_eq!(run(&told), done);
    assert_eq!(world.states().await.len(), 2);
    let swapped = ["request", "--unit", &unit, "--from", until, "--until", from, "--reason", "x"];
    assert_eq!(run(&swapped), bad_input);
}

#[tokio::test]
async fn every_field_that_is_wrong_says_so_at_its_place() {
    let world = World::new().await;
    let row = world.poster().await;
    let visit = world.visit(&row, 30, 60).to_string();
    let long = "ố".repeat(40);
    for (field, value) in [
        ("visits", "nonsense"),
        ("test_type", "negative"),
        ("test_type", "maybe"),
        ("symptom_date", "yesterday"),
        ("reason", ""),
        ("reason", "please\u{200b}"),
        ("notice_text", long.as_str()),
        ("notice_text", "call \u{202e}us"),
    ] {
        let got = world.ask_with(&[("visits", &visit), (field, value)]).await;
        got.is(422).says(&format!("id=\"{field}-error\""));
    }
    assert!(world.states().await.is_empty());
}
