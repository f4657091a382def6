//! Displays: a poster on a screen whose code changes every hour. The authority's signature covers
//! the display's public key; the display signs the hour and a seed, so that it works offline.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use sha2::Sha256;

use super::VenueError;
use super::poster::UnverifiedPoster;
use super::shown::message;
use super::slot::Hour;
use crate::mac::expand;
use crate::secret::SecretBytes;

pub use super::shown::{DISPLAY_GRACE_SECONDS, DISPLAY_HOURS, DISPLAY_LABEL, SHOWN_BYTES};
pub use super::slot::SEED_BYTES;

const SEED_INFO: &[u8] = b"display-seed";

/// From what a display's seeds of all hours derive. The venue's browser and the authority hold it;
/// someone who only saw the screen in one hour cannot compute another hour's seed.
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
