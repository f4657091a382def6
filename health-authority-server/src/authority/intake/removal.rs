//! An officer goes: with the halves sealed to them, and with the keys of days to come that they may hold.

use std::collections::BTreeSet;

use vungxanh_protocol::intake::Officer;
use vungxanh_protocol::interval::UnixTime;

use super::IntakeFolder;
use super::halves::{read_halves, write_halves};
use super::making::{KeyOrder, make_keys_locked};
use super::officers::{read_roster, refused, write_roster};
use crate::authority::error::FileError;
use crate::authority::folder::Folder;

/// Removes an officer and every half that is sealed to them, and makes the keys of days to come again for
/// those who stay. What the officer could open before stays readable to them.
pub fn remove_officer(
    folder: &Folder,
    id: u16,
    mut order: KeyOrder,
    now: UnixTime,
) -> Result<Officer, FileError> {
    let _locked = IntakeFolder::of(folder).lock()?;
    let mut roster = read_roster(folder)?;
    let at = roster.officers.iter().position(|officer| officer.id == id);
    let officer = roster.officers.remove(at.ok_or(refused("error-officer-unknown"))?);
    let others_stay = !roster.officers.is_empty();
    write_roster(folder, roster, now)?;
    let intake = IntakeFolder::of(folder);
    let days: BTreeSet<u16> =
        intake.of_days()?.iter().filter(|file| !file.ends_with_day).map(|file| file.day).collect();
    let today = order.local_time.day(now);
    for day in &days {
        let halves = read_halves(folder, *day)?;
        let stays = |half: &&super::StoredHalf| match *day > today {
            true => !officer.groups.contains(&half.group),
            false => half.officer != id,
        };
        let others: Vec<_> = halves.iter().filter(stays).cloned().collect();
        if others.len() != halves.len() {
            write_halves(&intake, *day, &others, &mut rand::rng())?;
        }
    }
    order.days = days.last().map_or(0, |last| last.saturating_sub(today).saturating_add(1));
    if others_stay && order.days > 0 {
        make_keys_locked(folder, order, now)?;
    }
    Ok(officer)
}
