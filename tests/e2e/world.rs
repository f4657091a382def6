//! The protocol's promises in a simulated world: who is notified, who is not, and what attackers get.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::OnceLock;

use vungxanh_daemon::radio::air::channel::Channel;
use vungxanh_protocol::diagnosis_key::DiagnosisKey;
use vungxanh_protocol::exposure_key::IdentifierKey;
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::{Interval, UnixTime, UtcDay};
use vungxanh_protocol::metadata::MetadataError;
use vungxanh_protocol::risk::RiskParameters;
use vungxanh_tests::world::{
    Beacon, DeviceClock, Phone, PhoneSetup, ScanPolicy, Script, Setup, Spot, TownReport,
    TownSettings, World, default_tracing, meeting_detection, run_town,
};

const HOUR: u64 = 3_600;

/// Two days of a town, simulated once for all tests that only look at it.
fn town() -> &'static (World, TownReport) {
    static TOWN: OnceLock<(World, TownReport)> = OnceLock::new();
    TOWN.get_or_init(|| run_town(&TownSettings::default()).unwrap())
}

fn start() -> UnixTime {
    UtcDay::new(20_000).start()
}

fn at(hours: u64) -> UnixTime {
    start().plus(hours * HOUR)
}

fn scripted(phones: Vec<PhoneSetup>, script: Script) -> World {
    World::new(Setup {
        seed: 3,
        start: start(),
        phones,
        whereabouts: Box::new(script),
        scan: ScanPolicy::four_seconds_every(120),
        channel: Channel::default(),
        tracing: default_tracing(),
        risk: RiskParameters::narrow(),
    })
}

/// Person 0 publishes at 30 h and everything is released at 48 h.
fn publish_and_release(world: &mut World) {
    world.run_until(at(30));
    world.publish(0, at(24).day(), &[]);
    world.run_until(at(48));
}

fn matched_people(world: &World) -> BTreeSet<usize> {
    (0..world.people())
        .filter(|p| !world.assess(*p).unwrap().assessment.matched.is_empty())
        .collect()
}

/// For each identifier that a published key can make: that key.
fn derived(keys: &[DiagnosisKey]) -> HashMap<RollingProximityIdentifier, DiagnosisKey> {
    let of_key = |key: &DiagnosisKey| {
        let identifiers = IdentifierKey::from_key(&key.key);
        let key = *key;
        key.intervals().map(move |interval| (identifiers.identifier(interval), key))
    };
    keys.iter().flat_map(of_key).collect()
}

#[test]
fn the_same_seed_gives_the_same_report() {
    let small = |seed| {
        let settings =
            TownSettings { seed, people: 9, days: 1, cases: vec![1], ..TownSettings::default() };
        serde_json::to_string(&run_town(&settings).unwrap().1).unwrap()
    };
    let report = small(5);
    assert_eq!(report, small(5));
    assert_ne!(report, small(6));
}

#[test]
fn nobody_out_of_radio_range_is_matched() {
    let (world, report) = town();
    let furthest_m = Channel::default().furthest_m(Phone::STRONGEST_TX_POWER);
    let in_range = |person: usize, case: usize| world.truth().nearest_m(person, case) <= furthest_m;
    let far_pairs = (0..world.people())
        .flat_map(|person| report.cases.iter().map(move |case| (person, *case)))
        .filter(|(person, case)| !in_range(*person, *case))
        .count();
    assert!(far_pairs > 5, "a town in which everybody meets tests nothing");
    for (person, cases) in &report.matched {
        assert!(cases.iter().all(|case| in_range(*person, *case)), "person {person}");
    }
    for told in &report.notified {
        assert!(told.nearest_case_m <= furthest_m, "{told:?}");
        assert!(report.matched.contains_key(&told.person));
    }
}

#[test]
fn everyone_very_near_for_half_an_hour_is_matched() {
    let (_, report) = town();
    assert!(report.very_near.len() >= 4, "{report:?}");
    for (person, cases) in &report.very_near {
        let matched = report.matched.get(person).unwrap_or_else(|| panic!("{person}: {report:?}"));
        assert!(matched.is_superset(cases), "person {person}");
    }
}

#[test]
fn who_was_exposed_is_told_and_most_of_the_town_is_not() {
    let (world, report) = town();
    assert!(report.exposed.len() >= 5);
    assert!(report.missed.len() * 10 <= report.exposed.len(), "{report}");
    assert!(report.notified.len() < world.people() / 2, "{report}");
    assert_eq!(report.detected.len() + report.missed.len(), report.exposed.len());
}

#[test]
fn a_sniffer_everywhere_links_a_case_only_within_one_rolling_period() {
    let (world, report) = town();
    let derived = derived(world.published());
    let mut linked: BTreeMap<[u8; 16], Vec<(UnixTime, usize)>> = BTreeMap::new();
    for broadcast in world.broadcasts() {
        if let Some(key) = derived.get(&broadcast.advertisement.identifier) {
            linked.entry(key.key).or_default().push((broadcast.time, broadcast.person));
        }
    }
    assert_eq!(linked.len(), report.published_keys);
    for broadcasts in linked.values() {
        let people: BTreeSet<usize> = broadcasts.iter().map(|(_, person)| *person).collect();
        assert_eq!(people.len(), 1);
        assert!(people.is_subset(&report.cases.iter().copied().collect()));
        let span = broadcasts[broadcasts.len() - 1].0.since(broadcasts[0].0);
        // Six hours, and the identifier that comes up to five minutes early.
        assert!(span <= 6 * HOUR + 300, "{span} s");
    }
    let longest = linked.values().map(Vec::len).max().unwrap();
    assert!((30..=37).contains(&longest), "{longest}");
    let mut seen = HashSet::new();
    assert!(world.broadcasts().iter().all(|b| seen.insert(b.advertisement.identifier)));
}

#[test]
fn nothing_is_broadcast_under_a_published_key() {
    let (world, report) = town();
    let published = at(48 - 8);
    let derived = derived(world.published());
    let after: Vec<_> =
        world.broadcasts().iter().filter(|broadcast| broadcast.time > published).collect();
    assert!(after.iter().any(|broadcast| report.cases.contains(&broadcast.person)));
    assert!(after.iter().all(|b| !derived.contains_key(&b.advertisement.identifier)));
}

#[test]
fn keys_never_repeat() {
    let (world, _) = town();
    let mut seen = HashSet::new();
    for person in 0..world.people() {
        let keys: Vec<_> = world.phone(person).keys().iter().collect();
        // Two days of four periods; the cases have one more for the period in which they
        // published. The key of midnight may have been shown early.
        assert!((8..=11).contains(&keys.len()), "{}", keys.len());
        assert!(keys.iter().all(|own| seen.insert(*own.key.key().expose())));
    }
}

#[test]
fn periods_left_out_do_not_match() {
    let script = Script::new().meet([0, 1], at(8), 45, 1.0).meet([0, 2], at(20), 45, 1.0);
    let mut world = scripted(vec![PhoneSetup::default(); 3], script);
    world.run_until(at(30));
    world.publish(0, at(0).day(), &[at(8)..at(9)]);
    world.run_until(at(48));
    assert_eq!(matched_people(&world), BTreeSet::from([2]));
    assert!(world.assess(2).unwrap().is_notified());
    let morning = at(6)..at(12);
    assert!(world.published().iter().all(|key| !morning.contains(&key.rolling_start.start())));
    assert!(world.published().len() >= 4);
}

#[test]
fn keys_match_only_once_they_are_released() {
    let script = Script::new().meet([0, 1], at(25), 60, 1.0);
    let mut world = scripted(vec![PhoneSetup::default(); 2], script);
    world.run_until(at(27));
    world.publish(0, at(24).day(), &[]);
    // The key of 24 h to 30 h waits until no device believes its identifiers any more.
    world.run_until(at(30).plus(1_000));
    assert_eq!(matched_people(&world), BTreeSet::new());
    world.run_until(at(31));
    assert_eq!(matched_people(&world), BTreeSet::from([1]));
}

#[test]
fn a_clock_two_hours_off_does_not_match_at_tolerance_one() {
    let clocks = [0, 7_200, -7_200, 500, -500];
    let phones = clocks.map(|offset_seconds| PhoneSetup {
        clock: DeviceClock { offset_seconds, drift_ppm: 0 },
        ..PhoneSetup::default()
    });
    let script =
        (1..5).fold(Script::new(), |script, person| script.meet([0, person], at(24), 60, 1.0));
    let mut world = scripted(phones.into(), script);
    publish_and_release(&mut world);
    assert!((1..5).all(|person| world.phone(person).encounters().len() >= 4));
    assert_eq!(matched_people(&world), BTreeSet::from([3, 4]));
}

#[test]
fn sightings_under_an_untrusted_clock_are_kept_but_not_scored() {
    let untrusted = PhoneSetup { clock_trusted: false, ..PhoneSetup::default() };
    let script = Script::new().meet([0, 1], at(24), 60, 1.0).meet([0, 2], at(24), 60, 1.0);
    let mut world = scripted(vec![PhoneSetup::default(), untrusted, PhoneSetup::default()], script);
    publish_and_release(&mut world);
    assert_eq!(matched_people(&world), BTreeSet::from([1, 2]));
    assert!(world.assess(1).unwrap().windows.is_empty());
    assert!(!world.assess(1).unwrap().is_notified() && world.assess(2).unwrap().is_notified());
}

/// What person 0 broadcasts at 26 h, and the interval that it belongs to.
fn captured(world: &mut World) -> (vungxanh_protocol::advertisement::Advertisement, Interval) {
    world.run_until(at(26));
    let advertisement = world.phone(0).advertisement().unwrap();
    let key = world.phone(0).keys().current(at(26).interval()).unwrap().derive();
    let interval = [at(26).interval(), at(26).interval().plus(1)]
        .into_iter()
        .find(|interval| key.identifiers.identifier(*interval) == advertisement.identifier)
        .unwrap();
    (advertisement, interval)
}

fn beside(person: usize) -> Spot {
    let mut spot = Script::home(person);
    spot.point.x += 0.5;
    spot
}

#[test]
fn a_replay_is_worth_nothing_after_the_tolerance() {
    let mut world = scripted(vec![PhoneSetup::default(); 3], Script::new());
    let (advertisement, interval) = captured(&mut world);
    let replay = |person, from: Interval, until: Interval| Beacon {
        spot: beside(person),
        tx_power: 0,
        from: from.start(),
        until: until.start(),
        advertisement,
    };
    // To person 1 while tolerance lasts: a limit of the design.
    world.add_beacon(replay(1, interval.plus(1), interval.plus(2)));
    // To person 2 from then on, for hours.
    world.add_beacon(replay(2, interval.plus(2), interval.plus(20)));
    publish_and_release(&mut world);
    assert_eq!(world.phone(2).encounters()[0].advertisement, advertisement);
    assert!(world.phone(2).encounters()[0].scans.len() > 20);
    assert_eq!(matched_people(&world), BTreeSet::from([1]));
}

#[test]
fn altered_metadata_is_refused() {
    let mut world = scripted(vec![PhoneSetup::default(); 2], Script::new());
    let (mut advertisement, interval) = captured(&mut world);
    // Claims more power, so that the relayed signal would look farther away, or nearer.
    advertisement.metadata.0[1] ^= 0b0001_0100;
    world.add_beacon(Beacon {
        spot: beside(1),
        tx_power: 8,
        from: interval.start(),
        until: interval.plus(1).start(),
        advertisement,
    });
    publish_and_release(&mut world);
    let verdict = world.assess(1).unwrap();
    assert!(verdict.assessment.matched.is_empty() && !verdict.is_notified());
    assert!(!verdict.assessment.refused.is_empty());
    assert!(verdict.assessment.refused.iter().all(|r| r.reason == MetadataError::Altered));
}

#[test]
fn rarer_scans_detect_fewer_short_encounters() {
    let of =
        |every| meeting_detection(2, ScanPolicy::four_seconds_every(every), 5, 1.5, 60).unwrap();
    let [minute, two, four, five] = [60, 120, 240, 300].map(of);
    assert_eq!(minute.detected, 1.0);
    assert_eq!(two.detected_twice, 1.0);
    assert!(four.detected > 0.95 && five.detected > 0.85, "{four:?} {five:?}");
    assert!(two.detected_twice > four.detected_twice && four.detected_twice > five.detected_twice);
    assert!(minute.deviation_seconds < two.deviation_seconds);
    for found in [minute, two, four, five] {
        assert!((240.0..360.0).contains(&found.mean_seconds), "{found:?}");
    }
}
