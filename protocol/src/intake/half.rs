//! The private half of an intake key, sealed to one officer.

use std::fmt;

use super::IntakeError;
use super::keys::IntakeKey;
use super::roster::Officer;
use crate::read::FormatError;
use crate::sealed_box::{self, OpeningKey, SealingKey};
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
        let place = Place { info: &info(key, authority), aad: &aad(key, officer.id) };
        Self::seal_in(&place, half, &key.key, &officer.key, rng)
    }

    /// Seals the private half of `public` in its place.
    pub(crate) fn seal_in(
        place: &Place<'_>,
        half: &OpeningKey,
        public: &SealingKey,
        officer: &SealingKey,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, IntakeError> {
        if half.public_key() != *public {
            return Err(IntakeError::OtherKey);
        }
        let sealed = officer.seal(place.info, place.aad, half.expose().expose(), rng)?;
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
        let place = Place { info: &info(key, authority), aad: &aad(key, officer) };
        self.open_in(&place, officer_key, &key.key)
    }

    /// Opens it in its place, and checks that it is the private half of `public`.
    pub(crate) fn open_in(
        &self,
        place: &Place<'_>,
        officer_key: &OpeningKey,
        public: &SealingKey,
    ) -> Result<OpeningKey, IntakeError> {
        let plain = officer_key.open(place.info, place.aad, &self.0)?;
        let half = SecretBytes::from_slice(&plain).map(OpeningKey::from_bytes);
        half.filter(|half| half.public_key() == *public).ok_or(IntakeError::OtherKey)
    }
}

/// What a half is for and where it belongs: it opens nowhere else.
pub(crate) struct Place<'a> {
    pub(crate) info: &'a [u8],
    pub(crate) aad: &'a [u8],
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
