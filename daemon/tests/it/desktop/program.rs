//! The real program on a private session bus.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use serde_json::Value;
use vungxanh_daemon::control_api::ExposureNotice;
use vungxanh_daemon::platform::clock::SystemClock;
use vungxanh_daemon::platform::profile::Profile;
use vungxanh_daemon::store::{EncounterStore, ExposureRecord, SledStore};
use vungxanh_daemon::sync::{Settings, Sync};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::diagnosis_key::ReportType;
use vungxanh_protocol::exposure_window::{ExposureWindow, ScanAttenuation};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::metadata::{Authenticity, CalibrationConfidence};
use vungxanh_protocol::risk::RiskLevel;

use super::fake::FakeService;
use super::shown_exposure;
use crate::support::fixture::{Bench, DOCUMENT, document, fingerprint, sign};
use crate::support::private_bus::PrivateBus;

struct Person {
    profile: Profile,
    bus: String,
    _folder: tempfile::TempDir,
    daemon: Option<Child>,
}

impl Drop for Person {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

impl Person {
    /// Enrolled, with an exposure of yesterday that an earlier run has found and notified.
    async fn exposed(bus: &str) -> Self {
        let bench = Bench::start().await;
        let mut document = document(5);
        document.expires_at = UnixTime::from_secs(4_102_444_800);
        bench.authority.with(|content| content.files.insert(DOCUMENT.into(), sign(&document)));
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::at(folder.path().join("profile"));
        let person = Self { profile, bus: bus.to_owned(), _folder: folder, daemon: None };
        let enrolment = format!("{}#sha256={}", bench.authority.url, fingerprint(1));
        let output = person.run(&["enroll", &enrolment]).await;
        assert!(output.status.success(), "{output:?}");
        person.expose().await;
        person
    }

    async fn expose(&self) {
        let yesterday = SystemClock.now().day().minus(1);
        let (store, sync) = self.open();
        store.begin_day(yesterday, 14).unwrap();
        let scan = ScanAttenuation {
            typical_attenuation_db: 40,
            minimum_attenuation_db: 40,
            seconds: 300,
        };
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
    }

    fn open(&self) -> (Arc<dyn EncounterStore>, Sync) {
        let (store, _) = SledStore::open(&self.profile, SystemClock.now()).unwrap();
        let store: Arc<dyn EncounterStore> = Arc::new(store);
        let settings = Settings::new(self.profile.downloads());
        let sync = Sync::open(Arc::clone(&store), Arc::new(SystemClock), settings).unwrap();
        (store, sync)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vungxanh"));
        command
            .args(["--lang", "vi", "--profile"])
            .arg(self.profile.root())
            .args(arguments)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env_remove("VUNGXANH_NO_NOTIFICATIONS")
            .stdin(Stdio::null());
        command
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    /// Starts the daemon and waits until it answers.
    async fn start(&mut self, arguments: &[&str]) {
        let radio = ["--json", "run", "--radio", "air:/nonexistent/air.sock#lan"];
        let mut command = self.command(&[&radio, arguments].concat());
        let mut daemon = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(daemon.stdout.take().unwrap()).lines();
        self.daemon = Some(daemon);
        let first = tokio::task::spawn_blocking(move || {
            let first = lines.next().unwrap().unwrap();
            // So that it can go on writing.
            std::thread::spawn(move || lines.for_each(drop));
            first
        });
        let first: Value = serde_json::from_str(&first.await.unwrap()).unwrap();
        assert_eq!(first["event"], "started");
    }

    /// Stops the daemon, which ends as it should.
    async fn stop(&mut self) {
        let mut daemon = self.daemon.take().unwrap();
        let pid = daemon.id().to_string();
        assert!(Command::new("kill").arg(pid).status().unwrap().success());
        let ended = tokio::task::spawn_blocking(move || daemon.wait().unwrap()).await.unwrap();
        assert!(ended.success());
    }
}

#[tokio::test]
#[ignore = "needs dbus-daemon"]
async fn what_an_earlier_run_found_is_shown_until_the_person_looks() {
    let bus = PrivateBus::start();
    let mut person = Person::exposed(&bus.address()).await;
    person.start(&[]).await;
    // No one was logged in when it started.
    let service = FakeService::start(&bus, 1).await;
    assert_eq!(service.notified(1).await, shown_exposure(1));
    // A program that reads JSON is no person who looks.
    let output = person.run(&["--json", "exposures"]).await;
    assert!(output.status.success(), "{output:?}");
    person.stop().await;
    person.start(&[]).await;
    let again = service.notified(2).await;
    assert_eq!(service.asked().closed, [0; 0]);
    let output = person.run(&["exposures"]).await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(service.until(|asked| !asked.closed.is_empty()).await.closed, [again.id]);
    person.stop().await;
    let (_store, sync) = person.open();
    assert_eq!(sync.notices().unacknowledged().await.unwrap(), []);
}

#[tokio::test]
#[ignore = "needs dbus-daemon"]
async fn what_is_forgotten_is_not_shown_any_more() {
    let bus = PrivateBus::start();
    let service = FakeService::start(&bus, 1).await;
    let mut person = Person::exposed(&bus.address()).await;
    person.start(&[]).await;
    service.notified(1).await;
    let output = person.run(&["forget", "--all", "--yes"]).await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(service.until(|asked| !asked.closed.is_empty()).await.closed, [1]);
    person.stop().await;
}

#[tokio::test]
#[ignore = "needs dbus-daemon"]
async fn the_daemon_answers_and_ends_beside_a_service_that_hangs() {
    let bus = PrivateBus::start();
    let service = FakeService::start(&bus, 1).await;
    service.hang();
    let mut person = Person::exposed(&bus.address()).await;
    person.start(&[]).await;
    service.until(|asked| asked.introduced > 0).await;
    let output = person.run(&["--json", "status"]).await;
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(status["level"], "low");
    person.stop().await;
}

#[tokio::test]
async fn the_daemon_answers_and_ends_without_a_bus() {
    let folder = tempfile::tempdir().unwrap();
    // Takes connections and says nothing; and one that is not there at all.
    let silent = folder.path().join("silent");
    let _listener = std::os::unix::net::UnixListener::bind(&silent).unwrap();
    for socket in [silent.as_path(), Path::new("/nonexistent/bus")] {
        let mut person = Person::exposed(&format!("unix:path={}", socket.display())).await;
        person.start(&[]).await;
        let output = person.run(&["--json", "status"]).await;
        let status: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(status["level"], "low");
        person.stop().await;
        let (_store, sync) = person.open();
        assert_eq!(
            sync.notices().unacknowledged().await.unwrap().len(),
            1,
            "it waits for the next run"
        );
    }
}

#[tokio::test]
#[ignore = "needs dbus-daemon"]
async fn who_wants_no_notifications_gets_none() {
    let bus = PrivateBus::start();
    let service = FakeService::start(&bus, 1).await;
    let mut person = Person::exposed(&bus.address()).await;
    person.start(&["--no-notifications"]).await;
    person.stop().await;
    assert_eq!((service.asked().introduced, service.asked().notified), (0, Vec::new()));
}

/// The ids of what doctor says about notifications, with their verdicts.
async fn doctor(person: &Person) -> Vec<(String, String)> {
    let output =
        person.run(&["--json", "doctor", "--radio", "air:/nonexistent/air.sock#lan"]).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.map(|one| (text(&one["id"]), text(&one["verdict"])));
    let about = |id: &str| id.contains("notifications") || id.contains("session-bus");
    findings.filter(|(id, _)| about(id)).collect()
}

#[tokio::test]
#[ignore = "needs dbus-daemon"]
async fn doctor_says_whether_notifications_can_be_shown() {
    let bus = PrivateBus::start();
    let mut person = Person::exposed(&bus.address()).await;
    let found = |id: &str, verdict: &str| vec![(id.to_owned(), verdict.to_owned())];
    assert_eq!(doctor(&person).await, found("no-notifications", "weak"));
    let service = FakeService::start(&bus, 1).await;
    assert_eq!(doctor(&person).await, found("notifications", "good"));
    assert_eq!(service.asked().notified, [], "it looks and shows nothing");
    person.bus = "unix:path=/nonexistent/bus".into();
    assert_eq!(doctor(&person).await, found("no-session-bus", "weak"));
}
