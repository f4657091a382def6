//! Warnings and their batches: nothing altered is believed, and sizes reveal nothing.

use std::collections::{BTreeMap, BTreeSet};

use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use vungxanh_protocol::diagnosis_key::Infectiousness;
use vungxanh_protocol::signed::{self, SignedError};
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::batch::{
    HourHistogram, MAX_SIGNED_BYTES, MAX_WARNINGS, SIGNING_LABEL, SIZE_CLASSES, WarningBatch,
};
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_protocol::venue::warning::{NOTICE_TEXT_BYTES, Notice, WARNING_BYTES, Warning};

use super::{HOUR, World, minute, notice, rng};

fn hours(weights: &[(u32, u32)]) -> HourHistogram {
    let hour = |(offset, weight): &(u32, u32)| (Hour::new(HOUR.number() + offset), *weight);
    HourHistogram::new(weights.iter().map(hour).collect()).unwrap()
}

fn batch(real: Vec<Warning>, seed: u64) -> Result<WarningBatch, VenueError> {
    let hours = hours(&[(0, 3), (1, 1), (2, 0)]);
    WarningBatch::assemble("VN-HN", minute(0), minute(60), real, &hours, &mut rng(seed))
}

#[test]
fn every_altered_byte_of_a_warning_is_noticed() {
    let world = World::new(1);
    let stay = world.poster.seal_stay(minute(5), minute(50), 0, &mut rng(2)).unwrap();
    let table = super::cells::table(&stay);
    let warning = world.warning(HOUR, &notice(0, 60));
    assert_eq!(warning.to_bytes().len(), 268);
    for index in 0..WARNING_BYTES {
        let mut bytes = warning.to_bytes();
        bytes[index] ^= 1;
        let altered = Warning::from_bytes(&bytes).unwrap();
        let venue_matches = table.try_warning(&altered).unwrap_or_default();
        assert!(venue_matches.is_empty(), "byte {index}");
    }
    // A true key with the notice of another warning.
    let mut mixed = world.warning(HOUR, &notice(0, 60)).to_bytes();
    let next = Hour::new(HOUR.number() + 1);
    mixed[100..].copy_from_slice(&world.warning(next, &notice(0, 120)).to_bytes()[100..]);
    assert_eq!(table.try_warning(&Warning::from_bytes(&mixed).unwrap()), Ok(vec![]));
    assert_eq!(table.try_warning(&warning).unwrap().len(), 1);
}

#[test]
fn a_batch_is_signed_by_the_warning_key_for_its_region() {
    let world = World::new(1);
    let real = world.warning(HOUR, &notice(0, 60));
    let public = world.keys[0].warning_key;
    let signed = batch(vec![real], 1).unwrap().to_signed(&world.warning_key).unwrap();
    let read = WarningBatch::read(&signed, &public, "VN-HN").unwrap();
    assert_eq!(read.to_signed(&world.warning_key).unwrap(), signed);
    assert!(WarningBatch::read(&signed, &public, "VN-SG").is_err());
    let bad = Err(VenueError::Signed(SignedError::BadSignature));
    for key in [&world.poster_key, &SigningKey::from_bytes(&[9; 32])] {
        assert_eq!(WarningBatch::read(&signed, &key.verifying_key(), "VN-HN"), bad);
    }
    for index in (0..signed.len()).step_by(41) {
        let mut altered = signed.clone();
        altered[index] ^= 1;
        assert!(WarningBatch::read(&altered, &public, "VN-HN").is_err(), "byte {index}");
    }
    let longer = vec![b'A'; MAX_SIGNED_BYTES + 1];
    let too_long = WarningBatch::read(&longer, &public, "VN-HN");
    assert!(matches!(too_long, Err(VenueError::Signed(SignedError::TooLong { .. }))));
}

#[test]
fn a_stolen_batch_key_alone_warns_nobody() {
    let world = World::new(1);
    let stay = world.poster.seal_stay(minute(5), minute(50), 0, &mut rng(2)).unwrap();
    let table = super::cells::table(&stay);
    // The thief holds the poster and the batch key, and keys of a venue of their own.
    let thief = World::new(66);
    let notify_key = world.poster.slots().notify_key(HOUR);
    let forged =
        Warning::new(HOUR, &thief.slot_key(HOUR), &notice(0, 60), &notify_key, &mut rng(1));
    let signed = batch(vec![forged.unwrap()], 1).unwrap().to_signed(&world.warning_key).unwrap();
    let read = WarningBatch::read(&signed, &world.keys[0].warning_key, "VN-HN").unwrap();
    assert!(read.warnings().iter().all(|warning| table.try_warning(warning) == Ok(vec![])));
}

#[test]
fn batches_have_few_sizes_and_a_full_one_fits_the_limit() {
    let world = World::new(1);
    let real = world.warning(HOUR, &notice(0, 60));
    let size = |count: usize| {
        let batch = batch(vec![real.clone(); count], 1).unwrap();
        let bytes = batch.to_signed(&world.warning_key).unwrap().len();
        (batch.warnings().len(), bytes)
    };
    assert_eq!(size(0), size(32));
    assert_eq!(size(0), (32, 89 + 1 + 6 + 8 + 2 + 32 * 268));
    assert_eq!(size(33), size(128));
    assert_eq!(size(MAX_WARNINGS).0, 2_000);
    assert!(size(MAX_WARNINGS).1 <= MAX_SIGNED_BYTES);
    assert_eq!(SIZE_CLASSES, [32, 128, 512, 2_000]);
    let too_many = batch(vec![real; MAX_WARNINGS + 1], 1);
    let limit = MAX_WARNINGS;
    assert_eq!(too_many, Err(VenueError::TooManyWarnings { warnings: limit + 1, limit }));
}

#[test]
fn a_signed_batch_of_another_size_or_shape_is_refused() {
    let world = World::new(1);
    let warning = world.warning(HOUR, &notice(0, 60)).to_bytes();
    let read = |bytes: &[u8]| {
        let signed = signed::sign(SIGNING_LABEL, bytes, &world.warning_key);
        WarningBatch::read(&signed, &world.keys[0].warning_key, "VN").map(|_| ())
    };
    let bytes = |count: u16, real: usize| {
        let head = [&[1, 2][..], b"VN", &[0; 8], &count.to_be_bytes()].concat();
        [&head[..], &warning.repeat(real)].concat()
    };
    assert_eq!(read(&bytes(32, 32)), Ok(()));
    for wrong in [bytes(31, 31), bytes(0, 0), bytes(32, 33), bytes(32, 31), bytes(128, 32), vec![]]
    {
        assert!(matches!(read(&wrong), Err(VenueError::Malformed { .. })));
    }
}

#[test]
fn real_warnings_stand_anywhere_and_decoys_follow_the_histogram() {
    let world = World::new(1);
    let real = world.warning(HOUR, &notice(0, 60));
    let places: BTreeSet<usize> = (0..40)
        .map(|seed| {
            let batch = batch(vec![real.clone()], seed).unwrap();
            batch.warnings().iter().position(|warning| *warning == real).unwrap()
        })
        .collect();
    assert!(places.len() > 15, "{places:?}");

    let batch = batch(vec![real.clone(); 200], 3).unwrap();
    let mut drawn: BTreeMap<u32, usize> = BTreeMap::new();
    for decoy in batch.warnings().iter().filter(|warning| **warning != real) {
        *drawn.entry(decoy.hour().number() - HOUR.number()).or_default() += 1;
        // A decoy is a valid point, and differs from every other.
        decoy.slot_key().unwrap();
    }
    // 312 decoys, their stays beginning at 3 : 1 : 0 and every second of the first hour's going on
    // into the second: 12 : 10 : 0, within 4 standard deviations of 170.
    assert_eq!(drawn.values().sum::<usize>(), 312);
    assert!((112..=228).contains(&drawn[&0]) && !drawn.contains_key(&2), "{drawn:?}");
    let different: BTreeSet<_> = batch.warnings().iter().map(Warning::to_bytes).collect();
    assert_eq!(different.len(), 313);
    assert_eq!(HourHistogram::new(BTreeMap::new()), Err(VenueError::NoDecoyHours));
    let nothing = HourHistogram::new(BTreeMap::from([(HOUR, 0)]));
    assert_eq!(nothing, Err(VenueError::NoDecoyHours));
}

/// Hours that follow each other, and hours with four warnings, by chance alone would be rare.
#[test]
fn decoys_come_in_stays_as_real_warnings_do() {
    let far_apart = HourHistogram::new((0..10_000).map(|n| (Hour::new(400_000 + n), 1)).collect());
    let far_apart = far_apart.unwrap();
    let (mut stays, mut long, mut of_displays) = (0, 0, 0);
    for seed in 0..40 {
        let (from, until, rng) = (minute(0), minute(60), &mut rng(seed));
        let batch = WarningBatch::assemble("VN", from, until, Vec::new(), &far_apart, rng);
        let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
        for warning in batch.unwrap().warnings() {
            *counts.entry(warning.hour().number()).or_default() += 1;
        }
        let first = |hour: &&u32| !counts.contains_key(&(**hour - 1));
        stays += counts.keys().filter(first).count();
        long +=
            counts.keys().filter(first).filter(|hour| counts.contains_key(&(**hour + 1))).count();
        of_displays += counts.values().filter(|count| **count == 4).count();
        assert_eq!(counts.values().sum::<usize>(), SIZE_CLASSES[0]);
    }
    assert!(long * 3 > stays && long * 3 < 2 * stays, "{long} of {stays} stays");
    assert!(of_displays > 20, "{of_displays}");
}

#[test]
fn who_holds_the_poster_can_check_a_warning_and_read_its_notice() {
    let world = World::new(1);
    let warning = world.warning(HOUR, &notice(0, 60));
    let slots = world.poster.slots();
    warning.slot_key().unwrap().verify(world.poster.master(), &slots.identity(HOUR)).unwrap();
    assert_eq!(warning.notice(&slots.notify_key(HOUR)), Ok(notice(0, 60)));
    let other = World::new(2);
    let slot = other.poster.slots().identity(HOUR);
    let verdict = warning.slot_key().unwrap().verify(other.poster.master(), &slot);
    assert_eq!(verdict, Err(VenueError::WrongShare));
    assert!(warning.notice(&slots.notify_key(Hour::new(1))).is_err());
}

#[test]
fn notices_that_make_no_sense_are_not_made() {
    use vungxanh_protocol::diagnosis_key::ReportType;
    let world = World::new(1);
    let make = |notice: Notice| {
        let notify_key = world.poster.slots().notify_key(HOUR);
        Warning::new(HOUR, &world.slot_key(HOUR), &notice, &notify_key, &mut rng(1))
    };
    assert!(make(notice(0, 24 * 60)).is_ok());
    assert!(make(notice(0, 24 * 60 + 1)).is_err());
    assert!(make(notice(5, 5)).is_err());
    assert!(make(Notice { report_type: ReportType::Revoked, ..notice(0, 1) }).is_err());
    assert!(make(Notice { report_type: ReportType::Unknown, ..notice(0, 1) }).is_err());
    assert!(make(Notice { infectiousness: Infectiousness::None, ..notice(0, 1) }).is_err());
    let long = Notice { text: "ế".repeat(100), ..notice(0, 1) };
    let read = make(long).unwrap().notice(&world.poster.slots().notify_key(HOUR)).unwrap();
    assert_eq!(read.text, "ế".repeat(NOTICE_TEXT_BYTES / 3));
}

#[test]
fn warnings_are_due_for_the_hours_of_presence_and_lingering() {
    let due = |notice: &Notice, lingering| {
        let hours = notice.hours(lingering).map(|hour| hour.number() - HOUR.number());
        hours.collect::<Vec<_>>()
    };
    assert_eq!(due(&notice(10, 50), 0), [0]);
    assert_eq!(due(&notice(10, 60), 0), [0]);
    assert_eq!(due(&notice(10, 50), 11), [0, 1]);
    assert_eq!(due(&notice(50, 70), 120), [0, 1, 2, 3]);
}

proptest! {
    #[test]
    fn any_bytes_are_refused_without_a_crash(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let world = World::new(1);
        let key = world.keys[0].warning_key;
        prop_assert!(WarningBatch::read(&bytes, &key, "VN").is_err());
        let signed = signed::sign(SIGNING_LABEL, &bytes, &world.warning_key);
        prop_assert!(WarningBatch::read(&signed, &key, "VN").is_err());
        if let Some(bytes) = bytes.first_chunk() {
            let warning = Warning::from_bytes(bytes).unwrap();
            prop_assert_eq!(&warning.to_bytes(), bytes);
            prop_assert!(warning.notice(&world.poster.slots().notify_key(HOUR)).is_err());
        }
    }
}
