//! Putting a signed document in force: the files that it was made from are changed with it, so that the
//! next one is made from what is in force.

use ed25519_dalek::VerifyingKey;
use vungxanh_protocol::authority::{AuthorityDocument, AuthorityError, VerifiedAuthority};
use vungxanh_protocol::interval::UnixTime;

use super::config::{Config, read_profile};
use super::document::{self, Signed};
use super::error::FileError;
use super::export_keys::ExportKeys;
use super::folder::Folder;
use super::founding;
use super::terms::Terms;
use super::venue_keys::VenueKeys;
use crate::i18n::Text;
use crate::platform::atomic_file::{read_text, replace};

/// Why a signed document is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// Devices would refuse it: its signature, its root key, its time, its content.
    #[error(transparent)]
    Refused(#[from] AuthorityError),
    #[error("the document has serial {found}; serial {in_force} is in force")]
    Older { found: u64, in_force: u64 },
    /// Of another authority, or with other addresses than the configuration has.
    #[error("the document's {0} is not what config.toml says")]
    OtherValue(&'static str),
    /// Without a key that is in use, by its version or number.
    #[error("the document does not name the key {0}, which is in use")]
    LacksKey(String),
    #[error(transparent)]
    File(#[from] FileError),
}

/// The document, if it may come after the one in force.
pub fn verify(folder: &Folder, signed: &[u8], now: UnixTime) -> Result<Signed, NotTaken> {
    let in_force = document::read(folder)?.document;
    let root: VerifyingKey = in_force.root_key()?;
    let document = VerifiedAuthority::update(signed, &root, 0, now)?.document().clone();
    if document.serial <= in_force.serial {
        let (found, in_force) = (document.serial, in_force.serial);
        return Err(NotTaken::Older { found, in_force });
    }
    check_values(folder, &document, now)?;
    check_keys(folder, &in_force, &document, now)?;
    Ok(Signed { bytes: signed.to_vec(), document })
}

fn check_values(
    folder: &Folder,
    document: &AuthorityDocument,
    now: UnixTime,
) -> Result<(), NotTaken> {
    let (config, profile) = (Config::read(folder)?, read_profile(folder)?);
    let ours = founding::draft(folder, &config, &profile, document.serial, now)?;
    let values = [
        ("id", ours.id == document.id),
        ("regions", ours.regions == document.regions),
        ("exports", ours.exports == document.exports),
        ("warnings", ours.warnings == document.warnings),
    ];
    match values.into_iter().find(|(_, is_same)| !is_same) {
        Some((value, _)) => Err(NotTaken::OtherValue(value)),
        None => Ok(()),
    }
}

/// Devices refuse files and posters of keys that the document does not name.
fn check_keys(
    folder: &Folder,
    in_force: &AuthorityDocument,
    document: &AuthorityDocument,
    now: UnixTime,
) -> Result<(), NotTaken> {
    let export = ExportKeys::read(folder)?.named_by(in_force);
    let signing = export.signing(now).version();
    let is_named = |version: &str, of: &AuthorityDocument| {
        let key = of.export_keys.iter().find(|key| key.version == version);
        key.map(|key| key.public_key.clone())
    };
    if is_named(&signing, document) != is_named(&signing, in_force) {
        return Err(NotTaken::LacksKey(signing));
    }
    let venues = VenueKeys::read(folder)?.named_by(in_force);
    match venues.newest(now) {
        Some(key) if !document.venue_keys.contains(&key.public) => {
            Err(NotTaken::LacksKey(format!("venue-{}", key.id())))
        }
        _ => Ok(()),
    }
}

/// Writes the document's terms to `profile.json` and `config.toml`, then the document. A crash between leaves
/// what an edited and not yet signed file would: the document in force stays, and this can be done again.
pub fn put_in_force(folder: &Folder, signed: &Signed) -> Result<(), NotTaken> {
    let (config, profile) = (Config::read(folder)?, read_profile(folder)?);
    let terms = Terms::of_document(&signed.document, &profile.sources);
    let path = folder.config();
    let text = read_text(&path).map_err(FileError::io(&path))?;
    let wanted = terms.in_config(&config);
    let changed = config.changed_text(&text, &wanted);
    let changed = changed.ok_or(FileError::Refused(Text::ours("error-config-by-hand")))?;
    if terms.profile != profile {
        let path = folder.profile();
        let json = serde_json::to_vec_pretty(&terms.profile)
            .map_err(|error| FileError::Refused(Text::foreign(error)))?;
        replace(&path, &json, 0o600).map_err(FileError::io(&path))?;
    }
    if changed != text {
        replace(&path, changed.as_bytes(), 0o600).map_err(FileError::io(&path))?;
    }
    Ok(document::write(folder, signed)?)
}
