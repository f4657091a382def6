//! Limits on attempts: what they stop, what they leave alone, and who is notified.

use health_authority_server::domain::accounts::Role;
use health_authority_server::domain::throttle::{ANYBODY, Attempt, Limit};
use health_authority_server::services::limits::attempt;
use serde_json::json;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, PASSWORD, REGISTRATION, register, staff};

const PHONE: &str = "+84912345678";

/// Uses a limit up, with subjects that are no one's.
async fn use_up(authority: &Authority, limit: Limit, attempts: u32) {
    for n in 0..attempts {
        let subject = match limit {
            Limit::ShortCodes | Limit::Invitations => ANYBODY.to_owned(),
            _ => format!("nobody{n}"),
        };
        attempt(&authority.app, limit, &subject).await.unwrap();
    }
}

#[tokio::test]
async fn while_short_codes_are_stopped_staff_see_it_and_get_long_ones_that_work() {
    let authority = Authority::start().await;
    let before = authority.code("confirmed").await;
    for n in 0..101 {
        authority.post("api/verify", &json!({"code": format!("{:08}", 7 + n)})).await;
    }
    let stopped = authority.post("api/verify", &json!({"code": before})).await;
    assert_eq!(stopped.status, 429);
    let code = authority.code("confirmed").await;
    assert_eq!(code.len(), 16, "a long one, though a short one was asked for");
    assert_eq!(authority.post("api/verify", &json!({"code": code})).await.status, 200);
    assert_eq!(authority.total("limit_short_codes").await, 1);

    staff(&authority, Role::CaseWorker, "an").await;
    let mut browser = Browser::signed_in(&authority, "an").await;
    browser.get("/staff").await.is(200).says("8-digit codes are stopped until");
    authority.pass(15 * 60);
    assert!(!browser.get("/staff").await.body.contains("8-digit codes are stopped"));
    assert_eq!(authority.code("confirmed").await.len(), 8);
}

#[tokio::test]
async fn logins_that_nobody_has_keep_nobody_out() {
    let authority = Authority::start().await;
    let secret = staff(&authority, Role::VenueOfficer, "minh").await;
    use_up(&authority, Limit::UnknownLogins, 2_000).await;
    let code = secret.code(authority.now().as_secs() / 30);
    for (login, status) in [("minh", 303), ("nobody-at-all", 401), ("!", 401)] {
        let form = [("login", login), ("password", PASSWORD), ("code", code.as_str())];
        Browser::new(&authority).post("/staff/login", &form).await.is(status);
    }
    let mut browser = Browser::signed_in(&authority, "minh").await;
    browser.get("/staff").await.says("many logins that nobody has");
}

#[tokio::test]
async fn malformed_logins_count() {
    let authority = Authority::start().await;
    let mut statuses = Vec::new();
    for _ in 0..12 {
        let form = [("login", "!"), ("password", "x")];
        statuses.push(Browser::new(&authority).post("/venue/login", &form).await.status);
    }
    assert_eq!(statuses[..10], [401; 10]);
    assert_eq!(statuses[10..], [429; 2]);
}

#[tokio::test]
async fn registrations_do_not_use_up_what_venues_are_told_with() {
    let authority = Authority::start().await;
    use_up(&authority, Limit::Registrations, 301).await;
    let mut browser = Browser::new(&authority);
    let mut form = REGISTRATION.to_vec();
    form.push(("phone", PHONE));
    browser.post("/venue/register", &form).await.is(429);
    let attempt = attempt(&authority.app, Limit::Notices, PHONE).await.unwrap();
    assert_eq!(attempt, Attempt::Allowed);
    staff(&authority, Role::VenueOfficer, "minh").await;
    let mut officer = Browser::signed_in(&authority, "minh").await;
    officer.get("/staff").await.says("venues cannot register until");
}

#[tokio::test]
async fn telephones_of_other_countries_register_only_where_the_configuration_says_so() {
    let mut form = REGISTRATION.to_vec();
    form.push(("phone", "+1 415 555 2671"));
    let authority = Authority::start().await;
    let refused = Browser::new(&authority).post("/venue/register", &form).await;
    refused.is(422).says("beginning with +84");
    assert!(authority.inbox.0.lock().unwrap().is_empty(), "nothing is sent");
    let open = Authority::start_with("countries = [\"84\"]", "countries = [\"84\", \"1\"]").await;
    Browser::new(&open).post("/venue/register", &form).await.is(200);
}

#[tokio::test]
async fn a_failed_login_stands_in_the_audit_log() {
    let authority = Authority::start().await;
    register(&authority, PHONE).await;
    staff(&authority, Role::Administrator, "admin").await;
    let form = [("login", "0912345678"), ("password", "not the right one")];
    Browser::new(&authority).post("/venue/login", &form).await.is(401);
    let mut browser = Browser::signed_in(&authority, "admin").await;
    let mut page = browser.get("/staff/audit").await;
    for _ in 0..100 {
        if page.body.contains("Login failed") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        page = browser.get("/staff/audit").await;
    }
    page.says("Login failed");
}
