//! Why a day could not be played.

use super::wire::WireError;
use crate::harness::browser::BrowserError;
use crate::harness::process::ProcessError;

#[derive(Debug, thiserror::Error)]
pub enum CountryError {
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Page(#[from] BrowserError),
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("{what}: {source}")]
    Files { what: &'static str, source: std::io::Error },
    /// More than this generator may do.
    #[error("{what} would be {wanted}, more than the {most} that are allowed")]
    TooMuch { what: &'static str, wanted: u64, most: u64 },
    #[error("the embedded database serves one server, not {0}")]
    OneServer(usize),
    #[error("{0} did not say what it should")]
    Silent(&'static str),
    #[error("{path} was refused with status {status}")]
    Refused { path: String, status: u16 },
    #[error("waited in vain for {0}")]
    InVain(&'static str),
}

impl CountryError {
    /// For `map_err` on files.
    pub(super) fn files(what: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Files { what, source }
    }
}
