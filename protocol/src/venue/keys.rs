//! The authority's keys for venues, as its signed document names them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

use super::VenueError;
use super::party::{Party, PartyKey, ProofOfPossession, ProvenKey};
use crate::interval::UnixTime;

/// The most venue keys that a document names.
pub const MAX_VENUE_KEYS: usize = 16;

/// One generation of the authority's keys for venues. Keys are standard Base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueKey {
    /// The number by which posters name it.
    pub id: u8,
    /// The authority's half of what visits are sealed to: 48 bytes, a point of G1.
    pub sealing_key: String,
    /// Its proof of possession: 96 bytes.
    pub proof: String,
    /// Signs posters: Ed25519, 32 bytes.
    pub poster_key: String,
    /// Signs batches of warnings: Ed25519, 32 bytes.
    pub warning_key: String,
    /// First moment of validity.
    pub not_before: UnixTime,
    /// First moment after its validity.
    pub not_after: UnixTime,
}

/// A [`VenueKey`] whose points and proof have been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvenVenueKey {
    /// The number by which posters name it.
    pub id: u8,
    /// The authority's half of what visits are sealed to.
    pub sealing_key: ProvenKey,
    /// Signs posters.
    pub poster_key: VerifyingKey,
    /// Signs batches of warnings.
    pub warning_key: VerifyingKey,
    /// First moment of validity.
    pub not_before: UnixTime,
    /// First moment after its validity.
    pub not_after: UnixTime,
}

impl VenueKey {
    /// Checks points, keys and the proof of possession (a pairing, about 2 ms).
    pub fn proven(&self) -> Result<ProvenVenueKey, VenueError> {
        let proof = ProofOfPossession(decode(&self.proof)?);
        let sealing_key = PartyKey::from_bytes(&decode(&self.sealing_key)?)?;
        Ok(ProvenVenueKey {
            id: self.id,
            sealing_key: sealing_key.proven(&proof, Party::Authority)?,
            poster_key: verifying_key(&self.poster_key)?,
            warning_key: verifying_key(&self.warning_key)?,
            not_before: self.not_before,
            not_after: self.not_after,
        })
    }
}

impl ProvenVenueKey {
    /// The key with `id` that is valid at `now`.
    pub fn find(keys: &[Self], id: u8, now: UnixTime) -> Result<&Self, VenueError> {
        keys.iter()
            .find(|key| key.id == id && key.not_before <= now && now < key.not_after)
            .ok_or(VenueError::UnknownKey(id))
    }
}

fn decode<const N: usize>(text: &str) -> Result<[u8; N], VenueError> {
    let bytes = BASE64_STANDARD.decode(text).ok();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(VenueError::Malformed {
        what: "a venue key of the authority",
        reason: "it is no Base64 of the right length",
    })
}

fn verifying_key(text: &str) -> Result<VerifyingKey, VenueError> {
    VerifyingKey::from_bytes(&decode(text)?).ok().filter(|key| !key.is_weak()).ok_or(
        VenueError::Malformed {
            what: "a venue key of the authority",
            reason: "it is no Ed25519 public key",
        },
    )
}
