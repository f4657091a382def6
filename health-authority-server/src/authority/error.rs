//! What is wrong with a file of the authority's folder.

use std::fmt;
use std::path::PathBuf;

use vungxanh_protocol::authority::AuthorityError;

use crate::i18n::{Language, Text};

/// Why a file cannot be used or made.
#[derive(Debug)]
pub enum FileError {
    /// It would have been overwritten.
    Exists(PathBuf),
    /// It cannot be read or written.
    Io { path: PathBuf, source: std::io::Error },
    /// It holds something else than it should.
    Content {
        path: PathBuf,
        /// What is wrong with it and what to do.
        reason: Text,
    },
    /// Profile or authority document say what devices would refuse.
    Document(AuthorityError),
    /// What is asked for cannot be made.
    Refused(Text),
}

impl FileError {
    /// An input or output error with its path.
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    /// What to say. What another program or library said stands in it as it is.
    pub fn text(&self) -> Text {
        match self {
            Self::Exists(path) => Text::ours("error-exists").with("path", path.display()),
            Self::Io { path, source } => {
                Text::ours("error-file").with("path", path.display()).with("reason", source)
            }
            Self::Content { path, reason } => Text::ours("error-content")
                .with("path", path.display())
                .with_text("reason", reason.clone()),
            Self::Document(error) => Text::ours("error-document").with("reason", error),
            Self::Refused(text) => text.clone(),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text().said(Language::En.messages()))
    }
}

impl std::error::Error for FileError {}

impl From<AuthorityError> for FileError {
    fn from(error: AuthorityError) -> Self {
        Self::Document(error)
    }
}
