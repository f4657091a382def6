//! A supervised door in a browser: from the declaration to the warning of who was there, and what is refused.

use std::collections::BTreeSet;
use std::time::Duration;

use health_authority_server::authority::folder::Folder;
use health_authority_server::authority::intake::{card_issuer, make_card_keys, read_card_keys};
use rand::SeedableRng;
use rand::rngs::StdRng;
use vungxanh_protocol::door::{CardIssuer, CardUse, Contact};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::pass::{
    DayKey, HolderKey, KeyName, LivePass, Pass, PassIssuer, PassKind, PassRequest,
};
use vungxanh_tests::harness::moment::at;
use vungxanh_tests::harness::stage::DemoError;

use crate::door_keepers::{DoorOffice, Keeper, OwnPass, declared};
use crate::driver::Driver;
use crate::films::{paper, still, write_film};
use crate::looks::Looks;
use crate::slowness::Slowness;

const PHONE: (u32, u32) = (360, 800);
/// Scaled seconds a second while nothing happens.
const WAITING: u32 = 3_600;
/// The first local day of the story, counted from 1970-01-01.
const TODAY: u16 = 20_514;
/// How many verdicts are timed.
const VERDICTS: usize = 24;

fn clock(hour: u64, minute: u64) -> UnixTime {
    at(0, hour, minute).time()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver, axe-core and zbarimg"]
async fn who_is_scanned_at_a_door_without_network_is_warned_and_nobody_else() {
    tell().await.unwrap();
}

async fn tell() -> Result<(), DemoError> {
    let mut door = DoorOffice::open().await?;
    let url = door.office.authority.url().to_owned();
    let driver = Driver::start();
    let looks = Looks::new();
    let declaration = declared(&door.office, &driver, &looks, "Lê Thị Hoa").await;
    let passes = &declaration.passes;
    let (hers, printed, unused) = (&passes[0], &passes[12], &passes[1]);
    assert_eq!(printed.pass.content().kind, PassKind::Printed);
    // She holds her phone before the camera, takes it away, and so on.
    let folder = door.office.stage.folder().join("browsers/door");
    let film = door.office.stage.folder().join("hers.y4m");
    write_film(&film, &[(Some(&still(&declaration.screen, 400)), 2), (None, 6)]);
    let browser = driver.browser_with_camera(&folder, PHONE, &film).await;
    let mut keeper = Keeper { browser, url: &url, payload: Vec::new() };
    keeper.join(&door.join_code).await;
    let now = door.office.stage.now();
    keeper.open(now, "vi").await;
    looks.closely(&keeper.browser, "door-choose").await;
    keeper.choose().await;
    looks.closely(&keeper.browser, "door-ready").await;

    let before = keeper.number().await;
    keeper.look().await;
    assert_eq!(keeper.verdict_after(&before).await, "in");
    keeper.browser.click("#camera-stop").await;
    assert!(keeper.words().await.contains("Đã khai báo"), "{}", keeper.words().await);
    looks.closely(&keeper.browser, "door-in").await;
    keeper.stored("record-", 3).await;
    keeper.shows("inside", "1").await;
    keeper.is_ready_for_no_network().await;

    // Without network, and opened again after the battery was dead.
    door.office.close().await?;
    keeper.open(now.plus(60), "en").await;
    keeper.shows("inside", "1").await;
    assert!(keeper.browser.text("#link").await.starts_with("No network"));
    keeper.browser.click("#more").await;
    assert_eq!(keeper.read(&printed.pass.code()).await, "in");
    assert!(keeper.words().await.contains("Declared"), "{}", keeper.words().await);
    keeper.shows("inside", "3").await;
    let before = keeper.number().await;
    keeper.look().await;
    assert_eq!(keeper.verdict_after(&before).await, "out");
    looks.picture(&keeper.browser, "door-camera").await;
    keeper.browser.click("#camera-stop").await;
    looks.closely(&keeper.browser, "door-out").await;
    assert_eq!(keeper.read_again(&hers.live_code(now.plus(65))).await, "used-here");
    looks.closely(&keeper.browser, "door-used").await;
    // Coming for three hours twice, leaving for three hours.
    keeper.stored("record-", 9).await;
    keeper.shows("inside", "2").await;
    let stored = keeper.everything_stored().await;
    for own in [hers, printed] {
        for secret in [own.pass.code(), hex::encode(&own.pass.to_bytes()[5..37])] {
            assert!(!stored.contains(&secret), "the door stores a pass");
        }
    }
    let offline = keeper.browser.problems().await;
    assert!(offline.iter().all(|problem| problem.contains("ERR_")), "{offline:?}");

    // Sent after the hours, when there is a network again.
    door.office.authority.serve().await?;
    door.office.stage.pass_until(clock(12, 59), WAITING).await?;
    door.office.stage.set_rate(0)?;
    keeper.open(clock(13, 0), "vi").await;
    keeper.stored("record-", 0).await;
    for minute in 1..12 {
        if keeper.waiting().await == "0" {
            break;
        }
        // Being sent one after the other, perhaps at this moment.
        let waiting = keeper.waiting().await;
        assert!(["3", "2", "1", "0"].contains(&waiting.as_str()), "{waiting} hours wait");
        // The door's clock is the server's.
        door.office.stage.pass_until(clock(13, minute), WAITING).await?;
        door.office.stage.set_rate(0)?;
        keeper.open(clock(13, minute), "vi").await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    assert_eq!(keeper.waiting().await, "0");
    assert_eq!(door.office.authority.statistics().await?["door_uploads"], 3);

    // A case was there from 9:00 to 9:40: both passes are warned, another one of hers is not.
    let payload = keeper.payload.clone();
    door.office.stage.pass_until(clock(14, 0), WAITING).await?;
    assert!(door.warn(&payload, clock(9, 0), clock(9, 40)).await? > 0);
    assert!(door.office.authority.statistics().await?["door_hours_opened"] > 0);
    door.office.stage.pass_until(clock(18, 30), WAITING).await?;
    for (own, warned) in [(hers, true), (printed, true), (unused, false)] {
        assert_eq!(is_warned(&door, own, warned).await, warned);
    }
    assert_eq!(keeper.browser.problems().await, Vec::<String>::new());
    looks.finish();
    Ok(())
}

async fn is_warned(door: &DoorOffice, own: &OwnPass, expected: bool) -> bool {
    let mut warned = false;
    for _ in 0..100 {
        let batches = door.batches().await;
        warned = batches.iter().any(|batch| !batch.passes.notices_to(&own.holder).is_empty());
        if warned || (!expected && !batches.is_empty()) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    warned
}

/// A pass of an issuer that is not the authority, under the name of a key.
fn foreign_pass(day: u16, id: u8) -> OwnPass {
    let mut rng = StdRng::seed_from_u64(u64::from(day));
    let issuer = PassIssuer::generate(&mut rng);
    let name = KeyName { day, kind: PassKind::Live, id };
    let key = DayKey::of(name, &issuer).unwrap();
    let request = PassRequest::new(&key, &mut rng).unwrap();
    let answer = issuer.issue(&request.blinded());
    let (pass, holder) = request.finish(&answer, &key).unwrap();
    OwnPass { pass, holder }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver, axe-core and zbarimg"]
async fn a_door_says_of_each_code_why_it_is_refused_and_seals_people_without_a_phone() {
    refuse().await.unwrap();
}

async fn refuse() -> Result<(), DemoError> {
    let mut door = DoorOffice::open().await?;
    let url = door.office.authority.url().to_owned();
    let driver = Driver::start();
    let looks = Looks::new();
    let passes = declared(&door.office, &driver, &looks, "Trần Văn Tư").await.passes;
    let browser = driver.browser(&door.office.stage.folder().join("browsers/door"), PHONE).await;
    let mut keeper = Keeper { browser, url: &url, payload: Vec::new() };
    // Without a session the page says so.
    let now = door.office.stage.now();
    keeper.open(now, "vi").await;
    assert!(keeper.browser.text("#problem-text").await.contains("chưa đăng nhập"));
    looks.closely(&keeper.browser, "door-login").await;
    let folder = Folder::new(door.office.authority.folder());
    make_card_keys(&folder, 1, LocalTime::VIET_NAM, now).unwrap();
    keeper.join(&door.join_code).await;
    keeper.open(now, "vi").await;
    keeper.choose().await;

    let own = &passes[0];
    let holder = HolderKey::generate(&mut StdRng::seed_from_u64(7));
    let specimen = Pass::specimen(true, TODAY, &holder).unwrap();
    let specimen = LivePass::show(&specimen, &holder, now).unwrap().code();
    let key_id = own.pass.content().key_id;
    let altered = LivePass::show(&passes[1].pass, &passes[1].holder, now).unwrap().code();
    let altered = format!("{}{}", &altered[..altered.len() - 3], "123");
    for (code, verdict, words, name) in [
        (foreign_pass(TODAY, key_id).live_code(now), "not-a-pass", "không hợp lệ", "invalid"),
        (altered, "not-a-pass", "không hợp lệ", ""),
        (foreign_pass(TODAY - 30, 0).live_code(now), "unknown-key", "thu hồi", "unknown-key"),
        (own.live_code(minus(now, 300)), "clocks-differ", "08:55:", "clocks"),
        (own.live_code(minus(now, 7_200)), "too-old", "120 phút", "too-old"),
        (specimen, "specimen", "tập dượt", "specimen"),
        (format!("{url}/v#AQIDBA"), "poster", "áp phích", "poster"),
        ("8934567890123".into(), "unreadable", "Không phải thẻ", "unreadable"),
    ] {
        assert_eq!(keeper.read(&code).await, verdict, "{code}");
        let said = keeper.words().await;
        assert!(said.contains(words), "{said}");
        if !name.is_empty() {
            looks.closely(&keeper.browser, &format!("door-refused-{name}")).await;
        }
    }
    // A reader that types 10 kB in a second.
    let before = keeper.number().await;
    let body = "const type = (key) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })); \
                for (let i = 0; i < 10000; i++) type('VXP1:<b>%'[i % 9]); type('Enter'); return 1";
    keeper.browser.js(body).await;
    assert_eq!(keeper.verdict_after(&before).await, "unreadable");
    // Nobody of these was recorded, and the door goes on.
    keeper.stored("record-", 0).await;
    assert_eq!(keeper.read(&own.live_code(now)).await, "in");
    keeper.stored("record-", 3).await;

    // Without a phone: a name and number, also from the state's own codes, which a reader types.
    keeper.browser.click("#contact-open").await;
    keeper.browser.fill("#contact-name", "Nguyễn Thị Sáu").await;
    keeper.browser.fill("#contact-phone", "12").await;
    keeper.browser.click("#contact-send").await;
    assert!(keeper.browser.text("#contact-phone-wrong").await.contains("0912"));
    looks.closely(&keeper.browser, "door-contact-wrong").await;
    keeper.browser.fill("#contact-phone", "0912 345 678").await;
    keeper.browser.click("#contact-more").await;
    keeper.browser.click("#contact-send").await;
    assert!(keeper.words().await.contains("Đã ghi"), "{}", keeper.words().await);
    looks.closely(&keeper.browser, "door-contact").await;
    keeper.stored("record-", 6).await;
    let card = "001052012345|012345678|Nguyễn Văn Bảy|01021952|Nam|12 Hàng Bạc, Hà Nội|01062021";
    keeper.browser.type_as_reader(card).await;
    keeper.browser.see("#contact-from").await;
    assert_eq!(
        keeper.browser.js("return document.getElementById('contact-name').value").await,
        "Nguyễn Văn Bảy"
    );
    looks.closely(&keeper.browser, "door-contact-filled").await;
    keeper.browser.fill("#contact-phone", "0987 654 321").await;
    keeper.browser.click("#contact-send").await;
    keeper.stored("record-", 9).await;
    keeper.browser.click("#unscanned").await;
    keeper.shows("came", "5").await;
    keeper.shows("inside", "5").await;
    assert!(keeper.browser.text("#share").await.contains("80"));
    let stored = keeper.everything_stored().await;
    for text in ["Sáu", "Bảy", "912345678", "987654321", "0987 654 321"] {
        assert!(!stored.contains(text), "{text} is stored");
    }
    looks.closely(&keeper.browser, "door-counted").await;

    cards(&door, &keeper, now).await;

    // The next day nothing is recognised, and the keys say until when they count.
    door.office.stage.pass_until(at(1, 9, 0).time(), WAITING).await?;
    door.office.stage.set_rate(0)?;
    let tomorrow = at(1, 9, 0).time();
    keeper.open(tomorrow, "en").await;
    keeper.shows("inside", "0").await;
    assert_eq!(keeper.read(&own.live_code(tomorrow)).await, "in");
    door.office.stage.pass_until(at(3, 9, 0).time(), WAITING).await?;
    door.office.stage.set_rate(0)?;
    let expired = at(3, 9, 0).time();
    keeper.open(expired, "en").await;
    assert_eq!(keeper.read(&own.live_code(expired)).await, "wrong-day");
    assert!(keeper.words().await.contains("2 March 2026 until 4 March 2026"));
    looks.closely(&keeper.browser, "door-refused-expired").await;
    let mut problems = keeper.browser.problems().await;
    problems.retain(|problem| !problem.contains("status of 401"));
    assert_eq!(problems, Vec::<String>::new());
    looks.finish();
    Ok(())
}

/// Cards of staff come in and go out, others are refused.
async fn cards(door: &DoorOffice, keeper: &Keeper<'_>, now: UnixTime) {
    let folder = Folder::new(door.office.authority.folder());
    let key = read_card_keys(&folder).unwrap().unwrap().list().keys[0];
    let staff = card_issuer(&folder, &key).unwrap().unwrap();
    let mut rng = StdRng::seed_from_u64(3);
    let stranger = CardIssuer::generate(&mut rng);
    let number = Contact { name: "Cụ Sáu".into(), phone: "+84912000006".into() };
    let mut make = |issuer: &CardIssuer, last_day| {
        let card = issuer.make(&key, CardUse::Lasting, last_day, &number, "vn.demo", &mut rng);
        card.unwrap().code()
    };
    let card = make(&staff, key.last_day);
    assert_eq!(keeper.read(&card).await, "in-card");
    assert!(keeper.words().await.contains("Thẻ giấy"), "{}", keeper.words().await);
    assert_eq!(keeper.read(&make(&stranger, key.last_day)).await, "not-a-card");
    assert_eq!(keeper.read(&make(&staff, LocalTime::VIET_NAM.day(now) - 1)).await, "card-expired");
    assert_eq!(keeper.read(&card).await, "out");
}

fn minus(time: UnixTime, seconds: u64) -> UnixTime {
    UnixTime::from_secs(time.as_secs() - seconds)
}

/// How long a frame takes to its verdict, also where the processor is four times as slow: for docs/performance.md.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver, pdftoppm and zbarimg"]
async fn a_frame_of_a_screen_or_a_sheet_becomes_a_verdict() {
    let door = DoorOffice::open().await.unwrap();
    let url = door.office.authority.url().to_owned();
    let driver = Driver::start();
    let looks = Looks::new();
    let hers = declared(&door.office, &driver, &looks, "Lê Thị Hoa").await;
    let folder = door.office.stage.folder().join("browsers");
    // Two codes of the sheet and the one on the screen in turn, each a second.
    let [first, second] = [0, 1].map(|number| paper(&hers.sheet, number, 400));
    let screen = still(&hers.screen, 400);
    let film = folder.join("three.y4m");
    write_film(&film, &[(Some(&first), 1), (Some(&second), 1), (Some(&screen), 1)]);
    let browser = driver.browser_with_camera(&folder.join("door"), PHONE, &film).await;
    let mut keeper = Keeper { browser, url: &url, payload: Vec::new() };
    keeper.join(&door.join_code).await;
    keeper.open(door.office.stage.now(), "vi").await;
    keeper.choose().await;
    let loaded = "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')] \
                  .map((e) => `${e.name.split('/').at(-1)} ${e.encodedBodySize}`)";
    println!("the page before the first scan, in bytes: {}", keeper.browser.js(loaded).await);
    keeper.look().await;
    for (name, is_slow) in [("as it is", false), ("with a quarter of the processor", true)] {
        let slow = is_slow.then(|| Slowness::of_browsers_below(driver.process()));
        let mut took = Vec::new();
        let mut verdicts = BTreeSet::new();
        while took.len() < VERDICTS {
            let number = keeper.number().await;
            verdicts.insert(keeper.verdict_after(&number).await);
            let body = "return Number(document.getElementById('verdict').dataset.milliseconds)";
            took.push(keeper.browser.js(body).await.as_u64().unwrap());
        }
        drop(slow);
        took.sort_unstable();
        println!("from a frame to its verdict, {name}, in milliseconds: {took:?}; {verdicts:?}");
    }
}
