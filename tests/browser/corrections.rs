//! What is written reaches the officer to the letter; a declaration that was sent is corrected in the browser: the new
//! one takes its place, passes stay.

use serde_json::{Value, json};
use vungxanh_protocol::declaration::Form;
use vungxanh_protocol::pass::Verdict;
use vungxanh_tests::harness::stage::DemoError;
use vungxanh_tests::harness::widest::widest_form;

use crate::declarants::Office;
use crate::declaration_cases::Cases;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver, axe-core and zbarimg"]
async fn a_correction_takes_the_place_of_what_was_sent_and_passes_stay() {
    let (cases, office) = Cases::open().await;
    correct(&cases, &office).await.unwrap();
    cases.looks.finish();
}

async fn correct(cases: &Cases, office: &Office) -> Result<(), DemoError> {
    let hoa = cases.declarant("hoa").await;
    let browser = &hoa.browser;
    hoa.begin("daily", "self", "own").await;
    hoa.fill(&[("name", "Vũ Thị Hòa"), ("born", "1988"), ("phone", "0912 345 678")]).await;
    hoa.go_on("person").await;
    hoa.place("hoan kiem").await;
    // The list of wards is still open: who presses slowly presses the button all the same.
    hoa.press_slowly("#next").await;
    browser.see("#symptoms").await;
    hoa.answer("symptoms", "none").await;
    hoa.go_on("health").await;
    hoa.send().await;
    let pass = hoa.pass("declare-correct-pass").await;
    browser.click("#pass-back").await;
    browser.see("#sent-list li").await;
    let receipt = "return document.querySelector('#sent-list details p').textContent";
    let first_receipt = browser.js(receipt).await;

    // All answers are there, those about health too; a reload in between loses nothing.
    browser.click("#sent-list li .actions button:nth-of-type(4)").await;
    assert!(browser.text("#correcting").await.contains("Vũ Thị Hòa"));
    cases.looks.closely(browser, "declare-correcting").await;
    hoa.fill(&[("born", "1978")]).await;
    hoa.go_on("person").await;
    hoa.has_stored("place").await;
    hoa.open_again().await;
    assert!(browser.text("#correcting").await.contains("Vũ Thị Hòa"));
    hoa.go_on("place").await;
    let ticked = "return document.querySelector('#symptoms input[value=none]').checked";
    assert_eq!(browser.js(ticked).await, true);
    hoa.answer("symptoms", "cough").await;
    hoa.go_on("health").await;
    hoa.send().await;
    assert!(browser.text("#told").await.contains("Đã gửi bản sửa"));
    assert_eq!(browser.js("return document.querySelectorAll('#sent-list > li').length").await, 1);
    cases.looks.closely(browser, "declare-corrected").await;
    let forms = office.forms("corrected").await?;
    assert_eq!(forms.len(), 1, "{forms:?}");
    assert_eq!((&forms[0]["born"], &forms[0]["symptoms"]), (&json!(1978), &json!(["cough"])));
    assert_ne!(browser.js(receipt).await, first_receipt, "the receipt is the new one's");
    let same = hoa.pass("declare-correct-pass-after").await;
    assert_eq!(same[..90], pass[..90], "the same pass");
    assert!(matches!(office.verdict(&same).await, Verdict::Valid(_)));
    browser.click("#pass-back").await;
    browser.see("#sent-list li").await;

    // Withdrawn elsewhere meanwhile: it is said, and sent as one of its own if the person wants that.
    let code = browser.js(receipt).await.as_str().unwrap().split_once(": ").unwrap().1.to_owned();
    let elsewhere = cases.declarant("elsewhere").await;
    elsewhere.browser.click("#withdraw-code summary").await;
    elsewhere.browser.fill("#receipt", &code).await;
    elsewhere.browser.click("#withdraw-form button").await;
    assert!(elsewhere.browser.text("#told").await.contains("không còn giữ"));
    browser.open(&format!("{}/declare?lang=en", cases.url)).await;
    browser.click("#open-sent").await;
    browser.click("#sent-list li .actions button:nth-of-type(4)").await;
    cases.looks.closely(browser, "declare-correcting-en").await;
    hoa.go_on("person").await;
    hoa.go_on("place").await;
    hoa.go_on("health").await;
    browser.click("#consent").await;
    browser.click("#next").await;
    assert!(browser.text("#problem-text").await.contains("no longer has the earlier declaration"));
    cases.looks.closely(browser, "declare-correction-alone-en").await;
    assert!(office.forms("none").await?.is_empty());
    browser.click("#retry").await;
    browser.see("#sent-list li").await;
    assert_eq!(office.forms("again").await?.len(), 1);
    let mut problems = browser.problems().await;
    problems.retain(|problem| !problem.contains("404"));
    assert_eq!(problems, Vec::<String>::new());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and axe-core"]
async fn every_field_at_its_limit_reaches_the_officer_to_the_letter() {
    let (cases, office) = Cases::open().await;
    widest(&cases, &office).await.unwrap();
    cases.looks.finish();
}

async fn widest(cases: &Cases, office: &Office) -> Result<(), DemoError> {
    // The field for a ward takes fewer letters than the form.
    let form = widest_form(100);
    let sau = cases.declarant("sau").await;
    let browser = &sau.browser;
    // As from the clipboard: the driver's keys type no pictures.
    let paste = async |fields: &[&str]| {
        for field in fields {
            let id = if *field == "place" { "ward-name" } else { *field };
            let text = match &form[*field] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let body = format!(
                "const e = document.getElementById('{id}'); e.focus(); e.select?.(); \
                 if (e.tagName === 'SELECT') e.value = {0}; else document.execCommand('insertText', false, {0}); \
                 e.dispatchEvent(new Event('input', {{ bubbles: true }})); return e.value === {0}",
                Value::from(text)
            );
            assert_eq!(browser.js(&body).await, true, "{field}");
        }
    };
    let tick = async |field: &str| {
        for answer in form[field].as_array().unwrap() {
            sau.answer(field, answer.as_str().unwrap()).await;
        }
    };
    sau.begin("entry", "other", "own").await;
    paste(&["byName", "byPhone"]).await;
    sau.answer("byRelation", "staff").await;
    sau.go_on("declarer").await;
    paste(&["name", "born", "passport", "paperKind", "paper", "phone", "email", "insurance"]).await;
    sau.answer("gender", "other").await;
    sau.go_on("person").await;
    paste(&["place", "address"]).await;
    sau.go_on("place").await;
    sau.answer("vehicle", "aeroplane").await;
    paste(&["number", "seat", "fromCountry", "fromGate", "toGate"]).await;
    sau.start_at("2026-03-01T22:00").await;
    cases.looks.at(browser, "declare-widest-journey").await;
    sau.go_on("journey").await;
    tick("symptoms").await;
    tick("contacts").await;
    sau.answer("travelled", "yes").await;
    paste(&["travel", "note"]).await;
    sau.go_on("health").await;
    browser.see("#consent").await;
    cases.looks.at(browser, "declare-widest-check").await;
    sau.send().await;
    let read = office.forms("widest").await?;
    let mut form = form;
    form["day"] = read[0]["day"].clone();
    form["consent"] = 1.into();
    let form: Form = serde_json::from_value(form).unwrap();
    assert_eq!(read, [serde_json::to_value(form.normalised()).unwrap()]);
    Ok(())
}
