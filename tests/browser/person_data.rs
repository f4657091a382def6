//! A person's own data at their own page, with scripts switched off: a visit goes on for longer; one is deleted from the
//! diary, and the diary destroyed; a copy is taken along to another device; a day is deleted, and then everything.

use std::path::{Path, PathBuf};

use vungxanh_daemon::radio::air::Point;
use vungxanh_tests::demo::market::Market;
use vungxanh_tests::harness::authority::Authority;
use vungxanh_tests::harness::code_picture::read_qr;
use vungxanh_tests::harness::moment::FIRST_DATE;
use vungxanh_tests::harness::person::Person;
use vungxanh_tests::harness::stage::{DemoError, Stage};

use crate::driver::Driver;
use crate::looks::Looks;
use crate::person_page::{PACE, PASSPHRASE, PHONE, Reader, WAITING, clock};

const OF_THE_COPY: &str = "ba bông sen trong hồ";
const SURE: &str = "button.certain";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core"]
async fn a_person_takes_own_data_along_and_deletes_them() {
    tell("vi").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium and chromedriver"]
async fn a_person_takes_own_data_along_and_deletes_them_in_english() {
    tell("en").await.unwrap();
}

async fn tell(language: &'static str) -> Result<(), DemoError> {
    let executable = env!("CARGO_BIN_EXE_demo").into();
    let mut stage = Stage::set_up(executable, clock(9, 0), 7, language).await?;
    stage.set_rate(0)?;
    let folder = stage.folder().to_owned();
    let authority = Authority::found(stage.host(), &folder.join("authority"), PACE).await?;
    let market = Market::open(&authority, &folder, language).await?;
    let person = |id: &str| Person::new(stage.host(), &folder, &stage.socket(), id);
    let (mut device, mut neighbour, mut next) = (person("an"), person("ba"), person("an-2"));
    for (person, x) in [(&mut device, 0.0), (&mut neighbour, 1.0), (&mut next, 500.0)] {
        stage.hub().place(person.id(), Point { x, y: 0.0 });
        if person.id() != "an-2" {
            person.enroll(&authority.founded().enrolment).await?;
        }
        person.start().await?;
    }
    let (driver, looks) = (Driver::start_in(language), Looks::of_story_in(language));
    let reader = async |device| {
        let folder = folder.join("browsers").join(Person::id(device));
        let browser = driver.browser(&folder, PHONE).await;
        let mut reader = Reader { browser, looks: &looks, device, site: String::new() };
        reader.run_scripts(false).await;
        reader.open().await.map(|_| reader)
    };
    let mut an = reader(&device).await?;
    stage.pass_until(clock(9, 20), WAITING).await?;
    an.until_it_says("/", an.traces()).await;

    an.choose("/visits").await;
    an.follow("/diary").await;
    an.begin_diary(PASSPHRASE).await;
    visit(&an, &read_qr(&market.poster)?).await;
    stage.pass_until(clock(9, 50), WAITING).await?;
    an.open().await?;
    an.browser.send("form[action='/checkout'] button").await;
    diary(&an).await;

    let copy = take_copy(&an, &folder.join("downloads")).await;
    let an_2 = reader(&next).await?;
    take_over(&an_2, &copy).await;
    delete(&an).await;
    assert!(encounters(&an_2).await > 0, "what another device has stays there");
    for reader in [&an, &an_2] {
        reader.run_scripts(true).await;
        let mut problems = reader.browser.problems().await;
        // What was typed wrong on purpose.
        problems.retain(|problem| !problem.contains("responded with a status of 422"));
        assert_eq!(problems, Vec::<String>::new());
    }
    looks.finish();
    Ok(())
}

/// Checks in by the poster's pasted code, and stays longer.
async fn visit(an: &Reader<'_>, poster: &str) {
    an.choose("/visits").await;
    an.follow("/checkin").await;
    an.browser.fill("#poster", poster).await;
    an.browser.send("form[action='/checkin'] button:not([type=button])").await;
    an.says(&[an.checked_in()]).await;
    an.browser.fill("#minutes", "0").await;
    an.browser.js("document.querySelector('#minutes').form.noValidate = true; return 1").await;
    an.browser.send("form[action='/extend'] button").await;
    an.browser.see("#minutes-error").await;
    an.look("extend-wrong").await;
    an.browser.fill("#minutes", "90").await;
    an.browser.send("form[action='/extend'] button").await;
    an.says(&[an.words("Lượt đến đã được kéo dài.", "Your visit has been extended.")]).await;
}

/// The visit is deleted from the diary, which is switched off and destroyed.
async fn diary(an: &Reader<'_>) {
    an.choose("/visits").await;
    an.follow("/diary").await;
    an.browser.fill("#known", PASSPHRASE).await;
    an.browser.send("form[action='/diary/read'] button").await;
    an.browser.send("button[form=remove-1]").await;
    an.says(&[an.words("Xóa lượt đến này khỏi nhật ký?", "Delete this visit from the diary?")])
        .await;
    an.look("diary-removal").await;
    an.browser.fill("#passphrase", PASSPHRASE).await;
    an.browser.send(SURE).await;
    let removed =
        an.words("Đã xóa lượt đến khỏi nhật ký.", "The visit was deleted from the diary.");
    an.says(&[removed]).await;
    an.browser.send("form[action='/diary/off'] button").await;
    an.says(&[an.words("Nhật ký đã tắt.", "The diary is off.")]).await;
    an.browser.send("form[action='/diary/forget'] button").await;
    an.look("diary-forget").await;
    an.browser.send(SURE).await;
    an.says(&[an.words("Nhật ký đã bị hủy.", "The diary has been destroyed.")]).await;
}

/// How many times near others are stored, as the page of own data says.
async fn encounters(reader: &Reader<'_>) -> u64 {
    reader.choose("/data").await;
    let amount = "return document.querySelector('main tbody td').textContent";
    let amount = reader.browser.js(amount).await;
    amount.as_str().unwrap().parse().unwrap_or_else(|_| panic!("{amount}"))
}

/// A copy under a passphrase of its own, saved by the browser.
async fn take_copy(an: &Reader<'_>, downloads: &Path) -> PathBuf {
    assert!(encounters(an).await > 0);
    an.browser.save_downloads(downloads).await;
    an.browser.fill("#passphrase", OF_THE_COPY).await;
    an.browser.fill("#again", "không giống").await;
    an.browser.send("form[action='/data/export'] button").await;
    an.browser.see("#again-error").await;
    an.look("export-wrong").await;
    an.browser.fill("#passphrase", OF_THE_COPY).await;
    an.browser.fill("#again", OF_THE_COPY).await;
    an.browser.click("form[action='/data/export'] button").await;
    let name = format!("vungxanh-{FIRST_DATE}.vxarchive");
    an.browser.downloaded(downloads, &name).await
}

/// The copy on another device, whose person chooses an authority later.
async fn take_over(an_2: &Reader<'_>, copy: &Path) {
    assert_eq!(encounters(an_2).await, 0);
    for (passphrase, said) in [
        ("không phải cụm này", an_2.words("không mở được tệp", "does not open the file")),
        (OF_THE_COPY, an_2.words("Đã nhận dữ liệu", "Taken over")),
    ] {
        an_2.browser.fill("#known", passphrase).await;
        an_2.browser.choose("#file", copy).await;
        an_2.browser.send("form[action='/data/import'] button").await;
        an_2.says(&[said]).await;
    }
    an_2.look("imported").await;
    assert!(encounters(an_2).await > 0);
}

/// A day, and then everything, each after a question.
async fn delete(an: &Reader<'_>) {
    an.choose("/history").await;
    an.browser.send("form[action='/history/forget'] button").await;
    let question = an
        .words("Xóa những gì đã lưu của ngày 02/03/2026?", "Delete what is stored of 2 Mar 2026?");
    an.says(&[question]).await;
    an.look("forget-day").await;
    an.browser.send(SURE).await;
    let forgotten = an.words(
        "Đã xóa những gì đã lưu của ngày đó.",
        "What was stored of that day has been deleted.",
    );
    an.says(&[forgotten, an.words("Chưa lưu gì.", "Nothing is stored yet.")]).await;
    an.choose("/data").await;
    an.browser.send("form[action='/data/erase'] button").await;
    an.look("erase").await;
    an.browser.send(SURE).await;
    an.says(&[an.words("Đã xóa tất cả.", "Everything has been deleted.")]).await;
    assert_eq!(encounters(an).await, 0);
}
