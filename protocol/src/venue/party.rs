//! The two parties' keys: a secret scalar, a public key in G1 and a proof of possession.
//!
//! Without the proofs, either party could choose its key as a multiple of the generator minus the
//! other's, and hold the joint key alone.

use std::fmt;

use blst::BLST_ERROR;
use blst::min_pk::{AggregatePublicKey, PublicKey, SecretKey, Signature};
use zeroize::Zeroizing;

use super::VenueError;
use crate::secret::SecretBytes;

/// Bytes of a public key: a compressed point of G1.
pub const PUBLIC_KEY_BYTES: usize = 48;
/// Bytes of a proof of possession: a compressed point of G2.
pub const PROOF_BYTES: usize = 96;
/// Domain separation of proofs of possession (RFC 9380 section 3.1).
pub const PROOF_DOMAIN: &[u8] = b"VX-VENUE-POP-1_BLS12381G2_XMD:SHA-256_SSWU_RO_";
const KEY_INFO: &[u8] = b"VX-VENUE-KEY-1";

/// Whose key it is. A proof made as one party is none for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// The place.
    Venue,
    /// The health authority.
    Authority,
}

impl Party {
    const fn role(self) -> &'static [u8] {
        match self {
            Self::Venue => b"venue",
            Self::Authority => b"authority",
        }
    }

    fn proof_message(self, key: &PartyKey) -> Vec<u8> {
        [self.role(), &[0], &key.to_bytes()].concat()
    }
}

/// A party's secret scalar, 1..q. Wiped when dropped, never printed.
#[derive(Clone)]
pub struct PartySecret(SecretKey);

impl PartySecret {
    /// A fresh key.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        let seed = SecretBytes::<32>::generate(rng);
        // 32 bytes are enough for KeyGen, its only condition.
        Self(SecretKey::key_gen(seed.expose(), KEY_INFO).unwrap_or_default())
    }

    /// From 32 bytes, big-endian, as [`PartySecret::to_bytes`] gives them.
    pub fn from_bytes(bytes: &SecretBytes<32>) -> Result<Self, VenueError> {
        SecretKey::from_bytes(bytes.expose()).map(Self).map_err(|_| VenueError::BadScalar)
    }

    /// The scalar, for keeping it.
    pub fn to_bytes(&self) -> SecretBytes<32> {
        let bytes = Zeroizing::new(self.0.to_bytes());
        SecretBytes::filled_by(|output| output.copy_from_slice(&*bytes))
    }

    /// The public key.
    pub fn public_key(&self) -> PartyKey {
        PartyKey(self.0.sk_to_pk())
    }

    /// Proves to hold this key, as `party`.
    pub fn prove(&self, party: Party) -> ProofOfPossession {
        let message = party.proof_message(&self.public_key());
        ProofOfPossession(self.sign(&message, PROOF_DOMAIN).compress())
    }

    pub(crate) fn sign(&self, message: &[u8], domain: &[u8]) -> Signature {
        self.0.sign(message, domain, &[])
    }
}

impl fmt::Debug for PartySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PartySecret(..)")
    }
}

/// A party's public key: in the prime-order subgroup of G1, not the identity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PartyKey(PublicKey);

impl PartyKey {
    /// Reads a compressed point and checks it.
    pub fn from_bytes(bytes: &[u8; PUBLIC_KEY_BYTES]) -> Result<Self, VenueError> {
        read_g1(bytes, "the public key").map(Self)
    }

    /// The compressed point.
    pub fn to_bytes(&self) -> [u8; PUBLIC_KEY_BYTES] {
        self.0.compress()
    }

    /// The key as a proven one, if `proof` was made by its holder as `party`.
    pub fn proven(self, proof: &ProofOfPossession, party: Party) -> Result<ProvenKey, VenueError> {
        let message = party.proof_message(&self);
        read_g2(&proof.0, "the proof of possession")
            .is_ok_and(|signature| verifies(&signature, &message, PROOF_DOMAIN, &self.0))
            .then_some(ProvenKey(self))
            .ok_or(VenueError::NotProven)
    }

    pub(crate) const fn point(&self) -> &PublicKey {
        &self.0
    }
}

impl fmt::Debug for PartyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartyKey({}..)", hex::encode(&self.to_bytes()[..4]))
    }
}

/// Evidence that the presenter of a public key holds its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProofOfPossession(pub [u8; PROOF_BYTES]);

/// A public key whose holder has proven to hold the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvenKey(PartyKey);

impl ProvenKey {
    /// The key.
    pub const fn key(&self) -> &PartyKey {
        &self.0
    }
}

/// The joint public key of a venue and the authority: what visits are sealed to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MasterKey(PublicKey);

impl MasterKey {
    /// The sum of both keys. The authority's is proven to the device by its document. The venue's
    /// was proven to the authority, which vouches for it by signing the poster.
    pub fn join(venue: &PartyKey, authority: &ProvenKey) -> Result<Self, VenueError> {
        let bad_point = |_: BLST_ERROR| VenueError::BadPoint("the joint key");
        let sum =
            AggregatePublicKey::aggregate(&[&venue.0, &authority.0.0], true).map_err(bad_point)?;
        let sum = sum.to_public_key();
        sum.validate().map_err(bad_point)?;
        Ok(Self(sum))
    }

    /// The compressed point.
    pub fn to_bytes(&self) -> [u8; PUBLIC_KEY_BYTES] {
        self.0.compress()
    }

    pub(crate) const fn point(&self) -> &PublicKey {
        &self.0
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({}..)", hex::encode(&self.to_bytes()[..4]))
    }
}

pub(super) fn read_g1(bytes: &[u8], what: &'static str) -> Result<PublicKey, VenueError> {
    let checked = |point: PublicKey| point.validate().map(|()| point);
    PublicKey::uncompress(bytes).and_then(checked).map_err(|_| VenueError::BadPoint(what))
}

pub(crate) fn read_g2(bytes: &[u8], what: &'static str) -> Result<Signature, VenueError> {
    let checked = |point: Signature| point.validate(true).map(|()| point);
    Signature::uncompress(bytes).and_then(checked).map_err(|_| VenueError::BadPoint(what))
}

/// An ordinary BLS verification. Both points have been checked when they were read.
pub(crate) fn verifies(
    signature: &Signature,
    message: &[u8],
    domain: &[u8],
    key: &PublicKey,
) -> bool {
    signature.verify(false, message, domain, &[], key, false) == BLST_ERROR::BLST_SUCCESS
}
