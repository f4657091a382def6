//! The secret that issues passes, and the well-known one of specimens.

use super::PassError;
use super::blind::{IssuingKey, SecretScalar};
use crate::secret::SecretBytes;

const KEY_INFO: &[u8] = b"VX-PASS-KEY-1";

/// The secret that issues the passes of one day and kind. It is used for nothing else: a blind
/// signer signs whatever it is given.
#[derive(Clone, Debug)]
pub struct PassIssuer(pub(super) SecretScalar);

impl PassIssuer {
    /// A fresh secret.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        Self(SecretScalar::generate(KEY_INFO, rng))
    }

    /// From the 32 random bytes of a test vector.
    pub fn from_seed(seed: &SecretBytes<32>) -> Self {
        Self(SecretScalar::from_seed(seed, KEY_INFO))
    }

    /// From 32 bytes, as [`PassIssuer::to_bytes`] gives them.
    pub fn from_bytes(bytes: &SecretBytes<32>) -> Result<Self, PassError> {
        SecretScalar::from_bytes(bytes).map(Self)
    }

    /// The scalar, big-endian, for keeping it.
    pub fn to_bytes(&self) -> SecretBytes<32> {
        self.0.to_bytes()
    }

    /// The public key, compressed.
    pub fn public_key(&self) -> [u8; IssuingKey::BYTES] {
        self.0.public_key().to_bytes()
    }
}

/// The well-known issuer of specimens: anyone can make them, no door takes them for passes.
pub(super) fn specimen_issuer() -> PassIssuer {
    PassIssuer(SecretScalar::from_seed(&SecretBytes::new([0; 32]), b"VX-PASS-SPECIMEN-1"))
}
