//! What can go wrong with a check-in, and what to do about it.

use vungxanh_protocol::passphrase::PassphraseError;
use vungxanh_protocol::venue::VenueError;

use crate::platform::threads::Interrupted;
use crate::store::StoreError;

/// A check-in, check-out or extension that was refused. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CheckInError {
    /// No authority is enrolled: no one vouches for posters.
    #[error("no authority is enrolled; enroll one first")]
    NotEnrolled,
    /// The code, or the hour.
    #[error(transparent)]
    Venue(#[from] VenueError),
    /// No visit is open.
    #[error("no visit is open")]
    NoVisit,
    /// A visit is recorded for a day at most.
    #[error("a visit is recorded for 24 hours at most")]
    LongestStay,
    /// The code on a screen is good for some hours only.
    #[error("the code that was scanned does not reach further")]
    DisplayEnds,
    /// There is no diary.
    #[error("no diary is kept")]
    NoDiary,
    /// The passphrase is not the diary's.
    #[error("the passphrase is not the diary's: try again")]
    WrongPassphrase,
    /// No key comes of the passphrase.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The cell file or the runtime folder.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Interrupted> for CheckInError {
    fn from(interrupted: Interrupted) -> Self {
        Self::Store(interrupted.into())
    }
}
