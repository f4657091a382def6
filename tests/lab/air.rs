//! The lab itself: what is in the air is what was sent, where and as strongly as was set.

use crate::btmon::{Content, heard};
use crate::guest::{Controller, Guest, Time};

/// Twenty bytes, as many as an identifier and its metadata have.
const PAYLOAD: &str = "0123456789abcdeffedcba987654321040e0c7f2";

fn only_who_is_in_reach_hears(controller: Controller) {
    let outcome =
        Guest::with_adapters(3).controller(controller).time(Time::Exact).run("air.sh", &[PAYLOAD]);
    let heard = heard(&outcome.text("air.txt"));
    assert!(heard.len() >= 2, "{heard:?}");
    for advert in &heard {
        assert_eq!(advert.listener, 1);
        assert_eq!(advert.service_data.as_deref(), Some(PAYLOAD));
        assert_eq!(advert.address_type, "Random");
        assert_eq!(advert.content, Content::of_service(PAYLOAD, controller));
    }
    let levels: Vec<i32> = heard.iter().map(|advert| advert.rssi).collect();
    assert_eq!(levels.first(), Some(&-58));
    assert_eq!(levels.last(), Some(&-83));
    assert!(levels.is_sorted_by(|a, b| a >= b), "{levels:?}");
}

fn repeats_every(interval_ms: u64, controller: Controller) {
    let outcome = Guest::with_adapters(2)
        .controller(controller)
        .time(Time::Exact)
        .run("repeat.sh", &[PAYLOAD]);
    let unfiltered = heard(&outcome.text("unfiltered.txt"));
    let expected = 10_000 / interval_ms;
    let count = unfiltered.len() as u64;
    assert!((expected - 1..=expected + 1).contains(&count), "{count}");
    for pair in unfiltered.windows(2) {
        let gap = pair[1].milliseconds - pair[0].milliseconds;
        assert!(gap.abs_diff(interval_ms) <= 1, "{gap} ms");
    }
    let filtered = heard(&outcome.text("filtered.txt"));
    assert_eq!(filtered.len(), 1);
    assert_eq!(filtered[0].service_data, unfiltered[0].service_data);
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn only_who_is_in_reach_hears_and_as_strongly_as_was_set() {
    only_who_is_in_reach_hears(Controller::Extended);
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn only_who_is_in_reach_hears_with_legacy_controllers_too() {
    only_who_is_in_reach_hears(Controller::Legacy);
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn an_advertisement_repeats_until_the_duplicate_filter_is_on() {
    repeats_every(250, Controller::Extended);
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn a_legacy_controller_repeats_at_the_interval_that_linux_chooses() {
    // Linux 6.1 overrides the interval of an advertisement that no one can connect to.
    repeats_every(100, Controller::Legacy);
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn time_begins_in_2026_and_a_machine_sleeps_more_than_once() {
    let clock = Guest::with_adapters(1).run("sleep.sh", &[]).text("clock.txt");
    let mut lines = clock.lines();
    assert_eq!(lines.next(), Some("2026-01-01"));
    let slept: Vec<u64> = lines.map(|seconds| seconds.parse().unwrap()).collect();
    assert_eq!(slept.len(), 2);
    assert!(slept.iter().all(|seconds| (600..=605).contains(seconds)), "{slept:?}");
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn a_script_that_fails_in_the_guest_fails_outside() {
    assert_eq!(Guest::with_adapters(1).exit_code("ends-with.sh", &["7"]), Some(7));
    assert_eq!(Guest::with_adapters(1).exit_code("ends-with.sh", &["0"]), Some(0));
}
