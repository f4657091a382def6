//! An officer's day without a terminal, from the server's first start to a warned visitor: whoever has the link that the
//! server prints becomes the first administrator, adds a case worker and approves a venue; the case worker issues a code
//! and enters where the case was; the venue releases; who was there is warned. No command is run once the server has
//! started.

use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::disclosure::PosterFingerprint;
use vungxanh_protocol::venue::poster::payload_of_url;
use vungxanh_tests::harness::authority::{Authority, Pace};
use vungxanh_tests::harness::moment::{FIRST_DATE, at};
use vungxanh_tests::harness::stage::{DemoError, Stage};

use crate::driver::Driver;
use crate::everything::question;
use crate::looks::Looks;
use crate::people::{Manager, Officer, Visitor};
use crate::recovery;
use crate::story::{await_batch, posters, unit_of};

const PHONE: (u32, u32) = (412, 915);
const DESK: (u32, u32) = (1280, 900);
const PACE: Pace = Pace { sync_minutes: 10, look_alike_hours: 336 };
const VENUE: &str = "Quán cơm Bà Cả";
const UNIT: &str = "Tầng 1";
/// The case's telephone.
const CASE: &str = "0912 345 670";
/// Scaled seconds a second while nothing happens.
const WAITING: u32 = 3_600;

/// A moment of the story's first day, Viet Nam's time.
fn clock(hour: u64, minute: u64) -> UnixTime {
    at(0, hour, minute).time()
}

/// What an officer types into fields of date and time.
fn typed(hour: u64, minute: u64) -> String {
    format!("{FIRST_DATE}T{hour:02}:{minute:02}")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver, axe-core, pdftoppm and zbarimg"]
async fn from_the_first_start_to_a_warned_visitor_an_officer_needs_no_terminal() {
    tell("vi").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver, pdftoppm and zbarimg"]
async fn from_the_first_start_to_a_warned_visitor_an_officer_needs_no_terminal_in_english() {
    tell("en").await.unwrap();
}

async fn tell(language: &'static str) -> Result<(), DemoError> {
    let executable = env!("CARGO_BIN_EXE_demo").into();
    let mut stage = Stage::set_up(executable, clock(9, 0), 7, language).await?;
    stage.set_rate(0)?;
    let folder = stage.folder().join("authority");
    let authority = Authority::found_with(stage.host(), &folder, PACE, &[]).await?;
    let url = authority.url().to_owned();
    let driver = Driver::start_in(language);
    let (looks, seen_elsewhere) = (Looks::of_story_in(language), Looks::elsewhere());
    let folder = |name: &str| stage.folder().join("browsers").join(name);

    // The first administrator, by the link that the server has printed, and the case worker.
    let link = authority.start_link()?.unwrap();
    let browser = driver.browser(&folder("administrator"), DESK).await;
    let administrator = Officer { browser, looks: &looks, url: &url };
    administrator.become_first(&link, "Trần Thị Mai", "mai", stage.now()).await;
    let given = administrator.add_account("Lê Văn Hùng", "hung", "case_worker").await;
    looks.closely(&administrator.browser, "staff-one-time").await;
    let browser = driver.browser(&folder("case-worker"), DESK).await;
    browser.open(&link).await;
    let (shown, refused) = (
        browser.text("main").await,
        browser.words("Liên kết này không dùng được", "This link does not work"),
    );
    assert!(shown.contains(refused), "a second time: {shown}");
    let worker = Officer { browser, looks: &looks, url: &url };
    let mut access = worker.begin_with_app(&given, stage.now()).await;

    // A venue registers and is approved.
    let browser = driver.browser(&folder("venue"), PHONE).await;
    let recovery_code = String::new();
    let mut manager = Manager { browser, looks: &seen_elsewhere, url: &url, recovery_code };
    manager.browser.set_time(stage.now()).await;
    manager.register(VENUE).await;
    manager.confirm(&authority.last_text_code()?.unwrap()).await;
    manager.make_key().await;
    if language == "en" {
        // In Vietnamese another story does so.
        recovery::by_camera(&driver, &folder("second"), &manager).await;
    }
    let list = stage.folder().join("units.csv");
    std::fs::write(&list, format!("Tên;Phút\n{UNIT};60\n")).unwrap();
    manager.add_units(&list).await;
    administrator.approve_venue().await;
    let posters = posters(&manager, stage.folder()).await;
    let poster = posters.iter().find(|url| unit_of(url) == UNIT).unwrap();

    // One visitor is there with the case, another one afterwards.
    let visitor = async |name: &'static str| {
        let browser = driver.browser(&folder(name), PHONE).await;
        Visitor { browser, looks: &seen_elsewhere, name }
    };
    let (mut together, mut after) = (visitor("together").await, visitor("after").await);
    for (visitor, from, until) in
        [(&mut together, clock(11, 10), clock(11, 45)), (&mut after, clock(12, 0), clock(12, 30))]
    {
        stage.pass_until(from, WAITING).await?;
        visitor.check_in(poster, from).await;
        stage.pass_until(until, WAITING).await?;
        visitor.check_out(&url, until).await;
    }

    // The case worker issues a code and enters two visits, one in each language: one when nobody else was there. A third one,
    // when the other visitor was there, is a mistake and cancelled.
    stage.pass_until(clock(12, 35), WAITING).await?;
    worker.log_in_with_app(&mut access, stage.now()).await;
    let fingerprint = PosterFingerprint::of_payload(&payload_of_url(poster).unwrap()).to_string();
    let [other, own] = worker.browser.languages();
    for (language, from, until) in
        [(other, typed(9, 30), typed(9, 50)), (own, typed(11, 5), typed(11, 50))]
    {
        issue_code(&worker, &authority, language).await?;
        enter_visit(&worker, language, &fingerprint[..8], (&from, &until)).await;
    }
    enter_visit(&worker, own, &fingerprint[..8], (&typed(12, 0), &typed(12, 20))).await;
    cancel(&worker, 3).await;

    // Hours later the venue is reminded, and releases; the next batch warns exactly the one who was there.
    stage.pass_until(clock(16, 40), WAITING).await?;
    worker.log_in_with_app(&mut access, stage.now()).await;
    remind(&worker, 2).await;
    let message = authority.last_message()?.unwrap();
    assert!(message.contains("vẫn đang chờ địa điểm của bạn trả lời"), "{message}");
    manager.browser.set_time(stage.now()).await;
    manager.log_in().await;
    assert_eq!(manager.release_all().await, 2);
    stage.pass_until(clock(18, 30), WAITING).await?;
    await_batch(&authority.folder().join("warnings"), clock(17, 0)).await;
    let warned = together.look_for_warnings(&url, stage.now()).await;
    let stay = together.browser.words("từ 11:10 đến 11:45 (35 phút)", "11:10 to 11:45 (35 min)");
    assert!(warned.contains(VENUE) && warned.contains(stay), "{warned}");
    assert_eq!(after.look_for_warnings(&url, stage.now()).await, "");
    worker.log_in_with_app(&mut access, stage.now()).await;
    for request in [1, 2] {
        worker.browser.open(&format!("{url}/staff/warnings/{request}")).await;
        let done = "return document.querySelectorAll('.steps .done').length";
        assert_eq!(worker.browser.js(done).await, 3, "asked, answered, published");
        let steps = worker.browser.text(".steps").await;
        let published =
            worker.browser.words("Cảnh báo đã được công bố", "The warning has been published");
        assert!(steps.contains(published), "{steps}");
    }

    looks.finish();
    for browser in [&administrator.browser, &manager.browser, &together.browser, &after.browser] {
        assert_eq!(browser.problems().await, Vec::<String>::new());
    }
    let refused = worker.browser.problems().await;
    assert!(refused.len() == 1 && refused[0].contains("status of 403"), "the link: {refused:?}");
    Ok(())
}

/// Cancels a request, after a question.
async fn cancel(worker: &Officer<'_>, request: u64) {
    let (browser, page) = (&worker.browser, format!("{}/staff/warnings/{request}", worker.url));
    let button = "form[action$='/cancel'] button";
    question(worker.looks, browser, &page, button, "page-sure-cancel-request").await;
    browser.open(&page).await;
    browser.send(button).await;
    browser.send("button.certain").await;
    let shown = browser.text("main").await;
    let cancelled = browser.words("Đã hủy yêu cầu.", "The request has been cancelled.");
    assert!(shown.contains(cancelled), "{shown}");
}

/// Reminds the venue of a request that waits for long.
async fn remind(worker: &Officer<'_>, request: u64) {
    let browser = &worker.browser;
    browser.open(&format!("{}/staff/warnings/{request}", worker.url)).await;
    browser.send("form[action$='/remind'] button").await;
    let shown = browser.text("main").await;
    let reminded = browser.words("Đã nhắc địa điểm.", "The venue has been reminded.");
    assert!(shown.contains(reminded), "{shown}");
}

/// A code by form and text message; the page and the message have the same, and it is not used yet.
async fn issue_code(
    worker: &Officer<'_>,
    authority: &Authority,
    language: &str,
) -> Result<(), DemoError> {
    let browser = &worker.browser;
    browser.open(&format!("{}/staff?lang={language}", worker.url)).await;
    browser.send("main a[href$='/staff/codes']").await;
    browser.fill("#phone", CASE).await;
    browser.fill_date("#symptom_date", FIRST_DATE).await;
    browser.send("main form button").await;
    let code = browser.text("#code").await;
    let message = authority.last_message()?.unwrap();
    let phone = format!("+84{}", CASE.replace(' ', "").trim_start_matches('0'));
    assert!(
        message.contains(&code.replace('-', "")) && message.contains(&phone),
        "{code}: {message}"
    );
    browser.send("main .actions a:not(.button)").await;
    let unused = if language == "vi" { "chưa dùng" } else { "not used yet" };
    let state = browser.text("#state").await.to_lowercase();
    assert!(state.contains(unused), "{state}");
    Ok(())
}

/// Finds the place by the characters that stand on its poster, and asks the venue.
async fn enter_visit(
    worker: &Officer<'_>,
    language: &str,
    characters: &str,
    (from, until): (&str, &str),
) {
    let browser = &worker.browser;
    browser.open(&format!("{}/staff?lang={language}", worker.url)).await;
    browser.send("main a[href$='/staff/warnings']").await;
    browser.fill("#place", &characters.to_uppercase()).await;
    browser.send("form:has(#place) button").await;
    let found = "return [...document.querySelectorAll('main ul.cards h3')].map((e) => e.innerText)";
    assert_eq!(browser.js(found).await, serde_json::json!([VENUE]));
    worker.looks.moment(browser, "staff-poster-found").await;
    browser.send("main ul.cards a").await;
    worker.looks.moment(browser, "staff-poster-chosen").await;
    browser.select("#from", from).await;
    browser.select("#until", until).await;
    worker.explain(FIRST_DATE).await;
    let address = browser.address().await;
    assert!(address.contains("done=requests-opened"), "{address}");
}
