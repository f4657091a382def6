//! What every store promises, run on each implementation.

use rand::SeedableRng;
use rand::rngs::StdRng;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::diagnosis_key::{Infectiousness, ReportType};
use vungxanh_protocol::encounter::{ScanInstance, join};
use vungxanh_protocol::exposure_window::{ExposureWindow, ScanAttenuation};
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::{Interval, RollingPeriod, UnixTime, UtcDay};
use vungxanh_protocol::metadata::{Authenticity, CalibrationConfidence, EncryptedMetadata};
use vungxanh_protocol::own_keys::OwnKeys;
use vungxanh_protocol::venue::warning::VenueMatch;

use super::*;
use crate::platform::profile::Profile;

const TODAY: UtcDay = UtcDay::new(20_000);
const RETENTION: u32 = 14;

pub(super) fn neighbour(number: u8) -> Advertisement {
    Advertisement {
        identifier: RollingProximityIdentifier([number; 16]),
        metadata: EncryptedMetadata([number; 4]),
    }
}

pub(super) fn instance(time: UnixTime) -> ScanInstance {
    ScanInstance {
        time,
        typical_rssi: -71,
        strongest_rssi: -64,
        count: 12,
        seconds_since_last_scan: 300,
        clock_trusted: true,
    }
}

fn record(store: &dyn EncounterStore, time: UnixTime, neighbours: &[u8]) {
    let scan: Vec<_> = neighbours.iter().map(|n| (neighbour(*n), instance(time))).collect();
    assert_eq!(store.record_scan(time.interval(), &scan).unwrap(), Recorded { left_out: 0 });
}

fn window(day: UtcDay, hour: u64) -> ExposureRecord {
    let window = ExposureWindow {
        day,
        start: day.start().plus(hour * 3_600),
        report_type: ReportType::ConfirmedTest,
        days_since_onset: Some(-2),
        confidence: CalibrationConfidence::High,
        authenticity: Authenticity::Authentic,
        scans: vec![ScanAttenuation {
            typical_attenuation_db: 50,
            minimum_attenuation_db: 44,
            seconds: 300,
        }],
    };
    ExposureRecord { key: [7; 16], rolling_start: day.first_interval(), window }
}

pub(super) fn venue_match(day: UtcDay) -> VenueMatch {
    let hour = |hour: u64| day.start().plus(hour * 3_600);
    VenueMatch {
        venue: "Phở Thìn".into(),
        companions: 1,
        visit_from: hour(3),
        visit_until: hour(4),
        case_from: hour(2),
        case_until: hour(5),
        report_type: ReportType::ConfirmedTest,
        infectiousness: Infectiousness::High,
        text: "Gọi 1900 9095.".into(),
    }
}

fn keys_of(days: impl IntoIterator<Item = UtcDay>) -> OwnKeys {
    let mut keys = OwnKeys::default();
    let rng = &mut StdRng::seed_from_u64(1);
    for day in days {
        for period in 0..4 {
            let interval = day.first_interval().plus(period * 36);
            keys.for_interval(interval, RollingPeriod::SIX_HOURS, rng);
        }
    }
    keys
}

fn load(store: &dyn EncounterStore) -> Vec<(Advertisement, ScanInstance)> {
    let loaded = store.scans(Interval::new(0), Interval::new(u32::MAX)).unwrap();
    assert_eq!(loaded.unreadable_blocks, 0);
    loaded.instances
}

fn an_empty_store_is_empty(store: &dyn EncounterStore) {
    assert_eq!(load(store), []);
    assert_eq!(store.scan_summary().unwrap(), []);
    assert_eq!(store.own_keys().unwrap(), OwnKeys::default());
    assert_eq!(store.exposures().unwrap(), []);
    assert_eq!(store.state_bytes("none").unwrap(), None);
    assert_eq!(store.export_records().unwrap(), []);
}

fn scans_of_two_intervals_join_to_one_encounter(store: &dyn EncounterStore) {
    store.begin_day(TODAY, RETENTION).unwrap();
    let start = TODAY.start().plus(3_000);
    for at in [300, 600, 900] {
        record(store, start.plus(at), &[1, 2]);
    }
    record(store, start.plus(300), &[1]);
    let interval = start.plus(600).interval();
    let two = store.scans(interval.minus(1), interval).unwrap().instances;
    let encounters = join(two);
    assert_eq!(encounters.len(), 2);
    assert_eq!(encounters[0].advertisement, neighbour(1));
    let times: Vec<_> = encounters[0].scans.iter().map(|s| s.time.since(start)).collect();
    assert_eq!(times, [300, 600, 900], "the repeated scan counts once");
    assert_eq!(encounters[0].scans[0], instance(start.plus(300)));
    assert_eq!(store.scans(interval, interval).unwrap().instances.len(), 4);
    assert_eq!(store.scans(interval.plus(1), interval.plus(9)).unwrap().instances, []);
    assert_eq!(store.scans(interval, interval.minus(1)).unwrap().instances, []);
}

fn a_scan_of_another_interval_is_refused(store: &dyn EncounterStore) {
    let time = TODAY.start();
    let scan = [(neighbour(1), instance(time))];
    let refused = store.record_scan(time.interval().plus(1), &scan);
    assert!(matches!(refused, Err(StoreError::WrongInterval { .. })));
    assert_eq!(load(store), []);
}

fn days_are_counted(store: &dyn EncounterStore) {
    for day in [TODAY.minus(1), TODAY] {
        for at in [0, 300, 600] {
            record(store, day.start().plus(at), &[1, 2, 3]);
        }
    }
    let summary = store.scan_summary().unwrap();
    let counts: Vec<_> = summary.iter().map(|d| (d.day, d.blocks, d.scan_instances)).collect();
    assert_eq!(counts, [(TODAY.minus(1), 2, 9), (TODAY, 2, 9)]);
    assert!(summary.iter().all(|day| day.bytes > 100 && day.unreadable_blocks == 0));
}

fn own_keys_are_replaced(store: &dyn EncounterStore) {
    let mut keys = keys_of([TODAY.minus(1), TODAY]);
    store.put_own_keys(&keys).unwrap();
    assert_eq!(store.own_keys().unwrap(), keys);
    keys.retire(TODAY.start().plus(3_600));
    store.put_own_keys(&keys).unwrap();
    assert_eq!(store.own_keys().unwrap(), keys);
    keys.expire(TODAY.first_interval());
    store.put_own_keys(&keys).unwrap();
    assert_eq!(store.own_keys().unwrap(), keys);
    assert_eq!(store.own_keys().unwrap().iter().count(), 4);
}

fn venue_matches_are_replaced_by_day_and_expire(store: &dyn EncounterStore) {
    let (yesterday, today) = (venue_match(TODAY.minus(1)), venue_match(TODAY));
    store.begin_day(TODAY.minus(1), RETENTION).unwrap();
    store.put_venue_matches(TODAY, &[today.clone(), today.clone()]).unwrap();
    store.put_venue_matches(TODAY.minus(1), std::slice::from_ref(&yesterday)).unwrap();
    store.put_venue_matches(TODAY, std::slice::from_ref(&today)).unwrap();
    assert!(store.venue_matches().unwrap() == [yesterday.clone(), today.clone()]);
    let records = store.export_records().unwrap();
    assert_eq!(records.len(), 2);
    store.forget(Forget::Times(days(TODAY, TODAY))).unwrap();
    assert!(store.venue_matches().unwrap() == [yesterday]);
    let imported = store.import_records(records, TODAY).unwrap();
    assert_eq!(imported, Imported { venue_matches: 1, too_old: 1, ..Imported::default() });
    store.begin_day(TODAY.plus(RETENTION), RETENTION).unwrap();
    assert!(store.venue_matches().unwrap() == [today.clone()]);
    store.begin_day(TODAY.plus(RETENTION + 1), RETENTION).unwrap();
    assert!(store.venue_matches().unwrap().is_empty());
}

fn exposures_are_replaced_by_day(store: &dyn EncounterStore) {
    let (yesterday, today) = (window(TODAY.minus(1), 9), window(TODAY, 10));
    store.put_exposures(TODAY, &[window(TODAY, 3), today.clone()]).unwrap();
    store.put_exposures(TODAY.minus(1), std::slice::from_ref(&yesterday)).unwrap();
    store.put_exposures(TODAY, std::slice::from_ref(&today)).unwrap();
    assert_eq!(store.exposures().unwrap(), [yesterday.clone(), today]);
    store.put_exposures(TODAY, &[]).unwrap();
    assert_eq!(store.exposures().unwrap(), [yesterday]);
}

fn named_records_are_replaced_and_removed(store: &dyn EncounterStore) {
    put_state(store, "schedule", &vec![1, 2, 3]).unwrap();
    put_state(store, "schedule", &vec![4]).unwrap();
    store.put_state_bytes("empty", Some(b"")).unwrap();
    assert_eq!(state::<Vec<u32>>(store, "schedule").unwrap(), Some(vec![4]));
    assert_eq!(state::<Vec<u32>>(store, "other").unwrap(), None);
    assert_eq!(store.state_bytes("empty").unwrap(), Some(Vec::new()));
    let wrong = state::<String>(store, "schedule");
    assert!(matches!(wrong, Err(StoreError::Unreadable { name, .. }) if name == "schedule"));
    store.put_state_bytes("schedule", None).unwrap();
    assert_eq!(store.state_bytes("schedule").unwrap(), None);
    let long = "x".repeat(MAX_STATE_NAME_BYTES + 1);
    assert!(matches!(store.put_state_bytes(&long, None), Err(StoreError::TooLarge { .. })));
    let large = vec![0; MAX_STATE_BYTES + 1];
    let refused = store.put_state_bytes("large", Some(&large));
    assert!(matches!(refused, Err(StoreError::TooLarge { .. })));
    store.put_state_bytes("large", Some(&large[1..])).unwrap();
    assert_eq!(store.state_bytes("large").unwrap().unwrap().len(), MAX_STATE_BYTES);
}

/// From the start of one UTC day to the end of another.
fn days(first: UtcDay, last: UtcDay) -> std::ops::Range<UnixTime> {
    first.start()..last.plus(1).start()
}

fn fill(store: &dyn EncounterStore, days: impl Iterator<Item = UtcDay> + Clone) {
    for day in days.clone() {
        record(store, day.start(), &[1]);
        store.put_exposures(day, &[window(day, 1)]).unwrap();
    }
    store.put_own_keys(&keys_of(days)).unwrap();
    store.put_state_bytes("authority", Some(b"document")).unwrap();
}

fn days_left(store: &dyn EncounterStore) -> [Vec<u32>; 3] {
    let age = |day: UtcDay| TODAY.number() - day.number();
    let mut keys: Vec<_> =
        (store.own_keys().unwrap().iter()).map(|own| age(own.key.rolling_start().day())).collect();
    keys.dedup();
    [
        load(store).iter().map(|(_, scan)| age(scan.time.day())).collect(),
        keys,
        store.exposures().unwrap().iter().map(|of_key| age(of_key.window.day)).collect(),
    ]
}

fn old_days_expire(store: &dyn EncounterStore) {
    fill(store, (0..20).map(|age| TODAY.minus(19 - age)));
    let expired = store.begin_day(TODAY, RETENTION).unwrap();
    assert_eq!(expired.0, (15..20).rev().map(|age| TODAY.minus(age)).collect::<Vec<_>>());
    let kept: Vec<_> = (0..15).rev().collect();
    assert_eq!(days_left(store), [kept.clone(), kept.clone(), kept.clone()]);
    let again = store.begin_day(TODAY, RETENTION).unwrap();
    assert_eq!(again, ExpiredDays::default());
    let set_back = store.begin_day(TODAY.minus(300), RETENTION).unwrap();
    assert_eq!(set_back, ExpiredDays::default(), "a clock set back destroys nothing");
    assert_eq!(days_left(store), [kept.clone(), kept.clone(), kept]);
}

fn what_is_forgotten_is_gone(store: &dyn EncounterStore) {
    fill(store, (0..5).map(|age| TODAY.minus(4 - age)));
    let gone = store.forget(Forget::Times(days(TODAY.minus(3), TODAY.minus(2)))).unwrap();
    assert_eq!(gone.0, [TODAY.minus(3), TODAY.minus(2)]);
    assert_eq!(days_left(store), [vec![4, 1, 0], vec![4, 1, 0], vec![4, 1, 0]]);
    store.forget(Forget::AllDays).unwrap();
    assert_eq!(days_left(store), [const { Vec::<u32>::new() }; 3]);
    assert_eq!(store.state_bytes("authority").unwrap().as_deref(), Some(&b"document"[..]));
    record(store, TODAY.start(), &[2]);
    assert_eq!(load(store), [(neighbour(2), instance(TODAY.start()))]);
    store.forget(Forget::Everything).unwrap();
    assert_eq!(store.state_bytes("authority").unwrap(), None);
    assert_eq!(store.export_records().unwrap(), []);
}

fn a_day_of_another_time_zone_is_forgotten_and_nothing_beside_it(store: &dyn EncounterStore) {
    let days = (0..3).map(|age| TODAY.minus(2 - age));
    fill(store, days.clone());
    for day in days {
        record(store, day.start().plus(18 * 3_600), &[2]);
        let late = window(day, 18);
        store.put_exposures(day, &[window(day, 1), late]).unwrap();
        store.put_venue_matches(day, &[venue_match(day)]).unwrap();
    }
    // As in Viet Nam: 17:00 to 17:00 of the next day in UTC.
    let from = TODAY.minus(2).start().plus(17 * 3_600);
    let gone = store.forget(Forget::Times(from..from.plus(86_400))).unwrap();
    assert_eq!(gone.0, [TODAY.minus(2), TODAY.minus(1)]);
    let since = |time: UnixTime| {
        (TODAY.number() - time.day().number(), time.since(time.day().start()) / 3_600)
    };
    let scans: Vec<_> = load(store).iter().map(|(_, scan)| since(scan.time)).collect();
    assert_eq!(scans, [(2, 0), (1, 18), (0, 0), (0, 18)]);
    let windows: Vec<_> =
        store.exposures().unwrap().iter().map(|e| since(e.window.start)).collect();
    assert_eq!(windows, [(2, 1), (1, 18), (0, 1), (0, 18)]);
    let keys = store.own_keys().unwrap();
    let keys: Vec<_> = keys.iter().map(|own| since(own.key.rolling_start().start())).collect();
    // A key whose period touches the day goes as a whole.
    assert_eq!(keys, [(2, 0), (2, 6), (1, 18), (0, 0), (0, 6), (0, 12), (0, 18)]);
    let visits: Vec<_> =
        store.venue_matches().unwrap().iter().map(|v| since(v.visit_from)).collect();
    assert_eq!(visits, [(2, 3), (0, 3)]);
    assert_eq!(store.state_bytes("authority").unwrap().as_deref(), Some(&b"document"[..]));
}

fn exports_are_imported_without_loss(store: &dyn EncounterStore) {
    let other = MemoryStore::new();
    fill(&other, (0..3).map(|age| TODAY.minus(age)));
    record(&other, TODAY.start(), &[8]);
    let mut keys = other.own_keys().unwrap();
    keys.retire(TODAY.minus(1).start());
    other.put_own_keys(&keys).unwrap();

    record(store, TODAY.start(), &[1, 9]);
    store.put_own_keys(&keys_of([TODAY.minus(2)])).unwrap();
    store.put_exposures(TODAY, &[window(TODAY, 7)]).unwrap();
    store.put_state_bytes("authority", Some(b"mine")).unwrap();

    let records = other.export_records().unwrap();
    let imported = store.import_records(records.clone(), TODAY.minus(1)).unwrap();
    let expected = Imported {
        scan_instances: 2,
        own_keys: 8,
        exposure_windows: 2,
        venue_matches: 0,
        states: 0,
        too_old: 3,
    };
    assert_eq!(imported, expected);
    assert_eq!(days_left(store), [vec![1, 0, 0, 0], vec![2, 1, 0], vec![1, 0, 0]]);
    assert_eq!(store.state_bytes("authority").unwrap().as_deref(), Some(&b"mine"[..]));
    let retired = |own: &&vungxanh_protocol::own_keys::OwnKey| own.retired;
    assert_eq!(store.own_keys().unwrap().iter().filter(retired).count(), 1);

    let again = store.import_records([records.clone(), records].concat(), TODAY.minus(1)).unwrap();
    assert_eq!(again, Imported { too_old: 6, ..Imported::default() });
    let everything = store.export_records().unwrap();
    let copy = MemoryStore::new();
    copy.import_records(everything.clone(), UtcDay::new(0)).unwrap();
    assert_eq!(copy.export_records().unwrap(), everything);
}

fn malformed_imports_are_refused_whole(store: &dyn EncounterStore) {
    let good = Record::State("a".to_owned(), vec![1]);
    let bad = Record::Exposures(TODAY, vec![window(TODAY.minus(1), 1)]);
    let refused = store.import_records(vec![good, bad], UtcDay::new(0));
    assert!(matches!(refused, Err(StoreError::Malformed(_))));
    assert_eq!(store.export_records().unwrap(), []);
}

macro_rules! contract {
    ($($case:ident),* $(,)?) => {
        mod in_memory {
            $(#[test]
            fn $case() {
                super::$case(&super::MemoryStore::new());
            })*
        }
        mod on_disk {
            $(#[test]
            fn $case() {
                let folder = tempfile::tempdir().unwrap();
                let profile = super::Profile::at(folder.path());
                let now = super::TODAY.start();
                let (store, recovery) = super::SledStore::open(&profile, now).unwrap();
                assert_eq!(recovery, None);
                super::$case(&store);
                let exported = super::EncounterStore::export_records(&store).unwrap();
                drop(store);
                let (store, recovery) = super::SledStore::open(&profile, now).unwrap();
                assert_eq!(recovery, None);
                let again = super::EncounterStore::export_records(&store).unwrap();
                assert!(again == exported, "the same after a restart");
            })*
        }
    };
}

contract!(
    an_empty_store_is_empty,
    scans_of_two_intervals_join_to_one_encounter,
    a_scan_of_another_interval_is_refused,
    days_are_counted,
    own_keys_are_replaced,
    exposures_are_replaced_by_day,
    venue_matches_are_replaced_by_day_and_expire,
    named_records_are_replaced_and_removed,
    old_days_expire,
    what_is_forgotten_is_gone,
    a_day_of_another_time_zone_is_forgotten_and_nothing_beside_it,
    exports_are_imported_without_loss,
    malformed_imports_are_refused_whole,
);
