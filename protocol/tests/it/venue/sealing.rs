//! Sealed visits: one size, opened whole or not at all.

use proptest::prelude::*;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::text::is_plain;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::sealed::{SealedVisit, SlotVisit, VENUE_NAME_BYTES};

use super::{HOUR, World, minute, rng};

fn visit(world: &World, from: UnixTime, until: UnixTime, venue: &str) -> SlotVisit {
    let notify_key = world.poster.slots().notify_key(HOUR);
    SlotVisit { from, until, notify_key, companions: 2, venue: venue.into() }
}

fn seal(world: &World, visit: &SlotVisit, seed: u64) -> Result<SealedVisit, VenueError> {
    let slot = world.poster.slots().identity(HOUR);
    SealedVisit::seal(visit, HOUR, &slot, world.poster.master(), &mut rng(seed))
}

#[test]
fn every_altered_byte_is_refused() {
    let world = World::new(1);
    let sealed = seal(&world, &visit(&world, minute(0), minute(60), "Chợ"), 1).unwrap();
    let key = world.slot_key(HOUR);
    assert!(sealed.open(HOUR, &key).is_some());
    for index in 0..192 {
        let mut bytes = *sealed.as_bytes();
        bytes[index] ^= 1;
        assert!(SealedVisit::from_bytes(bytes).open(HOUR, &key).is_none(), "byte {index}");
    }
}

#[test]
fn parts_of_two_records_make_no_third() {
    // c1 and c3 are of one sealing, c2 of another with the same visit: x does not fit.
    let world = World::new(1);
    let visit = visit(&world, minute(0), minute(60), "Chợ");
    let (one, two) = (seal(&world, &visit, 1).unwrap(), seal(&world, &visit, 2).unwrap());
    assert_ne!(one.as_bytes(), two.as_bytes());
    let mut mixed = *one.as_bytes();
    mixed[48..80].copy_from_slice(&two.as_bytes()[48..80]);
    assert!(SealedVisit::from_bytes(mixed).open(HOUR, &world.slot_key(HOUR)).is_none());
}

#[test]
fn times_outside_the_hour_are_not_sealed() {
    let world = World::new(1);
    let hour = |from: UnixTime, until: UnixTime| seal(&world, &visit(&world, from, until, "x"), 1);
    assert!(hour(minute(0), minute(60)).is_ok());
    for (from, until) in [
        (minute(0).minus(1), minute(30)),
        (minute(0), minute(60).plus(1)),
        (minute(30), minute(30)),
        (minute(31), minute(30)),
        (minute(61), minute(62)),
    ] {
        assert_eq!(hour(from, until), Err(VenueError::TimesOutsideSlot));
    }
}

#[test]
fn a_stay_leaves_each_hour_only_its_own_part() {
    let world = World::new(1);
    let stay = world.poster.seal_stay(minute(50), minute(130), 1, &mut rng(1)).unwrap();
    let parts: Vec<_> = stay
        .iter()
        .map(|(hour, cell)| {
            let visit = cell.open(*hour, &world.slot_key(*hour)).unwrap();
            assert_eq!((visit.companions, visit.venue.as_str()), (1, "Phở Thìn"));
            (hour.number() - HOUR.number(), visit.from, visit.until)
        })
        .collect();
    assert_eq!(
        parts,
        [(0, minute(50), minute(60)), (1, minute(60), minute(120)), (2, minute(120), minute(130)),]
    );
    // A stay that ends on the hour does not touch the next.
    assert_eq!(world.poster.seal_stay(minute(0), minute(60), 0, &mut rng(1)).unwrap().len(), 1);
    let seal = |from, until| world.poster.seal_stay(from, until, 0, &mut rng(1)).map(|s| s.len());
    assert_eq!(seal(minute(0), minute(24 * 60)), Ok(24));
    assert_eq!(seal(minute(0), minute(24 * 60).plus(1)), Err(VenueError::TimesOutsideSlot));
    assert_eq!(seal(minute(5), minute(5)), Err(VenueError::TimesOutsideSlot));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn round_trip(
        seed: u64,
        from in 0u64..3_600,
        length in 1u64..3_600,
        companions: u8,
        // In others, blanks stand for what is not plain.
        name in "\\PC{0,80}".prop_filter("plain", |name| is_plain(name)),
    ) {
        let world = World::new(1);
        let until = minute(0).plus((from + length).min(3_600));
        let visit = SlotVisit { companions, ..visit(&world, minute(0).plus(from), until, &name) };
        let opened = seal(&world, &visit, seed).unwrap().open(HOUR, &world.slot_key(HOUR)).unwrap();
        prop_assert!(opened.venue.len() <= VENUE_NAME_BYTES && name.starts_with(&opened.venue));
        prop_assert!(opened.venue.len() > VENUE_NAME_BYTES - 4 || opened.venue == name);
        let expected = SlotVisit { venue: opened.venue.clone(), ..visit };
        prop_assert!(opened == expected);
    }

    #[test]
    fn any_bytes_stay_closed(bytes in prop::collection::vec(any::<u8>(), 192), seed: u64) {
        let world = World::new(1);
        let key = world.slot_key(HOUR);
        let noise = SealedVisit::from_bytes(bytes.try_into().unwrap());
        prop_assert!(noise.open(HOUR, &key).is_none());
        prop_assert!(SealedVisit::decoy(&mut rng(seed)).open(HOUR, &key).is_none());
    }

    #[test]
    fn x_decides_everything(x: [u8; 32]) {
        let world = World::new(1);
        let slot = world.poster.slots().identity(HOUR);
        let visit = visit(&world, minute(1), minute(2), "Chợ");
        let seal = || SealedVisit::seal_with(
            &visit, HOUR, &slot, world.poster.master(), &SecretBytes::new(x),
        ).unwrap();
        prop_assert!(seal() == seal());
        prop_assert!(seal().open(HOUR, &world.slot_key(HOUR)).unwrap() == visit);
    }
}
