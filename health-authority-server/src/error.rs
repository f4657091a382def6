//! What stops the program, and the exit code for it.

use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

use vungxanh_protocol::authority::AuthorityError;

use crate::i18n::{Language, Messages, Text};
use crate::publication::PublicationError;
use crate::storage::StoreError;

/// What stops a command.
#[derive(Debug)]
pub enum Error {
    /// `init` found something that it would have overwritten.
    Exists(PathBuf),
    /// A file of the authority's folder cannot be read or written.
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file holds something else than it should.
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it and what to do.
        reason: Text,
    },
    /// A value on the command line makes no sense.
    Input(Text),
    /// The answer is no.
    Negative(Text),
    /// The authority document cannot be made from the configuration.
    Document(AuthorityError),
    /// The address cannot be listened on.
    Listen {
        /// Which address.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// The server stopped by itself.
    Serve(std::io::Error),
    /// The database.
    Store(StoreError),
    /// Making or writing batches.
    Publication(PublicationError),
    /// The runtime did not start.
    Runtime(std::io::Error),
}

impl Error {
    /// A file's error with its path.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    /// A value makes no sense, as the text with this id says.
    pub const fn input(id: &'static str) -> Self {
        Self::Input(Text::ours(id))
    }

    /// What to say. What another program or library said stands in it as it is.
    fn text(&self) -> Text {
        match self {
            Self::Exists(path) => Text::ours("error-exists").with("path", path.display()),
            Self::File { path, source } => {
                Text::ours("error-file").with("path", path.display()).with("reason", source)
            }
            Self::Content { path, reason } => Text::ours("error-content")
                .with("path", path.display())
                .with_text("reason", reason.clone()),
            Self::Input(text) | Self::Negative(text) => text.clone(),
            Self::Document(error) => Text::ours("error-document").with("reason", error),
            Self::Listen { address, source } => {
                Text::ours("error-listen").with("address", address).with("reason", source)
            }
            Self::Serve(source) => Text::ours("error-serve").with("reason", source),
            Self::Store(error) => Text::ours("error-store").with("reason", error),
            Self::Publication(error) => Text::ours("error-publication").with("reason", error),
            Self::Runtime(source) => Text::ours("error-runtime").with("reason", source),
        }
    }

    /// The message in the language of `messages`.
    pub fn localised(&self, messages: &Messages) -> String {
        self.text().said(messages)
    }

    /// The exit code: 1 a negative answer, 3 bad input, 5 network, 6 store.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Negative(_) => 1,
            Self::Exists(_) | Self::Content { .. } | Self::Input(_) | Self::Document(_) => 3,
            Self::Listen { .. } | Self::Serve(_) => 5,
            Self::File { .. } | Self::Store(_) | Self::Publication(_) | Self::Runtime(_) => 6,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.localised(Language::En.messages()))
    }
}

impl std::error::Error for Error {}

impl From<AuthorityError> for Error {
    fn from(error: AuthorityError) -> Self {
        Self::Document(error)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<PublicationError> for Error {
    fn from(error: PublicationError) -> Self {
        Self::Publication(error)
    }
}
