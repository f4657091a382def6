//! The secrets of one day's telephone codes: one issues tokens blindly, one proves numbers.

use std::fmt;

use ed25519_dalek::{Signer, SigningKey};

use super::PhoneError;
use super::keys::DayPhoneKey;
use super::token::{BlindToken, BlindTokenSignature, PhoneProof, proof_message};
use crate::pass::SecretScalar;
use crate::read::FormatError;
use crate::secret::SecretBytes;

const TOKEN_KEY_INFO: &[u8] = b"VX-PHONE-TOKEN-KEY-1";
/// Bytes of the secrets of a day as they are kept.
const ISSUER_BYTES: usize = 64;

/// The secrets of one day. They are used for nothing else: a blind signer signs whatever it is given.
#[derive(Clone)]
pub struct PhoneIssuer {
    token: SecretScalar,
    proof: SigningKey,
}

impl PhoneIssuer {
    /// Fresh secrets.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        Self::from_seeds(&SecretBytes::generate(rng), &SecretBytes::generate(rng))
    }

    /// From the random bytes of a test vector.
    pub fn from_seeds(token: &SecretBytes<32>, proof: &SecretBytes<32>) -> Self {
        Self {
            token: SecretScalar::from_seed(token, TOKEN_KEY_INFO),
            proof: SigningKey::from_bytes(proof.expose()),
        }
    }

    /// Scalar and seed, for keeping them.
    pub fn to_bytes(&self) -> SecretBytes<ISSUER_BYTES> {
        SecretBytes::filled_by(|bytes| {
            let token = self.token.to_bytes();
            let parts = token.expose().iter().chain(self.proof.as_bytes());
            bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        })
    }

    /// What [`PhoneIssuer::to_bytes`] gave.
    pub fn from_bytes(bytes: &SecretBytes<ISSUER_BYTES>) -> Result<Self, PhoneError> {
        let (token, proof) = bytes.expose().split_at(ISSUER_BYTES / 2);
        let half = |bytes| {
            let length = FormatError::Length { what: "the secret", bytes: ISSUER_BYTES };
            SecretBytes::<32>::from_slice(bytes).ok_or(length)
        };
        Ok(Self {
            token: SecretScalar::from_bytes(&half(token)?)?,
            proof: SigningKey::from_bytes(half(proof)?.expose()),
        })
    }

    /// What is published of them.
    pub fn public(&self, day: u16, id: u8) -> DayPhoneKey {
        DayPhoneKey::new(day, id, self.token.public_key(), self.proof.verifying_key())
    }

    /// Signs a blinded token, in constant time.
    pub fn issue(&self, blinded: &BlindToken) -> BlindTokenSignature {
        BlindTokenSignature(self.token.sign_blinded(&blinded.0))
    }

    /// Says that who has this number, as `normalised_phone` writes it, read a message that day.
    pub fn prove(&self, day: u16, number: &str) -> PhoneProof {
        PhoneProof(self.proof.sign(&proof_message(day, number)))
    }
}

impl fmt::Debug for PhoneIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneIssuer(..)")
    }
}
