//! A new authority's folder, and signing the document of an existing one again.

use std::path::PathBuf;

use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};
use vungxanh_protocol::venue::keys::VenueKey;
use zeroize::Zeroizing;

use super::config::{Authority, Config, Storage, read_profile};
use super::disease_profile::ReadyMade;
use super::document::{self, Signed};
use super::error::FileError;
use super::export_keys::ExportKeys;
use super::folder::Folder;
use super::keys::{self, read_root};
use super::venue_keys::{self, LEAD_DAYS, Validity, VenueKeys};
use crate::i18n::Text;
use crate::platform::atomic_file::{make_private_folder, write_new_secret};

/// A new authority, and the one secret that is shown.
pub struct Founded {
    pub signed: Signed,
    /// For the staff's programs; only its hash is stored.
    pub staff_api_key: Zeroizing<String>,
}

/// Makes the folder of a new authority with all its keys and SQLite as its database.
pub fn found(
    folder: &Folder,
    authority: &Authority,
    profile: ReadyMade,
    now: UnixTime,
) -> Result<Founded, FileError> {
    let database = Storage::default().database;
    found_with_database(folder, authority, profile, &database, now)
}

/// Makes the folder of a new authority with all its keys. Nothing is ever overwritten: a folder
/// with anything in it is refused. The database, as the configuration names it, is not touched.
pub fn found_with_database(
    folder: &Folder,
    authority: &Authority,
    profile: ReadyMade,
    database: &str,
    now: UnixTime,
) -> Result<Founded, FileError> {
    refuse_occupied(folder)?;
    make_private_folder(folder.path()).map_err(FileError::io(folder.path()))?;
    folder.refuse_other_owner()?;
    let write = |path: PathBuf, text: &str| {
        write_new_secret(&path, text.as_bytes()).map_err(FileError::io(&path))
    };
    write(folder.config(), &Config::new_text(authority, database))?;
    write(folder.profile(), profile.json())?;
    let fresh = keys::create(folder, &mut rand::rng())?;
    let venue_key = venue_keys::create(folder, valid_at_once(now), &mut rand::rng())?;
    let signed = document::make(
        &Config::read(folder)?,
        &read_profile(folder)?,
        ExportKeys::read(folder)?.for_document(&authority.id, now)?,
        vec![venue_key],
        &fresh.root,
        1,
        now,
    )?;
    document::write(folder, &signed)?;
    Ok(Founded { signed, staff_api_key: fresh.staff_api_key })
}

/// Signs the document again, with the present configuration, profile and keys.
pub fn resign(folder: &Folder, now: UnixTime) -> Result<Signed, FileError> {
    let old = document::read(folder)?.document;
    let config = Config::read(folder)?;
    let signed = document::make(
        &config,
        &read_profile(folder)?,
        ExportKeys::read(folder)?.for_document(&config.authority.id, now)?,
        VenueKeys::read(folder)?.for_document(now),
        &read_root(folder)?,
        next_serial(old.serial, now),
        now,
    )?;
    if signed.document.root_key != old.root_key {
        let path = folder.keys().join("root.key");
        return Err(FileError::Content { path, reason: Text::ours("error-key-root") });
    }
    document::write(folder, &signed)?;
    Ok(signed)
}

/// Above every serial that was given before, also by a document that is lost: no serial is later than
/// the moment when it was given.
pub(super) fn next_serial(old: u64, now: UnixTime) -> u64 {
    now.as_secs().max(old + 1)
}

/// Makes the next key for venues. The first one need not wait for devices: there are no posters yet.
pub fn new_venue_key(folder: &Folder, now: UnixTime) -> Result<VenueKey, FileError> {
    let document = document::read(folder)?.document;
    let validity = match document.venue_keys.is_empty() {
        true => valid_at_once(now),
        false => Validity::from(now.plus(LEAD_DAYS * DAY_SECONDS)),
    };
    venue_keys::create(folder, validity, &mut rand::rng())
}

/// From a day before, for devices whose clock is behind.
fn valid_at_once(now: UnixTime) -> Validity {
    Validity::from(now.minus(DAY_SECONDS))
}

fn refuse_occupied(folder: &Folder) -> Result<(), FileError> {
    let mut entries = match std::fs::read_dir(folder.path()) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(FileError::io(folder.path())(error)),
    };
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(FileError::Exists(folder.path().to_owned())),
    }
}
