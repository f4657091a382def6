//! The table of cells: one size whatever was visited, four visits an hour, and erasure by time.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::cells::{CELLS_PER_HOUR, CellTable, TakenCells};
use vungxanh_protocol::venue::party::PartyKey;
use vungxanh_protocol::venue::sealed::{SEALED_BYTES, SealedVisit};
use vungxanh_protocol::venue::slot::Hour;

use super::{HOUR, World, minute, notice, rng};

const LATER: Hour = Hour::new(HOUR.number() + 3);

/// A day's table up to three hours after [`HOUR`] that holds one stay.
pub(super) fn table(stay: &[(Hour, SealedVisit)]) -> CellTable {
    let mut table = CellTable::new(1, LATER, &mut rng(7));
    table.record(stay, &mut TakenCells::default(), &mut rng(8)).unwrap();
    table
}

#[test]
fn a_full_book_and_an_empty_one_have_one_size_and_only_valid_points() {
    let world = World::new(1);
    let mut table = CellTable::new(1, LATER, &mut rng(1));
    let empty = table.to_bytes();
    let mut taken = TakenCells::default();
    for visit in 0..CELLS_PER_HOUR as u64 {
        let stay = world.poster.seal_stay(minute(visit), minute(visit + 1), 0, &mut rng(visit));
        table.record(&stay.unwrap(), &mut taken, &mut rng(visit)).unwrap();
    }
    let full = table.to_bytes();
    assert_eq!((empty.len(), full.len()), (CellTable::bytes_for(1), CellTable::bytes_for(1)));
    assert_eq!(CellTable::bytes_for(1), 5 + 24 * 4 * 192);
    assert_eq!(CellTable::bytes_for(14), 258_053);
    let changed = |a: &[u8], b: &[u8]| {
        let cells = a[5..].chunks(SEALED_BYTES).zip(b[5..].chunks(SEALED_BYTES));
        cells.enumerate().filter(|(_, (a, b))| a != b).map(|(i, _)| i).collect::<Vec<_>>()
    };
    // The oldest hour comes first; HOUR is the last but three.
    assert_eq!(changed(&empty, &full), [80, 81, 82, 83]);
    // A decoy's point is one that a visit could have.
    for cell in full[5..].chunks(SEALED_BYTES) {
        PartyKey::from_bytes(cell[..48].try_into().unwrap()).unwrap();
    }
    assert!(CellTable::from_bytes(&full, 1).unwrap() == table);
}

#[test]
fn the_cell_of_a_first_visit_is_any_of_the_four() {
    let world = World::new(1);
    let stay = world.poster.seal_stay(minute(0), minute(9), 0, &mut rng(1)).unwrap();
    let empty = CellTable::new(1, HOUR, &mut rng(1)).to_bytes();
    let mut used = [false; CELLS_PER_HOUR];
    for seed in 0..64 {
        let mut table = CellTable::from_bytes(&empty, 1).unwrap();
        table.record(&stay, &mut TakenCells::default(), &mut rng(seed)).unwrap();
        let bytes = table.to_bytes();
        let last = empty.len() - CELLS_PER_HOUR * SEALED_BYTES;
        for (index, cell) in used.iter_mut().enumerate() {
            let cell_bytes = last + index * SEALED_BYTES..last + (index + 1) * SEALED_BYTES;
            *cell |= bytes[cell_bytes.clone()] != empty[cell_bytes];
        }
    }
    assert_eq!(used, [true; CELLS_PER_HOUR]);
}

#[test]
fn a_fifth_visit_in_an_hour_is_refused_and_changes_nothing() {
    let world = World::new(1);
    let mut table = CellTable::new(1, LATER, &mut rng(1));
    let mut taken = TakenCells::default();
    let stay = |from, until| world.poster.seal_stay(minute(from), minute(until), 0, &mut rng(2));
    for visit in 0..4 {
        taken.require_free(HOUR).unwrap();
        table.record(&stay(visit, visit + 1).unwrap(), &mut taken, &mut rng(visit)).unwrap();
    }
    assert_eq!(taken.require_free(HOUR), Err(VenueError::HourFull { cells: 4 }));
    let before = (table.clone(), taken.clone());
    // It begins in the full hour and reaches into a free one.
    let fifth = table.record(&stay(50, 70).unwrap(), &mut taken, &mut rng(5));
    assert_eq!(fifth, Err(VenueError::HourFull { cells: 4 }));
    assert!((table.clone(), taken.clone()) == before);
    table.record(&stay(60, 70).unwrap(), &mut taken, &mut rng(6)).unwrap();
    // All four are still there.
    let venue_matches = table.try_warning(&world.warning(HOUR, &notice(0, 60))).unwrap();
    assert_eq!(venue_matches.len(), 4);
    taken.forget_before(Hour::new(HOUR.number() + 1));
    taken.require_free(HOUR).unwrap();
}

#[test]
fn hours_pass_and_expire() {
    let world = World::new(1);
    let stay = world.poster.seal_stay(minute(5), minute(50), 0, &mut rng(2)).unwrap();
    let warning = world.warning(HOUR, &notice(0, 60));
    let mut table = table(&stay);
    table.advance(Hour::new(HOUR.number() - 5), &mut rng(1));
    assert_eq!(table.newest(), LATER);
    table.advance(Hour::new(HOUR.number() + 23), &mut rng(1));
    assert_eq!(table.try_warning(&warning).unwrap().len(), 1);
    assert_eq!(table.to_bytes().len(), CellTable::bytes_for(1));
    table.advance(Hour::new(HOUR.number() + 24), &mut rng(1));
    assert_eq!(table.try_warning(&warning), Ok(vec![]));
    let sealed = stay[0].1.as_bytes();
    assert!(!table.to_bytes().windows(SEALED_BYTES).any(|bytes| bytes == sealed));
    let mut taken = TakenCells::default();
    assert_eq!(table.record(&stay, &mut taken, &mut rng(1)), Err(VenueError::HourNotKept));
    let future = [(Hour::new(HOUR.number() + 25), stay[0].1.clone())];
    assert_eq!(table.record(&future, &mut taken, &mut rng(1)), Err(VenueError::HourNotKept));
    // Years later nothing is stored, and it takes no years.
    table.advance(Hour::new(u32::MAX), &mut rng(1));
    assert_eq!((table.newest(), table.to_bytes().len()), (Hour::new(u32::MAX), 5 + 96 * 192));
}

#[test]
fn cells_are_found_counted_and_forgotten() {
    let world = World::new(1);
    let stay = world.poster.seal_stay(minute(50), minute(70), 0, &mut rng(1)).unwrap();
    let mut table = CellTable::new(1, LATER, &mut rng(1));
    let mut taken = TakenCells::default();
    table.record(&stay, &mut taken, &mut rng(2)).unwrap();
    assert_eq!((taken.free(HOUR), taken.free(LATER)), (CELLS_PER_HOUR - 1, CELLS_PER_HOUR));
    let second = Hour::new(HOUR.number() + 1);
    assert!(table.holds(HOUR, &stay[0].1) && table.holds(second, &stay[1].1));
    assert!(!table.holds(second, &stay[0].1) && !table.holds(Hour::new(1), &stay[0].1));
    table.forget(|hour| hour == HOUR, &mut rng(3));
    assert!(!table.holds(HOUR, &stay[0].1) && table.holds(second, &stay[1].1));
}

#[test]
fn a_changed_retention_keeps_the_latest_hours() {
    let world = World::new(1);
    let stay = world.poster.seal_stay(minute(5), minute(50), 0, &mut rng(2)).unwrap();
    let mut table = table(&stay);
    table.set_retention(2, &mut rng(1));
    assert_eq!(table.to_bytes().len(), CellTable::bytes_for(2));
    assert_eq!(table.try_warning(&world.warning(HOUR, &notice(0, 60))).unwrap().len(), 1);
    table.set_retention(1, &mut rng(1));
    assert_eq!(table.try_warning(&world.warning(HOUR, &notice(0, 60))).unwrap().len(), 1);
    assert_eq!(CellTable::bytes_for(0), CellTable::bytes_for(1));
    assert_eq!(CellTable::bytes_for(1_000), CellTable::bytes_for(21));
}

#[test]
fn files_of_another_length_or_version_are_refused() {
    let bytes = CellTable::new(1, HOUR, &mut rng(1)).to_bytes();
    assert!(CellTable::from_bytes(&bytes[1..], 1).is_err());
    assert!(CellTable::from_bytes(&bytes, 2).is_err());
    assert!(CellTable::from_bytes(&[], 1).is_err());
    let mut other = bytes;
    other[0] = 9;
    let error = CellTable::from_bytes(&other, 1).unwrap_err();
    assert!(matches!(error, VenueError::UnknownVersion { found: 9, .. }));
}

#[test]
fn the_hours_that_a_time_touches() {
    let touched = |from: u64, until: u64| {
        let hours = Hour::touched(UnixTime::from_secs(from), UnixTime::from_secs(until));
        hours.map(Hour::number).collect::<Vec<_>>()
    };
    assert!(touched(0, 0).is_empty());
    assert!(touched(7_200, 3_600).is_empty());
    assert_eq!(touched(0, 3_600), [0]);
    assert_eq!(touched(3_599, 3_601), [0, 1]);
    assert_eq!(touched(7_199, 7_200), [1]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Whatever is visited in whatever order, size and number of cells stay, and each visit is
    /// found by its own hour's warning.
    #[test]
    fn size_never_changes(visits in prop::collection::vec((0u64..180, 1u64..40), 0..5), seed: u64) {
        let world = World::new(1);
        let mut rng = rng(seed);
        let mut table = CellTable::new(1, LATER, &mut rng);
        let mut taken = TakenCells::default();
        let mut kept = 0;
        for (from, length) in visits {
            let stay = world.poster.seal_stay(minute(from), minute(from + length), 0, &mut rng);
            let stay = stay.unwrap();
            if table.record(&stay, &mut taken, &mut rng).is_ok() {
                kept += stay.len();
            }
            prop_assert_eq!(table.to_bytes().len(), CellTable::bytes_for(1));
        }
        let table = CellTable::from_bytes(&table.to_bytes(), 1).unwrap();
        let found: usize = (HOUR.number()..HOUR.number() + 4)
            .map(|hour| world.warning(Hour::new(hour), &notice(0, 240)))
            .map(|warning| table.try_warning(&warning).unwrap().len())
            .sum();
        prop_assert_eq!(found, kept);
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// A visit of so many hours, from so many after [`HOUR`] on.
    Record { first: u32, hours: u32 },
    /// Every hour whose bit is set, by its number modulo 32.
    Forget(u32),
    /// So many hours pass.
    Advance(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0u32..6, 1u32..4).prop_map(|(first, hours)| Step::Record { first, hours }),
        2 => any::<u32>().prop_map(Step::Forget),
        1 => (1u32..12).prop_map(Step::Advance),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is recorded, forgotten and expires in whatever order: exactly the records of hours
    /// that were neither forgotten nor expired are held, each in its own hour only, and every
    /// record takes one of four cells of its hour.
    #[test]
    fn forgetting_takes_the_hours_it_names_and_nothing_else(
        steps in prop::collection::vec(step(), 1..16),
        seed: u64,
    ) {
        let rng = &mut rng(seed);
        let mut table = CellTable::new(1, LATER, rng);
        let mut taken = TakenCells::default();
        let mut all: Vec<(Hour, SealedVisit)> = Vec::new();
        let mut held: Vec<bool> = Vec::new();
        let mut used: BTreeMap<Hour, usize> = BTreeMap::new();
        for step in steps {
            match step {
                Step::Record { first, hours } => {
                    let first = HOUR.number() + first;
                    // To a table, a visit is any 192 bytes.
                    let stay: Vec<_> = (first..first + hours)
                        .map(|hour| (Hour::new(hour), SealedVisit::decoy(rng)))
                        .collect();
                    let newest = table.newest().number();
                    let refused = stay.iter().find_map(|(hour, _)| {
                        let kept = newest.checked_sub(hour.number()).is_some_and(|age| age < 24);
                        let full = used.get(hour) == Some(&CELLS_PER_HOUR);
                        match (kept, full) {
                            (false, _) => Some(VenueError::HourNotKept),
                            (true, true) => Some(VenueError::HourFull { cells: CELLS_PER_HOUR }),
                            (true, false) => None,
                        }
                    });
                    let recorded = table.record(&stay, &mut taken, rng);
                    prop_assert_eq!(recorded.err(), refused.clone());
                    held.extend(stay.iter().map(|_| refused.is_none()));
                    if refused.is_none() {
                        stay.iter().for_each(|(hour, _)| *used.entry(*hour).or_default() += 1);
                    }
                    all.extend(stay);
                }
                Step::Forget(mask) => {
                    let picked = |hour: Hour| mask >> (hour.number() % 32) & 1 == 1;
                    table.forget(picked, rng);
                    for ((hour, _), held) in all.iter().zip(&mut held) {
                        *held &= !picked(*hour);
                    }
                }
                Step::Advance(hours) => {
                    table.advance(Hour::new(table.newest().number() + hours), rng);
                    let oldest = table.newest().number() - 23;
                    for ((hour, _), held) in all.iter().zip(&mut held) {
                        *held &= hour.number() >= oldest;
                    }
                }
            }
            for hour in (HOUR.number() - 1..HOUR.number() + 9).map(Hour::new) {
                for ((own, visit), held) in all.iter().zip(&held) {
                    prop_assert_eq!(table.holds(hour, visit), *held && *own == hour);
                }
                let used = used.get(&hour).copied().unwrap_or(0);
                prop_assert_eq!(taken.free(hour), CELLS_PER_HOUR - used);
            }
            prop_assert_eq!(table.to_bytes().len(), CellTable::bytes_for(1));
        }
    }
}
