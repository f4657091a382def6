//! What ends a command: the one mapping of errors to exit codes and texts.

use std::fmt;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::authority::error::FileError;
use crate::i18n::{Language, Messages, Text};
use crate::publication::PublicationError;
use crate::services::app::OpenError;
use crate::services::backup::BackupError;
use crate::storage::StoreError;

/// What ends a command.
#[derive(Debug)]
pub enum Failure {
    /// A file cannot be used or made.
    File(FileError),
    /// A value on the command line makes no sense.
    Input(Text),
    /// The answer is no.
    Negative(Text),
    /// The command line lacks something.
    Usage(Text),
    /// The address cannot be listened on.
    Listen {
        address: String,
        source: std::io::Error,
    },
    /// The server stopped by itself.
    Serve(std::io::Error),
    Store(StoreError),
    /// Making or writing batches.
    Publication(PublicationError),
    /// The runtime did not start.
    Runtime(std::io::Error),
    /// What the command said could not be written.
    Output(std::io::Error),
}

impl Failure {
    /// A file's input or output error, with its path.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File(FileError::Io { path, source })
    }

    /// A value makes no sense, as the text with this id says.
    pub const fn input(id: &'static str) -> Self {
        Self::Input(Text::ours(id))
    }

    /// What to say. What another program or library said stands in it as it is.
    fn text(&self) -> Text {
        match self {
            Self::File(error) => error.text(),
            Self::Input(text) | Self::Negative(text) | Self::Usage(text) => text.clone(),
            Self::Listen { address, source } => {
                Text::ours("error-listen").with("address", address).with("reason", source)
            }
            Self::Serve(source) => Text::ours("error-serve").with("reason", source),
            Self::Store(error) => Text::ours("error-store").with_text("reason", of_store(error)),
            Self::Publication(error) => Text::ours("error-publication").with("reason", error),
            Self::Runtime(source) => Text::ours("error-runtime").with("reason", source),
            Self::Output(source) => Text::ours("error-output").with("detail", source),
        }
    }

    /// The message in the language of `messages`.
    pub fn localised(&self, messages: &Messages) -> String {
        self.text().said(messages)
    }

    /// The exit code: 1 a negative answer, 2 a wrong command line, 3 bad input, 5 network, 6 store.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Negative(_) => 1,
            Self::Usage(_) => 2,
            Self::File(FileError::Io { .. }) => 6,
            Self::File(_) | Self::Input(_) => 3,
            Self::Listen { .. } | Self::Serve(_) => 5,
            Self::Store(_) | Self::Publication(_) | Self::Runtime(_) | Self::Output(_) => 6,
        })
    }
}

fn of_store(error: &StoreError) -> Text {
    let with = |id, reason: &String| Text::ours(id).with("reason", reason);
    match error {
        StoreError::Unreachable(reason) => with("error-store-unreachable", reason),
        StoreError::LoginRefused(reason) => with("error-store-login", reason),
        StoreError::NoDatabase(reason) => with("error-store-no-database", reason),
        StoreError::NoRight(reason) => with("error-store-no-right", reason),
        StoreError::Encoding(reason) => with("error-store-encoding", reason),
        StoreError::NotEmpty(table) => Text::ours("error-store-not-empty").with("table", table),
        StoreError::CopyDiffers(table) => Text::ours("error-store-differs").with("table", table),
        StoreError::NewerSchema { found, known } => {
            Text::ours("error-store-newer").with("found", found).with("known", known)
        }
        StoreError::Together(error) => of_store(error),
        StoreError::Busy | StoreError::Database(_) | StoreError::Corrupt(_) => Text::foreign(error),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.localised(Language::En.messages()))
    }
}

impl std::error::Error for Failure {}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<PublicationError> for Failure {
    fn from(error: PublicationError) -> Self {
        Self::Publication(error)
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::File(error) => Self::File(error),
            BackupError::Store(error) => Self::Store(error),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::File(error) => Self::File(error),
            OpenError::Store(error) => Self::Store(error),
            OpenError::Messages(error) => Self::Input(Text::foreign(error)),
        }
    }
}
