//! One story from a venue's registration to the warning of exactly those who were there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::disclosure::PosterFingerprint;
use vungxanh_protocol::venue::display::DISPLAY_HOURS;
use vungxanh_protocol::venue::poster::{UnverifiedPoster, payload_of_url};
use vungxanh_protocol::venue::recovery::RecoveryCode;
use vungxanh_protocol::venue::slot::{Hour, SlotDeriver};
use vungxanh_tests::harness::authority::{Authority, Pace};
use vungxanh_tests::harness::code_picture::codes_by_zbar;
use vungxanh_tests::harness::moment::{FIRST_DATE, at};
use vungxanh_tests::harness::search::{Needles, files_under};
use vungxanh_tests::harness::stage::{DemoError, Stage};

use crate::driver::Driver;
use crate::everything::everything;
use crate::looks::Looks;
use crate::people::{Manager, Officer, PASSPHRASE, PASSWORD, Visitor};
use crate::{pictures, recovery};

const PHONE: (u32, u32) = (412, 915);
const DESK: (u32, u32) = (1280, 900);
const PACE: Pace = Pace { sync_minutes: 10, look_alike_hours: 336 };
const VENUE: &str = "Phở Thìn Lò Đúc";
pub const OFFICER: &str = "canbo";
/// Scaled seconds a second while nothing happens.
const WAITING: u32 = 3_600;

/// A moment of the story's first day, Viet Nam's time.
fn clock(hour: u64, minute: u64) -> UnixTime {
    at(0, hour, minute).time()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs chromium, chromedriver, axe-core, pdftoppm and zbarimg"]
async fn a_venue_registers_and_exactly_who_was_there_with_the_case_is_warned() {
    tell().await.unwrap();
}

async fn tell() -> Result<(), DemoError> {
    let executable = env!("CARGO_BIN_EXE_demo").into();
    let mut stage = Stage::set_up(executable, clock(9, 0), 7, "vi").await?;
    stage.set_rate(0)?;
    let mut authority =
        Authority::found(stage.host(), &stage.folder().join("authority"), PACE).await?;
    let url = authority.url().to_owned();
    let driver = Driver::start();
    let looks = Looks::new();
    let folder = |name: &str| stage.folder().join("browsers").join(name);

    // The venue registers: form, code on the phone, key, units from a spreadsheet.
    let browser = driver.browser(&folder("venue"), PHONE).await;
    let mut manager = Manager { browser, looks: &looks, url: &url, recovery_code: String::new() };
    manager.browser.by_keyboard = true;
    manager.browser.set_time(stage.now()).await;
    manager.register(VENUE).await;
    manager.look_at_code_page().await;
    let code = authority.last_text_code()?.unwrap();
    manager.confirm(&code).await;
    manager.make_key().await;
    recovery::by_camera(&driver, &folder("second"), &manager).await;
    let list = stage.folder().join("units.csv");
    std::fs::write(&list, "Tên;Phút\nTầng 1;60\nTầng 2;60\n").unwrap();
    manager.add_units(&list).await;

    for (name, path) in [("venue-home-pending", "/venue"), ("venue-details", "/venue/details")] {
        looks.look(&manager.browser, &url, name, path).await;
    }

    // The authority approves it.
    let mut browser = driver.browser(&folder("officer"), DESK).await;
    browser.by_keyboard = true;
    let officer = Officer { browser, looks: &looks, url: &url };
    officer.begin(OFFICER, &authority.add_staff(OFFICER, "administrator").await?).await;
    let pending = [("staff-pending", "/staff/venues"), ("staff-venue-pending", "/staff/venues/1")];
    for (name, path) in pending {
        looks.look(&officer.browser, &url, name, path).await;
    }
    officer.approve_venue().await;

    // Its posters: an A4 page each, whose code another reader reads.
    let posters = posters(&manager, stage.folder()).await;
    let poster = posters.iter().find(|url| unit_of(url) == "Tầng 1").unwrap();
    assert!(manager.check_poster(poster).await.starts_with("Đúng"));

    // Another floor hands over shares in advance and takes them back, then gets a screen, whose code
    // another reader reads and devices take in this hour.
    manager.browser.set_time(stage.now()).await;
    let said = manager.hand_over_in_advance("Tầng 2").await;
    assert!(said.contains("Tầng 2"), "{said}");
    let screen = manager.start_screen("Tầng 2").await;
    check_screen(&authority, &screen, stage.now());

    // Visitors: one was there earlier, one with the case, one in the next hour.
    let visitor = async |name: &'static str| {
        let mut browser = driver.browser(&folder(name), PHONE).await;
        browser.by_keyboard = true;
        Visitor { browser, looks: &looks, name }
    };
    let [mut earlier, mut together, mut next] =
        [visitor("earlier").await, visitor("together").await, visitor("next-hour").await];
    for (visitor, from, until) in [
        (&mut earlier, clock(10, 5), clock(10, 40)),
        (&mut together, clock(11, 10), clock(11, 45)),
        (&mut next, clock(12, 0), clock(12, 30)),
    ] {
        stage.pass_until(from, WAITING).await?;
        visitor.check_in(poster, from).await;
        if visitor.name == "together" {
            looks.look(&visitor.browser, &url, "check-in-visit", "/v").await;
        }
        stage.pass_until(until, WAITING).await?;
        // The last one leaves where there is no network: what the browser keeps is enough.
        let without_network = visitor.name == "next-hour";
        if without_network {
            visitor.is_ready_for_no_network().await;
            if let Some(server) = authority.take_server() {
                server.stop().await?;
            }
        }
        visitor.check_out(&url, until).await;
        if without_network {
            let refused = visitor.browser.problems().await;
            assert!(refused.iter().all(|problem| problem.contains("ERR_")), "{refused:?}");
            authority.serve().await?;
        }
    }

    // The case discloses the stay from 11:05 to 11:50; the officer asks, the venue gives its share.
    stage.pass_until(clock(14, 0), WAITING).await?;
    let payload = payload_of_url(poster).unwrap();
    let fingerprint = PosterFingerprint::of_payload(&payload);
    let visit =
        format!("vx-visit:1:{fingerprint}:{}:{}", clock(11, 5).as_secs(), clock(11, 50).as_secs());
    officer.log_in(OFFICER).await;
    officer.ask(&visit, FIRST_DATE).await;
    manager.browser.set_time(stage.now()).await;
    manager.log_in().await;
    looks.look(&manager.browser, &url, "venue-request", "/venue/requests").await;
    looks.look(&officer.browser, &url, "staff-warning-asked", "/staff/warnings/1").await;
    looks.look(&officer.browser, &url, "staff-warnings-asked", "/staff/warnings").await;
    manager.approve_requests().await;
    manager.invite_and_count().await;

    // The next batch is out: exactly the one who was there together with the case is warned.
    stage.pass_until(clock(18, 30), WAITING).await?;
    let batches = await_batch(&authority.folder().join("warnings"), clock(17, 0)).await;
    let now = stage.now();
    let warned = together.look_for_warnings(&url, now).await;
    assert!(warned.contains(VENUE) && warned.contains("từ 11:10 đến 11:45 (35 phút)"), "{warned}");
    assert!(warned.contains("Hãy gọi 1900 9095."), "{warned}");
    for other in [&mut earlier, &mut next] {
        assert_eq!(other.look_for_warnings(&url, now).await, "", "{}", other.name);
    }
    // Also when the page is opened once more, with nothing new to read.
    assert!(together.look_for_warnings(&url, now).await.contains(VENUE));
    looks.look(&together.browser, &url, "check-in-warned", "/v").await;
    looks.look(&earlier.browser, &url, "check-in-not-warned", "/v").await;
    next.forget(&url).await;

    for browser in
        [&manager.browser, &officer.browser, &earlier.browser, &together.browser, &next.browser]
    {
        assert_eq!(browser.problems().await, Vec::<String>::new());
    }
    manager.browser.set_time(stage.now()).await;
    everything(&looks, &manager, &officer, poster).await;
    looks.finish();
    for browser in [&manager.browser, &officer.browser] {
        // A path that is none and a form with errors were asked for on purpose.
        let mut problems = browser.problems().await;
        problems.retain(|problem| !problem.contains("responded with a status of 4"));
        assert_eq!(problems, Vec::<String>::new());
    }
    search(&authority, &stage.folder().join("logs"), &manager.recovery_code, &payload, &batches);
    println!("pictures of the pages: {}", pictures().display());
    Ok(())
}

/// Downloads the posters of all units as one PDF and reads their codes.
pub async fn posters(manager: &Manager<'_>, folder: &Path) -> Vec<String> {
    manager.log_in().await;
    manager.browser.open(&format!("{}/venue/units", manager.url)).await;
    manager.picture("venue-8b-posters").await;
    let pdf = manager
        .browser
        .js("const r = await fetch('/venue/posters.pdf'); const b = new Uint8Array(await r.arrayBuffer()); let s = ''; for (const x of b) s += String.fromCharCode(x); return `${r.status} ${r.headers.get('content-type')} ${btoa(s)}`")
        .await;
    let mut parts = pdf.as_str().unwrap().splitn(3, ' ');
    assert_eq!((parts.next(), parts.next()), (Some("200"), Some("application/pdf")));
    use base64::Engine;
    let bytes = base64::prelude::BASE64_STANDARD.decode(parts.next().unwrap()).unwrap();
    assert!(bytes.starts_with(b"%PDF-"));
    let file = folder.join("posters.pdf");
    std::fs::write(&file, bytes).unwrap();
    let information = output(Command::new("pdfinfo").arg(&file));
    assert!(information.contains("(A4)"), "{information}");
    let stem = folder.join("poster");
    output(Command::new("pdftoppm").args(["-r", "150", "-png"]).arg(&file).arg(&stem));
    let pages = files_under(folder).unwrap();
    let pages = pages.iter().filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with("poster-") && name.ends_with(".png")
    });
    let mut urls = Vec::new();
    for page in pages {
        std::fs::copy(page, pictures().join(page.file_name().unwrap())).unwrap();
        urls.extend(codes_by_zbar(page, 1).unwrap());
    }
    assert!(urls.iter().all(|url| url.starts_with(&format!("{}/v#", manager.url))), "{urls:?}");
    urls
}

/// The screen's code is one of the unit's poster, certified by the authority, for the present hour.
fn check_screen(authority: &Authority, picture: &Path, now: UnixTime) {
    let shown = payload_of_url(&codes_by_zbar(picture, 1).unwrap()[0]).unwrap();
    let signed = std::fs::read(authority.folder().join("authority.signed")).unwrap();
    let document = VerifiedAuthority::first_contact(&signed, now).unwrap();
    let keys = document.document().proven_venue_keys().unwrap();
    let poster = UnverifiedPoster::read(&shown).unwrap().verify(&keys, now).unwrap();
    assert_eq!(poster.content().unit, "Tầng 2");
    let last = Hour::at(now).number() + DISPLAY_HOURS - 1;
    assert_eq!(poster.last_hour(), Some(Hour::new(last)));
}

pub fn unit_of(url: &str) -> String {
    let payload = payload_of_url(url).unwrap();
    let poster = UnverifiedPoster::read(&payload).unwrap();
    poster.unverified_content().unit.clone()
}

fn output(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// All published batches, as soon as the one that ends at `until` is among them.
pub async fn await_batch(folder: &Path, until: UnixTime) -> Vec<u8> {
    let ends_then = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        name.split('-').nth(1) == Some(&until.as_secs().to_string())
    };
    for _ in 0..600 {
        let mut files = files_under(folder).unwrap_or_default();
        // Not what is still being written: it gets its name when it is whole.
        files.retain(|path| path.extension().is_some_and(|extension| extension == "vxw"));
        if files.iter().any(ends_then) {
            return files.iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("no batch of warnings was published: {:?}", files_under(folder));
}

/// Looks for every secret of the story in everything that the authority has: nothing.
fn search(authority: &Authority, logs: &Path, code: &str, payload: &[u8], batches: &[u8]) {
    let signed = std::fs::read(authority.folder().join("authority.signed")).unwrap();
    let document = VerifiedAuthority::first_contact(&signed, clock(18, 30)).unwrap();
    assert_eq!(document.document().proven_venue_keys().unwrap().len(), 1);
    let secret = code.parse::<RecoveryCode>().unwrap().secret().unwrap();
    let slots = SlotDeriver::of_poster(payload);
    let mut needles = Needles::default();
    let mut names = Vec::new();
    let mut add = |name: String, bytes: &[u8]| {
        needles.add_bytes(bytes);
        names.push(name);
    };
    add("the venue's secret".into(), secret.to_bytes().expose());
    for text in [PASSPHRASE, PASSWORD, code, &code.replace('-', ""), &code.to_lowercase()] {
        add(format!("what was typed: {text}"), text.as_bytes());
    }
    let hours = 9..19;
    for hour in hours {
        let hour = Hour::at(clock(hour, 0));
        add(format!("identity of {hour:?}"), slots.identity(hour).expose());
        add(format!("notify key of {hour:?}"), slots.notify_key(hour).expose());
        add(format!("share of {hour:?}"), &secret.share(&slots.identity(hour)).to_bytes());
    }
    let found: BTreeSet<usize> = needles
        .found_under(authority.folder())
        .unwrap()
        .union(&needles.found_under(logs).unwrap())
        .copied()
        .collect();
    let found: Vec<&String> = found.into_iter().map(|index| &names[index]).collect();
    assert_eq!(found, Vec::<&String>::new(), "the authority's files or log hold it");

    // The search can find: the poster's own payload is in the database, the slot key in a batch.
    let mut there = Needles::default();
    there.add_bytes(payload);
    assert_eq!(there.found_under(authority.folder()).unwrap().len(), 1);
    assert!(!batches.is_empty());
}
