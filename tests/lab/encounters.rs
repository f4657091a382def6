//! How many meetings of five minutes the default scan policy notices, with real daemons, and what it
//! costs. `VUNGXANH_LAB_PEOPLE` and `VUNGXANH_LAB_ENCOUNTERS` say how many; see docs/performance.md.

use vungxanh_protocol::interval::UnixTime;

use crate::btmon::{Scan, scans};
use crate::guest::{Guest, Outcome};
use crate::people::Person;

/// How long a window of the default policy listens.
const WINDOW_SECONDS: u64 = 4;

fn number(variable: &str, usual: u32) -> u32 {
    std::env::var(variable).map_or(usual, |number| number.parse().unwrap())
}

/// What is counted over all pairs of a listener and a speaker in all encounters.
#[derive(Debug, Default)]
struct Tally {
    pairs: u32,
    detected: u32,
    /// Windows that lie within an encounter, for each speaker.
    windows: u32,
    /// Those in which the speaker was heard.
    readings: u32,
    /// Pairs with a window and a reading in each.
    continuous: u32,
}

/// Encounters, from and to.
fn encounters(outcome: &Outcome) -> (UnixTime, Vec<(UnixTime, UnixTime)>) {
    let text = outcome.text("moments.txt");
    let mut moments = text.lines().map(|line| {
        let (_, time) = line.split_once(' ').unwrap();
        UnixTime::from_secs(time.parse().unwrap())
    });
    let listening = moments.next().unwrap();
    let rest: Vec<_> = moments.collect();
    (listening, rest.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
}

fn tally(people: &[Person], scans: &[Scan], outcome: &Outcome) -> Tally {
    let (listening, encounters) = encounters(outcome);
    let mut tally = Tally::default();
    for (from, to) in encounters {
        for (number, listener) in people.iter().enumerate() {
            let windows: Vec<_> = scans
                .iter()
                .filter(|scan| scan.adapter as usize == number && !scan.is_momentary())
                .map(|scan| listening.plus(scan.begin_ms / 1_000))
                .filter(|begin| *begin > from && begin.plus(WINDOW_SECONDS + 1) < to)
                .collect();
            for speaker in people.iter().filter(|speaker| !std::ptr::eq(*speaker, listener)) {
                let heard: Vec<_> = listener.heard_of(speaker).map(|(_, scan)| scan.time).collect();
                // A reading has the time at which its window was due, by a clock that is up to a second
                // ahead of the record's; the controller begins a little later, and other windows at
                // least a minute away.
                let in_window = |begin: &&UnixTime| {
                    let due = begin.minus(5)..=begin.plus(1);
                    heard.iter().any(|time| due.contains(time))
                };
                let readings = windows.iter().filter(in_window).count();
                let near = from.minus(WINDOW_SECONDS)..to;
                tally.pairs += 1;
                tally.detected += u32::from(heard.iter().any(|time| near.contains(time)));
                tally.windows += windows.len() as u32;
                tally.readings += readings as u32;
                tally.continuous += u32::from(!windows.is_empty() && readings == windows.len());
            }
        }
    }
    tally
}

/// Wake-ups and milliseconds of processor time an hour, the mean over all daemons.
fn costs(outcome: &Outcome) -> (u64, u64) {
    let text = outcome.text("costs.txt");
    let lines: Vec<Vec<u64>> = text
        .lines()
        .map(|line| line.split(' ').map(|number| number.parse().unwrap()).collect())
        .collect();
    let (before, after) = lines.split_at(lines.len() / 2);
    let mut sums = [0, 0, 0];
    for (before, after) in before.iter().zip(after) {
        for (sum, column) in sums.iter_mut().zip(1..) {
            *sum += after[column] - before[column];
        }
    }
    (sums[1] * 3_600 / sums[0], sums[2] * 3_600 / sums[0])
}

#[test]
#[ignore = "needs the Bluetooth lab"]
fn meetings_of_five_minutes_are_noticed() {
    let people = number("VUNGXANH_LAB_PEOPLE", 5);
    let encounters = number("VUNGXANH_LAB_ENCOUNTERS", 3);
    let outcome = Guest::with_adapters(people)
        .with_programs()
        .timeout_seconds(900 + people * encounters * 60)
        .run("encounters.sh", &[&people.to_string(), &encounters.to_string()]);
    let devices: Vec<_> =
        (0..people).map(|n| Person::open(outcome.path(&format!("person-{n}")))).collect();
    let scans = scans(&outcome.text("air.txt"));
    let found = tally(&devices, &scans, &outcome);
    let (wake_ups, processor_ms) = costs(&outcome);
    let on_ms: u64 = scans.iter().map(|scan| scan.end_ms - scan.begin_ms).sum();
    let last_ms = scans.iter().map(|scan| scan.end_ms).max().unwrap();
    let share = |part: u32, whole: u32| 100.0 * f64::from(part) / f64::from(whole);
    println!(
        "{people} people, {encounters} encounters, {} pairs: {:.1}% noticed, {:.1}% of windows \
         hear, {:.1}% of pairs in every window, {:.2} windows and {:.2} readings a pair; scanning \
         {:.1}% of the time; {wake_ups} wake-ups and {processor_ms} ms of processor time an hour",
        found.pairs,
        share(found.detected, found.pairs),
        share(found.readings, found.windows),
        share(found.continuous, found.pairs),
        f64::from(found.windows) / f64::from(found.pairs),
        f64::from(found.readings) / f64::from(found.pairs),
        on_ms as f64 / last_ms as f64 / f64::from(people) * 100.0,
    );
    assert!(share(found.detected, found.pairs) > 80.0, "{found:?}");
    assert!(share(found.readings, found.windows) > 95.0, "{found:?}");
}
