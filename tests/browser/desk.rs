//! An administrator's desk, by pages alone, on one day at one authority: accounts and keys of programs (here), statistics
//! and audit log of that day (`desk_figures`), the authority's document (`desk_document`).

use std::path::PathBuf;

use serde_json::json;
use vungxanh_tests::harness::authority::{Authority, Pace};
use vungxanh_tests::harness::moment::at;
use vungxanh_tests::harness::stage::{DemoError, Stage};

use crate::colleagues::{Access, Given};
use crate::desk_document::{signed_elsewhere, signed_here};
use crate::desk_figures::{audit, statistics};
use crate::driver::{Browser, Driver};
use crate::everything::question;
use crate::looks::Looks;
use crate::people::{OFFICER_PASSWORD, Officer};

const DESK: (u32, u32) = (1280, 900);
const PACE: Pace = Pace { sync_minutes: 10, look_alike_hours: 336 };
/// Codes that a program issues, enough to be told.
pub const CODES: u64 = 7;
pub const KEY_NAME: &str = "Phòng xét nghiệm";
/// A name that a spreadsheet would take for a formula.
pub const WORKER_NAME: &str = "=1+2 Lê Văn Hùng";

/// An administrator at a desk.
pub struct Desk<'a> {
    pub administrator: Officer<'a>,
    pub authority: &'a Authority,
    /// Where the browser stores what is downloaded.
    pub downloads: PathBuf,
}

impl Desk<'_> {
    pub fn browser(&self) -> &Browser {
        &self.administrator.browser
    }

    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.administrator.url)
    }

    pub async fn open(&self, path: &str) {
        self.browser().open(&self.address(path)).await;
    }

    /// Presses a button, and that of the page that asks.
    pub async fn send_for_sure(&self, css: &str) {
        self.browser().send(css).await;
        self.browser().send("button.certain").await;
    }

    pub async fn says(&self, texts: &[&str]) {
        let shown = self.browser().text("main").await;
        for text in texts {
            assert!(shown.contains(text), "{text} in:\n{shown}");
        }
    }

    /// Presses what saves a file; the file, when it is whole.
    pub async fn save(&self, css: &str, name: &str) -> PathBuf {
        self.browser().click(css).await;
        self.browser().downloaded(&self.downloads, name).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core"]
async fn an_administrator_keeps_accounts_keys_and_the_document_and_reads_what_was_counted_and_logged()
 {
    tell("vi").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium and chromedriver"]
async fn an_administrator_keeps_accounts_keys_and_the_document_in_english() {
    tell("en").await.unwrap();
}

async fn tell(language: &'static str) -> Result<(), DemoError> {
    let executable = env!("CARGO_BIN_EXE_demo").into();
    let mut stage = Stage::set_up(executable, at(0, 9, 0).time(), 7, language).await?;
    stage.set_rate(0)?;
    let folder = stage.folder().join("authority");
    let authority = Authority::found_with(stage.host(), &folder, PACE, &[]).await?;
    let url = authority.url().to_owned();
    let (driver, looks) = (Driver::start_in(language), Looks::of_story_in(language));
    let seen_elsewhere = Looks::elsewhere();
    let folder = stage.folder().join("browsers");

    let browser = driver.browser(&folder.join("administrator"), DESK).await;
    let downloads = folder.join("downloads");
    browser.save_downloads(&downloads).await;
    let mut administrator = Officer { browser, looks: &seen_elsewhere, url: &url };
    let link = authority.start_link()?.unwrap();
    administrator.become_first(&link, "Trần Thị Mai", "mai", stage.now()).await;
    administrator.looks = &looks;
    let desk = Desk { administrator, authority: &authority, downloads };

    let browser = driver.browser(&folder.join("worker"), DESK).await;
    let worker = Officer { browser, looks: &seen_elsewhere, url: &url };
    let given = add_worker(&desk).await;
    let access = worker.begin_with_app(&given, stage.now()).await;
    nothing_beyond_the_role(&worker).await;
    recovery(&worker, &access).await;
    let given = reset_by_another(&desk, &worker).await;
    let access = worker.begin_with_app(&given, stage.now()).await;
    let access = another_role(&desk, &worker, access).await;
    close(&desk, &worker, &access).await;
    let key = make_key(&desk).await;
    use_key(&desk, &key).await;

    statistics(&desk).await;
    audit(&desk).await;
    let signed = signed_here(&desk).await;
    stage.pass_until(stage.now().plus(600), 3_600).await?;
    signed_elsewhere(&desk, &stage, signed).await?;

    looks.finish();
    for browser in [desk.browser(), &worker.browser] {
        let mut problems = browser.problems().await;
        // Logins and pages that were refused on purpose.
        problems.retain(|problem| !problem.contains("responded with a status of 40"));
        assert_eq!(problems, Vec::<String>::new());
    }
    Ok(())
}

/// Adds a case worker: only roles are offered whose permissions an administrator has.
async fn add_worker(desk: &Desk<'_>) -> Given {
    let officer = &desk.administrator;
    officer
        .looks
        .look(desk.browser(), officer.url, "staff-account-add", "/staff/accounts/add")
        .await;
    desk.open("/staff/accounts/add").await;
    let offered = "return [...document.querySelectorAll('#role option')].map((e) => e.value).filter((e) => e).sort()";
    let offered = desk.browser().js(offered).await;
    assert_eq!(offered, json!(["administrator", "case_worker", "venue_officer"]));
    let given = officer.add_account(WORKER_NAME, "hung", "case_worker").await;
    officer.looks.look(desk.browser(), officer.url, "staff-accounts", "/staff/accounts").await;
    given
}

/// A case worker sees no way to accounts, keys and the document, and finds none by address.
async fn nothing_beyond_the_role(worker: &Officer<'_>) {
    let browser = &worker.browser;
    for page in ["accounts", "api-keys", "authority", "audit", "venues"] {
        browser.open(&format!("{}/staff", worker.url)).await;
        let linked = format!("return !!document.querySelector('a[href*=\"/staff/{page}\"]')");
        assert_eq!(browser.js(&linked).await, false, "{page}");
        browser.open(&format!("{}/staff/{page}", worker.url)).await;
        let said = browser.text("main").await;
        let forbidden = browser.words("không được phép", "is not allowed");
        assert!(said.contains(forbidden), "{page}: {said}");
    }
}

async fn log_out(worker: &Officer<'_>) {
    let out = "document.querySelector('form[action$=\"/logout\"] button').click(); return 1";
    worker.browser.js(out).await;
    worker.browser.see("#login").await;
}

async fn is_refused(worker: &Officer<'_>, login: &str, password: &str, code: &str) {
    worker.type_login(login, password, code).await;
    let said = worker.browser.text(".summary").await;
    let refused = worker.browser.words("Không đăng nhập được", "You could not be logged in");
    assert!(said.contains(refused), "{said}");
}

/// A recovery code stands for the app, once.
async fn recovery(worker: &Officer<'_>, access: &Access) {
    let (login, codes) = (&access.login, &access.recovery_codes);
    log_out(worker).await;
    worker.type_login(login, OFFICER_PASSWORD, &codes[0]).await;
    assert_eq!(worker.browser.address().await, format!("{}/staff", worker.url));
    worker.browser.open(&format!("{}/staff/settings", worker.url)).await;
    let left = worker.browser.text("section[aria-labelledby=recovery]").await;
    assert!(left.contains('9'), "{left}");
    log_out(worker).await;
    is_refused(worker, login, OFFICER_PASSWORD, &codes[0]).await;
    worker.type_login(login, OFFICER_PASSWORD, &codes[1].replace(' ', "")).await;
    assert_eq!(worker.browser.address().await, format!("{}/staff", worker.url));
}

/// Another one gives a new one-time password: what was before is worth nothing.
async fn reset_by_another(desk: &Desk<'_>, worker: &Officer<'_>) -> Given {
    let browser = desk.browser();
    desk.open("/staff/accounts").await;
    browser.send("tbody a[href$='/staff/accounts/2']").await;
    let path = "/staff/accounts/2";
    desk.administrator.looks.look(browser, desk.administrator.url, "staff-account", path).await;
    for (name, button) in [("reset", "/reset"), ("app", "/authenticator"), ("close", "/close")] {
        let (button, name) =
            (format!("form[action$='{button}'] button"), format!("page-sure-account-{name}"));
        question(desk.administrator.looks, browser, &desk.address(path), &button, &name).await;
    }
    desk.send_for_sure("form[action$='/reset'] button").await;
    let given = desk.administrator.given("hung").await;
    worker.browser.open(&format!("{}/staff", worker.url)).await;
    is_refused(worker, "hung", OFFICER_PASSWORD, "").await;
    given
}

/// With another role the same person sees other pages, after logging in again.
async fn another_role(desk: &Desk<'_>, worker: &Officer<'_>, mut access: Access) -> Access {
    desk.open("/staff/accounts/2").await;
    desk.browser().select("#role", "venue_officer").await;
    desk.send_for_sure("form[action$='/role'] button").await;
    let words = desk.browser().words("Đã đổi vai trò.", "The role has been changed.");
    desk.says(&[words]).await;
    let code = access.recovery_codes.remove(0);
    worker.browser.open(&format!("{}/staff/login", worker.url)).await;
    worker.type_login(&access.login, OFFICER_PASSWORD, &code).await;
    worker.browser.send("main a[href*='/staff/venues']").await;
    worker.browser.open(&format!("{}/staff/codes", worker.url)).await;
    let said = worker.browser.text("main").await;
    assert!(said.contains(worker.browser.words("không được phép", "is not allowed")), "{said}");
    log_out(worker).await;
    access
}

/// Who is closed out cannot log in, with nothing.
async fn close(desk: &Desk<'_>, worker: &Officer<'_>, access: &Access) {
    desk.open("/staff/accounts/2").await;
    desk.send_for_sure("form[action$='/close'] button").await;
    let words = desk.browser().words("Đã đóng tài khoản", "The account has been closed");
    desk.says(&[words, desk.browser().words("đã đóng", "closed")]).await;
    worker.browser.open(&format!("{}/staff", worker.url)).await;
    is_refused(worker, &access.login, OFFICER_PASSWORD, &access.recovery_codes[0]).await;
}

/// A key for a program that issues codes, shown once.
async fn make_key(desk: &Desk<'_>) -> String {
    let (browser, officer) = (desk.browser(), &desk.administrator);
    desk.open("/staff").await;
    browser.send("main a[href$='/staff/api-keys']").await;
    browser.fill("#name", KEY_NAME).await;
    browser.click("[name=may-codes-issue]").await;
    browser.send("main section form button").await;
    browser.is_taken_along_to("main .notice").await;
    officer.looks.closely(browser, "staff-api-key-made").await;
    let key = browser.text("main .notice .secret").await;
    officer.looks.look(browser, officer.url, "staff-api-keys", "/staff/api-keys").await;
    desk.open("/staff/api-keys").await;
    assert!(!browser.text("main").await.contains(&key), "not a second time");
    key
}

/// The program issues codes with it, may do nothing else, and nothing at all once it is disabled.
async fn use_key(desk: &Desk<'_>, key: &str) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let issue = async || {
        let request = client.post(desk.address("/api/issue")).header("X-API-Key", key);
        request.json(&json!({ "testType": "confirmed" })).send().await.unwrap().status().as_u16()
    };
    for _ in 0..CODES {
        assert_eq!(issue().await, 200);
    }
    let totals = client.get(desk.address("/v1/statistics")).header("X-API-Key", key);
    assert_eq!(totals.send().await.unwrap().status().as_u16(), 403);
    let browser = desk.browser();
    let disable = "form[action$='/disable'] button";
    let (looks, page) = (desk.administrator.looks, desk.address("/staff/api-keys"));
    question(looks, browser, &page, disable, "page-sure-disable-key").await;
    desk.open("/staff/api-keys").await;
    desk.send_for_sure(disable).await;
    let words = browser.words("Khóa không còn dùng được", "The key no longer works");
    desk.says(&[words, browser.words("đã vô hiệu hóa", "disabled")]).await;
    assert_eq!(issue().await, 401);
}
