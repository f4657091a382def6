//! What can be wrong with a pass or its keys.

use crate::read::FormatError;
use crate::signed::SignedError;

/// Why something about passes was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PassError {
    /// Bytes that are not what they should be.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The envelope of the file of keys.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// No point of the prime-order group, or its identity.
    #[error("{0} is no valid point: not on the curve, outside the subgroup, or the identity")]
    BadPoint(&'static str),
    /// No scalar in 1..q.
    #[error("the secret key is no valid scalar")]
    BadScalar,
    /// A holder key that is not canonical or of small order.
    #[error("the pass's own key is no valid Ed25519 public key")]
    BadHolderKey,
    /// The signature is not the key's over this content.
    #[error("the pass was not issued by that key, or was altered")]
    NotIssued,
    /// The file names no key for it.
    #[error("no key is published for passes of that day and kind")]
    UnknownKey,
    /// The same name for two keys: their publisher could distinguish passes.
    #[error(
        "two different keys are published for passes of day {day}, kind {kind}, id {id}: \
         do not use them, and report it"
    )]
    ConflictingKeys {
        /// The local day.
        day: u16,
        /// The kind's number.
        kind: u8,
        /// The key's id.
        id: u8,
    },
    /// A file of keys that is older than one seen before.
    #[error("the file of pass keys has serial {found}, an earlier one had {seen}")]
    RolledBack {
        /// The highest serial seen.
        seen: u32,
        /// The serial found.
        found: u32,
    },
}
