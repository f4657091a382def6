//! A new authority's folder, and signing the document of an existing one again.

use std::path::PathBuf;

use ed25519_dalek::SigningKey;
use vungxanh_protocol::authority::AuthorityDocument;
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};
use vungxanh_protocol::venue::keys::VenueKey;
use zeroize::Zeroizing;

use super::config::{Authority, Config, Storage, read_profile};
use super::disease_profile::{Profile, ReadyMade};
use super::document::{self, DocumentKeys, Signed};
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
    let export = ExportKeys::read(folder)?.for_document(&authority.id, now)?;
    let document = document::make(
        &Config::read(folder)?,
        &read_profile(folder)?,
        DocumentKeys { export, venues: vec![venue_key] },
        &fresh.root.verifying_key(),
        1,
        now,
    );
    let signed = document::sign(document, &fresh.root)?;
    document::write(folder, &signed)?;
    Ok(Founded { signed, staff_api_key: fresh.staff_api_key })
}

/// Signs the document again, with the present configuration, profile and keys.
pub fn resign(folder: &Folder, now: UnixTime) -> Result<Signed, FileError> {
    let old = document::read(folder)?.document;
    let (config, profile) = (Config::read(folder)?, read_profile(folder)?);
    let document = draft(folder, &config, &profile, next_serial(old.serial, now), now)?;
    let signed = document::sign(document, &root_of(folder, &old)?)?;
    document::write(folder, &signed)?;
    Ok(signed)
}

/// The document that comes after the one in force, with this configuration and profile and the folder's
/// keys, to be signed by the same root key.
pub fn draft(
    folder: &Folder,
    config: &Config,
    profile: &Profile,
    serial: u64,
    now: UnixTime,
) -> Result<AuthorityDocument, FileError> {
    let root = document::read(folder)?.document.root_key()?;
    let keys = DocumentKeys {
        export: ExportKeys::read(folder)?.for_document(&config.authority.id, now)?,
        venues: VenueKeys::read(folder)?.for_document(now),
    };
    Ok(document::make(config, profile, keys, &root, serial, now))
}

/// The root key in the folder, if it is the document's.
pub fn root_of(folder: &Folder, document: &AuthorityDocument) -> Result<SigningKey, FileError> {
    let root = read_root(folder)?;
    if root.verifying_key() == document.root_key()? {
        return Ok(root);
    }
    let path = folder.keys().join("root.key");
    Err(FileError::Content { path, reason: Text::ours("error-key-root") })
}

/// Above every serial that was given before, also by a document that is lost: no serial is later than
/// the moment when it was given.
pub fn next_serial(old: u64, now: UnixTime) -> u64 {
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
