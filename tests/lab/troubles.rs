//! What a person's device does when its radio is switched off and on, and when bluetoothd is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;
use vungxanh_daemon::control::types::Status;

use crate::btmon::{Heard, heard};
use crate::guest::{Controller, Guest, Outcome};

/// The adapter that hears everything and belongs to nobody.
const LISTENER: u32 = 2;

fn troubles() -> &'static Outcome {
    static TROUBLES: OnceLock<Outcome> = OnceLock::new();
    TROUBLES.get_or_init(|| Guest::with_adapters(3).with_programs().run("troubles.sh", &[]))
}

/// All that the listener heard of our service.
fn air(outcome: &Outcome) -> Vec<Heard> {
    let mut air = heard(&outcome.text("air.txt"));
    air.retain(|advert| advert.listener == LISTENER && advert.service_data.is_some());
    air
}

/// Seconds from the beginning of btmon's record to a moment of the story.
fn moment(outcome: &Outcome, name: &str) -> u64 {
    let text = outcome.text("moments.txt");
    let at = |name: &str| -> u64 {
        let line = text.lines().find(|line| line.split(' ').next() == Some(name)).unwrap();
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    at(name) - at("listening")
}

fn status(name: &str) -> Status {
    troubles().json(&format!("status-{name}.json"))
}

/// The verdict of each of doctor's findings.
fn findings(outcome: &Outcome, name: &str) -> BTreeMap<String, String> {
    let report: Value = outcome.json(&format!("{name}.json"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|one| (text(&one["id"]), text(&one["verdict"]))).collect()
}

fn has(findings: &BTreeMap<String, String>, id: &str, verdict: &str) -> bool {
    findings.get(id).map(String::as_str) == Some(verdict)
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn a_radio_that_is_off_shows_in_status_and_costs_nothing() {
    let off = status("off-1");
    assert!(!off.tracing);
    assert_eq!(off.radio.state, "switched_off");
    assert_eq!(off.problems[0].id, "problem-radio-off");
    assert!(has(&findings(troubles(), "doctor-off-1"), "adapter-off", "bad"));
    let used_ms: u64 = troubles().text("processor-while-off.txt").trim().parse().unwrap();
    assert!(used_ms < 5_000, "{used_ms} ms of processor time in 175 s");
    let on = status("on-1");
    assert!(on.tracing && on.problems.is_empty(), "{on:?}");
    assert_eq!(on.radio.heard_in_last_scan, 1);
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn a_restart_of_bluetoothd_is_survived() {
    for person in 0..=1 {
        let killed = status(&format!("killed-{person}"));
        assert!(!killed.tracing);
        assert_eq!(killed.radio.state, "missing");
        assert_eq!(killed.problems[0].id, "problem-radio-missing");
        let restarted = status(&format!("restarted-{person}"));
        assert!(restarted.tracing && restarted.problems.is_empty(), "{restarted:?}");
        assert_eq!(restarted.radio.heard_in_last_scan, 1);
        assert_eq!(restarted.radio.scan_restarts, 0);
    }
    assert!(has(&findings(troubles(), "doctor-killed-0"), "no-bluez", "bad"));
    let mended: Value = troubles().json("doctor-restarted-0.json");
    assert_eq!(mended["works"], true, "{mended}");
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn both_broadcast_again_after_each_trouble_and_not_before() {
    let outcome = troubles();
    let seconds: BTreeMap<_, _> = ["off", "on", "killed", "restarted", "left"]
        .map(|name| (name, moment(outcome, name)))
        .into();
    // Who is on the air between two moments, with some seconds of grace at either.
    let on_air = |from: &str, until: &str| -> BTreeSet<String> {
        let range = seconds[from] * 1_000 + 10_000..seconds[until] * 1_000 - 3_000;
        let within = air(outcome).into_iter().filter(|one| range.contains(&one.milliseconds));
        within.filter_map(|one| one.service_data).collect()
    };
    assert_eq!(on_air("off", "on").len(), 1, "only person 0 while person 1 is off");
    for (from, until) in [("on", "killed"), ("restarted", "left")] {
        let count = on_air(from, until).len();
        assert!((2..=4).contains(&count), "{count} identifiers from {from} until {until}");
    }
    // Also here no address is of two identifiers.
    let mut by_address: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for advert in air(outcome) {
        by_address.entry(advert.address).or_default().extend(advert.service_data);
    }
    assert!(by_address.values().all(|identifiers| identifiers.len() == 1), "{by_address:?}");
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn doctor_says_what_an_old_controller_cannot_do() {
    let outcome = Guest::with_adapters(3)
        .controller(Controller::Legacy)
        .with_programs()
        .run("legacy.sh", &["35"]);
    let findings = findings(&outcome, "doctor-0");
    assert!(has(&findings, "legacy-advertising", "weak"), "{findings:?}");
    assert!(has(&findings, "daemon", "good"), "{findings:?}");
    // Linux sets address and payload together all the same.
    let heard: BTreeSet<_> =
        air(&outcome).into_iter().map(|one| (one.address, one.service_data)).collect();
    let addresses: BTreeSet<_> = heard.iter().map(|(address, _)| address).collect();
    let identifiers: BTreeSet<_> = heard.iter().map(|(_, identifier)| identifier).collect();
    assert!(identifiers.len() >= 6, "{heard:?}");
    assert_eq!((addresses.len(), identifiers.len()), (heard.len(), heard.len()), "{heard:?}");
}
