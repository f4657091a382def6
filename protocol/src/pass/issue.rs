//! Issuing passes blindly: what the holder keeps, what the issuer sees, and what it answers.

use std::fmt;

use ed25519_dalek::{SigningKey, VerifyingKey};

use super::PassError;
use super::blind::{BLINDED_BYTES, CheckedPoint, PASS_DOMAIN, SecretScalar};
use super::content::{CONTENT_BYTES, Pass, PassContent, PassKind};
use super::issuer::{PassIssuer, specimen_issuer};
use super::keys::DayKey;
use crate::read::Reader;
use crate::secret::SecretBytes;

/// Passes that a declaration is answered with.
pub const BUNDLE_PASSES: usize = 24;
/// Bytes of a [`PassRequest`] as it is stored.
const REQUEST_BYTES: usize = 32 + 32 + CONTENT_BYTES;

/// The private key of one pass. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct HolderKey(SigningKey);

impl HolderKey {
    /// A fresh key.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        Self::from_seed(&SecretBytes::generate(rng))
    }

    /// From the 32 bytes that [`HolderKey::to_seed`] gives.
    pub fn from_seed(seed: &SecretBytes<32>) -> Self {
        Self(SigningKey::from_bytes(seed.expose()))
    }

    /// The 32 bytes, for keeping them.
    pub fn to_seed(&self) -> SecretBytes<32> {
        SecretBytes::filled_by(|seed| seed.copy_from_slice(self.0.as_bytes()))
    }

    /// The public key, which stands in the pass.
    pub fn public_key(&self) -> VerifyingKey {
        self.0.verifying_key()
    }

    pub(super) const fn signing_key(&self) -> &SigningKey {
        &self.0
    }

    /// The secret of the same key pair in its X25519 form.
    pub(crate) fn agreement_secret(&self) -> SecretBytes<32> {
        SecretBytes::filled_by(|secret| *secret = self.0.to_scalar_bytes())
    }
}

impl fmt::Debug for HolderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HolderKey(..)")
    }
}

/// The holder's side of a pass until it is answered. To be stored sealed, and wiped then.
#[derive(Clone)]
pub struct PassRequest {
    holder: HolderKey,
    blinding: SecretScalar,
    content: PassContent,
}

impl PassRequest {
    /// A request for a pass under a published key, with a fresh holder key.
    pub fn new(key: &DayKey, rng: &mut impl rand::CryptoRng) -> Result<Self, PassError> {
        Self::with(key, HolderKey::generate(rng), &SecretBytes::generate(rng))
    }

    /// As [`PassRequest::new`], with the randomness given: for test vectors. `blinding` must never
    /// be used twice.
    pub fn with(
        key: &DayKey,
        holder: HolderKey,
        blinding: &SecretBytes<32>,
    ) -> Result<Self, PassError> {
        let name = key.name();
        let content = PassContent::new(name.kind, name.day, name.id, holder.public_key())?;
        Ok(Self { holder, blinding: SecretScalar::blinding(blinding), content })
    }

    /// What is sent: the message's point times r, which is an ordinary signature by r.
    pub fn blinded(&self) -> BlindedPass {
        BlindedPass(self.blinding.sign(&self.content.to_bytes(), PASS_DOMAIN))
    }

    /// The pass, from the issuer's answer; refused unless `key` has really signed this content.
    pub fn finish(
        self,
        answer: &BlindSignature,
        key: &DayKey,
    ) -> Result<(Pass, HolderKey), PassError> {
        let pass = Pass { content: self.content, signature: self.blinding.unblind(&answer.0) };
        pass.verify(key.point())?;
        Ok((pass, self.holder))
    }

    /// Holder key, r and content, for keeping them sealed.
    pub fn to_bytes(&self) -> SecretBytes<REQUEST_BYTES> {
        SecretBytes::filled_by(|bytes| {
            let (holder, blinding) = (self.holder.to_seed(), self.blinding.to_bytes());
            let parts = holder.expose().iter().chain(blinding.expose());
            let content = self.content.to_bytes();
            bytes.iter_mut().zip(parts.chain(&content)).for_each(|(to, from)| *to = *from);
        })
    }

    /// What [`PassRequest::to_bytes`] gave.
    pub fn from_bytes(bytes: &SecretBytes<REQUEST_BYTES>) -> Result<Self, PassError> {
        let mut reader = Reader::new("the kept request for a pass", bytes.expose());
        let seed = SecretBytes::new(reader.array()?);
        let blinding = SecretScalar::from_bytes(&SecretBytes::new(reader.array()?))?;
        let content = PassContent::read(&mut reader)?;
        reader.end()?;
        let holder = HolderKey::from_seed(&seed);
        if holder.public_key() != content.holder {
            return Err(PassError::BadHolderKey);
        }
        Ok(Self { holder, blinding, content })
    }
}

impl fmt::Debug for PassRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PassRequest(..)")
    }
}

/// A pass's message, blinded: a checked point that reveals nothing to the issuer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BlindedPass(CheckedPoint);

impl BlindedPass {
    /// The compressed point.
    pub fn to_bytes(self) -> [u8; BLINDED_BYTES] {
        self.0.to_bytes()
    }

    /// Reads a compressed point and checks it: to be done before a secret touches it.
    pub fn from_bytes(bytes: &[u8; BLINDED_BYTES]) -> Result<Self, PassError> {
        CheckedPoint::from_bytes(bytes, "the blinded pass").map(Self)
    }
}

impl fmt::Debug for BlindedPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlindedPass(..)")
    }
}

/// The issuer's signature over a blinded message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BlindSignature(CheckedPoint);

impl BlindSignature {
    /// The compressed point.
    pub fn to_bytes(self) -> [u8; BLINDED_BYTES] {
        self.0.to_bytes()
    }

    /// Reads a compressed point and checks it.
    pub fn from_bytes(bytes: &[u8; BLINDED_BYTES]) -> Result<Self, PassError> {
        CheckedPoint::from_bytes(bytes, "the answer").map(Self)
    }
}

impl fmt::Debug for BlindSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlindSignature(..)")
    }
}

impl PassIssuer {
    /// Signs what the holder has blinded, in constant time.
    pub fn issue(&self, blinded: &BlindedPass) -> BlindSignature {
        BlindSignature(self.0.sign_blinded(&blinded.0))
    }
}

impl Pass {
    /// A pass for training and demonstration, shown as grey by every door.
    pub fn specimen(live: bool, first_day: u16, holder: &HolderKey) -> Result<Self, PassError> {
        let kind = if live { PassKind::LiveSpecimen } else { PassKind::PrintedSpecimen };
        let content = PassContent::new(kind, first_day, 0, holder.public_key())?;
        let signature = specimen_issuer().0.sign(&content.to_bytes(), PASS_DOMAIN);
        Ok(Self { content, signature })
    }
}
