//! Recovery codes: shown once, each good for one login in place of an authenticator app's code.

use health_authority_server::domain::accounts::Role;
use health_authority_server::domain::totp::TotpSecret;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, Got, PASSWORD, SURE, register, staff};

const RENEW: [(&str, &str); 2] = [("password", PASSWORD), SURE[0]];
const PHONE: &str = "+84912345678";

/// The codes that a page shows.
fn codes(got: &Got) -> Vec<String> {
    let list = got.body.split("<ol class=\"codes\">").nth(1).unwrap();
    let list = list.split("</ol>").next().unwrap();
    let codes = list.split("<li>").skip(1);
    codes.map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

async fn log_in(authority: &Authority, login: &str, code: &str) -> u16 {
    let form = [("login", login), ("password", PASSWORD), ("code", code)];
    let portal = if login.starts_with('+') { "venue" } else { "staff" };
    Browser::new(authority).post(&format!("/{portal}/login"), &form).await.status
}

async fn left(authority: &Authority, login: &str) -> u64 {
    let account = authority.app.store.credentials(login).await.unwrap().unwrap().account;
    authority.app.store.recovery_codes_left(account.account).await.unwrap()
}

#[tokio::test]
async fn a_code_logs_in_once_in_place_of_the_app() {
    let authority = Authority::start().await;
    let app = staff(&authority, Role::CaseWorker, "hoa").await;
    let mut hoa = Browser::signed_in(&authority, "hoa").await;
    hoa.get("/staff/settings").await.is(200).says("No codes are left.");
    let asked = hoa.post("/staff/settings/recovery", &[]).await;
    asked.is(200).says("Make new recovery codes?").says("name=\"password\"");
    let wrong = [("password", "wrong"), SURE[0]];
    hoa.post("/staff/settings/recovery", &wrong).await.is(401).says("id=\"password-error\"");
    assert_eq!(left(&authority, "hoa").await, 0, "not without the password");
    let shown = hoa.post("/staff/settings/recovery", &RENEW).await;
    let first = codes(shown.is(200));
    assert_eq!(first.len(), 10);
    assert!(first.iter().all(|code| code.len() == 14), "{first:?}");
    let page = hoa.get("/staff/settings").await;
    assert!(page.is(200).says("10 codes are left.").body.split(&first[0]).nth(1).is_none());

    assert_eq!(log_in(&authority, "hoa", &first[0]).await, 303);
    assert_eq!(log_in(&authority, "hoa", &first[0]).await, 401, "once");
    assert_eq!(log_in(&authority, "hoa", &first[1].replace(' ', "-")).await, 303);
    assert_eq!(log_in(&authority, "hoa", &first[2].replace(' ', "")).await, 303);
    assert_eq!(left(&authority, "hoa").await, 7);
    let used = authority.app.store.audit_entries(None, 100).await.unwrap();
    let used: Vec<_> = used.iter().filter(|entry| entry.action == "recovery-code-used").collect();
    assert_eq!(used.iter().map(|entry| entry.detail.as_str()).collect::<Vec<_>>(), ["7", "8", "9"]);
    // With a wrong password none is used up, and the app goes on.
    let form = [("login", "hoa"), ("password", "wrong"), ("code", first[3].as_str())];
    Browser::new(&authority).post("/staff/login", &form).await.is(401);
    assert_eq!(left(&authority, "hoa").await, 7);
    let code = app.code(authority.now().as_secs() / 30);
    assert_eq!(log_in(&authority, "hoa", &code).await, 303);

    // New ones end the old.
    let second = codes(&hoa.post("/staff/settings/recovery", &RENEW).await);
    assert!(second.iter().all(|code| !first.contains(code)));
    assert_eq!(log_in(&authority, "hoa", &first[4]).await, 401);
    assert_eq!(log_in(&authority, "hoa", &second[4]).await, 303);
    // They are one account's.
    staff(&authority, Role::CaseWorker, "anh").await;
    assert_eq!(log_in(&authority, "anh", &second[5]).await, 401);
    assert_eq!(log_in(&authority, "hoa", &second[5]).await, 303);
    // An administrator sees how many are left, never which.
    staff(&authority, Role::Administrator, "chi").await;
    let account = authority.app.store.credentials("hoa").await.unwrap().unwrap().account.account;
    let mut chi = Browser::signed_in(&authority, "chi").await;
    chi.get(&format!("/staff/accounts/{account}")).await.is(200).says("8 codes are left.");
}

#[tokio::test]
async fn two_logins_with_one_code_at_the_same_moment_are_one_login() {
    let authority = Authority::start().await;
    staff(&authority, Role::CaseWorker, "hoa").await;
    let mut hoa = Browser::signed_in(&authority, "hoa").await;
    let code = codes(&hoa.post("/staff/settings/recovery", &RENEW).await)[0].clone();
    let (one, two) =
        tokio::join!(log_in(&authority, "hoa", &code), log_in(&authority, "hoa", &code));
    let mut answers = [one, two];
    answers.sort_unstable();
    assert_eq!(answers, [303, 401]);
}

#[tokio::test]
async fn guessing_codes_pauses_the_login_as_guessing_the_apps_does() {
    let authority = Authority::start().await;
    staff(&authority, Role::CaseWorker, "hoa").await;
    let mut hoa = Browser::signed_in(&authority, "hoa").await;
    let codes = codes(&hoa.post("/staff/settings/recovery", &RENEW).await);
    for guess in 0..10 {
        let guess = format!("{guess:012}");
        assert_eq!(log_in(&authority, "hoa", &guess).await, 401);
    }
    assert_eq!(log_in(&authority, "hoa", &codes[0]).await, 429, "a right one, too");
    assert_eq!(left(&authority, "hoa").await, 10);
    authority.pass(900);
    assert_eq!(log_in(&authority, "hoa", &codes[0]).await, 303);
    let malformed = [("login", "hoa"), ("password", PASSWORD), ("code", "1234567")];
    let got = Browser::new(&authority).post("/staff/login", &malformed).await;
    got.is(401).says("id=\"code-error\"").says("12 digits of a recovery code");
}

#[tokio::test]
async fn codes_come_with_the_app_and_go_with_it_for_venues_too() {
    let authority = Authority::start().await;
    let mut manager = register(&authority, PHONE).await;
    manager.post("/venue/settings/recovery", &RENEW).await.is(409);
    let page = manager.get("/venue/settings").await;
    assert!(!page.is(200).body.contains("Recovery codes"), "there is nothing to replace");
    let base32: String =
        page.body.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().into();
    let secret = totp_rs::Secret::try_from_base32(base32.replace(' ', "")).unwrap();
    let secret = TotpSecret::from_slice(secret.as_bytes()).unwrap();
    let code = secret.code(authority.now().as_secs() / 30);
    let sealed = page.attribute("name=\"sealed\" value=\"");
    let form = [("password", PASSWORD), ("sealed", sealed.as_str()), ("code", code.as_str())];
    let shown = manager.post("/venue/settings/authenticator", &form).await;
    let codes = codes(shown.is(200).says(PHONE));
    assert_eq!(codes.len(), 10);
    manager.post("/venue/settings/authenticator", &form).await.is(409);
    assert_eq!(log_in(&authority, PHONE, &codes[0]).await, 303);
    let database = authority.database().await;
    let hashes: Vec<Vec<u8>> = sqlx::query_scalar("SELECT code_hash FROM recovery_codes")
        .fetch_all(&database)
        .await
        .unwrap();
    assert_eq!(hashes.len(), 9);
    assert!(hashes.iter().all(|hash| hash.len() == 32));

    manager.post("/venue/settings/authenticator/remove", &RENEW).await.is(303);
    assert_eq!(left(&authority, PHONE).await, 0);
    assert_eq!(log_in(&authority, PHONE, &codes[1]).await, 303, "the password alone is enough");
}
