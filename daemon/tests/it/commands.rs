//! The real program, asked by a person for what it keeps.

use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::process::Command;

use serde_json::json;
use vungxanh_daemon::platform::clock::SystemClock;
use vungxanh_daemon::store::{EncounterStore, ExposureRecord, SledStore};
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::diagnosis_key::ReportType;
use vungxanh_protocol::encounter::ScanInstance;
use vungxanh_protocol::exposure_window::{ExposureWindow, ScanAttenuation};
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::metadata::{Authenticity, CalibrationConfidence, EncryptedMetadata};

use crate::support::person::Person;

const DAY: u64 = 86_400;
const HOUR: u64 = 3_600;
/// Viet Nam is ahead of UTC by so much, all year.
const AHEAD: u64 = 7 * HOUR;

/// The day in Viet Nam that is so many days ago.
fn vietnamese_day(ago: u64) -> Range<UnixTime> {
    let today = SystemClock.now().plus(AHEAD).floor_to(DAY).minus(AHEAD);
    today.minus(ago * DAY)..today.minus(ago * DAY).plus(DAY)
}

/// `2026-03-01`, or by another form.
fn date(day: &Range<UnixTime>, form: &str) -> String {
    let noon = jiff::Timestamp::from_second(day.start.plus(DAY / 2).as_secs() as i64).unwrap();
    noon.to_zoned(jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh").unwrap()).strftime(form).to_string()
}

/// Somebody is near at six in the morning, when it is still the day before in UTC, and at eight in
/// the evening.
fn be_near(store: &dyn EncounterStore, day: &Range<UnixTime>) {
    for time in [day.start.plus(6 * HOUR), day.start.plus(20 * HOUR)] {
        let neighbour = Advertisement {
            identifier: RollingProximityIdentifier([1; 16]),
            metadata: EncryptedMetadata([1; 4]),
        };
        let instance = ScanInstance {
            time,
            typical_rssi: -71,
            strongest_rssi: -64,
            count: 12,
            seconds_since_last_scan: 300,
            clock_trusted: true,
        };
        let _ = store.record_scan(time.interval(), &[(neighbour, instance)]).unwrap();
    }
}

/// Half an hour near a case at six in the morning.
fn be_exposed(store: &dyn EncounterStore, day: &Range<UnixTime>) {
    let start = day.start.plus(6 * HOUR);
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
async fn days_are_those_of_the_person_in_every_command() {
    let (_authority, mut person) = Person::enrolled(Vec::new()).await;
    person.set("TZ", "Asia/Ho_Chi_Minh");
    let [oldest, middle, newest] = [4, 3, 2].map(vietnamese_day);
    {
        let (store, _) = SledStore::open(&person.profile, SystemClock.now()).unwrap();
        store.begin_day(SystemClock.now().day(), 14).unwrap();
        for day in [&oldest, &middle, &newest] {
            be_near(&store, day);
        }
        be_exposed(&store, &middle);
    }
    let _events = person.start(&[]);
    let history = |person: &Person| {
        let days = person.json(&["history"])["days"].clone();
        let day = |day: &serde_json::Value| json!([day["day"], day["scan_instances"]]);
        days.as_array().unwrap().iter().map(day).collect::<Vec<_>>()
    };
    let [first, second, third] = [&oldest, &middle, &newest].map(|day| date(day, "%Y-%m-%d"));
    assert_eq!(history(&person), [json!([first, 2]), json!([second, 2]), json!([third, 2])]);
    for (date, is_shown) in [(&first, false), (&second, true), (&third, false)] {
        let shown = person.text(&["exposures"]);
        assert_eq!(shown.contains(date.as_str()), is_shown, "{date}: {shown}");
    }
    let times = person.json(&["exposures"])["days"][0]["times"].clone();
    let whole_day = json!({"from": middle.start.as_secs(), "until": middle.end.as_secs()});
    assert_eq!(times, whole_day, "no hour is said");

    let said = person.text(&["forget", "--day", &date(&middle, "%d/%m/%Y"), "--yes"]);
    assert!(said.contains(&second), "{said}");
    assert_eq!(history(&person), [json!([first, 2]), json!([third, 2])]);
    assert!(!person.text(&["exposures"]).contains(&second));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_archive_is_said_before_the_passphrase_is_asked_or_the_rest_is_read() {
    let (_authority, mut person) = Person::enrolled(Vec::new()).await;
    let _events = person.start(&[]);
    let path = person.runtime.join("file");
    let short = 4_096;
    for (beginning, length) in
        [(&b"PK\x03\x04"[..], short), (b"VXARCHIV\x02", short), (b"VXARCHIV\x01", 1 << 40)]
    {
        let mut file = File::create(&path).unwrap();
        file.write_all(beginning).unwrap();
        // Nothing of which is on the disk.
        file.set_len(length).unwrap();
        let import = person.command(&["--json", "import"]);
        // Half of the longest archive does not fit its memory.
        let mut limited = Command::new("sh");
        limited.args(["-c", "ulimit -v 262144 && exec \"$@\"", "sh"]);
        limited.arg(import.get_program()).args(import.get_args()).arg(&path);
        limited.args(["--passphrase-file", "/nonexistent/passphrase"]);
        let output = limited.env("MALLOC_ARENA_MAX", "1").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains("\"failure-archive\""), "{beginning:?}: {said}");
    }
}
