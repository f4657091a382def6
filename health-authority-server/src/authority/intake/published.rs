//! What is published of declarations and passes, as the server and its commands read it.

use std::time::SystemTime;

use vungxanh_protocol::authority::AuthorityDocument;
use vungxanh_protocol::intake::IntakeKeys;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::pass::{DayKey, KeyName, PassIssuer, PassKeys};
use vungxanh_protocol::phone::PhoneKeys;

use super::{IntakeFolder, damaged, read_optional, read_secret};
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::i18n::Text;

/// The signed lists of keys, checked as devices check them.
#[derive(Debug, Clone)]
pub struct Published {
    /// To which declarations are sealed.
    pub intake: IntakeKeys,
    /// Under which passes are issued.
    pub passes: PassKeys,
    /// Under which tokens of telephone codes are issued; none where keys were made by an earlier program.
    pub phones: Option<PhoneKeys>,
}

impl Published {
    /// Reads them; none in an authority that takes no declarations yet. Expired ones are read too:
    /// which day has a key is the caller's to see.
    pub fn read(folder: &Folder, document: &AuthorityDocument) -> Result<Option<Self>, FileError> {
        let folder = IntakeFolder::of(folder);
        let root = document.root_key()?;
        let (intake_path, pass_path) = (folder.intake_keys(), folder.pass_keys());
        let (Some(intake), Some(passes)) =
            (read_optional(&intake_path)?, read_optional(&pass_path)?)
        else {
            return Ok(None);
        };
        let intake = IntakeKeys::read(&intake, &root, 0, UnixTime::from_secs(0))
            .map_err(|error| damaged(&intake_path, Text::foreign(error)))?;
        let passes = PassKeys::read(&passes, &root, None)
            .map_err(|error| damaged(&pass_path, Text::foreign(error)))?;
        let phones = match read_optional(&folder.phone_keys())? {
            None => None,
            Some(bytes) => Some(
                PhoneKeys::read(&bytes, &root, None)
                    .map_err(|error| damaged(&folder.phone_keys(), Text::foreign(error)))?,
            ),
        };
        Ok(Some(Self { intake, passes, phones }))
    }
}

/// When the lists were last changed; none where there are none. The list of intake keys is written last.
pub fn changed_at(folder: &Folder) -> Option<SystemTime> {
    std::fs::metadata(IntakeFolder::of(folder).intake_keys()).and_then(|file| file.modified()).ok()
}

/// The signed file, as devices fetch it.
pub fn signed_file(folder: &Folder, file: SignedFile) -> Result<Option<Vec<u8>>, FileError> {
    let folder = IntakeFolder::of(folder);
    read_optional(&match file {
        SignedFile::Officers => folder.officers(),
        SignedFile::IntakeKeys => folder.intake_keys(),
        SignedFile::PassKeys => folder.pass_keys(),
        SignedFile::CardKeys => folder.card_keys(),
        SignedFile::PhoneKeys => folder.phone_keys(),
    })
}

/// A file that is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedFile {
    Officers,
    IntakeKeys,
    PassKeys,
    CardKeys,
    PhoneKeys,
}

/// The secret that belongs to a published key; none when it was destroyed or is of another key.
pub fn pass_issuer(folder: &Folder, key: &DayKey) -> Result<Option<PassIssuer>, FileError> {
    read_issuer(&IntakeFolder::of(folder), key.name())
        .map(|issuer| issuer.filter(|issuer| issuer.public_key() == key.to_bytes()))
}

fn read_issuer(folder: &IntakeFolder, name: KeyName) -> Result<Option<PassIssuer>, FileError> {
    let path = folder.pass_key(name);
    let Some(secret) = read_secret(&path)? else { return Ok(None) };
    PassIssuer::from_bytes(&secret).map(Some).map_err(|error| damaged(&path, Text::foreign(error)))
}
