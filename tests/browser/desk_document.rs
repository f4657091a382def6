//! The authority's document by form: what a person is told after a contact is changed, compared and signed where the root
//! key is; then with the key elsewhere, by the files that the page gives and takes.

use vungxanh_protocol::authority::{AuthorityDocument, VerifiedAuthority};
use vungxanh_tests::harness::process::Program;
use vungxanh_tests::harness::stage::{DemoError, Stage};

use crate::desk::Desk;
use crate::everything::question;

const ADVICE: &str = "Hãy gọi trạm y tế phường trước khi đến.";
const LATER_ADVICE: &str = "Hãy ở nhà và gọi trạm y tế phường.";

/// The document as devices fetch it.
async fn served(desk: &Desk<'_>) -> AuthorityDocument {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let signed = client.get(desk.address("/v1/authority")).send().await.unwrap();
    let signed = signed.bytes().await.unwrap();
    let now = vungxanh_tests::harness::moment::at(0, 10, 0).time();
    VerifiedAuthority::first_contact(&signed, now).unwrap().document().clone()
}

/// Makes a draft with another message; its address and serial.
async fn draft(desk: &Desk<'_>, advice: &str) -> (String, u64) {
    let browser = desk.browser();
    desk.open("/staff").await;
    browser.send("main a[href$='/staff/authority']").await;
    browser.send("main a[href$='/staff/authority/edit']").await;
    browser.fill("#advice_vi", advice).await;
    browser.send("main form .actions button").await;
    let address = browser.address().await;
    let address = address.split('?').next().unwrap().to_owned();
    let serial = address.rsplit('/').next().unwrap().parse().unwrap();
    desk.says(&[&format!("{serial}"), advice]).await;
    let changed = "return [...document.querySelectorAll('section[aria-labelledby=changes] td[data-label]')].map((cell) => cell.innerText)";
    let changed = browser.js(changed).await;
    assert!(changed.as_array().unwrap().iter().any(|text| text == advice), "{changed}");
    let preview = browser.text("section[aria-labelledby=preview] li[lang=vi]").await;
    assert!(preview.contains(advice), "{preview}");
    (address, serial)
}

/// Signed on this machine; what is served then.
pub async fn signed_here(desk: &Desk<'_>) -> AuthorityDocument {
    let (browser, officer) = (desk.browser(), &desk.administrator);
    for (name, path) in [
        ("staff-authority", "/staff/authority"),
        ("staff-authority-edit", "/staff/authority/edit"),
        ("staff-authority-keys", "/staff/authority/keys"),
        ("staff-authority-batches", "/staff/authority/batches"),
    ] {
        officer.looks.look(browser, officer.url, name, path).await;
    }
    let before = served(desk).await;
    make_key(desk).await;
    let (address, serial) = draft(desk, ADVICE).await;
    let path = address.strip_prefix(officer.url).unwrap();
    officer.looks.look(browser, officer.url, "staff-draft", path).await;
    let sign = "form[action$='/sign'] button";
    question(officer.looks, browser, &address, sign, "page-sure-sign").await;
    assert_eq!(served(desk).await, before, "not before it is signed");
    desk.send_for_sure(sign).await;
    let now = served(desk).await;
    assert_eq!((now.serial, now.advice["vi"].as_str()), (serial, ADVICE));
    assert_eq!(now.advice["en"], before.advice["en"]);
    assert_eq!(now.export_keys.len(), before.export_keys.len() + 1, "the key that was made");
    now
}

/// The next key that signs batches; a document names it once it is drafted and signed.
async fn make_key(desk: &Desk<'_>) {
    let (browser, page) = (desk.browser(), desk.address("/staff/authority/keys"));
    let button = "form[action$='/keys/export'] button";
    question(desk.administrator.looks, browser, &page, button, "page-sure-new-key").await;
    browser.open(&page).await;
    desk.send_for_sure(button).await;
    desk.says(&[browser.words("Đã tạo khóa.", "The key is made.")]).await;
}

/// Signed on another machine, where the root key is: it gets the draft and the document in force, and gives a file back.
pub async fn signed_elsewhere(
    desk: &Desk<'_>,
    stage: &Stage,
    in_force: AuthorityDocument,
) -> Result<(), DemoError> {
    let (browser, officer) = (desk.browser(), &desk.administrator);
    let elsewhere = stage.folder().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let key = elsewhere.join("root.key");
    std::fs::rename(desk.authority.folder().join("keys/root.key"), &key).unwrap();

    let (address, serial) = draft(desk, LATER_ADVICE).await;
    let path = address.strip_prefix(officer.url).unwrap();
    officer.looks.look(browser, officer.url, "staff-draft-elsewhere", path).await;
    let there = "return !!document.querySelector('form[action$=\"/sign\"]')";
    assert_eq!(browser.js(there).await, false, "nothing here signs");
    let name = format!("authority-{serial}.json");
    let document =
        desk.save(&format!("a[download='{name}'], a[href$='/document.json']"), &name).await;
    let base = desk.save("a[download='authority.signed']", "authority.signed").await;
    let signed = elsewhere.join("authority.signed");
    let [document, base, key, out] =
        [&document, &base, &key, &signed].map(|path| path.to_string_lossy());
    let arguments = [
        "sign-document",
        "--document",
        &*document,
        "--root-key",
        &*key,
        "--in-force",
        &*base,
        "--out",
        &*out,
    ];
    let said = stage.host().run(Program::Server, &arguments).await?.expect_code(0)?.stdout;
    assert!(said.contains(LATER_ADVICE), "the holder of the key sees what changes: {said}");

    browser.choose("#file", &signed).await;
    browser.send("form[enctype] button").await;
    officer.looks.closely(browser, "staff-draft-signed").await;
    assert_eq!(served(desk).await, in_force, "not before somebody has looked at it");
    let enforce = "form[action$='/enforce'] button";
    question(officer.looks, browser, &address, enforce, "page-sure-enforce").await;
    desk.send_for_sure(enforce).await;
    let now = served(desk).await;
    assert_eq!((now.serial, now.advice["vi"].as_str()), (serial, LATER_ADVICE));
    assert!(serial > in_force.serial);
    Ok(())
}
