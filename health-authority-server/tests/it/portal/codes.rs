//! Codes by form: shown once, sent as well where a telephone is named, looked up and revoked by their ids.

use std::sync::atomic::Ordering;

use health_authority_server::domain::accounts::Role;
use serde_json::json;
use vungxanh_protocol::interval::DAY_SECONDS;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, Got, SURE, staff};

const WORKER: &str = "lan.nguyen";
const PHONE: &str = "+84912345678";

/// The form of a page that was just opened, with these fields.
async fn issue(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> Got {
    let page = browser.get("/staff/codes").await;
    let request = page.is(200).attribute("name=\"request\" value=\"");
    let mut all = vec![("request", request.as_str()), ("test_type", "confirmed")];
    all.retain(|(name, _)| fields.iter().all(|(field, _)| field != name));
    all.extend(fields);
    browser.post("/staff/codes", &all).await
}

fn between<'a>(got: &'a Got, before: &str) -> &'a str {
    let rest = got.body.split_once(before).unwrap_or_else(|| panic!("{}", got.body)).1;
    rest.split('<').next().unwrap()
}

/// The code on its page, and its id.
fn shown(got: &Got) -> (String, String) {
    let code = between(got.is(200), "id=\"code\">");
    (code.to_owned(), between(got, "id=\"code-id\">").to_owned())
}

async fn verified(authority: &Authority, code: &str) -> (u16, serde_json::Value) {
    let request = json!({"code": code, "accept": ["negative"]});
    let reply = authority.post("api/verify", &request).await;
    (reply.status, reply.body)
}

async fn state(browser: &mut Browser<'_>, id: &str) -> Got {
    browser.get(&format!("/staff/codes/state?id={id}")).await
}

#[tokio::test]
async fn a_code_is_shown_once_and_its_form_issues_no_second_one() {
    let authority = Authority::start().await;
    staff(&authority, Role::CaseWorker, WORKER).await;
    let mut worker = Browser::signed_in(&authority, WORKER).await;
    let page = worker.get("/staff/codes").await;
    let request = page.is(200).attribute("name=\"request\" value=\"");
    let form = [
        ("request", request.as_str()),
        ("test_type", "likely"),
        ("symptom_date", "2021-08-30"),
        ("test_date", "2021-09-01"),
    ];
    let got = worker.post("/staff/codes", &form).await;
    let (code, id) = shown(&got);
    assert_eq!((code.len(), &code[4..5], &id), (9, "-", &request), "in groups");
    got.says("Read this code aloud").says("1 Sep 2021 13:15").says("<svg");
    assert!(!got.body.contains("message has been sent"));

    let again = worker.post("/staff/codes", &form).await;
    again.is(409).says("No second code was issued").says(&format!("state?id={id}"));
    assert!(!again.body.contains(&code));
    assert_eq!(authority.total("codes_issued").await, 1);
    let (status, said) = verified(&authority, &code).await;
    assert_eq!(
        (status, &said["testtype"], &said["symptomDate"]),
        (200, &json!("likely"), &json!("2021-08-30"))
    );

    let (long, _) = shown(&issue(&mut worker, &[("kind", "long")]).await);
    assert_eq!(long.len(), 19);
    assert_eq!(verified(&authority, &long).await.0, 200);
}

#[tokio::test]
async fn a_message_that_is_not_sent_costs_no_code() {
    let authority = Authority::start().await;
    staff(&authority, Role::CaseWorker, WORKER).await;
    let mut worker = Browser::signed_in(&authority, WORKER).await;
    let got = issue(&mut worker, &[("phone", "0912 345 678")]).await;
    let (code, _) = shown(&got);
    got.says("The text message has been sent").says("as a backup");
    let sent = authority.inbox.0.lock().unwrap().clone();
    let [(phone, text)] = &sent[..] else { panic!("{sent:?}") };
    assert!(phone == PHONE && text.contains(&code.replace('-', "")), "{text}");

    authority.inbox.1.store(true, Ordering::SeqCst);
    let got = issue(&mut worker, &[("phone", PHONE)]).await;
    let (code, _) = shown(&got);
    got.says("was NOT sent").says("Read this code aloud");
    assert_eq!(verified(&authority, &code).await.0, 200, "valid all the same");

    authority.inbox.2.store(true, Ordering::SeqCst);
    let page = worker.get("/staff/codes").await;
    assert!(!page.is(200).says("sends no text messages").body.contains("name=\"phone\""));
}

#[tokio::test]
async fn messages_with_codes_have_a_limit_for_one_telephone_and_for_all() {
    let authority =
        Authority::start_with("case_codes_per_hour = 2000", "case_codes_per_hour = 5").await;
    staff(&authority, Role::CaseWorker, WORKER).await;
    let mut worker = Browser::signed_in(&authority, WORKER).await;
    for _ in 0..3 {
        issue(&mut worker, &[("phone", PHONE)]).await.says("message has been sent");
    }
    let got = issue(&mut worker, &[("phone", PHONE)]).await;
    got.says("NOT sent: this telephone").says("Read this code aloud");
    assert_eq!(verified(&authority, &shown(&got).0).await.0, 200, "valid all the same");
    let line = json!({"phone": PHONE, "testType": "confirmed", "symptomDate": "", "testDate": ""});
    let said = worker.json("/staff/codes/list", &line).await;
    said.is(503).says("three to this number");
    assert_eq!(authority.inbox.0.lock().unwrap().len(), 3);
    assert_eq!(authority.total("codes_issued").await, 4, "a list issues only what is sent");

    // One number does not stop the others; what is not sent costs nothing.
    let order = async |phone: &str, uuid: &str| {
        let order = json!({"testType": "confirmed", "phone": phone, "uuid": uuid});
        let reply = authority.issue(order).await;
        (reply.status, reply.body["errorCode"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(order("+84987654321", "one").await.0, 200);
    assert_eq!(order("+84987654321", "one").await, (409, "uuid_already_exists".into()));
    authority.inbox.1.store(true, Ordering::SeqCst);
    assert_eq!(order("+84987654322", "two").await, (503, "sms_failure".into()));
    authority.inbox.1.store(false, Ordering::SeqCst);
    assert_eq!(order("+84987654322", "two").await.0, 200);
    assert_eq!(order("+84987654323", "three").await, (429, "quota_exceeded".into()));
    assert_eq!(authority.total("codes_issued").await, 7, "six valid ones and one taken back");
    authority.pass(3_600);
    assert_eq!(order("+84987654323", "three").await.0, 200);
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_nothing_is_issued() {
    let authority = Authority::start().await;
    staff(&authority, Role::CaseWorker, WORKER).await;
    let mut worker = Browser::signed_in(&authority, WORKER).await;
    for (field, value, words) in [
        ("test_type", "maybe", "Choose one of the types"),
        ("symptom_date", "2021-09-02", "in the future"),
        ("symptom_date", "01/09/2021", "Enter a date"),
        ("test_date", "2021-08-03", "more than 28 days ago"),
        ("phone", "0912", "0912 345 678"),
    ] {
        let got = issue(&mut worker, &[("kind", "long"), (field, value)]).await;
        got.is(422).says(&format!("id=\"{field}-error\"")).says(words);
        got.says("value=\"long\" selected");
    }
    let form = [("test_type", "confirmed")];
    worker.post("/staff/codes", &form).await.is(400);
    let long = "x".repeat(65);
    worker.post("/staff/codes", &[("request", &long), form[0]]).await.is(400);
    worker.post("/staff/codes", &[("request", "0123456789abcdef\0"), form[0]]).await.is(400);
    assert_eq!(authority.total("codes_issued").await, 0);
}

#[tokio::test]
async fn a_code_is_looked_up_by_its_id_and_nobody_sees_when_it_was_used() {
    let authority = Authority::start().await;
    staff(&authority, Role::CaseWorker, WORKER).await;
    staff(&authority, Role::CaseWorker, "another").await;
    let mut worker = Browser::signed_in(&authority, WORKER).await;
    let (code, id) = shown(&issue(&mut worker, &[]).await);
    let (_, unused) = shown(&issue(&mut worker, &[]).await);
    state(&mut worker, &format!("%20{id}%20")).await.is(200).says("not used yet");
    authority.pass(300);
    assert_eq!(verified(&authority, &code).await.0, 200);
    let mut another = Browser::signed_in(&authority, "another").await;
    let used = state(&mut another, &id).await;
    used.is(200).says(">used<").says("nothing leads to the person").says("1 Sep 2021 13:15");
    assert!(!used.body.contains("13:05"), "when it was used is not known");
    assert!(!used.body.contains("/staff/codes/revoke"), "{}", used.body);
    authority.pass(600);
    state(&mut worker, &unused).await.is(200).says(">expired<");
    for unknown in ["", "x", "0123", "%C4%91", &"9".repeat(70)] {
        let got = state(&mut worker, unknown).await;
        if unknown.is_empty() {
            got.is(200);
        } else {
            got.is(422).says("There is no code with this id");
        }
    }
    authority.pass(DAY_SECONDS + 1);
    authority.batch().await;
    let mut worker = Browser::signed_in(&authority, WORKER).await;
    state(&mut worker, &id).await.is(422).says("ended more than a day ago");
}

#[tokio::test]
async fn a_code_that_is_not_used_is_revoked_and_the_log_says_by_whom() {
    let authority = Authority::start().await;
    staff(&authority, Role::CaseWorker, WORKER).await;
    staff(&authority, Role::Administrator, "admin").await;
    let mut worker = Browser::signed_in(&authority, WORKER).await;
    let (code, id) = shown(&issue(&mut worker, &[("phone", PHONE)]).await);
    let ask = [("id", id.as_str())];
    worker.post("/staff/codes/revoke", &ask).await.is(200).says("Revoke this code?").says(
        // The way back leads to this code.
        &format!("href=\"/staff/codes/state?id={id}\""),
    );
    state(&mut worker, &id).await.says("not used yet");
    let sure = [ask[0], SURE[0]];
    worker
        .post("/staff/codes/revoke", &sure)
        .await
        .leads_to("/staff/codes/state?done=code-revoked");
    let (status, said) = verified(&authority, &code).await;
    assert_eq!((status, &said["errorCode"]), (400, &json!("code_invalid")));
    state(&mut worker, &id).await.is(200).says(">revoked<");
    worker.post("/staff/codes/revoke", &sure).await.is(422).says("was not revoked");

    // One that was exchanged for a token is used, even if the token is not.
    let (code, used) = shown(&issue(&mut worker, &[]).await);
    verified(&authority, &code).await;
    let sure = [("id", used.as_str()), SURE[0]];
    worker.post("/staff/codes/revoke", &sure).await.is(422).says("no longer unused");
    worker.post("/staff/codes/revoke", &[("id", "x"), SURE[0]]).await.is(422);

    let found = state(&mut worker, &id).await;
    let number = between(&found, "Number in the audit log</dt><dd>").to_owned();
    let mut admin = Browser::signed_in(&authority, "admin").await;
    let log = admin.get("/staff/audit").await;
    log.is(200).says("Verification code issued").says("Verification code revoked");
    log.says(&format!("Code {number}")).says(WORKER);
    for hidden in [id.as_str(), PHONE, "912345678", &code.replace('-', "")] {
        assert!(!log.body.contains(hidden), "{hidden} in the log");
    }
}

#[tokio::test]
async fn only_case_workers_issue_and_look_up() {
    let authority = Authority::start().await;
    staff(&authority, Role::CaseWorker, WORKER).await;
    staff(&authority, Role::VenueOfficer, "venue.officer").await;
    let mut officer = Browser::signed_in(&authority, "venue.officer").await;
    for path in ["/staff/codes", "/staff/codes/state", "/staff/codes/list"] {
        officer.get(path).await.is(403);
        Browser::new(&authority).get(path).await.leads_to("/staff/login");
    }
    assert!(!officer.get("/staff").await.body.contains("/staff/codes"));
    let form = [("request", "0123456789abcdef"), ("test_type", "confirmed")];
    officer.post("/staff/codes", &form).await.is(403);
    officer.post("/staff/codes/revoke", &[("id", "x"), SURE[0]]).await.is(403);
    let line = json!({"phone": PHONE, "testType": "confirmed", "symptomDate": "", "testDate": ""});
    officer.json("/staff/codes/list", &line).await.is(403);

    let mut worker = Browser::signed_in(&authority, WORKER).await;
    worker.get("/staff").await.is(200).says("/staff/codes");
    worker.origin = Some("https://evil.example".into());
    worker.post("/staff/codes", &form).await.is(403);
    worker.origin = Some(crate::support::browser::ORIGIN.into());
    worker.csrf = "x".into();
    worker.post("/staff/codes", &form).await.is(403);
    worker.csrf = "x".into();
    worker.json("/staff/codes/list", &line).await.is(403);
    assert_eq!(authority.total("codes_issued").await, 0);
    assert!(authority.inbox.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_command_line_looks_up_and_revokes_too() {
    let authority = Authority::start().await;
    let issued = authority.issue(json!({"testType": "confirmed", "uuid": "case-17"})).await;
    let code = issued.body["code"].as_str().unwrap().to_owned();
    let dir = authority.dir();
    let run = |arguments: &[&str]| {
        let mut all: Vec<std::ffi::OsString> = vec!["health-authority-server".into()];
        all.extend(arguments.iter().map(Into::into));
        all.extend(["--dir".into(), dir.clone().into()]);
        let clock = authority.clock.clone();
        let code = std::thread::spawn(|| health_authority_server::run(all, clock)).join().unwrap();
        format!("{code:?}")
    };
    let done = format!("{:?}", std::process::ExitCode::SUCCESS);
    let bad_input = format!("{:?}", std::process::ExitCode::from(3));
    assert_eq!(run(&["code-state", "case-17"]), done);
    assert_eq!(run(&["code-state", "case-17", "--json"]), done);
    assert_eq!(run(&["code-state", "case-18"]), bad_input);
    assert_eq!(run(&["revoke-code", "case-17", "--json", "--yes"]), done);
    assert_eq!(run(&["revoke-code", "case-17", "--yes"]), bad_input, "not twice");
    assert_eq!(verified(&authority, &code).await.0, 400);
}
