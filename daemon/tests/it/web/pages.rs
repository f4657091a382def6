//! What the pages say, and what they do.

use std::ops::Range;

use vungxanh_daemon::platform::clock::SystemClock;
use vungxanh_daemon::store::{EncounterStore, ExposureRecord, SledStore};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::diagnosis_key::ReportType;
use vungxanh_protocol::exposure_window::{ExposureWindow, ScanAttenuation};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::metadata::{Authenticity, CalibrationConfidence};

use super::Browser;
use crate::support::fixture::fingerprint;
use crate::support::person::Person;
use crate::venue::{Parties, url};

const DAY: u64 = 86_400;
const HOUR: u64 = 3_600;
/// Viet Nam is ahead of UTC by so much, all year.
const AHEAD: u64 = 7 * HOUR;
const PAGES: [&str; 12] = [
    "/",
    "/nearby",
    "/exposures",
    "/visits",
    "/pass",
    "/history",
    "/data",
    "/settings",
    "/checkin",
    "/diary",
    "/declarations",
    "/report",
];

/// The day in Viet Nam that is so many days ago.
fn vietnamese_day(ago: u64) -> Range<UnixTime> {
    let today = SystemClock.now().plus(AHEAD).floor_to(DAY).minus(AHEAD);
    today.minus(ago * DAY)..today.minus(ago * DAY).plus(DAY)
}

/// `01/03/2026`, so many days after a day began.
fn date(day: &Range<UnixTime>, after: u64) -> String {
    let noon = day.start.plus(after * DAY + DAY / 2).as_secs() as i64;
    let noon = jiff::Timestamp::from_second(noon).unwrap();
    noon.to_zoned(jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap())
        .strftime("%d/%m/%Y")
        .to_string()
}

/// Half an hour near a case, from 06:20 on.
fn be_exposed(store: &dyn EncounterStore, day: &Range<UnixTime>) {
    let start = day.start.plus(6 * HOUR + 1_200);
    let scan =
        ScanAttenuation { typical_attenuation_db: 40, minimum_attenuation_db: 40, seconds: 300 };
    let window = ExposureWindow {
        day: start.day(),
        start,
        report_type: ReportType::ConfirmedTest,
        days_since_onset: Some(0),
        confidence: CalibrationConfidence::High,
        authenticity: Authenticity::Authentic,
        scans: vec![scan; 6],
    };
    let rolling_start = start.day().first_interval();
    let record = ExposureRecord { key: [1; 16], rolling_start, window };
    store.put_exposures(start.day(), &[record]).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_is_whole_in_both_languages_and_loads_nothing_from_elsewhere() {
    let (_authority, mut person) = Person::enrolled(vec![Parties::new().key()]).await;
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    for (language, name) in [("vi", "Sở Y tế"), ("en", "Department of Health")] {
        assert!(browser.page(&format!("/?lang={language}")).contains(name));
        for path in PAGES {
            let answer = browser.get(path);
            assert_eq!(answer.status, 200, "{path}");
            let policy = answer.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"));
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
            // Scripts and the camera are for the one page that scans, which connects to nothing.
            let scans = path == "/checkin";
            assert_eq!(policy.contains("script-src 'self';"), scans, "{path}: {policy}");
            assert!(!policy.contains("connect-src") && !policy.contains("wasm"), "{policy}");
            let permitted = answer.header("permissions-policy").unwrap();
            assert_eq!(permitted.contains("camera=(self)"), scans, "{path}: {permitted}");
            assert_eq!(answer.body.contains("<script"), scans, "{path}");
            for (header, value) in [
                ("cache-control", "no-store"),
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-resource-policy", "same-origin"),
            ] {
                assert_eq!(answer.header(header), Some(value), "{path}");
            }
            let html = &answer.body;
            assert!(html.contains(&format!("<html lang=\"{language}\">")), "{path}");
            assert!(!html.contains("web-") && !html.contains("{ $"), "{path}: a text is missing");
            assert!(!html.contains("style=\"") && !html.contains("<script>"), "{path}");
            for attribute in ["src=\"", "href=\"", "action=\""] {
                for (_, rest) in html.match_indices(attribute).map(|(at, _)| html.split_at(at)) {
                    let target = &rest[attribute.len()..];
                    let is_own = target.starts_with('/') && !target.starts_with("//");
                    assert!(is_own || target.starts_with('#'), "{path}: {:.60}", target);
                }
            }
        }
    }
    let html = browser.page("/");
    for (_, rest) in html.match_indices("\"/assets/").map(|(at, _)| html.split_at(at + 1)) {
        let asset = browser.get(rest.split('"').next().unwrap());
        assert_eq!(asset.status, 200);
        assert!(asset.header("cache-control").unwrap() != "no-store");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_page_says_what_is_wrong_and_what_to_do() {
    let (authority, mut person) = Person::enrolled(Vec::new()).await;
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    // The radio of these tests is not there, once the daemon has looked.
    while !person.status()["problems"].to_string().contains("problem-radio-missing") {}
    let home = browser.page("/");
    assert!(home.contains("Truy vết không hoạt động"));
    assert!(home.contains("Không tìm thấy bộ Bluetooth.") && home.contains("vungxanh doctor"));
    assert!(home.contains("Chưa thấy") && home.contains("Hiện bạn chưa ghi nhận"));
    assert!(browser.page("/?lang=en").contains("Tracing does not work"));
    assert!(browser.page("/nearby").contains("No Bluetooth adapter was found."), "it is kept");
    assert!(browser.page("/nearby").contains("http-equiv=\"refresh\""));
    assert!(!browser.page("/nearby?still").contains("http-equiv=\"refresh\""));

    // The address must say whose it is, and another authority takes no place by itself.
    let choose = |address: &str| browser.post("/settings/authority", &[("address", address)]);
    let none = choose(&authority.authority.url);
    assert_eq!(none.status, 422);
    assert!(none.body.contains("64 hexadecimal digits") && none.body.contains("aria-invalid"));
    assert!(none.body.contains(&format!("value=\"{}\"", authority.authority.url)), "typed");
    let same = format!("{}#sha256={}", authority.authority.url, fingerprint(1));
    let chosen = browser.posted("/settings/authority", &[("address", &same)]);
    assert!(chosen.contains("The health authority is chosen."));
    let other = format!("{}#sha256={}", authority.authority.url, fingerprint(9));
    let asked = choose(&other);
    assert_eq!(asked.status, 200);
    assert!(asked.body.contains("Replace the health authority?"));
    let refused = browser.post("/settings/authority", &[("address", &other), ("sure", "yes")]);
    assert_eq!(refused.status, 422, "it is not the authority of that fingerprint");
    assert_eq!(person.status()["authority"]["fingerprint"], fingerprint(1));
    let exchanged = browser.posted("/settings/exchange", &[]);
    assert!(exchanged.contains("The exchange with the authority is done."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visit_and_a_diary_from_their_beginning_to_their_end() {
    let parties = Parties::new();
    let (_authority, mut person) = Person::enrolled(vec![parties.key()]).await;
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    let poster = url(&parties.poster("Phở <Thìn>"));
    let nothing = browser.post("/checkin", &[("poster", " "), ("companions", "-1")]);
    assert_eq!(nothing.status, 422);
    assert!(
        nothing.body.contains("href=\"#poster\"") && nothing.body.contains("href=\"#companions\"")
    );
    let wrong = browser.post("/checkin", &[("poster", "https://vx.example.vn/v#QUJD")]);
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("https://vx.example.vn/v#QUJD"), "what was typed");
    let on = [("passphrase", "tre xanh 2021"), ("again", "tre xanh 2021")];
    for (passphrase, again) in [("ngắn", "ngắn"), ("tre xanh 2021", "tre xanh 2022")] {
        let refused = browser.post("/diary/on", &[("passphrase", passphrase), ("again", again)]);
        assert_eq!(refused.status, 422);
        assert!(!refused.body.contains("tre xanh"), "no passphrase is shown again");
    }
    assert!(browser.posted("/diary/on", &on).contains("Nhật ký đang bật."));

    let fields = [("poster", poster.as_str()), ("companions", "2")];
    let visits = browser.posted("/checkin", &fields);
    assert!(visits.contains("Phở &#60;Thìn&#62;") && visits.contains("Cho bạn và 2 người nữa."));
    assert_eq!(person.json(&["visits"])["open"]["companions"], 2);
    assert!(browser.page("/").contains("Bạn đang ở Phở &#60;Thìn&#62;."));
    let until = person.json(&["visits"])["open"]["until"].as_u64().unwrap();
    for minutes in ["0", "1441", "x"] {
        assert_eq!(browser.post("/extend", &[("minutes", minutes)]).status, 422, "{minutes}");
    }
    assert!(browser.posted("/extend", &[("minutes", "30")]).contains("đã được kéo dài"));
    assert_eq!(person.json(&["visits"])["open"]["until"], until + 1_800);
    let since = person.json(&["visits"])["open"]["since"].as_u64();
    // A visit of no time at all is none.
    while person.status()["now"].as_u64() <= since {}
    let left = browser.posted("/checkout", &[]);
    assert!(left.contains("Đã ghi nhận bạn rời đi.") && !left.contains("Thìn"));
    assert_eq!(browser.post("/checkout", &[]).status, 409);

    let wrong = browser.post("/diary/read", &[("passphrase", "tre xanh 2022")]);
    assert_eq!(wrong.status, 422);
    assert!(!wrong.body.contains("Thìn") && wrong.body.contains("href=\"#known\""));
    let read = browser.post("/diary/read", &[("passphrase", "tre xanh 2021")]);
    assert!(read.status == 200 && read.body.contains("Phở &#60;Thìn&#62;, Tầng 2"));
    let line = read.body.split_once("vx-visit:").unwrap().1.split_once('"').unwrap().0.to_owned();
    let line = format!("vx-visit:{line}").replace("&#43;", "+");
    let told = browser.post("/diary/disclose", &[("line", &line)]);
    assert!(told.status == 200 && told.body.contains("<svg") && told.body.contains("vx-visit:"));
    assert_eq!(browser.post("/diary/disclose", &[]).status, 409, "none was chosen");
    assert_eq!(browser.post("/diary/disclose", &[("line", "vx-visit:1:x")]).status, 422);
    assert!(browser.posted("/diary/off", &[]).contains("Nhật ký đã tắt."));
    let asked = browser.post("/diary/forget", &[]);
    assert!(asked.body.contains("name=\"sure\" value=\"yes\""));
    assert_eq!(person.json(&["visits"])["diary"]["kept"], true, "not before it is confirmed");
    browser.posted("/diary/forget", &[("sure", "yes")]);
    assert_eq!(person.json(&["visits"])["diary"]["kept"], false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_exposure_says_which_days_and_no_hour_until_it_is_deleted() {
    let (_authority, mut person) = Person::enrolled(Vec::new()).await;
    person.set("TZ", "Asia/Ho_Chi_Minh");
    let [earlier, last] = [6, 2].map(vietnamese_day);
    {
        let (store, _) = SledStore::open(&person.profile, SystemClock.now()).unwrap();
        store.begin_day(SystemClock.now().day(), 14).unwrap();
        be_exposed(&store, &earlier);
        be_exposed(&store, &last);
    }
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    assert!(browser.page("/").contains("Bạn đã bị phơi nhiễm trong 2 ngày."));
    let exposures = browser.page("/exposures");
    let after = |heading: &str| {
        let (_, rest) = exposures.split_once(heading).unwrap();
        rest.split_once("<strong>").unwrap().1.split_once("</strong>").unwrap().0.to_owned()
    };
    // The document of these tests: a test from the third day on, apart for fourteen.
    assert_eq!(after("Lần tiếp xúc gần nhất"), date(&last, 0));
    assert_eq!(after("Xét nghiệm từ ngày"), date(&last, 3));
    assert_eq!(after("Tránh tiếp xúc với người khác đến hết ngày"), date(&last, 14));
    assert!(exposures.contains("Ở nhà.") && exposures.contains(&date(&earlier, 0)));
    assert!(exposures.contains("30 phút"), "how long");
    for hour in ["06:20", "06:50", "6:20"] {
        assert!(!exposures.contains(hour), "{hour}");
    }
    let iso = |day: &Range<UnixTime>| {
        let text = date(day, 0);
        let parts: Vec<&str> = text.split('/').collect();
        format!("{}-{}-{}", parts[2], parts[1], parts[0])
    };
    let day = iso(&last);
    let asked = browser.post("/history/forget", &[("day", &day)]);
    assert!(asked.body.contains("name=\"sure\"") && asked.body.contains(&date(&last, 0)));
    assert!(browser.page("/exposures").contains(&date(&last, 0)), "not before it is confirmed");
    browser.posted("/history/forget", &[("day", &day), ("sure", "yes")]);
    let exposures = browser.page("/exposures");
    assert!(!exposures.contains(&date(&last, 0)) && exposures.contains(&date(&earlier, 0)));
    assert!(exposures.contains(&date(&earlier, 14)), "the dates follow the contact that is left");
    assert_eq!(browser.post("/history/forget", &[("day", "32/13/2026")]).status, 400);

    assert!(browser.page("/data").contains("1 ngày"));
    let asked = browser.post("/data/erase", &[]);
    assert!(asked.status == 200 && asked.body.contains("Xóa mọi dữ liệu trên máy này?"));
    assert!(browser.page("/exposures").contains(&date(&earlier, 0)));
    let erased = browser.posted("/data/erase", &[("sure", "yes")]);
    assert!(erased.contains("Đã xóa tất cả."));
    assert!(browser.page("/exposures").contains("Chưa phát hiện phơi nhiễm nào."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_all_data_is_the_file_of_the_command_line() {
    let (_authority, mut person) = Person::enrolled(Vec::new()).await;
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    let export = |passphrase: &str, again: &str| {
        browser.post("/data/export", &[("passphrase", passphrase), ("again", again)])
    };
    assert_eq!(export("ngắn", "ngắn").status, 422);
    assert_eq!(export("tre xanh 2021", "tre xanh").status, 422);
    let file = export("tre xanh 2021", "tre xanh 2021");
    assert_eq!(file.status, 200);
    assert!(file.body.starts_with("VXARCHIV"));
    let disposition = file.header("content-disposition").unwrap();
    assert!(disposition.starts_with("attachment; filename=\"vungxanh-2"), "{disposition}");
    assert_eq!(file.header("content-type"), Some("application/octet-stream"));
    assert_eq!(file.header("cache-control"), Some("no-store"));
}
