//! The officers to whom intake keys are sealed.

use std::collections::BTreeSet;

use vungxanh_protocol::intake::{Officer, Roster};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::sealed_box::SealingKey;

use super::{IntakeFolder, damaged, read_optional};
use crate::authority::document;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::authority::founding::next_serial;
use crate::authority::keys::read_root;
use crate::i18n::Text;
use crate::platform::atomic_file::{make_private_folder, replace};

/// The officers; an empty list in an authority that has none yet.
pub fn read_roster(folder: &Folder) -> Result<Roster, FileError> {
    let path = IntakeFolder::of(folder).officers();
    let Some(signed) = read_optional(&path)? else {
        return Ok(Roster { serial: 0, issued_at: UnixTime::from_secs(0), officers: Vec::new() });
    };
    let root = document::read(folder)?.document.root_key()?;
    Roster::read(&signed, &root, 0).map_err(|error| damaged(&path, Text::foreign(error)))
}

/// Adds an officer, who reads declarations of days for which keys are made from now on.
pub fn add_officer(
    folder: &Folder,
    name: &str,
    key: SealingKey,
    groups: BTreeSet<u8>,
    now: UnixTime,
) -> Result<Officer, FileError> {
    let _locked = IntakeFolder::of(folder).lock()?;
    let mut roster = read_roster(folder)?;
    let id = next_id(&roster, &IntakeFolder::of(folder))?;
    let officer = Officer { id, key, name: name.to_owned(), groups };
    roster.officers.push(officer.clone());
    write_roster(folder, roster, now)?;
    Ok(officer)
}

/// One more than any id that was given, so that no half is ever tried with another's key. The file
/// beside the roster keeps the highest one when its officer has gone.
fn next_id(roster: &Roster, intake: &IntakeFolder) -> Result<u16, FileError> {
    let path = intake.last_officer();
    let kept = read_optional(&path)?.and_then(|text| String::from_utf8(text).ok());
    let kept = kept.and_then(|text| text.trim().parse::<u16>().ok()).unwrap_or(0);
    let last = roster.officers.iter().map(|officer| officer.id).max().unwrap_or(0).max(kept);
    let id = last.checked_add(1).ok_or(refused("error-officer-ids"))?;
    make_private_folder(intake.path()).map_err(FileError::io(intake.path()))?;
    replace(&path, format!("{id}\n").as_bytes(), 0o600).map_err(FileError::io(&path))?;
    Ok(id)
}

pub(super) fn write_roster(
    folder: &Folder,
    mut roster: Roster,
    now: UnixTime,
) -> Result<(), FileError> {
    roster.serial = u32::try_from(next_serial(roster.serial.into(), now)).unwrap_or(u32::MAX);
    roster.issued_at = now;
    let intake = IntakeFolder::of(folder);
    make_private_folder(intake.path()).map_err(FileError::io(intake.path()))?;
    let signed = roster.to_signed(&read_root(folder)?);
    let signed = signed
        .map_err(|error| FileError::Refused(Text::ours("error-officer").with("reason", error)))?;
    let path = intake.officers();
    replace(&path, &signed, 0o644).map_err(FileError::io(&path))
}

pub(super) const fn refused(id: &'static str) -> FileError {
    FileError::Refused(Text::ours(id))
}
