//! The folder of files on their way. A file is either complete (`.zip`) or the beginning of one
//! (`.part`); what it holds is checked whenever it is read.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::SyncError;
use super::http::remove_file;
use super::index::ListedName;
use crate::platform::atomic_file;

/// Bytes of the hash that names a file.
const ID_BYTES: usize = 16;

#[derive(Debug)]
pub(super) struct DownloadDir {
    folder: PathBuf,
}

impl DownloadDir {
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

    /// Makes the folder and removes what belongs to none of `wanted`: files under names that this
    /// program gives, nothing else.
    pub(super) fn tidy(&self, wanted: &[ListedName]) -> Result<(), SyncError> {
        let failed = |error| SyncError::file(&self.folder, error);
        atomic_file::private_folder(&self.folder).map_err(failed)?;
        let ids: BTreeSet<String> = wanted.iter().map(id).collect();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if own_id(&path).is_some_and(|id| !ids.contains(id)) {
                remove_file(&path)?;
            }
        }
        Ok(())
    }
}

/// The id in the path of a file that this program made here.
fn own_id(path: &Path) -> Option<&str> {
    let stem = path.file_stem()?.to_str()?;
    let extension = path.extension()?.to_str()?;
    let is_id = stem.len() == 2 * ID_BYTES
        && stem.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    let is_file = fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    (is_id && matches!(extension, "zip" | "part") && is_file).then_some(stem)
}

fn id(name: &ListedName) -> String {
    hex::encode(&Sha256::digest(name.as_str().as_bytes())[..ID_BYTES])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_that_the_program_made_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let downloads = DownloadDir::new(folder.path().to_owned());
        let name = |line: &str| ListedName::of_line("VN", line).unwrap();
        let document = format!("{}.pdf", id(&name("a.zip")));
        let theirs = ["letter.txt", "0123.zip", "photos.zip", "notes.part", &document];
        for name in theirs {
            fs::write(folder.path().join(name), "theirs").unwrap();
        }
        fs::create_dir(downloads.complete(&name("folder.zip"))).unwrap();
        for name in [name("1.zip"), name("2.zip")] {
            fs::write(downloads.complete(&name), "ours").unwrap();
            fs::write(downloads.part(&name), "ours").unwrap();
        }
        downloads.tidy(&[name("2.zip")]).unwrap();
        for name in theirs {
            assert!(folder.path().join(name).exists(), "{name}");
        }
        assert!(downloads.complete(&name("folder.zip")).exists());
        assert!(
            !downloads.complete(&name("1.zip")).exists()
                && !downloads.part(&name("1.zip")).exists()
        );
        assert!(
            downloads.complete(&name("2.zip")).exists() && downloads.part(&name("2.zip")).exists()
        );
    }
}
