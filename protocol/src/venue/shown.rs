//! What a display's code adds to its poster: the hour, that hour's seed, and the display's signature.

use ed25519_dalek::{SIGNATURE_LENGTH, Signature, VerifyingKey};

use super::VenueError;
use super::slot::{Hour, SEED_BYTES};
use crate::interval::UnixTime;
use crate::read::Reader;
use crate::secret::SecretBytes;

/// What the display key's signature is for.
pub const DISPLAY_LABEL: &str = "VX-DISPLAY-1";
/// For how many hours a scan is good, that of the scan included.
pub const DISPLAY_HOURS: u32 = 4;
/// How long after its hour a shown code is still accepted, in seconds: for scans that begin just
/// before the hour ends, and clocks that differ a little.
pub const DISPLAY_GRACE_SECONDS: u64 = 600;
/// Bytes that a shown code has after the poster's payload.
pub const SHOWN_BYTES: usize = HOUR_BYTES + SEED_BYTES + SIGNATURE_LENGTH;
const HOUR_BYTES: usize = 4;

/// The part of a display's code after the poster's payload.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) hour: Hour,
    pub(super) seed: SecretBytes<SEED_BYTES>,
    signature: Signature,
}

impl Shown {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, VenueError> {
        Ok(Self {
            hour: Hour::new(reader.u32()?),
            seed: SecretBytes::new(reader.array()?),
            signature: Signature::from_bytes(&reader.array()?),
        })
    }

    /// Whether the display of `key` showed it with that payload, and at `now`.
    pub(super) fn verify(
        &self,
        payload: &[u8],
        key: &VerifyingKey,
        now: UnixTime,
    ) -> Result<(), VenueError> {
        let signed = [payload, &self.hour.number().to_be_bytes(), self.seed.expose()].concat();
        key.verify_strict(&message(&signed), &self.signature)
            .map_err(|_| VenueError::DisplayForged)?;
        let end = self.hour.end().plus(DISPLAY_GRACE_SECONDS);
        let present = self.hour.start() <= now && now < end;
        if present { Ok(()) } else { Err(VenueError::DisplayStale) }
    }
}

pub(super) fn message(signed: &[u8]) -> Vec<u8> {
    [DISPLAY_LABEL.as_bytes(), &[0], signed].concat()
}
