//! What stops the program, and the exit code for it.

use std::path::PathBuf;
use std::process::ExitCode;

use fluent_bundle::FluentValue;
use vungxanh_protocol::authority::AuthorityError;

use crate::i18n::Messages;
use crate::publication::PublicationError;
use crate::storage::StoreError;

/// What stops a command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `init` found something that it would have overwritten.
    #[error("{path} exists already; choose another folder, nothing was changed", path = .0.display())]
    Exists(PathBuf),
    /// A file of the authority's folder cannot be read or written.
    #[error("{path}: {source}", path = .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file holds something else than it should.
    #[error("{path}: {reason}", path = .path.display())]
    Content {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it and what to do.
        reason: String,
    },
    /// A value on the command line makes no sense.
    #[error("{0}")]
    Input(String),
    /// The answer is no.
    #[error("{0}")]
    Negative(String),
    /// The authority document cannot be made from the configuration.
    #[error(transparent)]
    Document(#[from] AuthorityError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; is another server running there?")]
    Listen {
        /// Which address.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// The server stopped by itself.
    #[error("the server stopped: {0}")]
    Serve(std::io::Error),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Making or writing batches.
    #[error(transparent)]
    Publication(#[from] PublicationError),
    /// The runtime did not start.
    #[error("the program cannot start its threads: {0}")]
    Runtime(std::io::Error),
}

impl Error {
    /// A file's error with its path.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    /// The message in the language of `messages`. What another program or library said stands in
    /// it as it is.
    pub fn localised(&self, messages: &Messages) -> String {
        let (id, arguments): (_, Vec<(&str, String)>) = match self {
            Self::Exists(path) => ("error-exists", vec![("path", path.display().to_string())]),
            Self::File { path, source } => (
                "error-file",
                vec![("path", path.display().to_string()), ("reason", source.to_string())],
            ),
            Self::Content { path, reason } => (
                "error-content",
                vec![("path", path.display().to_string()), ("reason", reason.clone())],
            ),
            Self::Listen { address, source } => {
                ("error-listen", vec![("address", address.clone()), ("reason", source.to_string())])
            }
            Self::Document(error) => ("error-document", vec![("reason", error.to_string())]),
            Self::Store(error) => ("error-store", vec![("reason", error.to_string())]),
            Self::Input(_)
            | Self::Negative(_)
            | Self::Serve(_)
            | Self::Publication(_)
            | Self::Runtime(_) => {
                return self.to_string();
            }
        };
        let arguments: Vec<(&str, FluentValue<'_>)> =
            arguments.into_iter().map(|(name, value)| (name, value.into())).collect();
        messages.text(id, &arguments)
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
