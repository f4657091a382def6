//! What can be wrong with keys of the intake.

use crate::read::FormatError;
use crate::sealed_box::BoxError;
use crate::signed::SignedError;

/// Why something about intake keys was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IntakeError {
    /// Bytes that are not what they should be.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The envelope of a signed file.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// Sealing or opening.
    #[error(transparent)]
    Box(#[from] BoxError),
    /// A file that is older than one seen before.
    #[error("{what} has serial {found}, an earlier one had {seen}")]
    RolledBack {
        /// Which file.
        what: &'static str,
        /// The highest serial seen.
        seen: u32,
        /// The serial found.
        found: u32,
    },
    /// The file is out of date.
    #[error("{0} has expired: fetch it again")]
    Expired(&'static str),
    /// No key for that day.
    #[error("the authority has published no key for declarations of that day")]
    NoKey,
    /// An opened private half that does not belong to the published key.
    #[error("the opened key is not the private half of the published one")]
    OtherKey,
}
