//! The private half of an intake key, sealed to one officer.

use std::fmt;

use super::IntakeError;
use super::keys::IntakeKey;
use super::roster::Officer;
use crate::read::FormatError;
use crate::sealed_box::{self, OpeningKey};
use crate::secret::SecretBytes;

/// Bytes of a sealed half.
pub const HALF_BYTES: usize = 32 + sealed_box::OVERHEAD_BYTES;
const LABEL: &str = "VX-INTAKE-HALF-1";

/// A private half that one officer alone can open.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedHalf([u8; HALF_BYTES]);

impl SealedHalf {
    /// Seals the private half of `key` to an officer of that authority.
    pub fn seal(
        half: &OpeningKey,
        key: &IntakeKey,
        officer: &Officer,
        authority: &str,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, IntakeError> {
        if half.public_key() != key.key {
            return Err(IntakeError::OtherKey);
        }
        let plain = half.expose().expose();
        let sealed = officer.key.seal(&info(key, authority), &aad(key, officer.id), plain, rng)?;
        let bytes = sealed.len();
        let sealed = sealed.try_into();
        sealed.map(Self).map_err(|_| FormatError::Length { what: "the sealed half", bytes }.into())
    }

    /// Takes over the bytes; only opening checks them.
    pub const fn from_bytes(bytes: [u8; HALF_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; HALF_BYTES] {
        &self.0
    }

    /// Opens it with the officer's private key, and checks that it belongs to the published key.
    pub fn open(
        &self,
        officer: u16,
        officer_key: &OpeningKey,
        key: &IntakeKey,
        authority: &str,
    ) -> Result<OpeningKey, IntakeError> {
        let plain = officer_key.open(&info(key, authority), &aad(key, officer), &self.0)?;
        let half = SecretBytes::from_slice(&plain).map(OpeningKey::from_bytes);
        half.filter(|half| half.public_key() == key.key).ok_or(IntakeError::OtherKey)
    }
}

impl fmt::Debug for SealedHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedHalf(..)")
    }
}

fn info(key: &IntakeKey, authority: &str) -> Vec<u8> {
    sealed_box::info(LABEL, authority, &key.id.to_be_bytes())
}

fn aad(key: &IntakeKey, officer: u16) -> Vec<u8> {
    [&key.day.to_be_bytes()[..], &[key.group], &officer.to_be_bytes()].concat()
}
