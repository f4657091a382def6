//! An officer's codes and visits in a real browser: a code by form, codes for a list, visits that the camera
//! reads from a person's screen.

use std::path::Path;

use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::disclosure::{DisclosedVisit, PosterFingerprint};
use vungxanh_protocol::venue::disclosure_code::visits_to_code;
use vungxanh_tests::harness::authority::{Authority, Pace};
use vungxanh_tests::harness::moment::at;
use vungxanh_tests::harness::stage::{DemoError, Stage};

use crate::driver::{Browser, Driver};
use crate::everything::question;
use crate::films::film_of_code;
use crate::looks::Looks;
use crate::people::Officer;

const DESK: (u32, u32) = (1280, 900);
const PACE: Pace = Pace { sync_minutes: 10, look_alike_hours: 336 };
const OFFICER: &str = "lan";
/// The day before the story's first one, as people write it.
const LIST: &str = "Số điện thoại;Kết quả;Ngày khởi phát;Ngày xét nghiệm\n\
    0912 345 671;khẳng định;01/03/2026;02/03/2026\n\
    0912 345 672;;;\n\
    912345673;;;\n\
    +84912345671;;;\n\
    0912 345 674;nghi nhiễm;2026-03-09;\n\
    0912 345 675;nghi nhiễm;;2026-03-01\n";
/// Notes what a page sends.
const LISTEN: &str = "window.sent = []; const own = window.fetch; \
    window.fetch = (path, options) => { sent.push([path, options?.body]); return own(path, options) }; return 1";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core"]
async fn an_officer_issues_codes_one_by_one_and_for_a_list_and_reads_visits_from_a_screen() {
    tell("vi").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium and chromedriver"]
async fn an_officer_issues_codes_for_a_list_and_reads_visits_from_a_screen_in_english() {
    tell("en").await.unwrap();
}

async fn tell(language: &'static str) -> Result<(), DemoError> {
    let executable = env!("CARGO_BIN_EXE_demo").into();
    let mut stage = Stage::set_up(executable, at(0, 9, 0).time(), 7, language).await?;
    stage.set_rate(0)?;
    let mut authority =
        Authority::found(stage.host(), &stage.folder().join("authority"), PACE).await?;
    let url = authority.url().to_owned();
    let driver = Driver::start_in(language);
    let looks = Looks::of_story_in(language);
    let film = stage.folder().join("visits.y4m");
    let visit = visit_on_film(&film, &stage.folder().join("visits.png"));
    let folder = stage.folder().join("browsers/officer");
    let browser = driver.browser_with_camera(&folder, DESK, &film).await;
    let officer = Officer { browser, looks: &looks, url: &url };
    officer.begin(OFFICER, &authority.add_staff(OFFICER, "case_worker").await?).await;

    one_code(&officer).await;
    revoke(&officer).await;
    list(&officer, &stage.folder().join("list.csv")).await;
    scan(&officer, &visit).await;
    let totals = authority.statistics().await?;
    assert_eq!(totals["codes_issued"], 5, "two by form, three of the list");
    looks.finish();
    if let Some(server) = authority.take_server() {
        server.stop().await?;
    }
    Ok(())
}

/// A code by form in each language; its page loaded again issues no other one.
async fn one_code(officer: &Officer<'_>) {
    let (browser, looks, url) = (&officer.browser, officer.looks, officer.url);
    looks.look(browser, url, "staff-codes", "/staff/codes").await;
    looks.look(browser, url, "staff-code-state", "/staff/codes/state").await;
    for language in browser.languages() {
        browser.speak(language).await;
        browser.open(&format!("{url}/staff/codes")).await;
        browser.fill("#phone", "0912 345 670").await;
        browser.send("main form button").await;
        looks.moment(browser, "page-code").await;
        let code = browser.text("#code").await;
        assert!(
            code.len() == 9
                && browser.js("return !!document.querySelector('.qr svg')").await == true
        );
        let id = browser.text("#code-id").await;
        // As a person who presses "reload" and confirms.
        browser.js("const f = document.createElement('form'); f.method = 'post'; f.action = location.pathname; \
            for (const [n, v] of [['csrf', document.querySelector('meta[name=csrf-token]').content], \
            ['request', document.getElementById('code-id').textContent], ['test_type', 'confirmed']]) { \
            const i = document.createElement('input'); i.name = n; i.value = v; f.append(i) } \
            document.body.append(f); f.submit(); return 1").await;
        browser
            .wait_until("the page that says so", "return !document.getElementById('code')")
            .await;
        looks.moment(browser, "page-code-issued-before").await;
        browser.send("main .actions a.button").await;
        let address = browser.address().await;
        assert!(address.ends_with(&format!("/staff/codes/state?id={id}")), "{address}");
        looks.moment(browser, "page-code-state").await;
    }
}

/// The code whose state is shown is revoked after a question, once.
async fn revoke(officer: &Officer<'_>) {
    let browser = &officer.browser;
    let page = browser.address().await;
    let button = "form[action$='/codes/revoke'] button";
    question(officer.looks, browser, &page, button, "page-sure-revoke-code").await;
    browser.open(&page).await;
    browser.send(button).await;
    browser.send("button.certain").await;
    let shown = browser.text("main").await;
    let revoked = browser.words("Đã thu hồi mã.", "The code has been revoked.");
    assert!(shown.contains(revoked), "{shown}");
    browser.open(&page).await;
    let left = format!("return !!document.querySelector(\"{button}\")");
    assert_eq!(browser.js(&left).await, false, "not a second time");
}

async fn list(officer: &Officer<'_>, file: &Path) {
    let (browser, looks, url) = (&officer.browser, officer.looks, officer.url);
    std::fs::write(file, LIST).unwrap();
    let page = format!("{url}/staff/codes/list");
    looks.look(browser, url, "staff-code-list", "/staff/codes/list").await;
    for language in browser.languages() {
        let days = match language {
            "vi" => "01/03/2026\n02/03/2026",
            _ => "1 March 2026\n2 March 2026",
        };
        browser.speak(language).await;
        open_list(browser, &page, file).await;
        let first = "return [...document.querySelector('#orders tr').children].slice(3).map((e) => e.textContent).join('\\n')";
        assert_eq!(browser.js(first).await, days, "as everywhere in this language");
        looks.moment(browser, "page-code-list-preview").await;
    }
    let wrong = browser.text("#wrong-lines").await;
    let vietnamese = ["Dòng 4 (912345673)", "Dòng 5", "dòng 2", "Dòng 6"];
    let english = ["Line 4 (912345673)", "Line 5", "line 2", "Line 6"];
    for (vietnamese, english) in vietnamese.into_iter().zip(english) {
        let part = browser.words(vietnamese, english);
        assert!(wrong.contains(part), "{part} in {wrong}");
    }
    assert_eq!(rows(browser, "#orders").await, 3);
    assert_eq!(sent(browser).await, 0, "nothing is sent before the button is pressed");

    // Stopped after the first line, and the page is closed.
    let stop = "document.getElementById('send').click(); document.getElementById('stop').click(); return 1";
    browser.js(stop).await;
    idle(browser).await;
    assert_eq!(rows(browser, "#result-rows").await, 1);
    let bodies = browser.js("return sent.map(([, body]) => body).join()").await;
    let row = r#"{"phone":"+84912345671","testType":"confirmed","symptomDate":"2026-03-01","testDate":"2026-03-02"}"#;
    assert_eq!(bodies, row, "the row, and nothing else of the file");
    let kept = browser.js("return JSON.stringify(localStorage)").await.to_string();
    assert!(kept.contains("vungxanh-code-list") && !kept.contains("345671"), "{kept}");

    // Opened again it goes on with the next line, and sends the others.
    open_list(browser, &page, file).await;
    assert!(browser.text("#resumed").await.contains(browser.words("dòng 3", "line 3")));
    browser.click("#send").await;
    idle(browser).await;
    assert_eq!((rows(browser, "#result-rows").await, sent(browser).await), (2, 2));
    looks.moment(browser, "page-code-list-done").await;

    // From the beginning once more, in the other language: no one gets a second code.
    let [other, _] = browser.languages();
    browser.speak(other).await;
    open_list(browser, &page, file).await;
    assert_eq!(browser.js("return document.getElementById('start').value").await, "2");
    browser.click("#send").await;
    idle(browser).await;
    let results = browser.text("#result-rows").await;
    let sent_before = browser.words("was sent before", "đã gửi trước đó");
    assert_eq!(results.matches(sent_before).count(), 3, "{results}");
    looks.moment(browser, "page-code-list-done").await;
    browser.js("const own = URL.createObjectURL; URL.createObjectURL = (b) => { window.saved = b; return own(b) }; return 1").await;
    browser.click("#save").await;
    let csv = browser.js("return (await saved.text())").await;
    let csv = csv.as_str().unwrap();
    assert_eq!(csv.lines().count(), 4, "{csv}");
    let second = format!("\"2\",\"{sent_before}\",\"");
    assert!(csv.contains(&second) && !csv.contains("912"), "{csv}");
}

async fn open_list(browser: &Browser, page: &str, file: &Path) {
    browser.open(page).await;
    let ready = "return document.documentElement.dataset.ready === 'yes'";
    browser.wait_until("the script", ready).await;
    browser.js(LISTEN).await;
    browser.choose("#list-file", file).await;
    browser.see("#preview").await;
}

async fn idle(browser: &Browser) {
    let done = "return document.getElementById('stop').hidden && !document.getElementById('results').hidden";
    browser.wait_until("the end of sending", done).await;
}

async fn rows(browser: &Browser, css: &str) -> u64 {
    let count = format!("return document.querySelectorAll('{css} tr').length");
    browser.js(&count).await.as_u64().unwrap()
}

async fn sent(browser: &Browser) -> u64 {
    browser.js("return sent.length").await.as_u64().unwrap()
}

/// The code of a visit, held before the camera again and again.
fn visit_on_film(film: &Path, picture: &Path) -> DisclosedVisit {
    let from = at(0, 7, 0).time();
    let until = UnixTime::from_secs(from.as_secs() + 1_800);
    let poster = PosterFingerprint::from_bytes([7; 16]);
    let visit = DisclosedVisit::new(poster, from, until).unwrap();
    let code = visits_to_code(&[visit]).unwrap();
    film_of_code(film, picture, &code);
    visit
}

async fn scan(officer: &Officer<'_>, visit: &DisclosedVisit) {
    let browser = &officer.browser;
    browser.open(&format!("{}/staff/warnings", officer.url)).await;
    browser.fill("#reason", "Một người mắc bệnh đã ở đây.").await;
    browser.click("#scan-start").await;
    let shown = "return !!document.querySelector('[name=offered]')";
    browser.wait_until("the visits that were read", shown).await;
    let offered = browser.js("return document.querySelector('[name=offered]').value").await;
    assert_eq!(offered, visit.to_string());
    let reason = browser.js("return document.getElementById('reason').value").await;
    assert_eq!(reason, "Một người mắc bệnh đã ở đây.");
    officer.picture("staff-visits-read").await;
}
