//! A person's own page with scripts on: a poster before the camera, and the publication of a positive test.

use vungxanh_daemon::radio::air::Point;
use vungxanh_tests::demo::market::{self, Market};
use vungxanh_tests::harness::authority::Authority;
use vungxanh_tests::harness::code_picture::read_qr;
use vungxanh_tests::harness::moment::FIRST_DATE;
use vungxanh_tests::harness::person::Person;
use vungxanh_tests::harness::stage::{DemoError, Stage};

use crate::driver::Driver;
use crate::films::film_of_code;
use crate::looks::Looks;
use crate::person_page::{PACE, PHONE, Reader, WAITING, clock};

/// Scaled seconds a second while something is sent.
const SENDING: u32 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core"]
async fn a_person_scans_with_the_camera_and_publishes_a_positive_test() {
    tell("vi").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium and chromedriver"]
async fn a_person_scans_with_the_camera_and_publishes_a_positive_test_in_english() {
    tell("en").await.unwrap();
}

async fn tell(language: &'static str) -> Result<(), DemoError> {
    let executable = env!("CARGO_BIN_EXE_demo").into();
    let mut stage = Stage::set_up(executable, clock(9, 0), 7, language).await?;
    stage.set_rate(0)?;
    let folder = stage.folder().to_owned();
    let authority = Authority::found(stage.host(), &folder.join("authority"), PACE).await?;
    let market = Market::open(&authority, &folder, language).await?;
    let film = folder.join("poster.y4m");
    film_of_code(&film, &folder.join("film.png"), &read_qr(&market.poster)?);
    let mut device = Person::new(stage.host(), &folder, &stage.socket(), "an");
    device.enroll(&authority.founded().enrolment).await?;
    stage.hub().place(device.id(), Point { x: 0.0, y: 0.0 });
    device.start().await?;
    let (driver, looks) = (Driver::start_in(language), Looks::of_story_in(language));
    let browser = driver.browser_with_camera(&folder.join("browsers/an"), PHONE, &film).await;
    let mut an = Reader { browser, looks: &looks, device: &device, site: String::new() };

    an.open().await?;
    stage.pass_until(clock(9, 20), WAITING).await?;
    an.until_it_says("/", an.traces()).await;
    scan(&an).await;

    // Some periods of keys later, with a code of the authority.
    stage.pass_until(clock(21, 0), WAITING).await?;
    an.open().await?;
    let code = authority.issue_code(FIRST_DATE).await?.code;
    let published = choose_and_send(&an, &code).await;
    // Devices pause before they send.
    stage.pass_until(clock(21, 5), SENDING).await?;
    shows(&an, an.words("Cơ quan y tế đã nhận khóa", "The authority has taken the key")).await;
    an.says(&[
        an.words("Đã công bố", "Published"),
        an.words("Loại ra 1 khoảng.", "1 period is left out."),
        an.words("Các máy khác nhận được chậm nhất lúc", "Other devices get them by"),
    ])
    .await;
    an.looks.at(&an.browser, "person-report-done").await;
    let totals = authority.statistics().await?;
    assert_eq!((totals["publications"], totals["keys_received"]), (1, published));

    // The same code again: told what to do, and nothing is sent.
    an.browser.open(&format!("{}/report", an.site)).await;
    an.browser.fill("#code", &code).await;
    an.browser.send("form[action='/report'] button").await;
    an.browser.send("form[action='/report/send'] .actions button").await;
    an.browser.send("form[action='/report/send'] button").await;
    stage.pass_until(clock(21, 10), SENDING).await?;
    shows(&an, an.words("Chưa công bố được", "It was not published")).await;
    an.says(&[an.words("đã được dùng", "has already been used")]).await;
    an.looks.at(&an.browser, "person-report-refused").await;
    assert_eq!(authority.statistics().await?["publications"], 1);
    let mut problems = an.browser.problems().await;
    // The code that was typed wrong on purpose.
    problems.retain(|problem| !problem.contains("responded with a status of 422"));
    assert_eq!(problems, Vec::<String>::new());
    looks.finish();
    Ok(())
}

/// The poster that the camera sees is the visit, without a further press.
async fn scan(an: &Reader<'_>) {
    an.follow("/checkin").await;
    an.looks.at(&an.browser, "person-camera").await;
    an.browser.click("#scan-start").await;
    shows(an, an.checked_in()).await;
    an.says(&[market::NAME, "Tầng 2"]).await;
}

/// Types a code, leaves one period out, and says yes. How many periods are to be published.
async fn choose_and_send(an: &Reader<'_>, code: &str) -> u64 {
    an.choose("/report").await;
    an.browser.fill("#code", "1234").await;
    an.browser.send("form[action='/report'] button").await;
    an.says(&[
        an.words("8 chữ số, hoặc 16 chữ cái và chữ số", "8 digits, or 16 letters and digits")
    ])
    .await;
    an.looks.at(&an.browser, "person-report-wrong").await;
    an.browser.fill("#code", code).await;
    an.browser.send("form[action='/report'] button").await;
    an.says(&[an.words("Những gì sẽ gửi", "What would be sent")]).await;
    an.says(&[an.words("Chưa gửi gì cả.", "Nothing has been sent yet.")]).await;
    let periods = "return document.querySelectorAll('[name=leave]').length";
    let periods = an.browser.js(periods).await.as_u64().unwrap();
    assert!(periods >= 2, "{periods}");
    an.browser.click("[name=leave]").await;
    an.looks.at(&an.browser, "person-report-choice").await;
    an.browser.send("form[action='/report/send'] .actions button").await;
    let published = periods - 1;
    let sure = match (an.browser.reads, published) {
        ("vi", some) => format!("Công bố khóa của {some} khoảng thời gian?"),
        (_, 1) => "Publish the key of 1 period?".to_owned(),
        (_, more) => format!("Publish the keys of {more} periods?"),
    };
    an.says(&[&sure, an.words("Loại ra 1 khoảng.", "1 period is left out.")]).await;
    an.looks.at(&an.browser, "person-report-sure").await;
    an.browser.send("form[action='/report/send'] button").await;
    published
}

/// Waits until the page, which goes on by itself, says something.
async fn shows(an: &Reader<'_>, text: &str) {
    let shown = format!("return document.body.innerText.includes({text:?})");
    an.browser.wait_until(text, &shown).await;
}
