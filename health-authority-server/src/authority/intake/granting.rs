//! An officer who has access to a day gives it to another one: halves that were sealed again in the
//! giver's browser. Nothing here can open them.

use vungxanh_protocol::intake::SealedHalf;

use super::IntakeFolder;
use super::halves::{StoredHalf, read_halves, write_halves};
use super::officers::read_roster;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;

/// A half that one officer sealed to another one.
#[derive(Debug, Clone)]
pub struct GivenHalf {
    pub day: u16,
    pub group: u8,
    pub key_id: u32,
    pub half: SealedHalf,
}

/// Stores halves for `officer` of keys that `giver` opens. Left out are those that the officer has
/// already, those of groups that are not the officer's, and those that the giver does not have. Says
/// which were stored.
pub fn give_halves(
    folder: &Folder,
    (giver, officer): (u16, u16),
    given: &[GivenHalf],
) -> Result<Vec<GivenHalf>, FileError> {
    let intake = IntakeFolder::of(folder);
    let _locked = intake.lock()?;
    let roster = read_roster(folder)?;
    let named = |id| roster.officers.iter().find(|one| one.id == id);
    let (Some(_), Some(receiver)) = (named(giver), named(officer)) else { return Ok(Vec::new()) };
    let mut stored = Vec::new();
    let mut days: Vec<u16> = given.iter().map(|half| half.day).collect();
    days.sort_unstable();
    days.dedup();
    for day in days {
        let mut halves = read_halves(folder, day)?;
        let before = halves.len();
        for one in given.iter().filter(|half| half.day == day) {
            let holds = |id| {
                halves.iter().any(|half| {
                    (half.officer, half.key_id, half.group) == (id, one.key_id, one.group)
                })
            };
            if receiver.groups.contains(&one.group) && holds(giver) && !holds(officer) {
                halves.push(StoredHalf {
                    key_id: one.key_id,
                    group: one.group,
                    officer,
                    half: one.half.clone(),
                });
                stored.push(one.clone());
            }
        }
        if halves.len() > before {
            write_halves(&intake, day, &halves, &mut rand::rng())?;
        }
    }
    Ok(stored)
}
