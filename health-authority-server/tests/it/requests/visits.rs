//! Visits that a person gives as a code: shown to the officer, chosen, asked about; and a place named by
//! what stands on its poster.

use vungxanh_protocol::venue::disclosure_code::visits_to_code;

use super::*;

/// The values of the boxes on a page that offers visits; those that are ticked first.
fn boxes(page: &Got) -> Vec<(String, bool)> {
    let boxes = page.body.split("name=\"visit\" value=\"").skip(1);
    let value = |rest: &str| rest.split('"').next().unwrap().to_owned();
    boxes.map(|rest| (value(rest), rest.split('>').next().unwrap().contains(" checked"))).collect()
}

async fn post(world: &World, fields: &[(&str, &str)]) -> Got {
    world.officer().await.post("/staff/warnings", fields).await
}

#[tokio::test]
async fn a_code_of_visits_is_shown_and_those_that_are_chosen_are_asked_about() {
    let world = World::new().await;
    world.authority.pass(8 * 3_600);
    let row = world.poster().await;
    let visits = [world.visit(&row, 300, 30), world.visit(&row, 100, 30)];
    let unknown = PosterFingerprint::from_bytes([7; 16]);
    let unknown = DisclosedVisit::new(unknown, visits[0].from(), visits[0].until()).unwrap();
    let code = visits_to_code(&[visits[0], unknown, visits[1]]).unwrap();
    let reason = ("reason", "typed before");
    let shown = post(&world, &[("visits", &code), ("step", "show"), reason]).await;
    shown
        .is(200)
        .says("Chợ Đồng Xuân")
        .says("typed before")
        .says("No poster with that fingerprint");
    let lines = visits.map(|visit| visit.to_string());
    assert_eq!(boxes(&shown), [(lines[0].clone(), true), (lines[1].clone(), true)]);
    assert!(world.requests().await.is_empty(), "nothing is asked yet");

    let offered = shown.attribute("name=\"offered\" value=\"");
    assert_eq!(offered.split(' ').count(), 3);
    let none = post(&world, &[("offered", &offered), reason]).await;
    none.is(422).says("Choose at least one visit").says("href=\"#visit-0\"");
    let chosen = [("offered", offered.as_str()), ("visit", lines[1].as_str())];
    let wrong = post(&world, &[chosen[0], chosen[1], ("reason", " ")]).await;
    assert_eq!(boxes(wrong.is(422)), [(lines[0].clone(), false), (lines[1].clone(), true)]);
    // One that was not offered is not asked about, whatever a form says.
    let smuggled = world.visit(&row, 200, 10).to_string();
    let both = [chosen[0], chosen[1], ("visit", &smuggled), reason];
    post(&world, &both).await.leads_to("/staff/warnings?done=requests-opened");
    let requests = world.requests().await;
    let notice = &requests[0].details.as_ref().unwrap().notice;
    assert_eq!(
        (requests.len(), notice.from, notice.until),
        (1, visits[1].from(), visits[1].until())
    );
}

#[tokio::test]
async fn of_chosen_visits_those_that_cannot_be_asked_about_stay() {
    let world = World::new().await;
    world.authority.pass(8 * 3_600);
    let row = world.poster().await;
    let good = world.visit(&row, 100, 30);
    let future = world.now().plus(600);
    let future = DisclosedVisit::new(good.poster(), world.now(), future).unwrap();
    let shown = post(&world, &[("step", "show"), ("visits", &format!("{good}\n{future}"))]).await;
    let offered = shown.is(200).attribute("name=\"offered\" value=\"");
    let lines = [good.to_string(), future.to_string()];
    let fields = [
        ("offered", offered.as_str()),
        ("visit", lines[0].as_str()),
        ("visit", lines[1].as_str()),
        ("reason", "a case"),
    ];
    let got = post(&world, &fields).await;
    got.is(422).says("in the future");
    assert_eq!(boxes(&got), [(lines[1].clone(), true)]);
    assert_eq!(world.states().await, [RequestState::Waiting]);
}

#[tokio::test]
async fn what_holds_no_visits_is_said_by_line() {
    let world = World::new().await;
    world.authority.pass(8 * 3_600);
    let good = world.visit(&world.poster().await, 100, 30);
    let code = visits_to_code(&[good]).unwrap();
    for (text, words) in [
        ("", "Scan or paste the visits first"),
        ("\n \n", "Scan or paste the visits first"),
        (&code[..code.len() - 1], "Line 1 is not a complete visit"),
        (&format!("{code}\nVXV1:12"), "Line 2 is not a complete visit"),
        ("https://example.vn/v#123", "Line 1 is not a complete visit"),
    ] {
        let got = post(&world, &[("step", "show"), ("visits", text)]).await;
        got.is(422).says(words).says("id=\"visits-error\"");
    }
    let row = world.poster().await;
    let many: Vec<String> =
        (0..51).map(|minutes| world.visit(&row, minutes, 1).to_string()).collect();
    let got = post(&world, &[("step", "show"), ("visits", &many.join("\n"))]).await;
    got.is(422).says("At most 50 visits");
    // A code may be pasted without looking first.
    world.ask(&code).await.is(303);
    assert_eq!(world.states().await, [RequestState::Waiting]);
}

#[tokio::test]
async fn a_place_is_found_by_the_characters_on_its_poster() {
    let world = World::new().await;
    world.authority.pass(6 * 3_600);
    let fingerprint = hex::encode(world.poster().await.fingerprint);
    let mut officer = world.officer().await;
    let typed = format!("{}+{}", &fingerprint[..4], &fingerprint[4..8].to_uppercase());
    let found = officer.get(&format!("/staff/warnings?place={typed}")).await;
    let link = format!("/staff/warnings?poster={fingerprint}");
    found.is(200).says("Chợ Đồng Xuân").says(&format!("Poster {}", &fingerprint[..8])).says(&link);
    officer.get("/staff/warnings?place=00000000").await.says("No place was found");
    officer.get(&link).await.is(200).says("datetime-local").says("name=\"poster\"");
    let times = [
        ("poster", fingerprint.as_str()),
        ("from", "2021-09-01T17:30"),
        ("until", "2021-09-01T18:10"),
    ];
    world.ask_with(&times).await.leads_to("/staff/warnings?done=requests-opened");
    let asked = world.asked().await.remove(0);
    assert_eq!((&asked.0["from"], asked.hours().len()), (&json!(1_630_492_200), 2));
    let unknown = [("poster", "07070707070707070707070707070707"), times[1], times[2]];
    world.ask_with(&unknown).await.is(422).says("No poster with that fingerprint");
    let nonsense = [("poster", "x"), times[1], times[2]];
    world.ask_with(&nonsense).await.is(422).says("choose a place");
}
