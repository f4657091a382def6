//! A venue that forgot its password or lost its authenticator app gets in again, and no one else.

use health_authority_server::domain::accounts::Role;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, PASSWORD, register, staff};

const PHONE: &str = "+84912345678";
const NEW: &str = "lũy tre đầu làng 7";

async fn ask(authority: &Authority, phone: &str) -> String {
    let sent = Browser::new(authority).post("/venue/forgot", &[("phone", phone)]).await;
    sent.is(200).says("a code has been sent to it");
    for _ in 0..100 {
        if authority.inbox.0.lock().unwrap().iter().any(|(_, text)| text.contains("new password")) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    authority.inbox.code(phone)
}

async fn reset(authority: &Authority, code: &str) -> u16 {
    let form =
        [("phone", PHONE), ("code", code), ("new_password", NEW), ("new_password_again", NEW)];
    Browser::new(authority).post("/venue/reset", &form).await.status
}

async fn log_in(authority: &Authority, password: &str) -> u16 {
    let form = [("login", PHONE), ("password", password)];
    Browser::new(authority).post("/venue/login", &form).await.status
}

#[tokio::test]
async fn a_code_to_the_confirmed_telephone_sets_a_new_password() {
    let authority = Authority::start().await;
    let mut before = register(&authority, PHONE).await;
    let code = ask(&authority, PHONE).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(reset(&authority, wrong).await, 422);
    assert_eq!(log_in(&authority, PASSWORD).await, 303, "nothing has changed yet");
    assert_eq!(reset(&authority, &code).await, 303);
    assert_eq!(log_in(&authority, PASSWORD).await, 401);
    assert_eq!(log_in(&authority, NEW).await, 303);
    before.get("/venue").await.leads_to("/venue/login");
    assert_eq!(reset(&authority, &code).await, 422, "the code is used up");
}

#[tokio::test]
async fn nobody_learns_which_telephones_are_venues_and_wrong_codes_are_counted() {
    let authority = Authority::start().await;
    register(&authority, PHONE).await;
    let known = Browser::new(&authority).post("/venue/forgot", &[("phone", PHONE)]).await;
    let unknown = Browser::new(&authority).post("/venue/forgot", &[("phone", "0987654321")]).await;
    let neutral = unknown.body.replace("+84987654321", PHONE);
    let neutral = neutral.replace("0987 654 321", "0912 345 678");
    assert_eq!((known.status, &known.body), (unknown.status, &neutral));
    let code = ask(&authority, PHONE).await;
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        assert_eq!(reset(&authority, wrong).await, 422);
    }
    assert_eq!(reset(&authority, &code).await, 422, "too many wrong ones");
    let sent = authority.inbox.0.lock().unwrap().iter().filter(|(to, _)| to != PHONE).count();
    assert_eq!(sent, 0);
}

#[tokio::test]
async fn a_code_for_a_registration_sets_no_password() {
    let authority = Authority::start().await;
    register(&authority, PHONE).await;
    let mut form = crate::support::browser::REGISTRATION.to_vec();
    form.push(("phone", PHONE));
    Browser::new(&authority).post("/venue/register", &form).await.is(200);
    assert_eq!(reset(&authority, &authority.inbox.code(PHONE)).await, 422);
    assert_eq!(log_in(&authority, PASSWORD).await, 303);
}

#[tokio::test]
async fn an_officer_gives_a_password_after_being_told_what_it_does() {
    let authority = Authority::start().await;
    register(&authority, PHONE).await;
    staff(&authority, Role::VenueOfficer, "minh").await;
    staff(&authority, Role::CaseWorker, "an").await;
    let mut other = Browser::signed_in(&authority, "an").await;
    other.get("/staff/venues/1/reset").await.is(403);
    let mut officer = Browser::signed_in(&authority, "minh").await;
    officer.get("/staff/venues/1").await.says("/staff/venues/1/reset");
    officer.get("/staff/venues/1/reset").await.is(200).says("All its sessions end");
    assert_eq!(log_in(&authority, PASSWORD).await, 303, "asking changes nothing");
    let given = officer.post("/staff/venues/1/reset", &[]).await;
    let password = given.is(200).body.split("<code>").nth(1).unwrap();
    let password = password.split('<').next().unwrap();
    assert_eq!(log_in(&authority, PASSWORD).await, 401);
    assert_eq!(log_in(&authority, password).await, 303);
    authority.pass(8 * 86_400);
    assert_eq!(log_in(&authority, password).await, 401, "for some days only");
}
