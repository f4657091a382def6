//! Displays: a poster on a screen whose code changes every hour. The authority's signature covers
//! the display's public key; the display signs the hour and a seed, so that it works offline.

use std::fmt;

use ed25519_dalek::{SIGNATURE_LENGTH, Signature, Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use sha2::Sha256;

use super::VenueError;
use super::poster::UnverifiedPoster;
use super::slot::Hour;
use crate::interval::UnixTime;
use crate::mac::expand;
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
/// Bytes of the seed of one hour.
pub const SEED_BYTES: usize = 16;
const HOUR_BYTES: usize = 4;
const SEED_INFO: &[u8] = b"display-seed";

/// From what a display's seeds of all hours derive. The venue's browser and the authority hold it;
/// whoever only saw the screen in one hour cannot compute another hour's seed.
#[derive(Clone, PartialEq, Eq)]
pub struct DisplaySecret(SecretBytes<32>);

impl DisplaySecret {
    /// Fresh from a cryptographic generator.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        Self(SecretBytes::generate(rng))
    }

    /// From its 32 bytes.
    pub const fn from_bytes(bytes: SecretBytes<32>) -> Self {
        Self(bytes)
    }

    /// Its 32 bytes, for keeping it.
    pub const fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// What the screen shows in `hour`.
    pub fn seed(&self, hour: Hour) -> SecretBytes<SEED_BYTES> {
        let hkdf = Hkdf::<Sha256>::new(None, self.0.expose());
        expand(&hkdf, &[SEED_INFO, &hour.number().to_be_bytes()])
    }
}

impl fmt::Debug for DisplaySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DisplaySecret(..)")
    }
}

/// The bytes of the code that a display shows in `hour`. Refuses a payload that names another
/// display key or none.
pub fn show(
    payload: &[u8],
    key: &SigningKey,
    secret: &DisplaySecret,
    hour: Hour,
) -> Result<Vec<u8>, VenueError> {
    let poster = UnverifiedPoster::read(payload)?;
    if poster.unverified_content().display_key != Some(key.verifying_key()) {
        return Err(VenueError::DisplayForged);
    }
    let mut shown = [poster.payload(), &hour.number().to_be_bytes()].concat();
    shown.extend_from_slice(secret.seed(hour).expose());
    let signature = key.sign(&message(&shown));
    shown.extend_from_slice(&signature.to_bytes());
    Ok(shown)
}

/// What a shown code has after the poster's payload.
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

fn message(signed: &[u8]) -> Vec<u8> {
    [DISPLAY_LABEL.as_bytes(), &[0], signed].concat()
}
