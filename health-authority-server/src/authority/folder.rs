//! The authority's folder: where everything is.

use std::path::{Path, PathBuf};

use super::error::FileError;
use crate::i18n::Text;
use crate::platform::atomic_file::other_owner;

#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Refuses the folder of another user, also for root.
    pub fn refuse_other_owner(&self) -> Result<(), FileError> {
        match other_owner(&self.0).map_err(FileError::io(&self.0))? {
            None => Ok(()),
            Some(owner) => Err(FileError::Content {
                path: self.0.clone(),
                reason: Text::ours("error-folder-owner").with("owner", owner),
            }),
        }
    }

    /// `config.toml`.
    pub fn config(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    pub fn profile(&self) -> PathBuf {
        self.0.join("profile.json")
    }

    /// The signed authority document.
    pub fn document(&self) -> PathBuf {
        self.0.join("authority.signed")
    }

    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// A path of the configuration, relative to the folder.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }
}
