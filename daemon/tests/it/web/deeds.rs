//! What the page does beside showing: a file of own data, the language, one visit of the diary, the camera's form.

use std::fs;

use vungxanh_daemon::platform::clock::SystemClock;
use vungxanh_daemon::store::{EncounterStore, SledStore};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::exposure_key::TemporaryExposureKey;
use vungxanh_protocol::interval::RollingPeriod;
use vungxanh_protocol::own_keys::{OwnKey, OwnKeys};
use vungxanh_protocol::secret::SecretBytes;

use super::{Answer, Browser, exchange_bytes, request};
use crate::support::person::Person;
use crate::venue::{Parties, url};

const PASSPHRASE: &str = "tre xanh 2021";
const BOUNDARY: &str = "----vx";

/// A field of a form with a file.
fn part(name: &str, more: &str, content: &[u8]) -> Vec<u8> {
    let head =
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
    [head.as_bytes(), content, b"\r\n"].concat()
}

/// Posts parts as a form of this browser's page.
fn upload(browser: &Browser, parts: &[Vec<u8>]) -> Answer {
    let body = [&parts.concat()[..], format!("--{BOUNDARY}--\r\n").as_bytes()].concat();
    let (cookie, length) = (format!("Cookie: {}", browser.cookie), body.len());
    let origin = format!("Origin: http://127.0.0.1:{}", browser.port);
    let kind = format!("Content-Type: multipart/form-data; boundary={BOUNDARY}");
    let head = request("POST", "/data/import", browser.port, &[&cookie, &origin, &kind], "");
    let head = head.replace("Content-Length: 0", &format!("Content-Length: {length}"));
    exchange_bytes(browser.port, &[head.as_bytes(), &body].concat())
}

fn import(browser: &Browser, passphrase: &str, file: &[u8]) -> Answer {
    let csrf = browser.csrf();
    let file = part("file", "; filename=\"a.vxarchive\"", file);
    let typed = part("passphrase", "", passphrase.as_bytes());
    upload(browser, &[part("csrf", "", csrf.as_bytes()), typed, file])
}

/// A file of the own data of a person with two keys. Without an authority, a device makes none by itself.
fn file_of_another() -> Vec<u8> {
    let mut person = Person::new();
    person.profile.create().unwrap();
    {
        let now = SystemClock.now();
        let (store, _) = SledStore::open(&person.profile, now).unwrap();
        let start = now.interval().period_start(RollingPeriod::SIX_HOURS);
        let keys = [1, 2].map(|back: u8| {
            let start = start.minus(u32::from(back) * 36);
            store.begin_day(start.day(), 14).unwrap();
            let secret = SecretBytes::new([back; 16]);
            let period = RollingPeriod::SIX_HOURS;
            OwnKey::new(TemporaryExposureKey::new(secret, start, period))
        });
        store.begin_day(now.day(), 14).unwrap();
        store.put_own_keys(&OwnKeys::new(keys.to_vec())).unwrap();
    }
    let _events = person.start(&[]);
    // What its page has chosen is no own data.
    Browser::open(&person).page("/?lang=en");
    let folder = tempfile::tempdir().unwrap();
    let [passphrase, file] = ["passphrase", "file"].map(|name| folder.path().join(name));
    fs::write(&passphrase, PASSPHRASE).unwrap();
    let [passphrase, named] = [&passphrase, &file].map(|path| path.to_str().unwrap());
    person.text(&["export", named, "--passphrase-file", passphrase]);
    fs::read(file).unwrap()
}

/// What stands in the row of a table behind `cell`.
fn amount(html: &str, row: &str, cell: &str) -> String {
    let (_, rest) = html.split_once(row).unwrap();
    rest.split_once("<td").unwrap().1.split_once(cell).unwrap().1.split('<').next().unwrap().into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_own_data_is_taken_over_and_the_page_says_what_of_it() {
    let file = file_of_another();
    let mut person = Person::new();
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    assert_eq!(browser.get("/data/imported").header("location"), Some("/data"), "none yet");
    let wrong = import(&browser, "tre xanh 2022", &file);
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("href=\"#known\"") && !wrong.body.contains("tre xanh 2022"));
    for (file, why) in [
        (&b""[..], "Hãy chọn tệp."),
        (b"PK\x03\x04 a picture, say", "Không ghi hoặc đọc được dữ liệu của bạn"),
        (&file[..file.len() - 1], "Không ghi hoặc đọc được dữ liệu của bạn"),
        (b"VXARCHIV\x02", "Không ghi hoặc đọc được dữ liệu của bạn"),
    ] {
        let wrong = import(&browser, PASSPHRASE, file);
        assert_eq!(wrong.status, 422, "{why}");
        assert!(wrong.body.contains("href=\"#file\"") && wrong.body.contains(why), "{why}");
    }
    // Without the token, with another, with the token behind the file, without a file.
    let (csrf, sent) = (browser.csrf(), part("file", "; filename=\"a\"", &file));
    let typed = part("passphrase", "", PASSPHRASE.as_bytes());
    let (token, other) = (part("csrf", "", csrf.as_bytes()), part("csrf", "", b"AAAA"));
    for (parts, status) in [
        (vec![typed.clone(), sent.clone()], 403),
        (vec![other, typed.clone(), sent.clone()], 403),
        (vec![sent, token.clone()], 403),
        (vec![token.clone(), typed], 400),
        (vec![token, part("passphrase", "", &[b'x'; 20_000])], 413),
    ] {
        assert_eq!(upload(&browser, &parts).status, status);
    }
    let keys = || amount(&browser.page("/data"), "Khóa của máy bạn", "data-label=\"Đang lưu\">");
    assert_eq!(keys(), "0");

    let taken = import(&browser, PASSPHRASE, &file);
    assert_eq!((taken.status, taken.header("location")), (303, Some("/data/imported")));
    let said = browser.page("/data/imported");
    let row = |what: &str| amount(&said, what, "class=\"number\">");
    assert_eq!(row("Khóa của máy bạn"), "2");
    assert_eq!(row("Các lần ở gần người khác"), "0");
    assert_eq!(keys(), "2");
    assert!(said.contains("href=\"/settings\">Chọn cơ quan y tế"), "what is to do next");
    let again = import(&browser, PASSPHRASE, &file);
    assert_eq!(again.status, 303);
    assert_eq!(amount(&browser.page("/data/imported"), "Khóa của máy bạn", "\">"), "0");
    assert!(browser.page("/settings").contains("href=\"/data#import\""));
    assert!(browser.page("/").contains("<html lang=\"vi\""), "the language is not in the file");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_language_is_remembered_until_everything_is_deleted() {
    let (_authority, mut person) = Person::enrolled(Vec::new()).await;
    let _events = person.start(&[]);
    let is =
        |browser: &Browser, tag: &str| browser.page("/").contains(&format!("<html lang=\"{tag}\""));
    let browser = Browser::open(&person);
    assert!(is(&browser, "vi"), "the daemon's");
    // Whoever has no session chooses nothing.
    let stranger = super::exchange(
        browser.port,
        &request("GET", "/settings?lang=en", browser.port, &["Sec-Fetch-Site: none"], ""),
    );
    assert_eq!(stranger.status, 401);
    assert!(is(&Browser::open(&person), "vi"));
    browser.page("/settings?lang=xx");
    assert!(is(&Browser::open(&person), "vi"));
    browser.page("/settings?lang=en");
    assert!(is(&Browser::open(&person), "en"), "of the next browser, too");
    person.signal("-KILL");
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    assert!(is(&browser, "en"));
    browser.post("/data/erase", &[("sure", "yes")]);
    person.stop();
    let _events = person.start(&[]);
    assert!(is(&Browser::open(&person), "vi"));
}

/// The values of the fields of the form with this id.
fn fields_of<'a>(html: &'a str, id: &str) -> Vec<(&'a str, String)> {
    let (_, rest) = html.split_once(&format!("id=\"{id}\"")).unwrap();
    let form = rest.split("</form>").next().unwrap();
    let fields = form.split("type=\"hidden\" name=\"").skip(1).map(|field| {
        let (name, rest) = field.split_once("\" value=\"").unwrap();
        (name, rest.split('"').next().unwrap().replace("&#43;", "+"))
    });
    fields.filter(|(name, _)| *name != "csrf").collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_visit_is_deleted_from_the_diary_after_a_question_and_the_passphrase() {
    let parties = Parties::new();
    let (_authority, mut person) = Person::enrolled(vec![parties.key()]).await;
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    browser.posted("/diary/on", &[("passphrase", PASSPHRASE), ("again", PASSPHRASE)]);
    for name in ["Phở Thìn", "Chợ Hôm"] {
        browser.posted("/checkin", &[("poster", &url(&parties.poster(name)))]);
        let since = person.json(&["visits"])["open"]["since"].as_u64();
        // A visit of no time at all is none.
        while person.status()["now"].as_u64() <= since {}
        browser.posted("/checkout", &[]);
    }
    let read = || browser.post("/diary/read", &[("passphrase", PASSPHRASE)]).body;
    let diary = read();
    assert!(diary.contains("Phở Thìn") && diary.contains("Chợ Hôm"));
    let fields = fields_of(&diary, "remove-1");
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, &**value)).collect();
    let asked = browser.post("/diary/remove", &fields);
    assert!(asked.status == 200 && asked.body.contains("Xóa lượt đến này khỏi nhật ký?"));
    assert!(asked.body.contains("Phở Thìn") && !asked.body.contains("Chợ Hôm"));
    let remove = |passphrase: &str| {
        browser.post("/diary/remove", &[&fields[..], &[("passphrase", passphrase)]].concat())
    };
    let wrong = remove("tre xanh 2022");
    assert!(wrong.status == 422 && wrong.body.contains("href=\"#passphrase\""));
    assert!(read().contains("Phở Thìn"), "not before its passphrase is there");
    let removed = remove(PASSPHRASE);
    assert_eq!(removed.header("location"), Some("/diary?done=diary-visit-removed"));
    let diary = read();
    assert!(!diary.contains("Phở Thìn") && diary.contains("Chợ Hôm"));
    assert_eq!(remove(PASSPHRASE).header("location"), Some("/diary?done=diary-visit-gone"));
    assert_eq!(browser.post("/diary/remove", &[("line", "vx-visit:1:x")]).status, 422);
    person.stop();
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    let diary = browser.post("/diary/read", &[("passphrase", PASSPHRASE)]).body;
    assert!(!diary.contains("Phở Thìn") && diary.contains("Chợ Hôm"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_camera_is_offered_by_a_script_of_this_program_and_the_text_without_it() {
    let (_authority, mut person) = Person::enrolled(Vec::new()).await;
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    let page = browser.page("/checkin");
    assert!(page.contains("id=\"scan\" hidden"), "without the script it is not offered");
    assert!(page.contains("<textarea id=\"poster\""));
    let (_, rest) = page.split_once("<script type=\"module\" src=\"").unwrap();
    let path = rest.split('"').next().unwrap();
    let script = browser.get(path);
    assert_eq!(script.header("content-type"), Some("text/javascript; charset=utf-8"));
    // What it loads when the camera is started is here, too.
    let (_, rest) = script.body.split_once("import(\"./").unwrap();
    let reader = browser.get(&format!("/assets/{}", rest.split('"').next().unwrap()));
    assert_eq!(
        (reader.status, reader.header("content-type")),
        (200, script.header("content-type"))
    );
    for script in [&script.body, &reader.body] {
        assert!(!script.contains("http://") && !script.contains("fetch("), "it asks nobody");
        assert!(!script.contains("https://") && !script.contains("XMLHttpRequest"));
    }
    // With an error, the page has it as well.
    let again = browser.post("/checkin", &[("poster", "")]);
    let policy = again.header("content-security-policy").unwrap();
    assert!(again.status == 422 && policy.contains("script-src 'self'"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_say_whether_notifications_are_on() {
    let (_authority, mut person) = Person::enrolled(Vec::new()).await;
    let _events = person.start(&[]);
    let settings = Browser::open(&person).page("/settings");
    let (_, section) = settings.split_once("id=\"notifications-title\"").unwrap();
    let section = section.split("</section>").next().unwrap();
    assert!(section.contains("Đang tắt") && section.contains("--no-notifications"));
    person.stop();
    person.set("VUNGXANH_NO_NOTIFICATIONS", "0");
    let _events = person.start(&[]);
    let settings = Browser::open(&person).page("/settings");
    let (_, section) = settings.split_once("id=\"notifications-title\"").unwrap();
    assert!(section.split("</section>").next().unwrap().contains("Đang bật"));
}
