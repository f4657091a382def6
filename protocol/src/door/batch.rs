//! The second version of the batch of warnings: those about slots, as in the first, and a section for
//! passes. The first version stays for older devices.

use ed25519_dalek::{SigningKey, VerifyingKey};

use super::DoorError;
use super::warning::{ENTRY_BYTES, PassWarnings, SIZE_CLASSES};
use crate::read::{FormatError, Reader};
use crate::signed;
use crate::venue::batch::{self, WarningBatch};

/// What the warning key's signature is for.
pub const SIGNING_LABEL: &str = "VX-WARNINGS-2";
/// The longest signed batch, in bytes.
pub const MAX_SIGNED_BYTES: usize = batch::MAX_SIGNED_BYTES + 34 + LARGEST * ENTRY_BYTES;
const LARGEST: usize = SIZE_CLASSES[2];
const VERSION: u8 = 2;
const WHAT: &str = "the batch of warnings";

/// A region's warnings of one period, about slots and to passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WarningBatchWithPasses {
    /// Those about slots.
    pub slots: WarningBatch,
    /// Those to passes.
    pub passes: PassWarnings,
}

impl WarningBatchWithPasses {
    /// The batch as it is published. Refuses to sign what readers would refuse.
    pub fn to_signed(&self, key: &SigningKey) -> Result<Vec<u8>, DoorError> {
        let mut bytes = vec![VERSION];
        self.slots.push_body(&mut bytes)?;
        self.passes.push(&mut bytes)?;
        Self::parse(&bytes)?;
        Ok(signed::sign(SIGNING_LABEL, &bytes, key))
    }

    /// Reads a batch of at most [`MAX_SIGNED_BYTES`] that `key` signed for `region`.
    pub fn read(signed: &[u8], key: &VerifyingKey, region: &str) -> Result<Self, DoorError> {
        let unverified = signed::parse(signed, MAX_SIGNED_BYTES).map_err(venue)?;
        let batch = Self::parse(unverified.verify(SIGNING_LABEL, key).map_err(venue)?)?;
        if batch.slots.region != region {
            let reason = "it is another region's";
            return Err(FormatError::Malformed { what: WHAT, reason }.into());
        }
        Ok(batch)
    }

    fn parse(bytes: &[u8]) -> Result<Self, DoorError> {
        let mut reader = Reader::new(WHAT, bytes);
        reader.version(VERSION)?;
        let slots = WarningBatch::read_body(&mut reader)?;
        let passes = PassWarnings::read(&mut reader)?;
        reader.end()?;
        Ok(Self { slots, passes })
    }
}

fn venue(error: signed::SignedError) -> DoorError {
    DoorError::Venue(error.into())
}
