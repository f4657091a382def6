//! Who may do what, and what other sites, old forms and stolen cookies can do.

use health_authority_server::domain::accounts::Role;
use reqwest::Method;

use crate::support::authority::{Authority, local_client};
use crate::support::browser::{Browser, Got, ORIGIN, PASSWORD, register, staff};

const PHONE: &str = "+84912345678";

/// Who asks: a person who is not logged in, and every role.
const ASKERS: [&str; 6] = ["nobody", "manager", "phone", "administrator", "officer", "worker"];

/// Every route behind a login, and which of [`ASKERS`] it admits. An action that is admitted is
/// refused for its empty form, so that nothing is done.
const ROUTES: &[(&str, &str, [bool; 6])] = &[
    ("GET", "/venue", MANAGER_AND_PHONE),
    ("GET", "/venue/units", MANAGER),
    ("POST", "/venue/units", MANAGER),
    ("POST", "/venue/units/upload", MANAGER),
    ("GET", "/venue/units/1", MANAGER),
    ("POST", "/venue/units/1", MANAGER),
    ("POST", "/venue/units/99/close", MANAGER),
    ("GET", "/venue/posters.pdf", MANAGER),
    ("GET", "/venue/posters/1.pdf", MANAGER),
    ("POST", "/venue/posters/renew", MANAGER),
    ("POST", "/venue/posters/99/revoke", MANAGER),
    ("GET", "/venue/details", MANAGER),
    ("POST", "/venue/details", MANAGER),
    ("GET", "/venue/scan", MANAGER_AND_PHONE),
    ("POST", "/venue/scan", MANAGER_AND_PHONE),
    ("GET", "/venue/door/data", MANAGER_AND_PHONE),
    ("BYTES", "/venue/door/99/1", MANAGER_AND_PHONE),
    ("GET", "/venue/counts", MANAGER),
    ("GET", "/venue/people", MANAGER),
    ("POST", "/venue/people", MANAGER),
    ("POST", "/venue/people/99/invite", MANAGER),
    ("POST", "/venue/people/99/close", MANAGER),
    ("GET", "/venue/requests", MANAGER),
    ("JSON", "/venue/requests/99/shares", MANAGER),
    ("POST", "/venue/requests/99/refuse", MANAGER),
    ("GET", "/venue/advance/1", MANAGER),
    ("JSON", "/venue/advance/99", MANAGER),
    ("POST", "/venue/advance/99/on", MANAGER),
    ("POST", "/venue/advance/99/revoke", MANAGER),
    ("GET", "/venue/settings", MANAGER),
    ("POST", "/venue/settings/password", MANAGER),
    ("POST", "/venue/settings/authenticator", MANAGER),
    ("POST", "/venue/settings/authenticator/remove", MANAGER),
    ("POST", "/venue/settings/recovery", MANAGER),
    ("GET", "/staff", STAFF),
    ("GET", "/staff/venues", OFFICER),
    ("GET", "/staff/venues/1", OFFICER),
    ("POST", "/staff/venues/1/decide", OFFICER),
    ("GET", "/staff/warnings", CASE_WORKER),
    ("POST", "/staff/warnings", CASE_WORKER),
    ("GET", "/staff/audit", ADMINISTRATOR),
    ("GET", "/staff/accounts", ADMINISTRATOR),
    ("GET", "/staff/accounts/add", ADMINISTRATOR),
    ("POST", "/staff/accounts/add", ADMINISTRATOR),
    ("GET", "/staff/accounts/99", ADMINISTRATOR),
    ("POST", "/staff/accounts/99/role", ADMINISTRATOR),
    ("POST", "/staff/accounts/99/reset", ADMINISTRATOR),
    ("POST", "/staff/accounts/99/authenticator", ADMINISTRATOR),
    ("POST", "/staff/accounts/99/close", ADMINISTRATOR),
    ("GET", "/staff/api-keys", ADMINISTRATOR),
    ("POST", "/staff/api-keys", ADMINISTRATOR),
    ("POST", "/staff/api-keys/99/disable", ADMINISTRATOR),
    ("GET", "/staff/audit.csv", ADMINISTRATOR),
    ("GET", "/staff/audit/head", ADMINISTRATOR),
    ("GET", "/staff/audit/check", ADMINISTRATOR),
    ("GET", "/staff/statistics", CASE_WORKER),
    ("GET", "/staff/statistics.csv", CASE_WORKER),
    ("GET", "/staff/settings", STAFF),
    ("POST", "/staff/settings/password", STAFF),
    ("POST", "/staff/settings/authenticator", STAFF),
    ("POST", "/staff/settings/authenticator/remove", STAFF),
    ("POST", "/staff/settings/recovery", STAFF),
];
const MANAGER: [bool; 6] = [false, true, false, false, false, false];
const MANAGER_AND_PHONE: [bool; 6] = [false, true, true, false, false, false];
const STAFF: [bool; 6] = [false, false, false, true, true, true];
const OFFICER: [bool; 6] = [false, false, false, true, true, false];
const CASE_WORKER: [bool; 6] = [false, false, false, true, false, true];
const ADMINISTRATOR: [bool; 6] = [false, false, false, true, false, false];

/// An account of a venue's phone, with a session.
async fn phone_of<'a>(authority: &'a Authority, manager: &mut Browser<'_>) -> Browser<'a> {
    let page = manager.post("/venue/people", &[("name", "Lan")]).await;
    let code = page.is(200).body.split("secret large\">").nth(1).unwrap()[..19].to_owned();
    let mut phone = Browser::new(authority);
    phone.post("/venue/join", &[("code", &code)]).await.leads_to("/venue");
    phone.get("/venue").await.leads_to("/venue/scan");
    phone.get("/venue/scan").await.is(200);
    phone
}

async fn ask(browser: &mut Browser<'_>, method: &str, path: &str) -> Got {
    match method {
        "GET" => browser.get(path).await,
        "JSON" => browser.json(path, &serde_json::json!({"shares": []})).await,
        "BYTES" => browser.bytes(path, Vec::new()).await,
        _ if path.ends_with("upload") => browser.upload(path, b"").await,
        _ => browser.post(path, &[]).await,
    }
}

/// Not let in: sent to the login or refused as not allowed.
fn is_locked_out(got: &Got) -> bool {
    let to_login = got.location.as_deref().is_some_and(|to| to.ends_with("/login"));
    to_login || got.status == 401 || got.status == 403
}

#[tokio::test]
async fn every_route_admits_exactly_its_roles() {
    let authority = Authority::start().await;
    let mut manager = register(&authority, PHONE).await;
    let phone = phone_of(&authority, &mut manager).await;
    staff(&authority, Role::Administrator, "chi").await;
    staff(&authority, Role::VenueOfficer, "minh").await;
    staff(&authority, Role::CaseWorker, "hoa").await;
    let mut askers = vec![Browser::new(&authority), manager, phone];
    for login in ["chi", "minh", "hoa"] {
        askers.push(Browser::signed_in(&authority, login).await);
    }
    for (method, path, admitted) in ROUTES {
        for ((browser, name), admitted) in askers.iter_mut().zip(ASKERS).zip(admitted) {
            let got = ask(browser, method, path).await;
            // A wrong password says 401 too, to whom it is asked of.
            let asked_password =
                path.contains("/settings/") && got.body.contains("password is wrong");
            let locked_out = is_locked_out(&got) && !asked_password;
            assert_eq!(
                !locked_out, *admitted,
                "{name} {method} {path}: {} {}",
                got.status, got.body
            );
            assert_ne!(got.status, 500, "{name} {method} {path}");
        }
    }
}

#[tokio::test]
async fn the_page_of_a_door_holds_no_session_and_lets_only_its_own_script_run() {
    let authority = Authority::start().await;
    let mut manager = register(&authority, PHONE).await;
    for language in ["vi", "en"] {
        let path = format!("/venue/door?lang={language}");
        let own = manager.get(&path).await.is(200).body.clone();
        assert_eq!(own, Browser::new(&authority).get(&path).await.is(200).body, "kept in browsers");
        assert!(!own.contains("csrf-token") && !own.contains(">station-"), "{language}");
        let page = authority.get(&path[1..], &[]).await;
        let policy = page.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
        assert!(page.headers().get("set-cookie").is_none());
    }
    let worker = authority.get("door-service-worker.js", &[]).await.text().await.unwrap();
    assert!(worker.contains("\"venue/door\"") && worker.contains("venue-door-worker-"), "{worker}");
    let data = manager.get("/venue/door/data").await.is(200).body.clone();
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    assert_eq!(data["units"].as_array().unwrap().len(), 1);
    assert_eq!(data["units"][0]["payload"], serde_json::Value::Null, "no poster before a key");
}

#[tokio::test]
async fn an_action_without_the_token_of_the_session_is_refused() {
    let authority = Authority::start().await;
    let mut manager = register(&authority, PHONE).await;
    staff(&authority, Role::Administrator, "chi").await;
    let mut administrator = Browser::signed_in(&authority, "chi").await;
    let other = Browser::signed_in(&authority, PHONE).await;
    for token in ["", "00", &other.csrf.clone()] {
        for (method, path, admitted) in ROUTES {
            let browser = if admitted[1] { &mut manager } else { &mut administrator };
            if *method != "GET" {
                token.clone_into(&mut browser.csrf);
                let got = ask(browser, method, path).await;
                got.is(403).says("This form is out of date");
            }
        }
    }
    manager.csrf = String::new();
    manager.post("/venue/logout", &[]).await.is(403);
    manager.get("/venue").await.is(200);
}

#[tokio::test]
async fn a_request_from_another_site_is_refused_even_before_a_login() {
    let authority = Authority::start().await;
    let mut browser = Browser::new(&authority);
    let form = [("login", PHONE), ("password", PASSWORD)];
    for origin in
        ["https://evil.example", "null", "http://hanoi.example.vn", "https://hanoi.example.vn:444"]
    {
        browser.origin = Some(origin.into());
        browser.post("/venue/login", &form).await.is(403).says("another site");
    }
    browser.origin = None;
    browser.post("/venue/login", &form).await.is(403);
    browser.origin = Some(ORIGIN.into());
    browser.post("/venue/login", &form).await.is(401);
}

#[tokio::test]
async fn a_cookie_that_was_there_before_the_login_is_worth_nothing_after_it() {
    let authority = Authority::start().await;
    register(&authority, PHONE).await;
    let mut victim = Browser::new(&authority);
    let planted = "ab".repeat(32);
    victim.cookies.insert("__Host-vx-venue".into(), planted.clone());
    let form = [("login", "0912 345 678"), ("password", PASSWORD)];
    let got = victim.post("/venue/login", &form).await;
    got.leads_to("/venue");
    let cookie = got.headers["set-cookie"].to_str().unwrap();
    for part in ["__Host-vx-venue=", "; Path=/", "; HttpOnly", "; SameSite=Strict", "; Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let first = victim.cookies["__Host-vx-venue"].clone();
    assert_ne!(first, planted);
    let mut attacker = Browser::new(&authority);
    attacker.cookies.insert("__Host-vx-venue".into(), planted);
    attacker.get("/venue").await.leads_to("/venue/login");

    // Logging in again ends what the browser had.
    victim.post("/venue/login", &form).await.is(403);
    victim.get("/venue").await.is(200);
    victim.post("/venue/login", &form).await.leads_to("/venue");
    let mut old = Browser::new(&authority);
    old.cookies.insert("__Host-vx-venue".into(), first);
    old.get("/venue").await.leads_to("/venue/login");

    victim.get("/venue").await.is(200);
    let last = victim.cookies["__Host-vx-venue"].clone();
    victim.post("/venue/logout", &[]).await.leads_to("/venue/login?done=logged-out");
    old.cookies.insert("__Host-vx-venue".into(), last);
    old.get("/venue").await.leads_to("/venue/login");
}

#[tokio::test]
async fn sessions_end_when_idle_and_at_the_latest_after_their_time() {
    let authority = Authority::start().await;
    let mut manager = register(&authority, PHONE).await;
    for _ in 0..11 {
        authority.pass(2 * 3_600 - 60);
        manager.get("/venue").await.is(200);
    }
    authority.pass(2 * 3_600 - 60);
    manager.get("/venue").await.is(200);
    authority.pass(3_600);
    manager.get("/venue").await.leads_to("/venue/login");

    let mut manager = Browser::signed_in(&authority, PHONE).await;
    authority.pass(2 * 3_600);
    manager.get("/venue").await.leads_to("/venue/login");
    let sessions: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sessions")
        .fetch_one(&authority.database().await)
        .await
        .unwrap();
    assert_eq!(sessions, 0);
}

#[tokio::test]
async fn pages_carry_what_keeps_other_sites_and_scripts_out() {
    let authority = Authority::start().await;
    let mut browser = Browser::new(&authority);
    for (path, status) in [("/venue/login", 200), ("/staff/login", 200), ("/venue/nothing", 404)] {
        let got = browser.get(path).await;
        got.is(status);
        let policy = got.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe"));
        assert_eq!(got.headers["cache-control"], "no-store");
        assert_eq!(got.headers["x-content-type-options"], "nosniff");
        assert_eq!(got.headers["referrer-policy"], "same-origin");
        for inline in ["<script>", "style=\"", "<style", " onclick"] {
            assert!(!got.body.contains(inline), "{inline}");
        }
    }
    let got = browser.get("/venue/login?lang=vi").await;
    got.says("<html lang=\"vi\">").says("Đăng nhập");
    assert_eq!(browser.cookies["vx-language"], "vi");
    browser.get("/staff/login").await.says("Đăng nhập cho cán bộ y tế");
    let style = format!("/assets/style-{}", got.attribute("href=\"/assets/style-"));
    let style = browser.get(&style).await;
    assert_eq!(style.is(200).headers["content-type"], "text/css; charset=utf-8");
}

#[tokio::test]
async fn a_venue_sees_and_changes_nothing_of_another() {
    let authority = Authority::start().await;
    let mut one = register(&authority, PHONE).await;
    let mut other = register(&authority, "+84987654321").await;
    let unit = authority.app.store.units(1).await.unwrap()[0].unit;
    let phone = phone_of(&authority, &mut one).await;
    drop(phone);
    let people = authority.app.store.accounts(Some(1)).await.unwrap();
    let person = people.last().unwrap().account;
    other.get(&format!("/venue/units/{unit}")).await.is(404);
    let form = [("name", "x"), ("minutes", "60")];
    other.post(&format!("/venue/units/{unit}"), &form).await.is(404);
    other.post(&format!("/venue/units/{unit}/close"), &[]).await.is(404);
    other.post(&format!("/venue/posters/{unit}/revoke"), &[]).await.is(404);
    other.post(&format!("/venue/people/{person}/invite"), &[]).await.is(404);
    other.post(&format!("/venue/people/{person}/close"), &[]).await.is(404);
    let press = [("unit", unit.to_string()), ("people", "1".to_owned())];
    let press: Vec<_> = press.iter().map(|(name, value)| (*name, value.as_str())).collect();
    other.post("/venue/scan", &press).await.is(404);
    let units = authority.app.store.units(1).await.unwrap();
    assert_eq!((units.len(), units[0].name.as_str()), (1, ""));
    one.get("/venue/people").await.says("Lan");
}

#[tokio::test]
async fn whatever_is_sent_to_a_page_the_server_does_not_fail() {
    let authority = Authority::start().await;
    let mut manager = register(&authority, PHONE).await;
    let long = "x".repeat(70_000);
    let bodies = ["", "=", "csrf", "%ff=%fe", "a=1&a=2&csrf=&csrf=", "name=%00&minutes=60", &long];
    let http = local_client();
    for (method, path, _) in ROUTES {
        for body in bodies {
            let url = format!("{}{path}", authority.url());
            let method = if *method == "GET" { Method::GET } else { Method::POST };
            let request = http.request(method.clone(), url);
            let form = request.body(body.to_owned());
            let got = manager
                .send(form.header("content-type", "application/x-www-form-urlencoded"))
                .await;
            assert!(got.status < 500, "{method} {path} {body:.20}: {}", got.status);
        }
    }
    let got = manager.json("/venue/units", &serde_json::json!({"name": 1})).await;
    assert!((400..500).contains(&got.status));
}
