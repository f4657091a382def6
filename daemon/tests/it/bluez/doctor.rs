//! `vungxanh doctor`, the real program, on machines that lack something.

use std::process::Command;

use super::bus::on_a_private_bus;
use super::fake::FakeBlueZ;
use super::{HCI0, HCI1};

/// The exit code, and each finding's id with its verdict.
async fn doctor(arguments: &[&str]) -> (i32, Vec<(String, String)>) {
    let profile = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_vungxanh"));
    command.arg("--profile").arg(profile.path()).args(["--json", "doctor"]).args(arguments);
    command.env_remove("VUNGXANH_RADIO");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let findings = findings.map(|one| (text(&one["id"]), text(&one["verdict"]))).collect();
    (output.status.code().unwrap(), findings)
}

/// What stands in the way.
fn bad(findings: &[(String, String)]) -> Vec<&str> {
    findings.iter().filter(|(_, verdict)| verdict == "bad").map(|(id, _)| id.as_str()).collect()
}

#[test]
#[ignore = "needs dbus-daemon"]
fn each_lack_is_named() {
    on_a_private_bus("doctor::each_lack_is_named", || async {
        let (exit, findings) = doctor(&[]).await;
        assert_eq!((exit, bad(&findings)), (1, vec!["no-bluez", "daemon-stopped"]));

        let bluez = FakeBlueZ::start(&[HCI0, (HCI1.0, false)]).await;
        let (exit, findings) = doctor(&[]).await;
        // All that is wrong with Bluetooth here is nothing; but nobody traces.
        assert_eq!((exit, bad(&findings)), (1, vec!["daemon-stopped"]));
        for weak in ["legacy-advertising", "duplicate-filter"] {
            assert!(findings.contains(&(weak.to_owned(), "weak".to_owned())), "{findings:?}");
        }

        let (_, findings) = doctor(&["--radio", "bluez:hci1"]).await;
        assert_eq!(bad(&findings), ["adapter-off", "daemon-stopped"]);
        let (_, findings) = doctor(&["--radio", "bluez:hci2"]).await;
        assert_eq!(bad(&findings), ["no-adapter", "daemon-stopped"]);

        bluez.make_discoverable("hci0");
        let (_, findings) = doctor(&[]).await;
        assert_eq!(bad(&findings), ["public-address", "daemon-stopped"]);
        // It looks and changes nothing.
        let adapter = bluez.adapter("hci1");
        assert_eq!((adapter.power_requests, adapter.scans_started), (0, 0));
    });
}
