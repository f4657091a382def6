//! The sealed halves of a day or of cards, once more under a server key of their own.

use std::path::PathBuf;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::intake::SealedHalf;
use vungxanh_protocol::seal::{self, SealKey};
use vungxanh_protocol::secret::SecretBytes;

use super::{IntakeFolder, damaged, read_optional, read_secret, secret_line};
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::i18n::Text;
use crate::platform::atomic_file::{replace, write_new_secret};

const LABEL: &str = "VX-SERVER-HALVES-1";

/// A private half that one officer can open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHalf {
    /// The published key's id.
    pub key_id: u32,
    /// Whose declarations it opens.
    pub group: u8,
    pub officer: u16,
    /// What the officer's key opens.
    pub half: SealedHalf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    key_id: u32,
    group: u8,
    officer: u16,
    half: String,
}

/// Where halves are stored, and what they are bound to.
pub(super) struct Place {
    /// The server's key for them.
    pub key: PathBuf,
    pub file: PathBuf,
    pub label: &'static str,
    pub context: Vec<u8>,
}

impl Place {
    fn of_day(folder: &IntakeFolder, day: u16) -> Self {
        let (key, file) = (folder.day_key(day), folder.halves(day));
        Self { key, file, label: LABEL, context: day.to_be_bytes().to_vec() }
    }

    /// The halves; none when the key was destroyed or never made.
    pub(super) fn read(&self) -> Result<Vec<StoredHalf>, FileError> {
        let Some(key) = read_secret(&self.key)? else { return Ok(Vec::new()) };
        let path = &self.file;
        let Some(sealed) = read_optional(path)? else { return Ok(Vec::new()) };
        let foreign = |reason: &dyn std::fmt::Display| damaged(path, Text::foreign(reason));
        let plain =
            seal::open(&key, self.label, &self.context, &sealed).map_err(|e| foreign(&e))?;
        let rows: Vec<Row> = serde_json::from_slice(&plain).map_err(|e| foreign(&e))?;
        let halves = rows.into_iter().map(|row| {
            let half = BASE64_STANDARD.decode(&row.half).ok()?.try_into().ok()?;
            let Row { key_id, group, officer, .. } = row;
            Some(StoredHalf { key_id, group, officer, half: SealedHalf::from_bytes(half) })
        });
        halves.collect::<Option<_>>().ok_or_else(|| damaged(path, Text::ours("error-key-hex")))
    }

    /// Writes the halves, under the server's key, which is made when there is none.
    pub(super) fn write(
        &self,
        halves: &[StoredHalf],
        rng: &mut impl rand::CryptoRng,
    ) -> Result<(), FileError> {
        let key: SealKey = match read_secret(&self.key)? {
            Some(key) => key,
            None => {
                let key = SecretBytes::generate(rng);
                let line = secret_line(key.expose());
                let written = write_new_secret(&self.key, line.as_bytes());
                written.map_err(FileError::io(&self.key))?;
                key
            }
        };
        let rows = halves.iter().map(|stored| Row {
            key_id: stored.key_id,
            group: stored.group,
            officer: stored.officer,
            half: BASE64_STANDARD.encode(stored.half.as_bytes()),
        });
        let plain = serde_json::to_vec(&rows.collect::<Vec<_>>())
            .map_err(|error| damaged(&self.file, Text::foreign(error)))?;
        let sealed = seal::seal(&key, self.label, &self.context, &plain, rng);
        replace(&self.file, &sealed, 0o600).map_err(FileError::io(&self.file))
    }
}

/// The halves of a day; none when the day's key was destroyed or never made.
pub fn read_halves(folder: &Folder, day: u16) -> Result<Vec<StoredHalf>, FileError> {
    Place::of_day(&IntakeFolder::of(folder), day).read()
}

/// Writes the halves of a day.
pub(super) fn write_halves(
    folder: &IntakeFolder,
    day: u16,
    halves: &[StoredHalf],
    rng: &mut impl rand::CryptoRng,
) -> Result<(), FileError> {
    Place::of_day(folder, day).write(halves, rng)
}
