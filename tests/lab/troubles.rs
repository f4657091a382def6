//! What a person's device does when its radio is switched off or unplugged for a while, when bluetoothd
//! is killed, and when the machine sleeps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock};

use serde_json::Value;
use vungxanh_daemon::control_api::Status;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::interval::UnixTime;

use crate::btmon::{Content, HeardAdvertisement, heard};
use crate::guest::{Controller, Guest, Outcome};
use crate::people::Person;

/// The adapter that hears everything and belongs to no one.
const LISTENER: u32 = 2;

fn troubles() -> &'static Outcome {
    static TROUBLES: OnceLock<Outcome> = OnceLock::new();
    TROUBLES.get_or_init(|| Guest::with_adapters(3).with_programs().run("troubles.sh", &[]))
}

fn absences() -> &'static Outcome {
    static ABSENCES: OnceLock<Outcome> = OnceLock::new();
    ABSENCES.get_or_init(|| Guest::with_adapters(3).with_programs().run("absences.sh", &[]))
}

/// All that the listener heard of our service.
fn air(outcome: &Outcome) -> Vec<HeardAdvertisement> {
    let mut air = heard(&outcome.text("air.txt"));
    air.retain(|advert| advert.listener == LISTENER && advert.service_data.is_some());
    air
}

/// Persons 0 and 1 after the story. A profile is open once at a time.
fn people(outcome: &Outcome) -> [Person; 2] {
    static OPENING: Mutex<()> = Mutex::new(());
    let _alone = OPENING.lock().unwrap();
    [0, 1].map(|person| Person::open(outcome.path(&format!("person-{person}"))))
}

/// Who is on the air between two moments of the story, with some seconds of grace at either.
fn on_air(outcome: &Outcome, from: &str, until: &str) -> Vec<usize> {
    let people = people(outcome);
    let seconds = |name| outcome.moment(name).since(outcome.moment("listening"));
    let range = seconds(from) * 1_000 + 10_000..seconds(until) * 1_000 - 3_000;
    let within = air(outcome).into_iter().filter(|one| range.contains(&one.milliseconds));
    let persons: BTreeSet<usize> = within
        .map(|advert| {
            let identifier = advertisement(&advert).identifier;
            let sender = people.iter().position(|person| person.own.contains_key(&identifier));
            sender.unwrap_or_else(|| panic!("of nobody: {advert:?}"))
        })
        .collect();
    persons.into_iter().collect()
}

/// What was heard, which is of our service.
fn advertisement(advert: &HeardAdvertisement) -> Advertisement {
    let data = hex::decode(advert.service_data.as_ref().unwrap()).unwrap();
    Advertisement::from_service_data(&data).unwrap()
}

fn status(outcome: &Outcome, name: &str) -> Status {
    outcome.json(&format!("status-{name}.json"))
}

/// Nothing is wrong, and the last scan heard the neighbour.
fn assert_traces(status: &Status) {
    assert!(status.tracing && status.problems.is_empty(), "{status:?}");
    assert_eq!(status.radio.scan_restarts, 0);
    // Two when the one neighbour changed its identifier within the window.
    assert!((1..=2).contains(&status.radio.heard_in_last_scan), "{status:?}");
}

/// The adapter is not there, and the person is notified.
fn assert_misses_radio(status: &Status) {
    assert!(!status.tracing);
    assert_eq!(status.radio.state, "missing");
    assert_eq!(status.problems[0].id, "problem-radio-missing");
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
    let off = status(troubles(), "off-1");
    assert!(!off.tracing);
    assert_eq!(off.radio.state, "switched_off");
    assert_eq!(off.problems[0].id, "problem-radio-off");
    assert!(has(&findings(troubles(), "doctor-off-1"), "adapter-off", "bad"));
    let used_ms: u64 = troubles().text("processor-while-off.txt").trim().parse().unwrap();
    assert!(used_ms < 5_000, "{used_ms} ms of processor time in 175 s");
    assert_traces(&status(troubles(), "on-1"));
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn a_restart_of_bluetoothd_is_survived() {
    for person in 0..=1 {
        assert_misses_radio(&status(troubles(), &format!("killed-{person}")));
        assert_traces(&status(troubles(), &format!("restarted-{person}")));
    }
    assert!(has(&findings(troubles(), "doctor-killed-0"), "no-bluez", "bad"));
    let mended: Value = troubles().json("doctor-restarted-0.json");
    assert_eq!(mended["works"], true, "{mended}");
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn both_broadcast_again_after_each_trouble_and_not_before() {
    let outcome = troubles();
    assert_eq!(on_air(outcome, "off", "on"), [0]);
    assert_eq!(on_air(outcome, "on", "killed"), [0, 1]);
    assert_eq!(on_air(outcome, "restarted", "left"), [0, 1]);
    // Also here no address is of two identifiers.
    let mut by_address: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for advert in air(outcome) {
        by_address.entry(advert.address).or_default().extend(advert.service_data);
    }
    assert!(by_address.values().all(|identifiers| identifiers.len() == 1), "{by_address:?}");
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn an_adapter_may_be_unplugged_and_plugged_in_again() {
    let outcome = absences();
    assert_misses_radio(&status(outcome, "unplugged-1"));
    assert!(has(&findings(outcome, "doctor-unplugged-1"), "no-adapter", "bad"));
    assert_traces(&status(outcome, "plugged-1"));
    assert_eq!(on_air(outcome, "unplugged", "plugged"), [0]);
    assert_eq!(on_air(outcome, "plugged", "discoverable"), [0, 1]);
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn nothing_is_broadcast_beside_an_address_that_others_can_find() {
    let outcome = absences();
    // The kernel is faster than we are: what it sends of the running advertisement until that is off.
    let grace = ["discoverable", "found"].map(|name| outcome.moment(name));
    for advert in air(outcome).iter().filter(|advert| advert.address_type != "Random") {
        let heard_at = outcome.moment("listening").plus(advert.milliseconds / 1_000);
        let within = |from: UnixTime| from.minus(1) <= heard_at && heard_at <= from.plus(5);
        assert!(grace.into_iter().any(within), "{advert:?}");
    }
    assert_eq!(on_air(outcome, "discoverable", "hidden"), [0]);
    assert_eq!(on_air(outcome, "hidden", "found"), [0, 1]);
    assert!(has(&findings(outcome, "doctor-discoverable-1"), "public-address", "bad"));
    assert_traces(&status(outcome, "hidden-1"));
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn nothing_is_broadcast_when_being_found_ran_out_until_it_was_ended() {
    let outcome = absences();
    assert_eq!(on_air(outcome, "found", "expired"), [0]);
    assert_eq!(on_air(outcome, "expired", "closed"), [0]);
    let expired = status(outcome, "expired-1");
    assert!(!expired.tracing && expired.problems.len() == 1, "{expired:?}");
    let report: Value = outcome.json("doctor-expired-1.json");
    assert_eq!(report["works"], false, "{report}");
    assert_eq!(on_air(outcome, "closed", "asleep"), [0, 1]);
    assert_traces(&status(outcome, "closed-1"));
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn after_the_machine_slept_both_show_identifiers_of_the_present_only() {
    let outcome = absences();
    let (asleep, awake) = (outcome.moment("asleep"), outcome.moment("awake"));
    assert!(awake.since(asleep) >= 45 * 60, "the machine did not sleep");
    for person in 0..=1 {
        assert_traces(&status(outcome, &format!("awake-{person}")));
    }
    assert_eq!(on_air(outcome, "awake", "left"), [0, 1]);
    let people = people(outcome);
    for advert in air(outcome) {
        let heard_at = outcome.moment("listening").plus(advert.milliseconds / 1_000);
        assert!(!(asleep.plus(2) < heard_at && heard_at < awake), "on the air asleep: {advert:?}");
        let identifier = advertisement(&advert).identifier;
        let own = people.iter().find_map(|person| person.own.get(&identifier)).unwrap();
        assert!(own.interval.start().minus(300) <= heard_at.plus(5), "too early: {advert:?}");
        // What was on the air before the sleep may come back until the daemon is awake, too.
        let waking = awake <= heard_at && heard_at <= awake.plus(2);
        // A change may wait for the end of a scan window.
        assert!(heard_at < own.interval.end().plus(5) || waking, "of the past: {advert:?}");
    }
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
    // bluetoothd runs with experimental interfaces here.
    assert!(has(&findings, "duplicate-filter-monitors", "weak"), "{findings:?}");
    assert!(has(&findings, "daemon", "good"), "{findings:?}");
    for advert in air(&outcome) {
        let data = advert.service_data.as_ref().unwrap();
        assert_eq!(advert.content, Content::of_service(data, Controller::Legacy));
    }
    // Linux sets address and payload together all the same.
    let heard: BTreeSet<_> =
        air(&outcome).into_iter().map(|one| (one.address, one.service_data)).collect();
    let addresses: BTreeSet<_> = heard.iter().map(|(address, _)| address).collect();
    let identifiers: BTreeSet<_> = heard.iter().map(|(_, identifier)| identifier).collect();
    assert!(identifiers.len() >= 6, "{heard:?}");
    assert_eq!((addresses.len(), identifiers.len()), (heard.len(), heard.len()), "{heard:?}");
}
