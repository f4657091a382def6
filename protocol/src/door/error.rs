//! What can be wrong with anything about doors.

use crate::intake::IntakeError;
use crate::pass::PassError;
use crate::read::FormatError;
use crate::sealed_box::BoxError;
use crate::venue::VenueError;

/// Why something about a door was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DoorError {
    /// Bytes that are not what they should be.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A pass in a record.
    #[error(transparent)]
    Pass(#[from] PassError),
    /// Shares, keys and batches.
    #[error(transparent)]
    Venue(#[from] VenueError),
    /// Sealing to an intake key.
    #[error(transparent)]
    Intake(#[from] IntakeError),
    /// Sealing or opening.
    #[error(transparent)]
    Box(#[from] BoxError),
    /// Times that are not within the hour, or reversed.
    #[error("the times of the record do not lie in that hour in order")]
    TimesOutsideHour,
    /// No stay at all, or one above a day.
    #[error("a stay at a door is at most a day long")]
    BadStay,
    /// The random value gave no scalar.
    #[error("the record cannot be sealed: try again")]
    BadScalar,
    /// More warnings than a batch holds; the rest has to wait.
    #[error("{warnings} pass warnings are more than the {limit} that one batch holds")]
    TooManyWarnings {
        /// Warnings given.
        warnings: usize,
        /// Warnings allowed.
        limit: usize,
    },
    /// A card that staff did not make, or that has expired.
    #[error("the card was not made by that authority, or was altered")]
    NotACard,
}
