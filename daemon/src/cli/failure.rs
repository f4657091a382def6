//! How a command fails: an exit code that scripts can rely on and a text that says what happened
//! and what to do.

use std::borrow::Cow;
use std::process::ExitCode;

use fluent_bundle::FluentValue;

use crate::control_api::Refusal;
use crate::store::StoreError;
use crate::store::archive::ArchiveError;

/// Exit codes other than 0. They are part of the command line's interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// A negative answer: verification failed, not tracing, nothing found where asked.
    Negative = 1,
    /// The command line itself is wrong.
    Usage = 2,
    /// A file or value handed in is bad.
    BadInput = 3,
    /// The daemon is not running.
    NotRunning = 4,
    /// The network or the authority's server.
    Network = 5,
    /// The profile's store.
    Store = 6,
}

impl Exit {
    const ALL: [Self; 6] =
        [Self::Negative, Self::Usage, Self::BadInput, Self::NotRunning, Self::Network, Self::Store];

    /// From its number; an unknown one counts as [`Exit::Network`].
    fn from_code(code: u8) -> Self {
        Self::ALL.into_iter().find(|exit| *exit as u8 == code).unwrap_or(Self::Network)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A failed command: its exit code and a text by id, with arguments.
#[derive(Debug, Clone)]
pub struct Failure {
    exit: Exit,
    id: Cow<'static, str>,
    arguments: Vec<(&'static str, FluentValue<'static>)>,
}

impl Failure {
    /// A failure that the text `id` explains.
    pub const fn new(exit: Exit, id: &'static str) -> Self {
        Self { exit, id: Cow::Borrowed(id), arguments: Vec::new() }
    }

    /// What the daemon answered over the control socket.
    pub fn refused(refusal: &Refusal) -> Self {
        let exit = Exit::from_code(refusal.exit);
        Self { exit, id: Cow::Owned(refusal.error.clone()), arguments: Vec::new() }
            .because(&refusal.detail)
    }

    /// The same for the control socket: the other direction of [`Failure::refused`].
    pub fn to_refusal(&self) -> Refusal {
        let detail = self.arguments.iter().find(|(name, _)| *name == "detail");
        Refusal {
            error: self.id.clone().into_owned(),
            exit: self.exit as u8,
            detail: detail.map_or_else(String::new, |(_, value)| match value {
                FluentValue::String(text) => text.clone().into_owned(),
                _ => String::new(),
            }),
        }
    }

    /// Adds an argument of the text.
    pub fn with(mut self, name: &'static str, value: impl Into<FluentValue<'static>>) -> Self {
        self.arguments.push((name, value.into()));
        self
    }

    /// Adds an argument of the text from anything that prints.
    pub fn because(self, detail: impl std::fmt::Display) -> Self {
        self.with("detail", detail.to_string())
    }

    /// The exit code.
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// The text's id; with `--json`, programs see it as `error`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The text's arguments.
    pub fn arguments(&self) -> &[(&'static str, FluentValue<'static>)] {
        &self.arguments
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        Self::new(Exit::BadInput, "failure-archive").because(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let id = match error {
            StoreError::Locked { .. } => "failure-locked",
            _ => "failure-store",
        };
        Self::new(Exit::Store, id).because(error)
    }
}
