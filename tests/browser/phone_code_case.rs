//! Where the authority asks for a telephone code: asked for once, typed wrong and right, for a whole family.

use std::time::Duration;

use vungxanh_protocol::pass::Verdict;
use vungxanh_tests::harness::stage::DemoError;

use crate::declarants::{Declarant, Office};
use crate::driver::Driver;
use crate::looks::Looks;

const PHONE: (u32, u32) = (412, 915);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver, axe-core and zbarimg"]
async fn a_code_proves_the_number_of_who_declares_for_a_family() {
    code().await.unwrap();
}

/// The code of the last message, which comes after the answer.
async fn code_after(office: &Office, before: Option<&str>) -> Result<String, DemoError> {
    for _ in 0..300 {
        if let Some(code) = office.authority.last_text_code()?
            && Some(code.as_str()) != before
        {
            return Ok(code);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no message came");
}

async fn code() -> Result<(), DemoError> {
    let mut office = Office::open().await?;
    office.close().await?;
    office.authority.ask_phone_codes().await?;
    office.authority.serve().await?;
    let url = office.authority.url().to_owned();
    let (driver, looks, now) = (Driver::start(), Looks::new(), office.stage.now());
    let mut browser = driver.browser(&office.stage.folder().join("browsers/ha"), PHONE).await;
    browser.by_keyboard = true;
    let mut ha = Declarant { browser, looks: &looks, url: &url };
    ha.open(now).await;
    ha.daily("Vũ Thị Hà").await;
    ha.go_on("health").await;
    ha.browser.see("#consent").await;
    ha.browser.click("#consent").await;
    ha.browser.click("#next").await;
    ha.browser.see("#code").await;
    ha.browser.is_taken_along_to("#code-panel").await;
    assert!(ha.browser.text("#code-sent").await.contains("091 234 5678"));
    looks.closely(&ha.browser, "declare-code").await;
    let first = code_after(&office, None).await?;
    // What is no code, and what is a wrong one, stands in a summary and at the field.
    let said = async |browser: &crate::driver::Browser, words: &str| {
        let body =
            format!("return document.getElementById('summary').innerText.includes('{words}')");
        browser.wait_until(words, &body).await;
    };
    ha.browser.fill("#code", "12").await;
    ha.browser.click("#code-form button").await;
    said(&ha.browser, "sáu chữ số").await;
    let wrong = if first == "000000" { "000001" } else { "000000" };
    ha.browser.fill("#code", wrong).await;
    ha.browser.click("#code-form button").await;
    said(&ha.browser, "còn lại: 4").await;
    looks.closely(&ha.browser, "declare-code-wrong").await;
    // A reload loses nothing, and asks for no second message.
    ha.browser.open(&format!("{url}/declare?lang=en")).await;
    ha.browser.wait_until("the page", "return !!document.documentElement.dataset.ready").await;
    ha.browser.click("#retry").await;
    ha.browser.see("#code").await;
    looks.closely(&ha.browser, "declare-code-en").await;
    assert_eq!(office.authority.last_text_code()?, Some(first.clone()));
    // After a while another one can be asked for; the first is worth nothing then.
    ha.open(now.plus(61)).await;
    ha.browser.click("#retry").await;
    ha.browser.see("#code").await;
    let can_ask = "return !document.getElementById('code-again').disabled";
    ha.browser.wait_until("another code", can_ask).await;
    ha.browser.click("#code-again").await;
    let second = code_after(&office, Some(&first)).await?;
    ha.browser.fill("#code", &first).await;
    ha.browser.click("#code-form button").await;
    said(&ha.browser, "còn lại: 4").await;
    ha.browser.fill("#code", &format!("{} {}", &second[..3], &second[3..])).await;
    ha.browser.click("#code-form button").await;
    ha.browser.see("#sent-list li").await;
    let code = ha.pass("declare-code-pass").await;
    assert!(matches!(office.verdict(&code).await, Verdict::Valid(_)), "{code}");
    ha.browser.click("#pass-back").await;
    ha.browser.see("#another").await;

    // For the child no second code is asked.
    ha.browser.click("#another").await;
    ha.browser.see("#step-start").await;
    ha.go_on("start").await;
    ha.answer("byRelation", "guardian").await;
    ha.go_on("declarer").await;
    ha.fill(&[("name", "Vũ Bé"), ("born", "2019")]).await;
    ha.go_on("person").await;
    ha.go_on("place").await;
    ha.answer("symptoms", "none").await;
    ha.go_on("health").await;
    ha.send().await;
    // The browser itself notes that the wrong codes were refused.
    let problems = ha.browser.problems().await;
    assert!(problems.iter().all(|problem| problem.contains("v1/phone/confirm")), "{problems:?}");
    looks.finish();

    let forms = office.forms("codes").await?;
    assert_eq!(forms.len(), 2);
    assert!(forms.iter().all(|form| form["provenPhone"] == "+84912345678"), "{forms:?}");
    Ok(())
}
