//! What stops the program, and the exit code for it.

use std::path::PathBuf;
use std::process::ExitCode;

use vungxanh_protocol::authority::AuthorityError;

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

    /// The exit code: 3 bad input, 5 network, 6 store.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Exists(_) | Self::Content { .. } | Self::Input(_) | Self::Document(_) => 3,
            Self::Listen { .. } | Self::Serve(_) => 5,
            Self::File { .. } | Self::Store(_) | Self::Publication(_) | Self::Runtime(_) => 6,
        })
    }
}
