//! The authority's folder: where everything is.

use std::path::{Path, PathBuf};

/// The authority's folder.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// `config.toml`.
    pub fn config(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    /// The outbreak's parameters.
    pub fn profile(&self) -> PathBuf {
        self.0.join("profile.json")
    }

    /// The signed authority document.
    pub fn document(&self) -> PathBuf {
        self.0.join("authority.signed")
    }

    /// Secret keys.
    pub fn keys(&self) -> PathBuf {
        self.0.join("keys")
    }

    /// A path of the configuration, relative to the folder.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }
}
