//! Warnings to passes in a browser: read once, shown to the person alone, set aside, forgotten.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::diagnosis_key::{Infectiousness, ReportType};
use vungxanh_protocol::door::{PassNotice, PassWarnings, WarningBatchWithPasses};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::Verdict;
use vungxanh_protocol::venue::batch::{HourHistogram, WarningBatch};
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_tests::harness::search::files_under;
use vungxanh_tests::harness::stage::DemoError;

use crate::declarants::{Declarant, Office};
use crate::declaration_cases::{Cases, STORED};
use crate::driver::Browser;

const MARKET: &str = "Chợ Đồng Xuân";
const WORDS: &str = "Hãy ở nhà và gọi 1900 9095.";

/// A batch of the last two hours as the authority would publish it, with a notice to the pass of `code`: when it was
/// there with a case. The file of it.
async fn publish(office: &Office, code: &str, (from, until): (UnixTime, UnixTime)) -> PathBuf {
    let (folder, now) = (office.authority.folder(), office.stage.now());
    let keys = files_under(&folder.join("keys")).unwrap();
    let key = keys.iter().find(|path| {
        path.extension().is_some_and(|kind| kind == "key") && {
            path.file_name().unwrap().to_string_lossy().starts_with("venue-")
        }
    });
    let secrets = std::fs::read_to_string(key.unwrap()).unwrap();
    let secret = secrets.lines().find_map(|line| line.strip_prefix("warning ")).unwrap();
    let seed: [u8; 32] = hex::decode(secret.trim()).unwrap().try_into().unwrap();
    let signed = std::fs::read(folder.join("authority.signed")).unwrap();
    let document = VerifiedAuthority::first_contact(&signed, now).unwrap();
    let region = document.document().regions[0].clone();

    let rng = &mut rand::rng();
    let Verdict::Valid(content) = office.verdict(code).await else { panic!("no valid pass") };
    let holder = *content.holder();
    let notice = PassNotice {
        from,
        until,
        report_type: ReportType::ConfirmedTest,
        infectiousness: Infectiousness::High,
        venue: MARKET.into(),
        words: WORDS.into(),
    };
    let hours = HourHistogram::new(BTreeMap::from([(Hour::at(from), 1)])).unwrap();
    let start = now.minus(7_200);
    let slots = WarningBatch::assemble(&region, start, now, Vec::new(), &hours, rng).unwrap();
    let passes = PassWarnings::assemble(&[(holder, notice)], rng).unwrap();
    let batch = WarningBatchWithPasses { slots, passes };
    let batch = batch.to_signed(&SigningKey::from_bytes(&seed)).unwrap();

    let name = format!("{region}/{}-{}-00077.vxp", start.as_secs(), now.as_secs());
    let warnings = folder.join("warnings");
    let index = warnings.join(&region).join("index.txt");
    std::fs::create_dir_all(index.parent().unwrap()).unwrap();
    let listed = std::fs::read_to_string(&index).unwrap_or_default();
    std::fs::write(&index, format!("{listed}\n{name}").trim()).unwrap();
    std::fs::write(warnings.join(&name), batch).unwrap();
    warnings.join(name)
}

/// What the page says of warnings when it has looked: of exposures, and of how the search went.
async fn warned(browser: &Browser, state: &str) -> (String, String) {
    let done = format!("return document.getElementById('warnings').dataset.state === '{state}'");
    browser.wait_until("the search for warnings", &done).await;
    let shown = "const e = document.getElementById('exposures'); \
         return e.checkVisibility() ? e.innerText.normalize('NFC') : ''";
    let shown = browser.js(shown).await.as_str().unwrap().to_owned();
    let line = browser.js("return document.getElementById('warnings-text').textContent").await;
    (shown, line.as_str().unwrap().to_owned())
}

async fn is_hidden(browser: &Browser, id: &str) -> bool {
    browser.js(&format!("return !document.getElementById('{id}').checkVisibility()")).await == true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver, axe-core and zbarimg"]
async fn whose_pass_was_scanned_with_a_case_is_warned_in_the_browser() {
    let (cases, mut office) = Cases::open().await;
    tell(&cases, &mut office).await.unwrap();
    cases.looks.finish();
}

async fn tell(cases: &Cases, office: &mut Office) -> Result<(), DemoError> {
    let lan = cases.declarant("lan").await;
    lan.daily("Nguyễn Thị Lan").await;
    lan.go_on("health").await;
    lan.send().await;
    let code = lan.pass("declare-warned-pass").await;
    let minh = cases.declarant("minh").await;
    minh.daily("Trần Văn Minh").await;
    minh.go_on("health").await;
    minh.send().await;

    let now = cases.now;
    let file = publish(office, &code, (now.minus(3_000), now.minus(600))).await;
    let browser = &lan.browser;
    lan.open_again().await;
    let (shown, line) = warned(browser, "done").await;
    for words in [MARKET, WORDS, "từ 08:10 đến 08:50 (40 phút)", "Nguyễn Thị Lan"] {
        assert!(shown.contains(words), "{words}: {shown} {line}");
    }
    assert!(line.contains("Đã kiểm tra cảnh báo") && !line.contains("không đọc được"), "{line}");
    cases.looks.closely(browser, "declare-warned").await;
    minh.open_again().await;
    let (shown, line) = warned(&minh.browser, "done").await;
    assert_eq!(shown, "", "of somebody else's pass nothing is said");
    assert!(line.contains("Không có cảnh báo nào"), "{line}");
    cases.looks.closely(&minh.browser, "declare-not-warned").await;

    // Each batch is read once: what it said is known although it is gone.
    std::fs::remove_file(&file).unwrap();
    lan.open_again().await;
    let (shown, line) = warned(browser, "done").await;
    assert!(shown.contains(MARKET) && !line.contains("không đọc được"), "{shown} {line}");
    on_its_places(cases, &lan).await;
    said_not_to_be_there(cases, &lan).await;

    // Without a network it stands there, too.
    browser.js("await navigator.serviceWorker.ready; return 1").await;
    office.close().await?;
    lan.open_again().await;
    let (_, line) = warned(browser, "failed").await;
    assert!(line.contains("không kết nối được"), "{line}");
    browser.click("#warned-read").await;
    assert!(browser.text("#exposures").await.contains(MARKET));
    cases.looks.at(browser, "declare-warned-offline").await;
    let refused = browser.problems().await;
    assert!(refused.iter().all(|problem| problem.contains("ERR_")), "{refused:?}");
    office.authority.serve().await?;
    forgotten(cases, &lan).await;
    for browser in [browser, &minh.browser] {
        assert_eq!(browser.problems().await, Vec::<String>::new());
    }
    Ok(())
}

/// Where it is shown, and where not: beside a pass nobody reads it over a shoulder.
async fn on_its_places(cases: &Cases, lan: &Declarant<'_>) {
    let browser = &lan.browser;
    lan.begin("daily", "self", "own").await;
    browser.see("#name").await;
    assert!(is_hidden(browser, "exposures").await, "it is not in the way of who fills in");
    lan.open_again().await;
    assert!(browser.text("#warned-line").await.contains("Có cảnh báo liên quan đến bạn"));
    cases.looks.closely(browser, "declare-warned-line").await;
    browser.click("#warned-read").await;
    browser.see("#exposures").await;
    cases.looks.closely(browser, "declare-warned-sent").await;
    browser.click("#sent-list li button").await;
    browser.see("#pass-code svg").await;
    assert!(is_hidden(browser, "exposures").await && is_hidden(browser, "warned-line").await);
    // In English, and on the check-in page.
    browser.open(&format!("{}/declare?lang=en", cases.url)).await;
    let (_, line) = warned(browser, "done").await;
    assert!(line.contains("Warnings checked"), "{line}");
    browser.click("#warned-read").await;
    assert!(browser.text("#exposures").await.contains("By the scanned pass of"));
    cases.looks.closely(browser, "declare-warned-en").await;
    for (language, words) in [("vi", "Theo thẻ qua cửa đã quét"), ("en", "By the scanned pass of")]
    {
        browser.open(&format!("{}/v?lang={language}", cases.url)).await;
        let (shown, _) = warned(browser, "done").await;
        assert!(shown.contains(MARKET) && shown.contains(words), "{shown}");
        cases.looks.closely(browser, &format!("check-in-warned-pass-{language}")).await;
    }
}

/// "I was not there", and back.
async fn said_not_to_be_there(cases: &Cases, lan: &Declarant<'_>) {
    let browser = &lan.browser;
    let open = async || {
        browser.open(&format!("{}/v?lang=vi", cases.url)).await;
        warned(browser, "done").await.0
    };
    open().await;
    browser.click("#exposure-list button").await;
    assert!(browser.text("#set-aside").await.contains("không có mặt ở đó"));
    assert!(is_hidden(browser, "exposures").await);
    cases.looks.closely(browser, "check-in-set-aside").await;
    assert_eq!(open().await, "", "it stays so");
    browser.click("#set-aside-list button").await;
    browser.see("#exposures").await;
    assert!(is_hidden(browser, "set-aside").await);
}

/// On the check-in page warnings are forgotten, on the page of declarations everything.
async fn forgotten(cases: &Cases, lan: &Declarant<'_>) {
    let browser = &lan.browser;
    browser.open(&format!("{}/v?lang=vi", cases.url)).await;
    assert!(warned(browser, "done").await.0.contains(MARKET));
    browser.click("main details summary").await;
    browser.click("#forget").await;
    browser.see("#passes-stay").await;
    assert!(is_hidden(browser, "exposures").await);
    cases.looks.closely(browser, "check-in-forgotten-passes").await;
    lan.open_again().await;
    assert_eq!(warned(browser, "done").await.0, "");
    let stored = browser.js(STORED).await;
    assert!(!stored.as_str().unwrap().contains(MARKET), "{stored}");
    browser.click("main > details:last-of-type summary").await;
    browser.click("#forget").await;
    browser.see("#forgotten").await;
    assert_eq!(browser.js(STORED).await, "[[],[]]");
}
