//! Records: one size, sealed to their own door and hour.

use proptest::prelude::*;
use vungxanh_protocol::door::{
    DoorError, DoorEvent, DoorIdentity, DoorRecord, SealedRecord, Shown, UPLOAD_CLASSES,
    fill_upload, seal_check_in, seal_check_out,
};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_protocol::venue::slot_key::SlotKey;

use super::{
    HOUR, VECTORS, array, card, contact, deriver, door_key, identity, live_pass, master, minute,
    party, rng, sealed, text,
};

fn record(index: usize) -> DoorRecord {
    let vector = &VECTORS["records"][index];
    let number = |name: &str| vector[name].as_u64().unwrap();
    let shown = match text(&vector["shown"]) {
        "pass" => live_pass(),
        "card" => Shown::Card(card()),
        _ => Shown::Contact(contact()),
    };
    DoorRecord {
        event: if number("event") == 1 { DoorEvent::In } else { DoorEvent::Left },
        from: UnixTime::from_secs(number("from")),
        until: UnixTime::from_secs(number("until")),
        companions: number("companions").try_into().unwrap(),
        shown,
    }
}

fn seal(record: &DoorRecord, door: &DoorIdentity) -> Result<SealedRecord, DoorError> {
    SealedRecord::seal(record, HOUR, door, &master(), &mut rng(1))
}

#[test]
fn records_are_sealed_and_opened_as_another_implementation_does() {
    let key = door_key(HOUR);
    for index in 0..4 {
        let x = SecretBytes::new(array(&VECTORS["records"][index]["x"]));
        let made =
            SealedRecord::seal_with(&record(index), HOUR, &identity(HOUR), &master(), &x).unwrap();
        assert!(made == sealed(index), "record {index}");
        assert!(made.open(HOUR, &key) == Some(record(index)), "record {index}");
    }
}

#[test]
fn a_record_of_another_hour_or_door_stays_closed() {
    let next = Hour::new(HOUR.number() + 1);
    assert!(sealed(0).open(HOUR, &door_key(next)).is_none());
    assert!(sealed(0).open(next, &door_key(next)).is_none());
    // Moved to another hour with the right key: its times do not lie there.
    assert!(sealed(0).open(next, &door_key(HOUR)).is_none());
    let other = vungxanh_protocol::venue::slot::SlotDeriver::of_poster(b"another poster");
    let foreign = seal(&record(0), &other.door_identity(HOUR)).unwrap();
    assert!(foreign.open(HOUR, &door_key(HOUR)).is_none());
}

#[test]
fn a_published_slot_key_opens_no_record_of_a_door() {
    // The visit and the door of one venue and hour: other identities, other domains.
    let slot = deriver().identity(HOUR);
    let shares = [party(0).share(&slot), party(1).share(&slot)];
    let key = SlotKey::join(&shares[0], &shares[1], &master(), &slot).unwrap();
    let visit = vungxanh_protocol::venue::sealed::SealedVisit::from_bytes(
        sealed(0).as_bytes()[..192].try_into().unwrap(),
    );
    assert!(visit.open(HOUR, &key).is_none());
    assert_ne!(slot.expose(), identity(HOUR).expose());
    // Nor is its sum a door's key.
    let door = vungxanh_protocol::door::DoorShare::from_bytes;
    let [one, two] = shares.map(|share| door(&share.to_bytes()).unwrap());
    let joined = vungxanh_protocol::door::DoorKey::join(&one, &two, &master(), &identity(HOUR));
    assert!(joined.is_err());
}

#[test]
fn every_altered_byte_closes_a_record() {
    let key = door_key(HOUR);
    for index in (0..352).step_by(3) {
        let mut bytes = *sealed(0).as_bytes();
        bytes[index] ^= 1;
        assert!(SealedRecord::from_bytes(bytes).open(HOUR, &key).is_none(), "byte {index}");
    }
}

#[test]
fn a_stay_has_a_record_for_each_hour_and_at_most_a_day() {
    let stay = |from, until| {
        seal_check_in(&deriver(), &master(), &live_pass(), (from, until), 2, &mut rng(1))
    };
    let records = stay(minute(50), minute(130)).unwrap();
    let parts: Vec<_> = records
        .iter()
        .map(|(hour, sealed)| {
            let record = sealed.open(*hour, &door_key(*hour)).unwrap();
            assert_eq!((record.event, record.companions), (DoorEvent::In, 2));
            (hour.number() - HOUR.number(), record.from, record.until)
        })
        .collect();
    let expected =
        [(0, minute(50), minute(60)), (1, minute(60), minute(120)), (2, minute(120), minute(130))];
    assert_eq!(parts, expected);
    assert_eq!(stay(minute(0), minute(24 * 60)).unwrap().len(), 24);
    assert_eq!(stay(minute(0), minute(24 * 60 + 1)), Err(DoorError::BadStay));
    assert_eq!(stay(minute(1), minute(1)), Err(DoorError::BadStay));
    let left =
        seal_check_out(&deriver(), &master(), &live_pass(), (minute(70), minute(130)), &mut rng(1));
    let left = left.unwrap();
    assert_eq!(left.len(), 2);
    let (hour, first) = &left[0];
    assert_eq!(first.open(*hour, &door_key(*hour)).unwrap().event, DoorEvent::Left);
}

#[test]
fn uploads_have_three_sizes_and_are_in_no_order() {
    let decoy = || SealedRecord::decoy(&mut rng(2));
    let upload = |count: usize| {
        let uploads = fill_upload(vec![decoy(); count], &mut rng(3));
        uploads.iter().map(Vec::len).collect::<Vec<_>>()
    };
    let [small, middle, _] = UPLOAD_CLASSES;
    assert_eq!(upload(0), [small]);
    assert_eq!(upload(small), [small]);
    assert_eq!(upload(small + 1), [middle]);
    let real: Vec<_> = (0..4).map(sealed).collect();
    let filled = fill_upload(real.clone(), &mut rng(4)).remove(0);
    assert!(real.iter().all(|record| filled.contains(record)));
    assert!(filled[..4] != real[..]);
}

#[test]
fn nothing_prints_what_was_scanned() {
    let shown = format!("{:?} {:?} {:?}", record(0), sealed(0), door_key(HOUR));
    assert_eq!(shown, "DoorRecord(..) SealedRecord(..) DoorKey(..)");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_bytes_stay_closed(bytes in prop::collection::vec(any::<u8>(), 352), seed: u64) {
        let key = door_key(HOUR);
        let noise = SealedRecord::from_bytes(bytes.try_into().unwrap());
        prop_assert!(noise.open(HOUR, &key).is_none());
        prop_assert!(SealedRecord::decoy(&mut rng(seed)).open(HOUR, &key).is_none());
    }

    #[test]
    fn records_come_back(from in 0u64..3_599, length in 1u64..3_600, companions: u8, left: bool) {
        let until = minute(0).plus((from + length).min(3_600));
        let record = DoorRecord {
            event: if left { DoorEvent::Left } else { DoorEvent::In },
            from: minute(0).plus(from),
            until,
            companions,
            shown: Shown::Contact(contact()),
        };
        let sealed = seal(&record, &identity(HOUR)).unwrap();
        prop_assert!(sealed.open(HOUR, &door_key(HOUR)) == Some(record));
    }
}
