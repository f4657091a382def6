//! What can go wrong between device and authority, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use vungxanh_protocol::api::TooLargeToPad;
use vungxanh_protocol::authority::AuthorityError;
use vungxanh_protocol::export::{ExportError, IncompleteBatch};
use vungxanh_protocol::venue::VenueError;

use crate::platform::threads::Interrupted;
use crate::store::StoreError;

/// An exchange with the authority that failed.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// No authority is enrolled.
    #[error("no authority is enrolled; enroll one first")]
    NotEnrolled,
    /// Another authority is enrolled.
    #[error("another authority is enrolled (fingerprint {present}); replace it explicitly")]
    OtherAuthority {
        /// SHA-256 of the root key that is pinned, hex.
        present: String,
    },
    /// The root key is not the expected one.
    #[error("the authority's root key has fingerprint {found}, expected {expected}")]
    WrongFingerprint {
        /// What the person was given, hex.
        expected: String,
        /// What the server showed, hex.
        found: String,
    },
    /// A URL that is not used.
    #[error("{url} cannot be used: {reason}")]
    BadUrl { url: String, reason: &'static str },
    /// The server was not reached, or the connection broke.
    #[error("the authority's server could not be reached ({detail}); trying again later helps")]
    Unreachable {
        /// What the network said.
        detail: String,
        /// Whether the request cannot have arrived.
        never_sent: bool,
    },
    /// The server answered, but not with what was asked for.
    #[error("the authority's server answered {what} with {status}")]
    Unexpected {
        /// What was asked for.
        what: String,
        /// HTTP status and, where there is one, its error code.
        status: String,
    },
    /// The server takes nothing at this moment (503); what was to be sent is kept.
    #[error(
        "the authority's server is busy at this moment; nothing is lost, try the same again in a minute"
    )]
    Busy,
    /// The server sent more than is taken.
    #[error("{what} is larger than the {limit} bytes allowed")]
    TooLarge {
        /// What was asked for.
        what: String,
        /// Bytes allowed.
        limit: u64,
    },
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// The list of export files.
    #[error("line {line} of the list of files of {region} is not accepted: {reason}")]
    BadIndex {
        region: String,
        /// From 1.
        line: usize,
        reason: &'static str,
    },
    #[error("export file {name} is not accepted: {source}")]
    Export {
        /// Its name in the index.
        name: String,
        source: ExportError,
    },
    /// A batch of warnings.
    #[error("batch of warnings {name} is not accepted: {source}")]
    Warnings {
        /// Its name in the index.
        name: String,
        source: VenueError,
    },
    /// An export file of another region than the one it is listed for.
    #[error("export file {name} is for region {found:?}, but is listed for {region:?}")]
    WrongRegion {
        /// Its name in the index.
        name: String,
        /// The region of the index.
        region: String,
        /// The region that the file names.
        found: String,
    },
    /// Files that are listed still and were not accepted when they were last tried.
    #[error("{count} listed files are not accepted, among them {name}: {reason}")]
    StillRefused {
        count: usize,
        name: String,
        /// Why not that one.
        reason: String,
    },
    /// Lists of more names than one fetch takes.
    #[error("the authority lists more files than this program follows ({0} in one list)")]
    TooManyFiles(usize),
    /// A batch of which a file is missing: none of it is matched until all of it is there.
    #[error("{0}; the rest is fetched when the authority lists it")]
    Incomplete(IncompleteBatch),
    /// The verification code or what it was exchanged for.
    #[error("the verification code is not accepted: {0}")]
    Code(CodeError),
    /// The server refused the keys.
    #[error("the authority's server refused the keys: {0}")]
    PublicationRefused(String),
    /// There are no keys to publish.
    #[error("there is nothing to publish: no key is kept, or all periods are left out")]
    NothingToPublish,
    /// The request does not fit the size that all have.
    #[error(transparent)]
    Padding(#[from] TooLargeToPad),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot write {path}: {source}; free some space, it continues by itself")]
    File { path: PathBuf, source: io::Error },
    /// The program is ending.
    #[error("interrupted: {0}")]
    Interrupted(#[from] Interrupted),
}

/// Why a verification code cannot be used (error codes of exposure-notifications-verification-server).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// It has not the form of a code; nothing was sent.
    #[error("it has not the form of a code")]
    Malformed,
    /// `code_not_found`
    #[error("it is unknown; check the digits")]
    Unknown,
    /// `code_expired`, `token_expired`
    #[error("it has expired; ask for a new one")]
    Expired,
    /// `code_invalid`, `token_invalid`
    #[error("it has been used already or is not valid; ask for a new one")]
    Used,
    /// `unsupported_test_type`
    #[error("it belongs to a test result that is not published")]
    NotPublished,
    /// `quota_exceeded` or too many requests
    #[error("too many attempts; wait some minutes")]
    TooMany,
}

impl CodeError {
    /// From the server's error code and HTTP status.
    pub fn from_answer(code: &str, status: u16) -> Option<Self> {
        Some(match (code, status) {
            ("code_not_found", _) => Self::Unknown,
            ("code_expired" | "token_expired", _) => Self::Expired,
            ("code_invalid" | "code_used" | "token_invalid" | "hmac_invalid", _) => Self::Used,
            ("unsupported_test_type", _) | (_, 412) => Self::NotPublished,
            ("quota_exceeded", _) | (_, 429) => Self::TooMany,
            _ => return None,
        })
    }
}

impl SyncError {
    pub(super) fn file(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }

    /// Whether the request may have had its effect although no answer came.
    pub(super) const fn leaves_doubt(&self) -> bool {
        !matches!(self, Self::Unreachable { never_sent: true, .. })
    }
}
