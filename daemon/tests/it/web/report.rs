//! Publishing a positive test on the page: nothing is sent before the person has seen it and said yes, and what they leave
//! out is not sent.

use std::time::Duration;

use serde_json::Value;
use vungxanh_daemon::platform::clock::SystemClock;
use vungxanh_daemon::store::{EncounterStore, SledStore};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::exposure_key::TemporaryExposureKey;
use vungxanh_protocol::interval::RollingPeriod;
use vungxanh_protocol::own_keys::{OwnKey, OwnKeys};
use vungxanh_protocol::secret::SecretBytes;

use super::{Answer, Browser};
use crate::support::authority::Fault;
use crate::support::fixture::Bench;
use crate::support::person::Person;

const CODE: &str = "12345678";
/// Periods of the person, of six hours each, the last of which is running.
const PERIODS: usize = 9;
const PERIOD_SECONDS: u64 = 6 * 3_600;

/// A person with [`PERIODS`] periods, and an authority that knows [`CODE`]. With the beginnings of the periods, the newest
/// first.
async fn person() -> (Bench, Person, Vec<u64>) {
    let (bench, mut person) = Person::enrolled(Vec::new()).await;
    bench.authority.with(|content| content.codes.insert(CODE.into(), false));
    person.set("TZ", "Asia/Ho_Chi_Minh");
    // The daemon of these tests has the machine's clock: none of its periods ends within a test.
    while SystemClock.now().as_secs() % PERIOD_SECONDS > PERIOD_SECONDS - 300 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let now = SystemClock.now();
    let (store, _) = SledStore::open(&person.profile, now).unwrap();
    let period = RollingPeriod::SIX_HOURS;
    let running = now.interval().period_start(period);
    let keys = (0..PERIODS as u32).map(|back| {
        let start = running.minus(back * period.intervals());
        store.begin_day(start.day(), 14).unwrap();
        OwnKey::new(TemporaryExposureKey::new(
            SecretBytes::new([1 + back as u8; 16]),
            start,
            period,
        ))
    });
    let keys: Vec<OwnKey> = keys.collect();
    store.begin_day(now.day(), 14).unwrap();
    let starts = keys.iter().map(|own| own.key.rolling_start().start().as_secs()).collect();
    store.put_own_keys(&OwnKeys::new(keys)).unwrap();
    (bench, person, starts)
}

/// The values of the boxes of this name, in their order.
fn boxes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!("type=\"checkbox\" name=\"{name}\" value=\"");
    html.split(start.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

fn hidden<'a>(html: &'a str, name: &str) -> &'a str {
    let start = format!("type=\"hidden\" name=\"{name}\" value=\"");
    html.split_once(&start).unwrap().1.split('"').next().unwrap()
}

/// Types the code, and returns the page of what would be sent.
fn look(browser: &Browser) -> String {
    let looked = browser.post("/report", &[("code", CODE)]);
    assert_eq!(looked.status, 200, "{}", looked.body);
    looked.body
}

/// Posts the choice, once to be asked and once to say yes. Returns the page of how it went.
fn publish(browser: &Browser, chosen: &[(&str, &str)]) -> String {
    let asked = browser.post("/report/send", chosen);
    assert_eq!(asked.status, 200, "{}", asked.body);
    let sure = [chosen, &[("sure", "yes")]].concat();
    let sent = browser.post("/report/send", &sure);
    assert_eq!((sent.status, sent.header("location")), (303, Some("/report/progress")));
    ended(browser)
}

/// Waits until it has ended, one way or the other.
fn ended(browser: &Browser) -> String {
    for _ in 0..600 {
        let page = browser.page("/report/progress?again");
        if !page.contains("http-equiv=\"refresh\"") {
            return page;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("it did not end within two minutes");
}

/// The beginnings of the published keys, newest first.
fn published(bench: &Bench) -> Vec<u64> {
    let published = bench.authority.with(|content| content.published.clone());
    let keys = |one: &Value| one["temporaryExposureKeys"].as_array().unwrap().clone();
    let starts = published.iter().flat_map(keys);
    starts.map(|key| key["rollingStartNumber"].as_u64().unwrap() * 600).collect()
}

fn all_posts(bench: &Bench) -> usize {
    bench.authority.posts().iter().filter(|post| post.json()["lookAlike"] == false).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_sent_is_what_was_shown_less_what_was_left_out() {
    let (bench, mut person, starts) = person().await;
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    assert!(browser.page("/").contains("href=\"/report\""));
    for code in ["", "1234567", "abcdefgh", "1234 5678 9"] {
        let wrong = browser.post("/report", &[("code", code)]);
        assert_eq!(wrong.status, 422, "{code}");
        assert!(wrong.body.contains("href=\"#code\"") && wrong.body.contains("8 chữ số"));
        assert!(wrong.body.contains(&format!("value=\"{code}\"")) || code.is_empty(), "typed");
    }
    let shown = look(&browser);
    let periods = boxes(&shown, "leave");
    assert_eq!(periods.len(), PERIODS);
    let mut newest_first: Vec<u64> = periods.iter().map(|start| start.parse().unwrap()).collect();
    newest_first.sort_unstable();
    newest_first.reverse();
    assert_eq!(newest_first, starts);
    let times = ["01:00–07:00", "07:00–13:00", "13:00–19:00", "19:00–01:00"];
    assert!(times.iter().all(|times| shown.contains(times)), "by the person's clock");
    assert!(shown.contains(&format!("Khóa của {PERIODS} khoảng thời gian")));
    let until = hidden(&shown, "shown_until");

    // Two periods, one of them again by a whole day that has more.
    let day = boxes(&shown, "day")[1];
    let of_day = shown.split("<fieldset>").nth(2).unwrap();
    let of_day = boxes(of_day.split("</fieldset>").next().unwrap(), "leave");
    assert!(!of_day.is_empty() && of_day.len() <= 4);
    let left_out = [&[periods[0]], &of_day[..]].concat();
    let chosen = [("code", CODE), ("shown_until", until), ("leave", periods[0]), ("day", day)];
    let asked = browser.post("/report/send", &chosen).body;
    assert!(asked.contains("name=\"sure\" value=\"yes\""));
    let remaining = PERIODS - left_out.len();
    assert!(asked.contains(&format!("Công bố khóa của {remaining} khoảng thời gian?")));
    assert!(asked.contains(&format!("Loại ra {} khoảng.", left_out.len())));
    let repeated = asked.matches("name=\"leave\"").count();
    assert_eq!(repeated, left_out.len(), "the question repeats them one by one");
    assert_eq!(all_posts(&bench), 0, "nothing is sent before yes");

    // Nothing, and others than those that were shown, are not published.
    let mut nothing = vec![("code", CODE), ("shown_until", until), ("sure", "yes")];
    nothing.extend(periods.iter().map(|start| ("leave", *start)));
    let nothing = browser.post("/report/send", &nothing);
    assert!(nothing.status == 422 && nothing.body.contains("Bạn đã loại ra mọi khoảng"));
    let old = [("code", CODE), ("shown_until", "1"), ("leave", periods[1]), ("sure", "yes")];
    let old = browser.post("/report/send", &old);
    assert!(old.status == 422 && old.body.contains("Hãy xem lại danh sách"));
    assert_eq!(old.body.matches(" checked").count(), 1, "what was ticked");
    assert_eq!(all_posts(&bench), 0);

    let done = publish(&browser, &chosen);
    assert!(done.contains("Đã công bố"), "{done}");
    assert!(done.contains(&format!("đã nhận khóa của {remaining} khoảng thời gian.")));
    let is_left_out = |start: &u64| left_out.contains(&start.to_string().as_str());
    let expected: Vec<u64> = starts.into_iter().filter(|start| !is_left_out(start)).collect();
    assert_eq!(published(&bench), expected);
    assert!(!done.contains(CODE));

    // The same code a second time, for the key that the device has used since.
    let shown = loop {
        let looked = browser.post("/report", &[("code", CODE)]);
        if looked.status == 200 {
            break looked.body;
        }
        assert!(looked.body.contains("Không có gì để công bố"), "until there is one");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!(boxes(&shown, "leave").len(), 1);
    let until = hidden(&shown, "shown_until");
    let failed = publish(&browser, &[("code", CODE), ("shown_until", until)]);
    assert!(failed.contains("Mã xác nhận đã được dùng"), "{failed}");
    assert_eq!(published(&bench), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_is_refused_changes_nothing_and_says_what_to_do() {
    let (bench, mut person, _) = person().await;
    bench.authority.with(|content| content.codes.insert("99999999".into(), true));
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    for (code, why) in [
        ("00000000", "Không có mã xác nhận này."),
        ("99999999", "Mã xác nhận đã được dùng hoặc không hợp lệ. Hãy xin mã mới."),
    ] {
        let shown = browser.post("/report", &[("code", code)]).body;
        let until = hidden(&shown, "shown_until").to_owned();
        let failed = publish(&browser, &[("code", code), ("shown_until", &until)]);
        assert!(failed.contains("Chưa công bố được") && failed.contains(why), "{failed}");
        assert!(failed.contains("Chưa có gì được công bố, các khóa của bạn vẫn như trước."));
        assert!(!failed.contains("/report/continue"), "there is nothing to go on with");
    }
    assert_eq!(boxes(&look(&browser), "leave").len(), PERIODS);
    assert_eq!(published(&bench), Vec::<u64>::new());
}

/// Kills the daemon; the person opens the page anew.
fn restart(person: &mut Person) -> Browser {
    person.signal("-KILL");
    let _events = person.start(&[]);
    Browser::open(person)
}

/// The request to `step` gets no answer, then the daemon is killed.
async fn goes_on_after_a_kill_at(step: &'static str) {
    let (bench, mut person, starts) = person().await;
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    let shown = look(&browser);
    let until = hidden(&shown, "shown_until");
    bench.authority.fault(step, Fault::NoAnswer);
    let chosen = [("code", CODE), ("shown_until", until), ("leave", &starts[2].to_string())];
    let failed = publish(&browser, &chosen);
    assert!(failed.contains("action=\"/report/continue\""), "{step}: {failed}");
    let sent = step == "/v1/publish";
    assert!(failed.contains("Không kết nối được với máy chủ của cơ quan y tế. Hãy kiểm tra mạng."));
    assert!(!failed.contains("Chưa công bố được"), "perhaps it is");
    let said =
        if sent { "có thể đã được công bố" } else { "Máy không tự gửi lại" };
    assert!(failed.contains(said), "{step}: {failed}");

    let browser = restart(&mut person);
    let home = browser.page("/");
    assert!(home.contains("Việc công bố kết quả dương tính của bạn chưa xong."), "{step}");
    let unfinished = browser.page("/report");
    assert!(unfinished.contains("Có một lần công bố chưa xong"), "{step}");
    let published_then = format!("Sẽ công bố: {} khoảng thời gian.", PERIODS - 1);
    assert!(unfinished.contains(&published_then), "{step}: {unfinished}");
    assert!(unfinished.contains("Loại ra 1 khoảng.") && !unfinished.contains(CODE));
    if sent {
        // Another code is for the same keys.
        let other = browser.post("/report", &[("code", "00000000")]);
        assert_eq!((other.status, boxes(&other.body, "leave").len()), (200, 0));
        assert!(other.body.contains(&format!("Công bố khóa của {} khoảng", PERIODS - 1)));
    }
    let Answer { status, head, .. } = browser.post("/report/continue", &[]);
    assert!(status == 303 && head.contains("/report/progress"));
    // Pressed twice: it is one publication.
    assert_eq!(browser.post("/report/continue", &[]).status, 303);
    let done = ended(&browser);
    assert!(done.contains("Đã công bố"), "{step}: {done}");
    let expected: Vec<u64> = starts.iter().copied().filter(|start| *start != starts[2]).collect();
    assert_eq!(published(&bench), expected, "{step}: once, and as it was chosen");
    assert!(!browser.page("/").contains("chưa xong"));
}

// Between its requests a publication pauses for seconds, by the machine's clock: the three side by side.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn killed_at_any_step_it_goes_on_with_the_code_and_the_choice_of_before() {
    let steps = ["/api/verify", "/api/certificate", "/v1/publish"];
    for running in steps.map(|step| tokio::spawn(goes_on_after_a_kill_at(step))) {
        running.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_authority_there_is_nobody_to_publish_to() {
    let mut person = Person::new();
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    assert!(browser.page("/report").contains("href=\"/settings\""));
    let refused = browser.post("/report", &[("code", CODE)]);
    assert!(refused.status == 409 && refused.body.contains("Hãy chọn ở trang Cài đặt."));
    let gone_on = browser.post("/report/continue", &[]);
    assert_eq!(gone_on.status, 303);
    let failed = ended(&browser);
    assert!(failed.contains("Không có gì để công bố") && !failed.contains("/report/continue"));
}
