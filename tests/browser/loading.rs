//! The check-in page on a slow mobile network: what a browser that has never been here loads before
//! the button can be used, and how long that takes.

use serde_json::{Value, json};
use vungxanh_protocol::interval::UnixTime;

use crate::driver::Browser;

/// The most bytes over the network before the button, fonts included.
const MOST_BYTES: u64 = 100_000;
const BYTES_A_SECOND: u32 = 50_000;
const DELAY_MILLISECONDS: u32 = 400;

/// Opens a poster's address over an emulated network and prints what it took. The time is for
/// docs/performance.md; only the bytes are bounded here, because a busy machine is slow by itself.
pub async fn measure(browser: &mut Browser, now: UnixTime, poster: &str) {
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
}
