//! The check-in page on a slow mobile network: what a browser that has never been here loads before
//! the button can be used, and how long that takes.

use std::process::Command;

use serde_json::{Value, json};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_tests::demo::market::Market;
use vungxanh_tests::harness::authority::{Authority, Pace};
use vungxanh_tests::harness::moment::at;
use vungxanh_tests::harness::stage::{DemoError, Stage};

use crate::driver::{Browser, Driver};

/// The most bytes over the network before the button, fonts included.
const MOST_BYTES: u64 = 100_000;
const BYTES_A_SECOND: u32 = 50_000;
const DELAY_MILLISECONDS: u32 = 400;
/// Each by a browser that has never been here.
const TIMES: u32 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver and zbarimg"]
async fn little_comes_over_the_network_before_the_check_in_button() {
    run().await.unwrap();
}

async fn run() -> Result<(), DemoError> {
    let executable = env!("CARGO_BIN_EXE_demo").into();
    let mut stage = Stage::set_up(executable, at(0, 9, 0).time(), 7, "vi").await?;
    stage.set_rate(0)?;
    let pace = Pace { sync_minutes: 10, look_alike_hours: 336 };
    let authority = Authority::found(stage.host(), &stage.folder().join("authority"), pace).await?;
    let market = Market::open(&authority, stage.folder(), "vi").await?;
    let read = Command::new("zbarimg").args(["--quiet", "--raw"]).arg(&market.poster).output();
    let poster = String::from_utf8(read.unwrap().stdout).unwrap();
    let driver = Driver::start();
    let mut milliseconds = Vec::new();
    for time in 0..TIMES {
        let folder = stage.folder().join(format!("browsers/{time}"));
        let mut browser = driver.browser(&folder, (412, 915)).await;
        milliseconds.push(measure(&mut browser, stage.now(), poster.trim()).await);
    }
    milliseconds.sort_unstable();
    println!("until the button can be used, in milliseconds: {milliseconds:?}");
    Ok(())
}

/// Opens a poster's address over an emulated network and prints what it took, in milliseconds. The time
/// is for docs/performance.md; only the bytes are bounded here, because a busy machine is slow by itself.
async fn measure(browser: &mut Browser, now: UnixTime, poster: &str) -> u64 {
    browser.hold_time(now).await;
    browser.devtools("Network.enable", json!({})).await;
    let network = json!({
        "offline": false, "latency": DELAY_MILLISECONDS,
        "downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND,
    });
    browser.devtools("Network.emulateNetworkConditions", network).await;
    let source = "new MutationObserver(() => { const b = document.getElementById('poster'); \
                  if (b && !b.hidden && !window.usable) window.usable = performance.now(); }) \
                  .observe(document, { subtree: true, childList: true, attributes: true })";
    let added = json!({ "source": source });
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", added).await;
    browser.open(poster).await;
    browser.see("#check-in").await;
    let loaded = browser
        .js("const own = performance.getEntriesByType('navigation'); \
             const all = [...own, ...performance.getEntriesByType('resource')] \
               .filter((e) => e.responseEnd <= window.usable || e.entryType === 'navigation'); \
             return { milliseconds: Math.round(window.usable), requests: all.length, \
               bytes: all.reduce((sum, e) => sum + e.transferSize, 0), \
               names: all.map((e) => `${e.name.split('/').at(-1).slice(0, 24)} ${e.transferSize}`) }")
        .await;
    println!("check-in page at {BYTES_A_SECOND} B/s and {DELAY_MILLISECONDS} ms: {loaded}");
    let bytes = loaded["bytes"].as_u64().unwrap();
    assert!(bytes > 10_000 && bytes <= MOST_BYTES, "{loaded}");
    assert_ne!(loaded["milliseconds"], Value::Null);
    loaded["milliseconds"].as_u64().unwrap()
}
