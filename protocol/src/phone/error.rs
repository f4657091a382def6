//! What can be wrong with telephone codes, their tokens or their keys.

use crate::pass::PassError;
use crate::read::FormatError;
use crate::signed::SignedError;

/// Why something about telephone codes was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneError {
    /// Bytes that are not what they should be.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The envelope of the file of keys.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// A point or a scalar that is none.
    #[error(transparent)]
    Point(#[from] PassError),
    /// The key of proofs is not canonical or of small order.
    #[error("a key of telephone codes is no valid Ed25519 public key")]
    BadProofKey,
    /// The signature is not the key's over this token.
    #[error("the token of the telephone code was not issued by that key, or was altered")]
    NotIssued,
    /// The proof is not the key's over this number and day.
    #[error("the telephone number is not proven: the proof is of another number, day or key")]
    NotProven,
    /// The file names no key for that day.
    #[error("no key is published for telephone codes of that day")]
    UnknownDay,
    /// Two keys under one name: their publisher could distinguish people.
    #[error(
        "two different keys are published for telephone codes of day {day}, id {id}: \
         do not use them, and report it"
    )]
    ConflictingKeys {
        /// The local day.
        day: u16,
        /// The key's id.
        id: u8,
    },
    /// A file of keys that is older than one seen before.
    #[error("the file of keys of telephone codes has serial {found}, an earlier one had {seen}")]
    RolledBack {
        /// The highest serial seen.
        seen: u32,
        /// The serial found.
        found: u32,
    },
}
