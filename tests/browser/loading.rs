//! The pages for everyone on a slow mobile network: what a browser that has never been here loads before
//! they can be used, and how long that takes; and how long a declaration takes to seal and send.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_tests::demo::market::Market;
use vungxanh_tests::harness::authority::{Authority, Pace};
use vungxanh_tests::harness::code_picture::read_qr;
use vungxanh_tests::harness::moment::at;
use vungxanh_tests::harness::stage::{DemoError, Stage};

use crate::declarants::{Declarant, Office};
use crate::driver::{Browser, Driver};
use crate::looks::Looks;

/// The most bytes over the network before the button, fonts included.
const MOST_BYTES: u64 = 100_000;
const BYTES_A_SECOND: u32 = 50_000;
const DELAY_MILLISECONDS: u32 = 400;
/// Each by a browser that has never been here.
const TIMES: u32 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium and chromedriver"]
async fn little_comes_over_the_network_before_the_check_in_button() {
    run().await.unwrap();
}

async fn run() -> Result<(), DemoError> {
    let executable = env!("CARGO_BIN_EXE_demo").into();
    let mut stage = Stage::set_up(executable, at(0, 9, 0).time(), 7, "vi").await?;
    stage.set_rate(0)?;
    let pace = Pace { sync_minutes: 10, look_alike_hours: 336 };
    let mut authority =
        Authority::found(stage.host(), &stage.folder().join("authority"), pace).await?;
    let market = Market::open(&authority, stage.folder(), "vi").await?;
    let poster = read_qr(&market.poster)?;
    let driver = Driver::start();
    for emblem in ["the program's own sign", "the largest emblem"] {
        let mut milliseconds = Vec::new();
        for time in 0..TIMES {
            let folder = stage.folder().join(format!("browsers/{emblem} {time}"));
            let mut browser = driver.browser(&folder, (412, 915)).await;
            milliseconds.push(measure(&mut browser, stage.now(), &poster).await);
        }
        milliseconds.sort_unstable();
        println!("until the button can be used, with {emblem}, in milliseconds: {milliseconds:?}");
        give_largest_emblem(&mut authority).await?;
    }
    Ok(())
}

/// Gives the authority an emblem that is hardly smaller than is allowed, and starts its server again.
async fn give_largest_emblem(authority: &mut Authority) -> Result<(), DemoError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 147, 147);
    encoder.set_color(png::ColorType::Rgb);
    let mut pixels = vec![0; 147 * 147 * 3];
    StdRng::seed_from_u64(1).fill_bytes(&mut pixels);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    writer.finish().unwrap();
    assert!((64_000..=65_536).contains(&file.len()), "{}", file.len());
    std::fs::write(authority.folder().join("emblem.png"), file).unwrap();
    let path = authority.folder().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, config.replace("emblem = \"\"", "emblem = \"emblem.png\"")).unwrap();
    if let Some(server) = authority.take_server() {
        server.stop().await?;
    }
    authority.serve().await?;
    Ok(())
}

/// Opens a poster's address over an emulated network and prints what it took, in milliseconds. The time
/// is for docs/performance.md; only the bytes are bounded here, because a busy machine is slow by itself.
async fn measure(browser: &mut Browser, now: UnixTime, poster: &str) -> u64 {
    browser.hold_time(now).await;
    slow_down(browser).await;
    note_when_usable(browser, "poster").await;
    browser.open(poster).await;
    browser.see("#check-in").await;
    loaded_until_usable(browser, "check-in page").await
}

async fn slow_down(browser: &Browser) {
    browser.devtools("Network.enable", json!({})).await;
    let network = json!({
        "offline": false, "latency": DELAY_MILLISECONDS,
        "downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND,
    });
    browser.devtools("Network.emulateNetworkConditions", network).await;
}

/// Notes the time when the element of this id can be seen first.
async fn note_when_usable(browser: &Browser, id: &str) {
    let source = format!(
        "new MutationObserver(() => {{ const b = document.getElementById('{id}'); \
         if (b && !b.hidden && !window.usable) window.usable = performance.now(); }}) \
         .observe(document, {{ subtree: true, childList: true, attributes: true }})"
    );
    let added = json!({ "source": source });
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", added).await;
}

/// Prints what was loaded until then, and bounds it; the time in milliseconds.
async fn loaded_until_usable(browser: &Browser, page: &str) -> u64 {
    let loaded = browser
        .js("const own = performance.getEntriesByType('navigation'); \
             const all = [...own, ...performance.getEntriesByType('resource')] \
               .filter((e) => e.responseEnd <= window.usable || e.entryType === 'navigation'); \
             return { milliseconds: Math.round(window.usable), requests: all.length, \
               bytes: all.reduce((sum, e) => sum + e.transferSize, 0), \
               names: all.map((e) => `${e.name.split('/').at(-1).slice(0, 24)} ${e.transferSize}`) }")
        .await;
    println!("{page} at {BYTES_A_SECOND} B/s and {DELAY_MILLISECONDS} ms: {loaded}");
    let bytes = loaded["bytes"].as_u64().unwrap();
    assert!(bytes > 10_000 && bytes <= MOST_BYTES, "{loaded}");
    assert_ne!(loaded["milliseconds"], Value::Null);
    loaded["milliseconds"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium and chromedriver"]
async fn little_comes_over_the_network_before_the_form_of_a_declaration() {
    let office = Office::open().await.unwrap();
    let driver = Driver::start();
    let looks = Looks::new();
    let url = office.authority.url();
    let mut milliseconds = Vec::new();
    for time in 0..TIMES {
        let folder = office.stage.folder().join(format!("browsers/{time}"));
        let mut browser = driver.browser(&folder, (412, 915)).await;
        browser.hold_time(office.stage.now()).await;
        slow_down(&browser).await;
        note_when_usable(&browser, "form").await;
        browser.open(&format!("{url}/declare")).await;
        browser.see("#next").await;
        milliseconds.push(loaded_until_usable(&browser, "declarations").await);
    }
    milliseconds.sort_unstable();
    println!("until the form can be used, in milliseconds: {milliseconds:?}");
    for rate in [1, 4] {
        let folder = office.stage.folder().join(format!("browsers/rate-{rate}"));
        let browser = driver.browser(&folder, (412, 915)).await;
        let mut declarant = Declarant { browser, looks: &looks, url };
        declarant.open(office.stage.now()).await;
        declarant.daily("Lê Thị Hoa").await;
        declarant.go_on("health").await;
        let slower = json!({ "rate": rate });
        declarant.browser.devtools("Emulation.setCPUThrottlingRate", slower).await;
        // What the page says that it does, and when it began to.
        let source = "window.phases = []; const text = document.getElementById('sending-text'); \
                      new MutationObserver(() => window.phases.push([text.textContent.slice(0, 12), Math.round(performance.now())])) \
                      .observe(text, { childList: true }); return 1";
        declarant.browser.js(source).await;
        declarant.send().await;
        let phases = declarant
            .browser
            .js("return [...window.phases, ['sent', Math.round(performance.now())]]")
            .await;
        println!("processor rate {rate}: {phases}");
        assert!(phases.as_array().is_some_and(|phases| phases.len() >= 4), "{phases}");
    }
}
