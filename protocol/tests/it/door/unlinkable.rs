//! The door's transcript: what lies on the server of 1,000 people who were at two doors.

use vungxanh_protocol::door::{SealedRecord, Shown, seal_check_in};
use vungxanh_protocol::pass::{HolderKey, Pass, Presented};
use vungxanh_protocol::venue::slot::SlotDeriver;

use super::{deriver, master, minute};
use crate::support::guessing::{assert_nothing_found, shuffled};

/// Records of one pass in two hours, or at two doors in the same hour, have nothing in common that a guesser without
/// the keys could find; nor have records and the passes within.
#[test]
fn records_of_one_pass_in_two_hours_or_at_two_doors_cannot_be_joined() {
    let mut rng = rand::rng();
    let there = deriver();
    let elsewhere = SlotDeriver::of_poster(b"the poster of another door");
    let mut seal = |door: &SlotDeriver, pass: &Shown, hour: u64| -> SealedRecord {
        let stay = (minute(60 * hour + 5), minute(60 * hour + 50));
        let records = seal_check_in(door, &master(), pass, stay, 0, &mut rng).unwrap();
        records.into_iter().next().unwrap().1
    };
    let passes: Vec<Pass> = (0..1_000)
        .map(|_| Pass::specimen(false, 20_786, &HolderKey::generate(&mut rand::rng())).unwrap())
        .collect();
    let sealed_at = |seal: &mut dyn FnMut(&SlotDeriver, &Shown, u64) -> SealedRecord,
                     door: &SlotDeriver,
                     hour: u64,
                     order: &[usize]| {
        let shown = |index: &usize| Shown::Pass(Presented::Printed(passes[*index]));
        order.iter().map(|index| seal(door, &shown(index), hour)).collect::<Vec<_>>()
    };
    let coming: Vec<usize> = (0..passes.len()).collect();
    let (later, other) = (shuffled(passes.len()), shuffled(passes.len()));
    let first = sealed_at(&mut seal, &there, 0, &coming);
    let next_hour = sealed_at(&mut seal, &there, 1, &later);
    let next_door = sealed_at(&mut seal, &elsewhere, 0, &other);
    fn bytes(records: &[SealedRecord]) -> Vec<&[u8]> {
        records.iter().map(|record| &record.as_bytes()[..]).collect()
    }
    let (first, next_hour, next_door) = (bytes(&first), bytes(&next_hour), bytes(&next_door));
    for part in [0..48, 48..80, 80..352, 0..352] {
        let cut = |records: &[&'_ [u8]]| -> Vec<Vec<u8>> {
            records.iter().map(|record| record[part.clone()].to_vec()).collect()
        };
        let of = |records: &[&[u8]], others: &[&[u8]], order: &[usize], what: &str| {
            let (records, others) = (cut(records), cut(others));
            let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
            let others: Vec<&[u8]> = others.iter().map(Vec::as_slice).collect();
            assert_nothing_found(&format!("{what}, bytes {part:?}"), &records, &others, order);
        };
        of(&first, &next_hour, &later, "two hours");
        of(&first, &next_door, &other, "two doors");
    }
    let within: Vec<[u8; 85]> = later.iter().map(|index| passes[*index].to_bytes()).collect();
    let within: Vec<&[u8]> = within.iter().map(|pass| &pass[5..]).collect();
    assert_nothing_found("records and passes", &first, &within, &later);
}
