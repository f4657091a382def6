//! What can be wrong with anything about venues.

use crate::read::FormatError;
use crate::signed::SignedError;

/// Why something about a venue was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VenueError {
    /// Another length than the format has.
    #[error("{what} has the wrong length: {bytes} bytes")]
    Length {
        /// What was read.
        what: &'static str,
        /// Bytes found.
        bytes: usize,
    },
    /// A field that makes no sense.
    #[error("{what} cannot be read: {reason}")]
    Malformed {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A version that this program does not know.
    #[error("{what} has version {found}; this program reads version {known}: use a newer program")]
    UnknownVersion {
        /// What was read.
        what: &'static str,
        /// The version found.
        found: u8,
        /// The version known.
        known: u8,
    },
    /// No point of the prime-order group, or its identity.
    #[error("{0} is no valid point: not on the curve, outside the subgroup, or the identity")]
    BadPoint(&'static str),
    /// No scalar in 1..q.
    #[error("the secret key is no valid scalar")]
    BadScalar,
    /// The proof of possession does not belong to the key and the party.
    #[error("this key came without a proof that its secret is held")]
    NotProven,
    /// A share or slot key that is not the expected one's for that slot.
    #[error("the share was not made by that key for that slot, or was altered")]
    WrongShare,
    /// The authority's document names no such key.
    #[error("the authority has no venue key with id {0} at this time")]
    UnknownKey(u8),
    /// The poster's signature does not hold.
    #[error("the poster was altered, or another authority signed it")]
    PosterForged,
    /// Before the poster's first day.
    #[error("the poster is not valid yet")]
    PosterNotYetValid,
    /// After the poster's last day.
    #[error("the poster has expired: ask the venue for its new one")]
    PosterExpired,
    /// The display's signature does not hold.
    #[error("the code on the screen was altered, or another screen made it")]
    DisplayForged,
    /// A display's code of another hour.
    #[error(
        "the code is not the one that the screen shows now: scan it again; if that does not help, \
         the clock of the screen or of this device is wrong"
    )]
    DisplayStale,
    /// A display's payload as it stands before the screen adds the hour.
    #[error("this is a screen's poster without its code of the hour: scan the screen itself")]
    NotADisplayCode,
    /// An hour for which the scan of a display is not good.
    #[error("a scan of a screen counts for {hours} hours: scan it again to stay longer")]
    OutsideDisplayHours {
        /// Hours for which it counts.
        hours: u32,
    },
    /// A display without its secret, or a printed poster with one.
    #[error("the poster is a screen's and its secret is missing, or it is none and has one")]
    DisplaySecretMismatch,
    /// The times are not within the slot's hour, or reversed.
    #[error("the visit's times do not lie in that hour in order")]
    TimesOutsideSlot,
    /// All cells of the hour are taken.
    #[error("{cells} visits in one hour are all that can be kept; this one is not recorded")]
    HourFull {
        /// Cells of an hour.
        cells: usize,
    },
    /// An hour outside the retention period.
    #[error("that hour is outside the time for which check-ins are kept")]
    HourNotKept,
    /// More warnings than a batch holds.
    #[error("{warnings} warnings are more than the {limit} that one batch holds")]
    TooManyWarnings {
        /// Warnings given.
        warnings: usize,
        /// Warnings allowed.
        limit: usize,
    },
    /// No hour to draw decoys from.
    #[error("decoys need at least one hour of weight above zero")]
    NoDecoyHours,
    /// The batch's signature envelope.
    #[error(transparent)]
    Signed(#[from] SignedError),
}

impl From<FormatError> for VenueError {
    fn from(error: FormatError) -> Self {
        match error {
            FormatError::Length { what, bytes } => Self::Length { what, bytes },
            FormatError::Malformed { what, reason } => Self::Malformed { what, reason },
            FormatError::UnknownVersion { what, found, known } => {
                Self::UnknownVersion { what, found, known }
            }
        }
    }
}
