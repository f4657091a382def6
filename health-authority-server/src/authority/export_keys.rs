//! Keys that sign export files, as files of `keys/`.
//!
//! | file | content |
//! |---|---|
//! | `export.pem` | the first key: ECDSA P-256, PKCS #8 |
//! | `export-N.pem` | the N-th one, from 2 on |
//! | `export-N.json` | since when it signs |
//!
//! Devices and files distinguish them by the version that both name: `v1`, `v2`, ... A further key signs
//! once the document names it and devices have had time to fetch that document; the document names the
//! one before for as long as files are listed that it signed. No file is signed twice.

use std::path::Path;

use p256::ecdsa::{SigningKey, VerifyingKey};
use p256::elliptic_curve::Generate;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::authority::{AuthorityDocument, ExportKey};
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};

use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::authority::key_files::{pem, public_pem, read_pem};
use crate::i18n::Text;
use crate::platform::atomic_file::{read_text, sync_folder, write_new_secret};

const FIRST: &str = "export.pem";
/// A document is valid from a day before, for devices whose clock is behind.
const VALID_DAYS: u64 = 2 * 365;
/// A further key signs from this many days on, so that devices have the new document.
const LEAD_DAYS: u64 = 7;
/// The document names a key for so long after the next one signs: longer than any file is listed.
const FOLLOWED_DAYS: u64 = 24;
/// The most keys; documents name two or three of them.
const MAX_KEYS: u32 = 99;

#[derive(Clone)]
pub struct ExportKeyPair {
    number: u32,
    key: SigningKey,
    sign_from: UnixTime,
    named: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Use {
    sign_from: UnixTime,
}

impl ExportKeyPair {
    /// From 1.
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// `v1`, `v2`, ...
    pub fn version(&self) -> String {
        format!("v{}", self.number)
    }

    pub const fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Since when it signs, once the document names it.
    pub const fn sign_from(&self) -> UnixTime {
        self.sign_from
    }

    /// Whether the signed document names it.
    pub const fn is_named(&self) -> bool {
        self.named
    }
}

impl std::fmt::Debug for ExportKeyPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExportKeyPair").field("number", &self.number).finish_non_exhaustive()
    }
}

/// All of them, the first one first.
#[derive(Debug, Clone)]
pub struct ExportKeys {
    first: ExportKeyPair,
    further: Vec<ExportKeyPair>,
}

impl ExportKeys {
    /// Reads every key in the folder. None is named by a document yet.
    pub fn read(folder: &Folder) -> Result<Self, FileError> {
        let keys = folder.keys();
        let key = read_pem(&keys.join(FIRST))?;
        let first =
            ExportKeyPair { number: 1, key, sign_from: UnixTime::from_secs(0), named: false };
        let mut further = Vec::new();
        for number in 2..=MAX_KEYS {
            let path = keys.join(format!("export-{number}.json"));
            let text = match read_text(&path) {
                Ok(text) => text,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => break,
                Err(error) => return Err(FileError::io(path)(error)),
            };
            let Use { sign_from } = serde_json::from_str(&text)
                .map_err(|error| FileError::Content { path, reason: Text::foreign(error) })?;
            let key = read_pem(&keys.join(format!("export-{number}.pem")))?;
            further.push(ExportKeyPair { number, key, sign_from, named: false });
        }
        Ok(Self { first, further })
    }

    /// Marks those that `document` names.
    #[must_use]
    pub fn named_by(mut self, document: &AuthorityDocument) -> Self {
        for pair in std::iter::once(&mut self.first).chain(&mut self.further) {
            let public = public_pem(&VerifyingKey::from(&pair.key)).ok();
            let version = pair.version();
            pair.named = document.export_keys.iter().any(|named| {
                named.version == version && Some(&named.public_key) == public.as_ref()
            });
            if !pair.named && pair.number > 1 {
                tracing::warn!(
                    version,
                    "the authority document does not name this export key; run `resign`"
                );
            }
        }
        self
    }

    /// All of them, the first one first.
    pub fn all(&self) -> impl Iterator<Item = &ExportKeyPair> {
        std::iter::once(&self.first).chain(&self.further)
    }

    /// The one that signs at `now`.
    pub fn signing(&self, now: UnixTime) -> &ExportKeyPair {
        let named = self.all().filter(|pair| pair.named && pair.sign_from <= now);
        named.last().unwrap_or(&self.first)
    }

    /// What a document signed at `now` says: all but those whose files are no longer listed.
    pub fn for_document(&self, id: &str, now: UnixTime) -> Result<Vec<ExportKey>, FileError> {
        let followed_at = self.further.iter().map(|next| Some(next.sign_from)).chain([None]);
        let listed = self.all().zip(followed_at).filter(|(_, followed_at)| {
            followed_at.is_none_or(|at| now < at.plus(FOLLOWED_DAYS * DAY_SECONDS))
        });
        listed
            .map(|(pair, _)| {
                Ok(ExportKey {
                    id: id.to_owned(),
                    version: pair.version(),
                    public_key: public_pem(&VerifyingKey::from(&pair.key))?,
                    not_before: now.minus(DAY_SECONDS),
                    not_after: now.plus(VALID_DAYS * DAY_SECONDS),
                })
            })
            .collect()
    }
}

/// Makes the first key.
pub(super) fn create_first(keys: &Path, rng: &mut impl rand::CryptoRng) -> Result<(), FileError> {
    write_pem(&keys.join(FIRST), rng).map(drop)
}

/// Makes a further key, which signs from `LEAD_DAYS` later on. Nothing that exists is touched.
pub fn create(
    folder: &Folder,
    now: UnixTime,
    rng: &mut impl rand::CryptoRng,
) -> Result<ExportKeyPair, FileError> {
    let there = ExportKeys::read(folder)?;
    let number = 2 + u32::try_from(there.further.len()).unwrap_or(MAX_KEYS);
    if number > MAX_KEYS {
        return Err(FileError::Refused(
            Text::ours("error-export-keys-many").with("most", MAX_KEYS),
        ));
    }
    let after = there.further.last().map_or(now, |last| last.sign_from.max(now));
    let sign_from = after.plus(LEAD_DAYS * DAY_SECONDS);
    let keys = folder.keys();
    let key = write_pem(&keys.join(format!("export-{number}.pem")), rng)?;
    let path = keys.join(format!("export-{number}.json"));
    let text = serde_json::to_string(&Use { sign_from })
        .map_err(|error| FileError::Content { path: path.clone(), reason: Text::foreign(error) })?;
    write_new_secret(&path, text.as_bytes()).map_err(FileError::io(&path))?;
    sync_folder(&keys).map_err(FileError::io(&keys))?;
    Ok(ExportKeyPair { number, key, sign_from, named: false })
}

fn write_pem(path: &Path, rng: &mut impl rand::CryptoRng) -> Result<SigningKey, FileError> {
    let key = SigningKey::generate_from_rng(rng);
    write_new_secret(path, pem(&key, path)?.as_bytes()).map_err(FileError::io(path))?;
    Ok(key)
}
