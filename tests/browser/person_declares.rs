//! A health declaration at a person's own page, with scripts switched off: question by question, wrong and then right, read
//! by the officer, answered with passes, corrected; the day's health in two presses, and withdrawn.

use serde_json::json;
use vungxanh_tests::harness::person::Person;
use vungxanh_tests::harness::stage::DemoError;

use crate::declarants::Office;
use crate::driver::Driver;
use crate::looks::Looks;
use crate::person_page::{PHONE, Reader};

const CHECK: &str = "form[action='/declarations/check'] button";
const FORM: &str = "form[action='/declarations/form'] .actions button";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core"]
async fn a_person_declares_at_their_own_page_and_the_officer_reads_what_was_typed() {
    tell("vi").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium and chromedriver"]
async fn a_person_declares_at_their_own_page_in_english() {
    tell("en").await.unwrap();
}

async fn tell(language: &'static str) -> Result<(), DemoError> {
    let mut office = Office::open_in(language).await?;
    office.stage.set_rate(1)?;
    let folder = office.stage.folder().to_owned();
    let mut device = Person::new(office.stage.host(), &folder, &office.stage.socket(), "dao");
    device.enroll(&office.authority.founded().enrolment).await?;
    device.start().await?;
    let (driver, looks) = (Driver::start_in(language), Looks::of_story_in(language));
    let browser = driver.browser(&folder.join("browsers/dao"), PHONE).await;
    let mut dao = Reader { browser, looks: &looks, device: &device, site: String::new() };
    dao.run_scripts(false).await;
    dao.open().await?;

    dao.choose("/declarations").await;
    dao.look("declarations-none").await;
    dao.follow("/declarations/new").await;
    dao.browser.click("[name=kind][value=population]").await;
    dao.browser.click("[name=whom][value=self]").await;
    dao.browser.send("form[action='/declarations/new'] button").await;
    fill_in(&dao).await;
    let breathing = dao.words("Khó thở hoặc viêm phổi", "Trouble with breathing, or pneumonia");
    dao.says(&[breathing, "Nguyễn Thị Đào", "Phường Hoàn Kiếm"]).await;
    dao.look("declare-check").await;
    dao.browser.send(CHECK).await;
    dao.browser.see("#consent-error").await;
    dao.browser.click("[name=consent]").await;
    dao.browser.send(CHECK).await;
    dao.says(&[dao.taken()]).await;
    dao.look("declared").await;
    let forms = office.forms("first").await?;
    let [read] = &forms[..] else { panic!("{forms:?}") };
    for (field, value) in [
        ("name", json!("Nguyễn Thị Đào")),
        ("born", json!(1962)),
        ("gender", json!("female")),
        ("ward", json!(70)),
        ("phone", json!("+84912345678")),
        ("symptoms", json!(["breathing"])),
    ] {
        assert_eq!(read[field], value, "{field}");
    }

    // In return a pass, at once.
    dao.choose("/pass").await;
    dao.browser.see("main svg").await;
    // A picture only: a pass has to renew itself, which axe does not like.
    looks.picture(&dao.browser, "person-pass-shown").await;

    correct(&dao).await;
    let forms = office.forms("corrected").await?;
    let [read] = &forms[..] else { panic!("the first one is gone: {forms:?}") };
    let symptoms = read["symptoms"].as_array().unwrap();
    assert!(symptoms.len() == 2 && symptoms.contains(&json!("cough")), "{symptoms:?}");

    // The same day: no symptoms, in two presses.
    dao.browser.open(&format!("{}/declarations", dao.site)).await;
    dao.follow("/declarations/daily").await;
    dao.look("declare-daily").await;
    let none = "form[action='/declarations/daily']:has([name=answer][value=none]) button";
    dao.browser.send(none).await;
    dao.says(&[dao.taken()]).await;
    let forms = office.forms("daily").await?;
    let kinds: Vec<_> = forms.iter().map(|form| form["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"daily") && kinds.len() == 2, "{kinds:?}");
    withdraw(&dao).await;
    let forms = office.forms("withdrawn").await?;
    assert!(forms.len() == 1 && forms[0]["kind"] == "population", "{forms:?}");

    dao.run_scripts(true).await;
    let mut problems = dao.browser.problems().await;
    // What was left out on purpose.
    problems.retain(|problem| !problem.contains("responded with a status of 422"));
    assert_eq!(problems, Vec::<String>::new());
    looks.finish();
    Ok(())
}

impl Reader<'_> {
    /// What the page says of a declaration that the authority has taken.
    fn taken(&self) -> &'static str {
        self.browser.words(
            "Cơ quan y tế đã nhận được tờ khai.",
            "The health authority has received the declaration.",
        )
    }
}

/// The same form with one more answer, which takes the place of the first.
async fn correct(dao: &Reader<'_>) {
    dao.choose("/declarations").await;
    dao.browser.send("main a[href^='/declarations/one']").await;
    dao.look("declaration").await;
    dao.browser.send("form[action='/declarations/correct'] button").await;
    for step in ["person", "place", "health"] {
        let shown = "return document.querySelector('[name=step]').value";
        assert_eq!(dao.browser.js(shown).await, step);
        if step == "health" {
            dao.browser.click("[name=symptoms][value=cough]").await;
        }
        dao.browser.send(FORM).await;
    }
    dao.browser.click("[name=consent]").await;
    dao.browser.send(CHECK).await;
    dao.says(&[dao.taken()]).await;
}

/// The declaration that is shown is withdrawn, after a question.
async fn withdraw(dao: &Reader<'_>) {
    let address = dao.browser.address().await;
    dao.browser.send("form[action='/declarations/withdraw'] button").await;
    dao.look("declaration-withdraw").await;
    dao.browser.send("button.certain").await;
    let path = address.strip_prefix(&dao.site).unwrap();
    let withdrawn = dao.words(
        "Cơ quan y tế đã xóa tờ khai này.",
        "The health authority has deleted this declaration.",
    );
    dao.until_it_says(path, withdrawn).await;
}

/// Person, place, health; the person without the year first.
async fn fill_in(dao: &Reader<'_>) {
    let browser = &dao.browser;
    browser.fill("#name", "Nguyễn Thị Đào").await;
    browser.click("[name=gender][value=female]").await;
    browser.fill("#phone", "0912 345 678").await;
    browser.send(FORM).await;
    browser.see("#born-error").await;
    dao.look("declare-person-wrong").await;
    browser.fill("#born", "1962").await;
    browser.send(FORM).await;
    browser.select("#province", "1").await;
    browser.fill("#ward", "hoan kiem").await;
    browser.fill("#address", "12 ngõ Tràng Tiền").await;
    browser.send(FORM).await;
    browser.click("[name=symptoms][value=breathing]").await;
    browser.click("[name=contacts][value=none]").await;
    browser.click("[name=travelled][value=no]").await;
    dao.look("declare-health").await;
    browser.send(FORM).await;
}
