//! Health declarations in a browser: from the form to the officer's own computer, and to a door's verdict.

use std::collections::BTreeSet;

use serde_json::json;
use vungxanh_protocol::pass::Verdict;
use vungxanh_tests::harness::search::Needles;
use vungxanh_tests::harness::stage::DemoError;

use crate::declarants::{Declarant, Office};
use crate::driver::Driver;
use crate::looks::Looks;

const PHONE: (u32, u32) = (412, 915);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver, axe-core and zbarimg"]
async fn who_declares_in_a_browser_gets_a_pass_and_only_the_officer_reads_the_form() {
    for_oneself().await.unwrap();
}

async fn for_oneself() -> Result<(), DemoError> {
    let office = Office::open().await?;
    let url = office.authority.url().to_owned();
    let driver = Driver::start();
    let looks = Looks::new();
    let mut browser = driver.browser(&office.stage.folder().join("browsers/lan"), PHONE).await;
    browser.by_keyboard = true;
    let mut lan = Declarant { browser, looks: &looks, url: &url };
    let now = office.stage.now();
    lan.open(now).await;
    lan.begin("movement", "self", "own").await;
    lan.fill(&[("name", "Nguyễn Thị Lan"), ("born", "1985"), ("phone", "0912 345 678")]).await;
    lan.answer("gender", "female").await;
    lan.picture("person").await;

    // The battery dies: nothing of what was typed is lost.
    lan.browser
        .wait_until("the draft", "return new Promise((r) => setTimeout(() => r(true), 500))")
        .await;
    lan.open(now).await;
    assert_eq!(
        lan.browser.js("return document.getElementById('name').value").await,
        "Nguyễn Thị Lan"
    );
    assert_eq!(lan.browser.js("return document.getElementById('step-person').hidden").await, false);
    lan.go_on("person").await;

    lan.place("hoan kiem").await;
    lan.picture("ward").await;
    lan.browser.press_down().await;
    lan.browser.press_enter().await;
    assert_eq!(
        lan.browser.js("return document.getElementById('ward-name').value").await,
        "Phường Hoàn Kiếm"
    );
    lan.fill(&[("address", "12 Hàng Bạc")]).await;
    lan.go_on("place").await;
    lan.journey().await;
    lan.picture("journey").await;
    lan.go_on("journey").await;
    lan.answer("symptoms", "none").await;
    lan.answer("contacts", "none").await;
    lan.answer("travelled", "no").await;
    lan.picture("health").await;
    lan.go_on("health").await;
    lan.browser.see("#consent").await;
    assert_eq!(lan.browser.js("return document.getElementById('consent').checked").await, false);
    lan.browser
        .wait_until(
            "who reads it",
            "return document.getElementById('officers').textContent.includes('Bác sĩ Hoa')",
        )
        .await;
    lan.picture("check").await;
    lan.send().await;
    lan.picture("sent").await;
    let code = lan.pass("declare-pass").await;
    assert!(matches!(office.verdict(&code).await, Verdict::Valid(_)), "{code}");
    lan.picture("pass-page").await;
    assert_eq!(lan.browser.problems().await, Vec::<String>::new());
    looks.finish();

    // The officer reads the very form.
    let forms = office.forms("first").await?;
    assert_eq!(forms.len(), 1);
    let expected = json!({
        "kind": "movement", "name": "Nguyễn Thị Lan", "born": 1985, "gender": "female",
        "nationality": "VN", "ward": 70, "address": "12 Hàng Bạc", "phone": "+84912345678",
        "travelled": false, "symptoms": [], "contacts": [], "vehicle": "train", "number": "SE1",
        "seat": "12A", "fromProvince": 1, "toProvince": 48, "consent": 1,
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&forms[0][field], value, "{field}");
    }

    // Nothing of it is at the authority, nor the pass.
    let mut needles = Needles::default();
    for text in ["Nguyễn Thị Lan", "12 Hàng Bạc", "912345678", "912 345 678", &code[5..]] {
        needles.add_bytes(text.as_bytes());
    }
    for folder in [office.authority.folder().to_owned(), office.stage.folder().join("logs")] {
        assert_eq!(needles.found_under(&folder).unwrap(), BTreeSet::new());
    }
    Ok(())
}
