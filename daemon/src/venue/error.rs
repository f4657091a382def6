//! What can go wrong with a check-in, and what to do about it.

use vungxanh_protocol::passphrase::PassphraseError;
use vungxanh_protocol::venue::VenueError;

use crate::cli::{Exit, Failure};
use crate::store::StoreError;

/// A check-in, check-out or extension that was refused. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum CheckInError {
    /// No authority is enrolled: nobody vouches for posters.
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
    /// No diary is kept.
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

impl From<CheckInError> for Failure {
    fn from(error: CheckInError) -> Self {
        use CheckInError as E;
        let (exit, text) = match &error {
            E::NotEnrolled => (Exit::Negative, "failure-not-enrolled"),
            E::Venue(refused) => code_failure(refused),
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

const fn code_failure(refused: &VenueError) -> (Exit, &'static str) {
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
