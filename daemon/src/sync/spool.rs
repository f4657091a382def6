//! The folder of files on their way. A file is either complete (`.zip`) or the beginning of one
//! (`.part`); what it holds is checked whenever it is read.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::SyncError;
use super::http::remove_file;
use super::index::ListedName;

#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
}

impl Spool {
    pub(super) const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where a downloaded file is. Its name on disk is a hash: names from the network never
    /// become paths.
    pub(super) fn complete(&self, name: &ListedName) -> PathBuf {
        self.folder.join(format!("{}.zip", id(name)))
    }

    /// Where a file is while it arrives.
    pub(super) fn part(&self, name: &ListedName) -> PathBuf {
        self.folder.join(format!("{}.part", id(name)))
    }

    /// Marks a file as complete.
    pub(super) fn finish(&self, name: &ListedName) -> Result<(), SyncError> {
        let (part, complete) = (self.part(name), self.complete(name));
        fs::rename(&part, complete).map_err(|error| SyncError::file(&part, error))
    }

    /// Removes whatever there is of a file.
    pub(super) fn discard(&self, name: &ListedName) -> Result<(), SyncError> {
        remove_file(&self.part(name))?;
        remove_file(&self.complete(name))
    }

    /// Makes the folder and removes what belongs to none of `wanted`.
    pub(super) fn tidy(&self, wanted: &[ListedName]) -> Result<(), SyncError> {
        let failed = |error| SyncError::file(&self.folder, error);
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let ids: BTreeSet<String> = wanted.iter().map(id).collect();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            if !ids.contains(stem) {
                remove_file(&path)?;
            }
        }
        Ok(())
    }
}

fn id(name: &ListedName) -> String {
    hex::encode(&Sha256::digest(name.as_str().as_bytes())[..16])
}
