//! Opening an hour: who was there with the case, verified, and no one else.

use vungxanh_protocol::door::{
    DoorEvent, DoorRecord, DoorVisit, OpenedHour, SealedRecord, Shown, open_hour,
};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{HolderKey, Pass, Presented};
use vungxanh_protocol::venue::slot::Hour;

use super::{
    HOUR, card, card_key, contact, door_key, identity, live_pass, master, minute, pass_keys,
    printed_pass, rng,
};

fn record(event: DoorEvent, from: u64, until: u64, shown: Shown) -> SealedRecord {
    at(HOUR, event, (minute(from), minute(until)), shown)
}

fn at(
    hour: Hour,
    event: DoorEvent,
    (from, until): (UnixTime, UnixTime),
    shown: Shown,
) -> SealedRecord {
    let record = DoorRecord { event, from, until, companions: 1, shown };
    SealedRecord::seal(&record, hour, &identity(hour), &master(), &mut rng(5)).unwrap()
}

fn open(records: &[SealedRecord], from: u64, until: u64) -> OpenedHour {
    let case = (minute(from), minute(until));
    open_hour(records, HOUR, &door_key(HOUR), case, &pass_keys(), &[card_key()])
}

#[test]
fn whoever_overlaps_the_case_comes_out_once_with_the_time_of_both() {
    let came = record(DoorEvent::In, 10, 60, live_pass());
    let records = [
        came.clone(),
        came,
        record(DoorEvent::In, 5, 60, Shown::Card(card())),
        record(DoorEvent::In, 0, 20, Shown::Contact(contact())),
        SealedRecord::decoy(&mut rng(1)),
    ];
    let opened = open(&records, 20, 40);
    assert_eq!((opened.refused, opened.left_over), (0, 0));
    let visit = |shown| DoorVisit { shown, from: minute(20), until: minute(40), companions: 1 };
    // The contact left when the case came.
    assert_eq!(opened.visits.len(), 2);
    assert!(opened.visits.contains(&visit(live_pass())));
    assert!(opened.visits.contains(&visit(Shown::Card(card()))));
    assert_eq!(open(&records, 0, 5).visits.len(), 1);
}

#[test]
fn who_has_left_is_not_warned_of_a_case_that_came_later() {
    let came = record(DoorEvent::In, 10, 60, live_pass());
    let left = record(DoorEvent::Left, 30, 60, live_pass());
    assert_eq!(open(&[came.clone(), left.clone()], 40, 50).visits.len(), 0);
    let overlap = open(&[left.clone(), came], 0, 50).visits;
    assert_eq!((overlap[0].from, overlap[0].until), (minute(10), minute(30)));
    assert_eq!(open(&[left], 0, 60).visits.len(), 0);
}

#[test]
fn one_pass_shown_at_two_moments_is_one_visitor() {
    let seed = vungxanh_protocol::secret::SecretBytes::new([0x31; 32]);
    let Shown::Pass(presented) = live_pass() else { panic!("a pass") };
    let holder = HolderKey::from_seed(&seed);
    let later = vungxanh_protocol::pass::LivePass::show(presented.pass(), &holder, minute(20));
    let records = [
        record(DoorEvent::In, 1, 60, live_pass()),
        record(DoorEvent::In, 20, 60, Shown::Pass(Presented::Live(later.unwrap()))),
    ];
    let opened = open(&records, 0, 60);
    assert_eq!(opened.visits.len(), 1);
    assert_eq!(opened.visits[0].from, minute(1));
}

#[test]
fn what_a_door_made_up_is_refused() {
    let holder = HolderKey::generate(&mut rng(1));
    let specimen = Shown::Pass(Presented::Printed(Pass::specimen(false, 20_786, &holder).unwrap()));
    let Shown::Pass(presented) = printed_pass() else { panic!("a pass") };
    let mut altered = presented.to_bytes();
    altered[4] = 0;
    let revoked = Shown::Pass(Presented::from_bytes(&altered).unwrap());
    for shown in [specimen, revoked] {
        let opened = open(&[record(DoorEvent::In, 0, 60, shown)], 0, 60);
        assert_eq!((opened.visits.len(), opened.refused), (0, 1));
    }
    // A card that staff did not make: of other keys.
    let case = (minute(0), minute(60));
    let cards = [record(DoorEvent::In, 0, 60, Shown::Card(card()))];
    let opened = open_hour(&cards, HOUR, &door_key(HOUR), case, &pass_keys(), &[]);
    assert_eq!((opened.visits.len(), opened.refused), (0, 1));
}

#[test]
fn a_pass_sealed_into_another_day_or_before_it_was_shown_is_refused() {
    let day = |days: i64| Hour::new(HOUR.number().checked_add_signed((days * 24) as i32).unwrap());
    let refused = |hour: Hour, shown| {
        let case = (hour.start(), hour.end());
        let sealed = at(hour, DoorEvent::In, case, shown);
        open_hour(&[sealed], hour, &door_key(hour), case, &pass_keys(), &[]).refused
    };
    assert_eq!(refused(day(0), printed_pass()), 0);
    assert_eq!(refused(day(2), printed_pass()), 0);
    // Over midnight from its last day, not from the day after.
    assert_eq!(refused(day(3), printed_pass()), 0);
    assert_eq!(refused(day(4), printed_pass()), 1);
    assert_eq!(refused(day(-1), printed_pass()), 1);
    // The live pass was shown at 10:00: not before, and not for more than a day after.
    assert_eq!(refused(day(0), live_pass()), 0);
    assert_eq!(refused(Hour::new(HOUR.number() - 2), live_pass()), 1);
    assert_eq!(refused(day(1), live_pass()), 0);
    assert_eq!(refused(Hour::new(HOUR.number() + 26), live_pass()), 1);
}
