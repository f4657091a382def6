//! How a command or a control request fails: the one mapping of errors to exit codes that scripts can rely on, to HTTP
//! statuses, and to texts that say what happened and what to do.

use std::borrow::Cow;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use fluent_bundle::FluentValue;
use vungxanh_protocol::passphrase::PassphraseError;
use vungxanh_protocol::venue::VenueError;

use crate::control_api::Refusal;
use crate::declarations::DeclareError;
use crate::engine::{EngineError, ImportError};
use crate::platform::profile::ProfileError;
use crate::store::StoreError;
use crate::store::archive::ArchiveError;
use crate::sync::{CodeError, SyncError};
use crate::venue::CheckInError;

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

    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// The text's id; with `--json`, programs see it as `error`.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn arguments(&self) -> &[(&'static str, FluentValue<'static>)] {
        &self.arguments
    }
}

impl From<ArchiveError> for Failure {
    fn from(error: ArchiveError) -> Self {
        Self::new(Exit::BadInput, "failure-archive").because(error)
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let id = match error {
            ImportError::ClockNotTrusted => "failure-import-clock",
            ImportError::UnknownRecord => "failure-import-unknown",
            ImportError::Malformed(_) => "failure-import-malformed",
        };
        Self::new(Exit::BadInput, id).because(error)
    }
}

impl From<ProfileError> for Failure {
    fn from(error: ProfileError) -> Self {
        let shown = |path: &Path| path.display().to_string();
        match &error {
            ProfileError::OfAnother { path, owner, own } => {
                Self::new(Exit::Store, "failure-profile-of-another")
                    .with("folder", shown(path))
                    .with("owner", owner.to_string())
                    .with("own", own.to_string())
            }
            ProfileError::NotAProfile { path, found } => {
                Self::new(Exit::Store, "failure-not-a-profile")
                    .with("folder", shown(path))
                    .with("found", shown(found))
            }
            _ => Self::new(Exit::Store, "failure-profile").because(error),
        }
    }
}

/// Whether the profile is not this person's to write.
fn may_not_write(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let error = match error {
            StoreError::Profile(error) => return error.into(),
            error => error,
        };
        let id = match &error {
            StoreError::Locked { .. } => "failure-locked",
            StoreError::Io { source, .. } if may_not_write(source) => "failure-not-writable",
            _ => "failure-store",
        };
        Self::new(Exit::Store, id).because(error)
    }
}

impl From<SyncError> for Failure {
    fn from(error: SyncError) -> Self {
        use SyncError as E;
        let (exit, text) = match &error {
            E::NotEnrolled => (Exit::Negative, "failure-not-enrolled"),
            E::OtherAuthority { .. } => (Exit::Negative, "failure-other-authority"),
            E::WrongFingerprint { .. } => (Exit::Negative, "failure-wrong-fingerprint"),
            E::BadUrl { .. } => (Exit::BadInput, "failure-bad-url"),
            E::Unreachable { .. } => (Exit::Network, "failure-unreachable"),
            E::Code(CodeError::TooMany) => (Exit::Network, "failure-code-too-many"),
            E::Code(code) => (Exit::BadInput, code_text(*code)),
            E::NothingToPublish => (Exit::Negative, "failure-nothing-to-publish"),
            E::PublicationRefused(_) => (Exit::Network, "failure-publication-refused"),
            E::Authority(_) => (Exit::Network, "failure-authority-document"),
            E::Store(StoreError::Locked { .. }) => (Exit::Store, "failure-profile-locked"),
            E::Store(_) | E::File { .. } | E::Interrupted(_) => (Exit::Store, "failure-store-sync"),
            E::Unexpected { .. }
            | E::Busy
            | E::TooLarge { .. }
            | E::BadIndex { .. }
            | E::Export { .. }
            | E::Warnings { .. }
            | E::WrongRegion { .. }
            | E::StillRefused { .. }
            | E::TooManyFiles(_)
            | E::Incomplete(_)
            | E::Padding(_) => (Exit::Network, "failure-authority-answer"),
        };
        Self::new(exit, text).because(error)
    }
}

const fn code_text(error: CodeError) -> &'static str {
    match error {
        CodeError::Malformed => "failure-code-malformed",
        CodeError::Unknown => "failure-code-unknown",
        CodeError::Expired => "failure-code-expired",
        CodeError::Used => "failure-code-used",
        CodeError::NotPublished => "failure-code-not-published",
        CodeError::TooMany => "failure-code-too-many",
    }
}

impl From<CheckInError> for Failure {
    fn from(error: CheckInError) -> Self {
        use CheckInError as E;
        let (exit, text) = match &error {
            E::NotEnrolled => (Exit::Negative, "failure-not-enrolled"),
            E::Venue(refused) => poster_failure(refused),
            E::NoVisit => (Exit::Negative, "failure-no-visit"),
            E::LongestStay => (Exit::Negative, "failure-longest-stay"),
            E::DisplayEnds => (Exit::Negative, "failure-display-ends"),
            E::NoDiary => (Exit::Negative, "failure-no-diary"),
            E::WrongPassphrase => (Exit::BadInput, "failure-diary-passphrase"),
            E::Passphrase(PassphraseError::NoMemory) | E::Store(_) => {
                (Exit::Store, "failure-store")
            }
            E::Passphrase(_) => (Exit::BadInput, "failure-passphrase"),
        };
        Self::new(exit, text).because(error)
    }
}

impl From<DeclareError> for Failure {
    fn from(error: DeclareError) -> Self {
        use DeclareError as E;
        let (exit, text) = match &error {
            E::Sync(_) | E::Store(_) => return Self::of_declaring(error),
            E::Form(_) => (Exit::BadInput, "failure-declare-form"),
            E::TooManyPrinted(_) => (Exit::BadInput, "failure-declare-printed"),
            E::DraftTooLarge => (Exit::BadInput, "failure-declare-form"),
            E::NotTaken | E::NoOfficer => (Exit::Negative, "failure-declare-not-taken"),
            E::Intake(_) | E::PassKeys(_) => (Exit::Network, "failure-declare-keys"),
            E::TooMany(_) => (Exit::Negative, "failure-declare-too-many"),
            E::Unknown => (Exit::Negative, "failure-declaration-unknown"),
            E::NotSent => (Exit::Negative, "failure-declaration-not-sent"),
            E::NoPass => (Exit::Negative, "failure-no-pass"),
            E::CodeNeeded | E::NoCode => (Exit::Negative, "failure-declare-code-needed"),
            E::CodeCountry => (Exit::Negative, "failure-declare-code-country"),
            E::CodeNotSent(_) => (Exit::Negative, "failure-declare-code-not-sent"),
            E::CodeSync(_) => (Exit::Network, "failure-declare-code-unreachable"),
            E::PhoneKeys(_) => (Exit::Network, "failure-declare-keys"),
            E::Pass(_) | E::Sealing(_) | E::Padding(_) | E::PhoneAnswer(_) => {
                (Exit::Network, "failure-authority-answer")
            }
            E::Damaged | E::Interrupted(_) => (Exit::Store, "failure-store"),
        };
        Self::new(exit, text).because(error)
    }
}

impl Failure {
    fn of_declaring(error: DeclareError) -> Self {
        match error {
            DeclareError::Sync(error @ SyncError::Unreachable { .. }) => {
                Self::new(Exit::Network, "failure-declare-unreachable").because(error)
            }
            DeclareError::Sync(error) => error.into(),
            DeclareError::Store(error) => error.into(),
            other => Self::new(Exit::Store, "failure-store").because(other),
        }
    }
}

const fn poster_failure(refused: &VenueError) -> (Exit, &'static str) {
    match refused {
        VenueError::HourFull { .. } => (Exit::Negative, "failure-hour-full"),
        VenueError::PosterForged | VenueError::DisplayForged | VenueError::UnknownKey(_) => {
            (Exit::BadInput, "failure-poster-not-ours")
        }
        VenueError::DisplayStale => (Exit::BadInput, "failure-display-stale"),
        VenueError::NotADisplayCode => (Exit::BadInput, "failure-display-only-poster"),
        VenueError::PosterExpired => (Exit::BadInput, "failure-poster-expired"),
        VenueError::PosterNotYetValid => (Exit::BadInput, "failure-poster-not-yet-valid"),
        VenueError::UnknownVersion { .. } => (Exit::BadInput, "failure-poster-newer"),
        _ => (Exit::BadInput, "failure-poster-unreadable"),
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        use EngineError as E;
        match error {
            E::Archive(error) => error.into(),
            E::Import(error) => error.into(),
            E::CheckIn(error) => error.into(),
            E::Declare(error) => error.into(),
            E::Store(error) => error.into(),
            E::Sync(error) => error.into(),
            E::NoAuthority => Self::new(Exit::Negative, "problem-not-enrolled"),
            E::Exchange(detail) => Self::new(Exit::Network, "problem-sync").because(detail),
            E::DisclosureLine(error) => {
                Self::new(Exit::BadInput, "failure-diary-line").because(error)
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = match self.exit() {
            Exit::Negative => StatusCode::CONFLICT,
            Exit::Usage | Exit::BadInput => StatusCode::BAD_REQUEST,
            Exit::NotRunning | Exit::Network => StatusCode::BAD_GATEWAY,
            Exit::Store => StatusCode::INSUFFICIENT_STORAGE,
        };
        (status, Json(self.to_refusal())).into_response()
    }
}
