//! Passwords, authenticator apps, limits, and what the disk shows of them.

use std::path::Path;

use health_authority_server::domain::accounts::Role;
use health_authority_server::storage::audit::Action;
use serde_json::Value;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, PASSWORD, REGISTRATION, SURE, register, staff};

const PHONE: &str = "+84912345678";
const NEW_PASSWORD: &str = "cây đa bến nước 2021";

/// A command of the real program on this authority's folder.
pub(super) fn command(dir: &Path, arguments: &[&str]) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_health-authority-server"))
        .args(arguments)
        .arg("--dir")
        .arg(dir)
        .env("LC_ALL", "en_US.UTF-8")
        .output()
        .unwrap()
}

pub(super) fn json(output: &std::process::Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

async fn log_in(browser: &mut Browser<'_>, portal: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let got = browser.post(&format!("/{portal}/login"), fields).await;
    (got.status, got.location.unwrap_or(got.body))
}

// A failed login is noted in a task of its own, which must go on while this one waits for a command.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn staff_begin_with_a_one_time_password_and_must_set_up_their_account() {
    let authority = Authority::start().await;
    // The real program goes by the system's clock, and gives the password a week from then.
    let add = ["staff", "add", "--json", "--role", "venue_officer", "--name", "Minh", "minh"];
    let added = json(&command(&authority.dir(), &add));
    let one_time = added["one_time_password"].as_str().unwrap().to_owned();
    let again = command(&authority.dir(), &add);
    assert_eq!(again.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&again.stderr).contains("there is already an account minh"));

    let mut browser = Browser::new(&authority);
    let fields = [("login", "minh"), ("password", one_time.as_str())];
    assert_eq!(log_in(&mut browser, "venue", &fields).await.0, 401, "not at the venues' door");
    let (status, to) = log_in(&mut browser, "staff", &fields).await;
    assert_eq!((status, to.as_str()), (303, "/staff/settings?done=unfinished"));
    browser.get("/staff/venues").await.leads_to("/staff/settings?done=unfinished");
    let page = browser.get("/staff/settings").await;
    page.is(200).says("Somebody else gave you this password");

    let change =
        |old, new, again| [("password", old), ("new_password", new), ("new_password_again", again)];
    for (fields, says) in [
        (change("wrong", NEW_PASSWORD, NEW_PASSWORD), "password is wrong"),
        (change(&one_time, NEW_PASSWORD, "x"), "not the same"),
        (change(&one_time, "short", "short"), "too short"),
        (change(&one_time, &one_time, &one_time), "must differ"),
    ] {
        browser.post("/staff/settings/password", &fields).await.says(says);
    }
    let fields = change(&one_time, NEW_PASSWORD, NEW_PASSWORD);
    let changed = browser.post("/staff/settings/password", &fields).await;
    changed.leads_to("/staff/settings?done=password");
    browser.get("/staff/venues").await.leads_to("/staff/settings?done=unfinished");

    let page = browser.get("/staff/settings").await;
    let sealed = page.attribute("name=\"sealed\" value=\"");
    let base32: String = page
        .body
        .split("class=\"secret\">")
        .nth(1)
        .unwrap()
        .chars()
        .take_while(|c| *c != '<')
        .filter(|c| *c != ' ')
        .collect();
    let bytes = totp_rs::Secret::try_from_base32(&base32).unwrap();
    let secret =
        health_authority_server::domain::totp::TotpSecret::from_slice(bytes.as_bytes()).unwrap();
    let step = authority.now().as_secs() / 30;
    let set = |code: &str| {
        [
            ("password", NEW_PASSWORD.to_owned()),
            ("sealed", sealed.clone()),
            ("code", code.to_owned()),
        ]
    };
    let post = async |browser: &mut Browser<'_>, fields: [(&str, String); 3]| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post("/staff/settings/authenticator", &fields).await
    };
    post(&mut browser, set("000000")).await.is(422).says("The code is wrong");
    let code = secret.code(step);
    post(&mut browser, set(&code)).await.is(200).says("The authenticator app has been set up");
    browser.get("/staff/venues").await.is(200);

    // The code that set it up does not log in; the next one does, once.
    let mut other = Browser::new(&authority);
    let login = |code: &str| {
        [
            ("login", "minh".to_owned()),
            ("password", NEW_PASSWORD.to_owned()),
            ("code", code.to_owned()),
        ]
    };
    let try_code = async |browser: &mut Browser<'_>, code: &str| {
        let fields = login(code);
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        log_in(browser, "staff", &fields).await.0
    };
    assert_eq!(try_code(&mut other, &code).await, 401);
    assert_eq!(try_code(&mut other, "").await, 401);
    authority.pass(30);
    let code = secret.code(step + 1);
    assert_eq!(try_code(&mut other, &code).await, 303);
    assert_eq!(try_code(&mut Browser::new(&authority), &code).await, 401);

    let reset = json(&command(&authority.dir(), &["staff", "reset", "--yes", "--json", "minh"]));
    assert_ne!(reset["one_time_password"], added["one_time_password"]);
    browser.get("/staff/venues").await.leads_to("/staff/login");
    let listed = json(&command(&authority.dir(), &["staff", "list", "--json"]));
    assert_eq!(listed[0]["authenticator"], false);
    json(&command(&authority.dir(), &["staff", "disable", "--yes", "--json", "minh"]));
    let password = reset["one_time_password"].as_str().unwrap();
    let fields = [("login", "minh"), ("password", password)];
    assert_eq!(log_in(&mut Browser::new(&authority), "staff", &fields).await.0, 401);
    let gone = command(&authority.dir(), &["staff", "reset", "minh"]);
    assert!(String::from_utf8_lossy(&gone.stderr).contains("no open account minh"));
}

#[tokio::test]
async fn a_one_time_password_ends_by_itself() {
    let authority = Authority::start().await;
    staff(&authority, Role::CaseWorker, "hoa").await;
    let store = &authority.app.store;
    let account = store.credentials("hoa").await.unwrap().unwrap();
    let until = Some(authority.now().plus(100));
    let actor = account.account.actor();
    store.set_totp(account.account.account, None, None, &actor, authority.now()).await.unwrap();
    store
        .set_password(
            account.account.account,
            &account.password,
            until,
            None,
            &actor,
            authority.now(),
        )
        .await
        .unwrap();
    let fields = [("login", "hoa"), ("password", PASSWORD)];
    assert_eq!(log_in(&mut Browser::new(&authority), "staff", &fields).await.0, 303);
    authority.pass(100);
    assert_eq!(log_in(&mut Browser::new(&authority), "staff", &fields).await.0, 401);
}

#[tokio::test]
async fn guessing_pauses_one_login_and_leaves_others_alone() {
    let authority = Authority::start().await;
    register(&authority, PHONE).await;
    register(&authority, "+84987654321").await;
    let wrong = [("login", PHONE), ("password", "wrong password")];
    let right = [("login", "0912345678"), ("password", PASSWORD)];
    let mut guesser = Browser::new(&authority);
    for _ in 0..9 {
        assert_eq!(log_in(&mut guesser, "venue", &wrong).await.0, 401);
    }
    assert_eq!(log_in(&mut Browser::new(&authority), "venue", &right).await.0, 303);
    for _ in 0..10 {
        assert_eq!(log_in(&mut guesser, "venue", &wrong).await.0, 401);
    }
    assert_eq!(log_in(&mut guesser, "venue", &wrong).await.0, 429);
    assert_eq!(log_in(&mut Browser::new(&authority), "venue", &right).await.0, 429);
    let other = [("login", "+84987654321"), ("password", PASSWORD)];
    assert_eq!(log_in(&mut Browser::new(&authority), "venue", &other).await.0, 303);
    authority.pass(900);
    assert_eq!(log_in(&mut Browser::new(&authority), "venue", &right).await.0, 303);
}

#[tokio::test]
async fn an_unknown_login_and_a_wrong_password_read_alike() {
    let authority = Authority::start().await;
    register(&authority, PHONE).await;
    let mut answers = Vec::new();
    for login in [PHONE, "+84900000000"] {
        let fields = [("login", login), ("password", "wrong password")];
        let (status, body) = log_in(&mut Browser::new(&authority), "venue", &fields).await;
        answers.push((status, body.replace(login, "LOGIN")));
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn a_new_password_logs_other_devices_out() {
    let authority = Authority::start().await;
    let mut here = register(&authority, PHONE).await;
    let mut elsewhere = Browser::signed_in(&authority, PHONE).await;
    elsewhere.get("/venue").await.is(200);
    let fields = [
        ("password", PASSWORD),
        ("new_password", NEW_PASSWORD),
        ("new_password_again", NEW_PASSWORD),
    ];
    here.post("/venue/settings/password", &fields).await.leads_to("/venue/settings?done=password");
    here.get("/venue").await.is(200);
    elsewhere.get("/venue").await.leads_to("/venue/login");
    let old = [("login", PHONE), ("password", PASSWORD)];
    assert_eq!(log_in(&mut Browser::new(&authority), "venue", &old).await.0, 401);
}

#[tokio::test]
async fn an_invitation_works_once_in_time_and_for_one_phone() {
    let authority = Authority::start().await;
    let mut manager = register(&authority, PHONE).await;
    let code_of = |body: &str| body.split("secret large\">").nth(1).unwrap()[..19].to_owned();
    let first = code_of(&manager.post("/venue/people", &[("name", "Lan")]).await.body);
    assert!(!manager.get("/venue/people").await.body.contains(&first), "shown once");
    let mut phone = Browser::new(&authority);
    phone.post("/venue/join", &[("code", "aaaa-bbbb-cccc-dddd")]).await.is(401);
    phone.post("/venue/join", &[("code", &first)]).await.leads_to("/venue");
    phone.get("/venue/scan").await.is(200);
    let mut second_phone = Browser::new(&authority);
    second_phone.post("/venue/join", &[("code", &first)]).await.is(401);

    let account = authority.app.store.accounts(Some(1)).await.unwrap().last().unwrap().account;
    let invite = format!("/venue/people/{account}/invite");
    manager.post(&invite, &[]).await.is(200).says("The phone in use is signed out at once");
    phone.get("/venue/scan").await.is(200);
    let again = code_of(&manager.post(&invite, &SURE).await.body);
    phone.get("/venue/scan").await.leads_to("/venue/login");
    authority.pass(24 * 3_600);
    second_phone.post("/venue/join", &[("code", &again)]).await.is(401);
    let mut manager = Browser::signed_in(&authority, PHONE).await;
    let code = code_of(&manager.post(&invite, &SURE).await.body);
    second_phone.post("/venue/join", &[("code", &code)]).await.leads_to("/venue");
    second_phone.get("/venue/scan").await.is(200);
    let close = format!("/venue/people/{account}/close");
    manager.post(&close, &[]).await.is(200).says("signed out at once");
    manager.post(&close, &SURE).await.is(303);
    second_phone.get("/venue/scan").await.leads_to("/venue/login");
    manager.post(&invite, &[]).await.is(404);
}

fn files_below(folder: &Path, found: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.extend(std::fs::read(&path).unwrap());
        }
    }
}

#[tokio::test]
async fn the_disk_holds_no_code_no_password_and_no_token() {
    let authority = Authority::start().await;
    // Unfinished: nothing of this venue may be there.
    let mut form = REGISTRATION.to_vec();
    form.retain(|(name, _)| *name != "name");
    form.extend([("name", "Quán Không Tên"), ("phone", "+84900000001")]);
    Browser::new(&authority).post("/venue/register", &form).await.is(200);
    let unfinished = authority.inbox.code("+84900000001");

    let mut manager = register(&authority, PHONE).await;
    let invited = manager.post("/venue/people", &[("name", "Lan")]).await;
    let code = invited.body.split("secret large\">").nth(1).unwrap()[..19].to_owned();
    let page = manager.get("/venue/settings").await;
    let base32: String = page
        .body
        .split("class=\"secret\">")
        .nth(1)
        .unwrap()
        .chars()
        .take_while(|c| *c != '<')
        .filter(|c| *c != ' ')
        .collect();
    let totp = totp_rs::Secret::try_from_base32(&base32).unwrap().as_bytes().to_vec();
    let mut sealed = page.attribute("name=\"sealed\" value=\"");
    let secret = health_authority_server::domain::totp::TotpSecret::from_slice(&totp).unwrap();
    let app_code = secret.code(authority.now().as_secs() / 30);
    let fields = [("password", PASSWORD), ("sealed", sealed.as_str()), ("code", app_code.as_str())];
    manager.post("/venue/settings/authenticator", &fields).await.is(200);
    sealed.truncate(16);

    let token = manager.cookies["__Host-vx-venue"].clone();
    let mut files = Vec::new();
    files_below(&authority.dir(), &mut files);
    let holds = |needle: &[u8]| files.windows(needle.len()).any(|window| window == needle);
    assert!(holds("Chợ Đồng Xuân".as_bytes()), "the search finds what is there");
    for text in [
        PASSWORD,
        "Quán Không Tên",
        "+84900000001",
        &token,
        &code,
        &code.replace('-', ""),
        &base32,
        &manager.csrf,
    ] {
        assert!(!holds(text.as_bytes()), "{text}");
    }
    for bytes in [&hex::decode(&token).unwrap(), &totp] {
        assert!(!holds(bytes));
    }
    let by_code = |code: &str, phone: &str| {
        let code = health_authority_server::domain::phone::PhoneCode::parse(code).unwrap();
        code.hash(&phone.parse().unwrap(), &authority.app.keys.account_hash)
    };
    assert!(holds(&by_code(&unfinished, "+84900000001")), "waiting for its confirmation");
    // Deleted rows leave the write-ahead log with the next batch.
    let used = by_code(&authority.inbox.code(PHONE), PHONE);
    let found_after = async |seconds| {
        authority.pass(seconds);
        authority.batch().await;
        let mut files = Vec::new();
        files_below(&authority.dir(), &mut files);
        let waiting = by_code(&unfinished, "+84900000001");
        [used, waiting].map(|hash| files.windows(32).any(|window| window == hash))
    };
    assert_eq!(found_after(500).await, [false, true], "one is confirmed, one waits");
    assert_eq!(found_after(100).await, [false, false], "gone with its time");
}

#[tokio::test]
async fn the_audit_log_says_who_did_what_and_no_secret() {
    let authority = Authority::start().await;
    let mut manager = register(&authority, PHONE).await;
    staff(&authority, Role::VenueOfficer, "minh").await;
    let mut officer = Browser::signed_in(&authority, "minh").await;
    let refuse = [("decision", "refuse"), ("reason", " Sai  địa chỉ ")];
    officer.post("/staff/venues/1/decide", &[("decision", "refuse")]).await.is(422);
    officer.post("/staff/venues/1/decide", &refuse).await.leads_to("/staff/venues?done=refused");
    manager.get("/venue").await.says("Sai địa chỉ");
    manager.get("/venue/details").await.is(200).says("Chợ Đồng Xuân");
    manager.post("/venue/details", REGISTRATION).await.leads_to("/venue?done=corrected");
    officer.post("/staff/venues/1/decide", &[("decision", "approve")]).await.is(303);
    manager.post("/venue/details", REGISTRATION).await.is(409);
    officer.post("/staff/venues/1/decide", &[("decision", "approve")]).await.is(409);
    let close = [("decision", "close"), ("reason", "Trùng")];
    officer.post("/staff/venues/1/decide", &[&close[..], &SURE[..]].concat()).await.is(303);
    officer.post("/staff/venues/1/decide", &[("decision", "approve")]).await.is(409);
    officer.post("/staff/venues/2/decide", &[("decision", "approve")]).await.is(409);
    officer.post("/staff/venues/1/decide", &[("decision", "x")]).await.is(400);

    let entries = authority.app.store.audit_entries(None, 100).await.unwrap();
    let of = |action: Action| entries.iter().find(|entry| entry.action == action.name()).unwrap();
    let refused = of(Action::VenueRefused);
    assert_eq!((refused.actor.name.as_str(), refused.subject.as_str()), ("minh", "venue 1"));
    assert_eq!((refused.detail.as_str(), refused.at), ("Sai địa chỉ", authority.now()));
    assert_eq!(of(Action::VenueRegistered).actor.name, PHONE);
    assert_eq!(of(Action::VenueClosed).detail, "Trùng");
    assert!(entries.iter().all(|entry| !format!("{entry:?}").contains(PASSWORD)));

    staff(&authority, Role::Administrator, "chi").await;
    let mut administrator = Browser::signed_in(&authority, "chi").await;
    let page = administrator.get("/staff/audit").await;
    page.is(200).says("Venue refused").says("Sai địa chỉ").says("minh");
    assert!(!page.body.contains("Older"), "all of them stand on one page");
}

/// Subjects and actors that the program writes are kinds and numbers: each reader has them in the
/// own language. What an earlier program wrote still shows.
#[tokio::test]
async fn the_audit_page_is_in_the_readers_language() {
    let authority = Authority::start().await;
    register(&authority, PHONE).await;
    staff(&authority, Role::Administrator, "chi").await;
    let old = "INSERT INTO audit (at, account, actor, action, subject, detail) VALUES \
               (1, NULL, 'command line', 'account-added', 'account 9', 'case_worker lan'), \
               (2, NULL, 'server', 'warnings-published', 'request 4', ''), \
               (3, 9, 'server', 'poster-moved', 'ward 7', 'as it was'), \
               (4, NULL, 'server', 'shares-in-advance', 'poster 5', '337'), \
               (5, NULL, 'server', 'units-added', 'venue 1', '1'), \
               (6, NULL, 'command line', 'account-added', 'account 2', 'administrator chi')";
    sqlx::raw_sql(old).execute(&authority.database().await).await.unwrap();

    let mut administrator = Browser::signed_in(&authority, "chi").await;
    let page = administrator.get("/staff/audit?lang=vi").await;
    page.is(200)
        .says(">dòng lệnh</td>")
        .says("<td>Tài khoản 9: lan, Cán bộ xử lý ca bệnh</td>")
        .says(">máy chủ</td>")
        .says("<td>Áp phích 5: 337 phần khóa</td>")
        .says("<td>Tài khoản Trần Văn Minh (chi): Quản trị viên</td>")
        .says(">Yêu cầu 4</a></td>")
        .says(">Địa điểm Chợ Đồng Xuân</a></td>")
        .says(&format!("\">Nguyễn Thị Lan ({PHONE})</td>"))
        .says(">server</td><th scope=\"row\">poster-moved</th><td>ward 7: as it was</td>");
    assert!(!page.body.contains("venue 1") && !page.body.contains("account 9"));
    let page = administrator.get("/staff/audit?lang=en").await;
    page.is(200)
        .says(">command line</td>")
        .says("<td>Account 9: lan, Case worker</td>")
        .says(">Venue Chợ Đồng Xuân</a>: 1 unit</td>")
        .says(">Request 4</a></td>")
        .says(">Venue Chợ Đồng Xuân</a></td>");
}
