//! `vungxanh doctor`, the real program, on machines that lack something and beside daemons that say
//! different things of themselves.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;
use vungxanh_daemon::control_api::{Problem, RadioStatus, Status, StoreStatus, SyncStatus};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::risk::RiskLevel;

use super::bus::on_a_private_bus;
use super::fake::FakeBlueZ;
use super::{HCI0, HCI1};

const NOW: UnixTime = UnixTime::from_secs(1_796_000_000);

/// What doctor said.
pub(super) struct Outcome {
    pub(super) exit: i32,
    works: bool,
    /// id, verdict, detail
    findings: Vec<(String, String, String)>,
}

impl Outcome {
    /// What stands in the way.
    pub(super) fn bad(&self) -> Vec<&str> {
        self.with("bad")
    }

    fn with(&self, verdict: &str) -> Vec<&str> {
        let found = self.findings.iter().filter(|(_, is, _)| is == verdict);
        found.map(|(id, _, _)| id.as_str()).collect()
    }

    fn detail(&self, id: &str) -> &str {
        let found = self.findings.iter().find(|(is, _, _)| is == id);
        &found.unwrap_or_else(|| panic!("no {id} among {:?}", self.findings)).2
    }
}

async fn doctor_of(profile: &Path, arguments: &[&str]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vungxanh"));
    command.arg("--profile").arg(profile).args(["--json", "doctor"]).args(arguments);
    command.env_remove("VUNGXANH_RADIO");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    Outcome {
        exit: output.status.code().unwrap(),
        works: report["works"].as_bool().unwrap(),
        findings: findings
            .map(|one| (text(&one["id"]), text(&one["verdict"]), text(&one["detail"])))
            .collect(),
    }
}

/// What people read, beside no daemon.
async fn text_of_doctor(language: &str, arguments: &[&str]) -> String {
    let profile = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vungxanh"));
    command.arg("--profile").arg(profile.path()).args(["--lang", language, "doctor"]);
    command.args(arguments).env_remove("VUNGXANH_RADIO");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// What a person does who follows it.
async fn run(command: &str) {
    let mut words = command.split(' ');
    let mut command = Command::new(words.next().unwrap());
    command.args(words);
    let status = tokio::task::spawn_blocking(move || command.status().unwrap()).await.unwrap();
    assert!(status.success());
}

/// Beside no daemon.
pub(super) async fn doctor(arguments: &[&str]) -> Outcome {
    let profile = tempfile::tempdir().unwrap();
    doctor_of(profile.path(), arguments).await
}

/// A daemon that traces with the radio `name`.
fn tracing_with(name: &str) -> Status {
    let ready = RadioStatus {
        name: name.to_owned(),
        state: "ready".to_owned(),
        last_scan: Some(NOW),
        last_rotation: Some(NOW),
        ..RadioStatus::default()
    };
    Status {
        tracing: true,
        problems: Vec::new(),
        version: "0".to_owned(),
        pid: 1,
        now: NOW,
        authority: None,
        radio: ready,
        store: StoreStatus::default(),
        sync: SyncStatus::default(),
        level: RiskLevel::None,
        visit: None,
    }
}

fn with_problem(name: &str, id: &str, detail: &str) -> Status {
    let problems = vec![Problem { id: id.to_owned(), detail: detail.to_owned() }];
    Status { problems, ..tracing_with(name) }
}

/// The profile of a daemon that answers every question with `status`, until the test ends.
fn profile_of_daemon(status: &Status) -> TempDir {
    let profile = tempfile::tempdir().unwrap();
    let listener = UnixListener::bind(profile.path().join("control.sock")).unwrap();
    let body = serde_json::to_string(status).unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            let mut question = BufReader::new(connection.try_clone().unwrap()).lines();
            while question.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let length = body.len();
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json";
            write!(connection, "{head}\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        }
    });
    profile
}

async fn doctor_beside(status: &Status, arguments: &[&str]) -> Outcome {
    let profile = profile_of_daemon(status);
    doctor_of(profile.path(), arguments).await
}

fn on_hci0() -> String {
    format!("bluez:hci0 ({})", HCI0.0)
}

fn on_hci1() -> String {
    format!("bluez:hci1 ({})", HCI1.0)
}

#[test]
#[ignore = "needs dbus-daemon"]
fn each_lack_is_named() {
    on_a_private_bus("doctor::each_lack_is_named", || async {
        let found = doctor(&[]).await;
        assert_eq!((found.exit, found.bad()), (1, vec!["no-bluez", "daemon-stopped"]));

        let bluez = FakeBlueZ::start(&[HCI0, (HCI1.0, false)]).await;
        let found = doctor(&[]).await;
        // Nothing is wrong with Bluetooth here; but no daemon traces.
        assert_eq!((found.exit, found.bad()), (1, vec!["daemon-stopped"]));
        for weak in ["legacy-advertising", "duplicate-filter"] {
            assert!(found.with("weak").contains(&weak), "{:?}", found.findings);
        }

        let found = doctor(&["--radio", "bluez:hci1"]).await;
        assert_eq!(found.bad(), ["adapter-off", "daemon-stopped"]);
        let found = doctor(&["--radio", "bluez:hci2"]).await;
        assert_eq!(found.bad(), ["no-adapter", "daemon-stopped"]);

        bluez.let_others_find("hci0", true);
        let found = doctor(&[]).await;
        assert_eq!(found.bad(), ["public-address", "daemon-stopped"]);
        bluez.let_others_find("hci0", false);
        bluez.show_connectable("hci0", false);
        assert_eq!(doctor(&[]).await.bad(), ["daemon-stopped"]);
        bluez.show_connectable("hci0", true);
        let found = doctor(&[]).await;
        assert_eq!(found.bad(), ["left-connectable", "daemon-stopped"]);
        assert_eq!(found.detail("left-connectable"), HCI0.0);
        // It looks and changes nothing.
        let adapter = bluez.adapter("hci1");
        assert_eq!((adapter.power_requests, adapter.scans.len()), (0, 0));
    });
}

/// The command that a text names, from `busctl` to the value that it sets.
fn busctl_command(text: &str) -> &str {
    let command = &text[text.find("busctl set-property").unwrap_or_else(|| panic!("{text}"))..];
    let values = [" true", " false"].into_iter();
    let end = values.filter_map(|value| Some(command.find(value)? + value.len())).min();
    &command[..end.unwrap()]
}

#[test]
#[ignore = "needs dbus-daemon and busctl"]
fn what_mends_acts_on_the_adapter_looked_at() {
    on_a_private_bus("doctor::what_mends_acts_on_the_adapter_looked_at", || async {
        let bluez = FakeBlueZ::start(&[HCI0, (HCI1.0, false)]).await;
        let radio = "bluez:hci1";
        for language in ["en", "vi"] {
            bluez.switch("hci1", false);
            let text = text_of_doctor(language, &["--radio", radio]).await;
            run(busctl_command(&text)).await;
            assert!(bluez.adapter("hci1").powered, "{text}");
            bluez.let_others_find("hci1", true);
            let text = text_of_doctor(language, &["--radio", radio]).await;
            run(busctl_command(&text)).await;
            assert!(!bluez.adapter("hci1").discoverable, "{text}");
        }
        assert_eq!(doctor(&["--radio", "bluez:hci1"]).await.bad(), ["daemon-stopped"]);
        assert_eq!(bluez.adapter("hci0").power_requests, 0, "another adapter");
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn an_adapter_of_bluetooth_5_is_known_without_experimental_interfaces() {
    let name = "doctor::an_adapter_of_bluetooth_5_is_known_without_experimental_interfaces";
    on_a_private_bus(name, || async {
        let bluez = FakeBlueZ::start(&[HCI0]).await;
        bluez.make_extended("hci0");
        let found = doctor(&[]).await;
        assert!(!found.with("weak").contains(&"legacy-advertising"), "{:?}", found.findings);
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn what_bluez_offers_against_the_duplicate_filter_is_told() {
    let name = "doctor::what_bluez_offers_against_the_duplicate_filter_is_told";
    on_a_private_bus(name, || async {
        let bluez = FakeBlueZ::start(&[HCI0, HCI1]).await;
        bluez.offer_monitors("hci1", &["or_patterns"], &["controller-patterns"]);
        let found = doctor(&["--radio", "bluez:hci1"]).await;
        let offered = found.detail("duplicate-filter-monitors");
        assert_eq!(offered, "or_patterns, controller-patterns");
        assert!(!found.with("weak").contains(&"duplicate-filter"), "{:?}", found.findings);
        // Without experimental interfaces, and before BlueZ or the kernel knew them.
        bluez.offer_monitors("hci1", &[], &[]);
        for radio in ["bluez:hci0", "bluez:hci1"] {
            let found = doctor(&["--radio", radio]).await;
            assert_eq!(format!("bluez:{}", found.detail("duplicate-filter")), radio);
            assert!(!found.with("weak").contains(&"duplicate-filter-monitors"), "{radio}");
        }
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn what_the_daemon_says_counts() {
    on_a_private_bus("doctor::what_the_daemon_says_counts", || async {
        let _bluez = FakeBlueZ::start(&[HCI0]).await;
        let found = doctor_beside(&tracing_with(&on_hci0()), &[]).await;
        assert_eq!((found.exit, found.works, found.bad()), (0, true, Vec::new()));
        assert!(found.with("good").contains(&"daemon") && found.with("good").contains(&"clock"));

        // The daemon scans and broadcasts, but nothing that it hears is scored.
        let mistrusts = with_problem(&on_hci0(), "problem-clock", "off by 3600 s");
        let found = doctor_beside(&mistrusts, &[]).await;
        assert_eq!((found.exit, found.works), (1, false));
        assert_eq!(found.bad(), ["problem-clock", "daemon-not-tracing"]);
        assert_eq!(found.detail("problem-clock"), "off by 3600 s");
        assert!(!found.with("good").contains(&"clock"), "{:?}", found.findings);

        // What hinders no tracing is reported all the same.
        let found = doctor_beside(&with_problem(&on_hci0(), "problem-sync", "no route"), &[]).await;
        assert_eq!((found.exit, found.bad()), (0, Vec::new()));
        assert!(found.with("weak").contains(&"problem-sync"));

        // A problem of which this program knows nothing may hinder it.
        let found = doctor_beside(&with_problem(&on_hci0(), "problem-of-later", ""), &[]).await;
        assert_eq!(found.bad(), ["problem-of-later", "daemon-not-tracing"]);

        let waits = Status { tracing: false, ..tracing_with(&on_hci0()) };
        let found = doctor_beside(&waits, &[]).await;
        assert_eq!((found.exit, found.bad()), (1, vec!["daemon-not-tracing"]));
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn the_daemons_own_radio_is_looked_at() {
    on_a_private_bus("doctor::the_daemons_own_radio_is_looked_at", || async {
        let bluez = FakeBlueZ::start(&[HCI0, HCI1]).await;
        bluez.let_others_find("hci1", true);
        let found = doctor_beside(&tracing_with(&on_hci1()), &[]).await;
        assert_eq!((found.exit, found.bad()), (1, vec!["public-address"]));
        assert_eq!(found.detail("public-address"), HCI1.0);
        assert!(!found.with("weak").contains(&"another-radio"), "{:?}", found.findings);

        // Another is looked at when asked for, and that it is another is said.
        for asked in ["bluez", "bluez:hci0", "bluez:00:AA:01:00:00:00", "bluez:hci7"] {
            let found = doctor_beside(&tracing_with(&on_hci1()), &["--radio", asked]).await;
            assert_eq!(found.detail("another-radio"), on_hci1(), "{asked}");
            assert!(!found.bad().contains(&"public-address"), "{asked}: {:?}", found.findings);
        }
        for asked in ["bluez:hci1", "bluez:00:aa:01:00:00:01"] {
            let found = doctor_beside(&tracing_with(&on_hci1()), &["--radio", asked]).await;
            assert_eq!(found.bad(), ["public-address"], "{asked}");
            assert!(!found.with("weak").contains(&"another-radio"), "{asked}");
        }
        // The adapter that the daemon waits for, and one that it has not chosen yet.
        let waits = Status { tracing: false, ..tracing_with("bluez:hci7") };
        let found = doctor_beside(&waits, &[]).await;
        assert_eq!(found.bad(), ["no-adapter", "daemon-not-tracing"]);
        let waits = Status { tracing: false, ..tracing_with("bluez") };
        let found = doctor_beside(&waits, &["--radio", "bluez:hci0"]).await;
        assert_eq!(found.bad(), ["daemon-not-tracing"]);
        assert!(!found.with("weak").contains(&"another-radio"), "{:?}", found.findings);
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn a_simulated_radio_traces_nobody() {
    on_a_private_bus("doctor::a_simulated_radio_traces_nobody", || async {
        let _bluez = FakeBlueZ::start(&[HCI0]).await;
        let simulated = tracing_with("air:/run/air.sock#lan (simulated)");
        for arguments in [&[][..], &["--radio", "bluez"], &["--radio", "air:/run/air.sock#lan"]] {
            let found = doctor_beside(&simulated, arguments).await;
            assert_eq!((found.exit, found.bad()), (1, vec!["simulated"]), "{arguments:?}");
        }
    });
}

#[test]
#[ignore = "needs dbus-daemon"]
fn slots_that_others_use_up_are_missing() {
    on_a_private_bus("doctor::slots_that_others_use_up_are_missing", || async {
        let bluez = FakeBlueZ::start(&[HCI0, HCI1]).await;
        bluez.occupy("hci0");
        let found = doctor(&["--radio", "bluez:hci0"]).await;
        assert_eq!(found.bad(), ["no-slot", "daemon-stopped"]);
        assert_eq!(found.detail("no-slot"), "hci0: 0 free, 3 in use");
        // The daemon's own is one of them.
        let found = doctor_beside(&tracing_with(&on_hci0()), &[]).await;
        assert_eq!((found.exit, found.bad()), (0, Vec::new()));
        let mistrusts = with_problem(&on_hci0(), "problem-clock", "the clock was set");
        let mistrusts = Status { tracing: false, ..mistrusts };
        let found = doctor_beside(&mistrusts, &[]).await;
        assert_eq!(found.bad(), ["problem-clock", "daemon-not-tracing"]);
        let deaf = with_problem(&on_hci0(), "problem-scan-failed", "refused");
        let found = doctor_beside(&deaf, &[]).await;
        assert_eq!(found.bad(), ["problem-scan-failed", "daemon-not-tracing"]);
        // It advertises on another adapter, or could not.
        let found = doctor_beside(&tracing_with(&on_hci1()), &["--radio", "bluez:hci0"]).await;
        assert_eq!(found.bad(), ["no-slot"]);
        let refused = with_problem(&on_hci0(), "problem-broadcast-failed", "advertising: full");
        let found = doctor_beside(&refused, &[]).await;
        assert_eq!(found.bad(), ["no-slot", "problem-broadcast-failed", "daemon-not-tracing"]);
    });
}
