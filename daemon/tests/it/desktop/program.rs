//! The real program on a private session bus.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use vungxanh_daemon::control_api::ExposureNotice;
use vungxanh_daemon::platform::clock::SystemClock;
use vungxanh_daemon::store::{EncounterStore, ExposureRecord, SledStore};
use vungxanh_daemon::sync::{Settings, Sync};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::diagnosis_key::ReportType;
use vungxanh_protocol::exposure_window::{ExposureWindow, ScanAttenuation};
use vungxanh_protocol::metadata::{Authenticity, CalibrationConfidence};
use vungxanh_protocol::risk::RiskLevel;

use super::fake::FakeService;
use super::shown_exposure;
use crate::support::person::Person;
use crate::support::private_bus::PrivateBus;

/// Enrolled, with an exposure of yesterday that an earlier run has found and notified. On this bus.
async fn exposed(bus: &str) -> Person {
    let (_authority, mut person) = Person::enrolled(Vec::new()).await;
    person.set("VUNGXANH_NO_NOTIFICATIONS", "0");
    person.set("DBUS_SESSION_BUS_ADDRESS", bus);
    let yesterday = SystemClock.now().day().minus(1);
    let (store, sync) = open(&person);
    store.begin_day(yesterday, 14).unwrap();
    let scan =
        ScanAttenuation { typical_attenuation_db: 40, minimum_attenuation_db: 40, seconds: 300 };
    let window = ExposureWindow {
        day: yesterday,
        start: yesterday.start(),
        report_type: ReportType::ConfirmedTest,
        days_since_onset: Some(0),
        confidence: CalibrationConfidence::High,
        authenticity: Authenticity::Authentic,
        scans: vec![scan; 6],
    };
    let rolling_start = yesterday.first_interval();
    let of_key = ExposureRecord { key: [1; 16], rolling_start, window };
    store.put_exposures(yesterday, &[of_key]).unwrap();
    let notice = ExposureNotice { day: yesterday, level: RiskLevel::Low };
    sync.notices().mark_notified(&[notice]).await.unwrap();
    assert_eq!(sync.notices().unacknowledged().await.unwrap(), [notice]);
    person
}

fn open(person: &Person) -> (Arc<dyn EncounterStore>, Sync) {
    let (store, _) = SledStore::open(&person.profile, SystemClock.now()).unwrap();
    let store: Arc<dyn EncounterStore> = Arc::new(store);
    let settings = Settings::new(person.profile.downloads());
    let sync = Sync::open(Arc::clone(&store), Arc::new(SystemClock), settings).unwrap();
    (store, sync)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs dbus-daemon"]
async fn what_an_earlier_run_found_is_shown_until_the_person_looks() {
    let bus = PrivateBus::start();
    let mut person = exposed(&bus.address()).await;
    let _events = person.start(&[]);
    // No one was logged in when it started.
    let service = FakeService::start(&bus, 1).await;
    assert_eq!(service.notified(1).await, shown_exposure(1));
    // A program that reads JSON is no person who looks.
    person.json(&["exposures"]);
    person.stop();
    let _events = person.start(&[]);
    let again = service.notified(2).await;
    assert_eq!(service.asked().closed, [0; 0]);
    person.text(&["exposures"]);
    assert_eq!(service.until(|asked| !asked.closed.is_empty()).await.closed, [again.id]);
    person.stop();
    let (_store, sync) = open(&person);
    assert_eq!(sync.notices().unacknowledged().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs dbus-daemon"]
async fn what_is_forgotten_is_not_shown_any_more() {
    let bus = PrivateBus::start();
    let service = FakeService::start(&bus, 1).await;
    let mut person = exposed(&bus.address()).await;
    let _events = person.start(&[]);
    service.notified(1).await;
    person.text(&["forget", "--all", "--yes"]);
    assert_eq!(service.until(|asked| !asked.closed.is_empty()).await.closed, [1]);
    person.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs dbus-daemon"]
async fn the_daemon_answers_and_ends_beside_a_service_that_hangs() {
    let bus = PrivateBus::start();
    let service = FakeService::start(&bus, 1).await;
    service.hang();
    let mut person = exposed(&bus.address()).await;
    let _events = person.start(&[]);
    service.until(|asked| asked.introduced > 0).await;
    assert_eq!(person.status()["level"], "low");
    person.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_daemon_answers_and_ends_without_a_bus() {
    let folder = tempfile::tempdir().unwrap();
    // Takes connections and says nothing; and one that is not there at all.
    let silent = folder.path().join("silent");
    let _listener = std::os::unix::net::UnixListener::bind(&silent).unwrap();
    for socket in [silent.as_path(), Path::new("/nonexistent/bus")] {
        let mut person = exposed(&format!("unix:path={}", socket.display())).await;
        let _events = person.start(&[]);
        assert_eq!(person.status()["level"], "low");
        person.stop();
        let (_store, sync) = open(&person);
        assert_eq!(
            sync.notices().unacknowledged().await.unwrap().len(),
            1,
            "it waits for the next run"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs dbus-daemon"]
async fn who_wants_no_notifications_gets_none() {
    let bus = PrivateBus::start();
    let service = FakeService::start(&bus, 1).await;
    let mut person = exposed(&bus.address()).await;
    let _events = person.start(&["--no-notifications"]);
    person.stop();
    assert_eq!((service.asked().introduced, service.asked().notified), (0, Vec::new()));
}

/// The ids of what doctor says about notifications, with their verdicts.
fn doctor(person: &Person) -> Vec<(String, String)> {
    let output = person.run(&["--json", "doctor", "--radio", "air:/nonexistent/air.sock#lan"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.map(|one| (text(&one["id"]), text(&one["verdict"])));
    let about = |id: &str| id.contains("notifications") || id.contains("session-bus");
    findings.filter(|(id, _)| about(id)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs dbus-daemon"]
async fn doctor_says_whether_notifications_can_be_shown() {
    let bus = PrivateBus::start();
    let mut person = exposed(&bus.address()).await;
    let found = |id: &str, verdict: &str| vec![(id.to_owned(), verdict.to_owned())];
    assert_eq!(doctor(&person), found("no-notifications", "weak"));
    let service = FakeService::start(&bus, 1).await;
    assert_eq!(doctor(&person), found("notifications", "good"));
    assert_eq!(service.asked().notified, [], "it looks and shows nothing");
    person.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    assert_eq!(doctor(&person), found("no-session-bus", "weak"));
}
