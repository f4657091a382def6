//! The one piece of arithmetic on points: a point of G1, checked, times a secret scalar.
//!
//! blst's safe types multiply points that are given from outside in variable time only. What it
//! signs with, `blst_sign_pk_in_g2`, is the same multiplication in constant time; it and the
//! inverse of a scalar are behind the library's C interface, hence `unsafe`, in this file alone
//! (`docs/adr`, "Blind signatures by the signing function").

#![allow(unsafe_code)]

use std::fmt;

use blst::min_sig::{AggregateSignature, PublicKey, SecretKey, Signature};
use blst::{BLST_ERROR, blst_p1, blst_scalar, blst_sign_pk_in_g2, blst_sk_inverse};
use zeroize::Zeroize;

use super::PassError;
use crate::secret::SecretBytes;

/// Domain separation of passes (RFC 9380 section 3.1).
pub const PASS_DOMAIN: &[u8] = b"VX-PASS-1_BLS12381G1_XMD:SHA-256_SSWU_RO_";
/// Bytes of a signature: a compressed point of G1.
pub const SIGNATURE_BYTES: usize = 48;
/// Bytes of a blinded message, and of its signature: compressed points of G1.
pub const BLINDED_BYTES: usize = SIGNATURE_BYTES;
const BLIND_INFO: &[u8] = b"VX-PASS-BLIND-1";

/// A point of G1 in the subgroup of prime order, not the identity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CheckedPoint(Signature);

impl CheckedPoint {
    /// Reads a compressed point. Refuses what is not canonical, off the curve, outside the
    /// subgroup, or the identity: a point of small order would leak a secret that multiplies it.
    pub(crate) fn from_bytes(
        bytes: &[u8; SIGNATURE_BYTES],
        what: &'static str,
    ) -> Result<Self, PassError> {
        let checked = |point: Signature| point.validate(true).map(|()| Self(point));
        Signature::uncompress(bytes).and_then(checked).map_err(|_| PassError::BadPoint(what))
    }

    pub(crate) fn to_bytes(self) -> [u8; SIGNATURE_BYTES] {
        self.0.compress()
    }

    /// Whether `key` signed `message`. Both points have been checked when they were read.
    pub(crate) fn verifies(&self, message: &[u8], domain: &[u8], key: &IssuingKey) -> bool {
        let verdict = self.0.verify(false, message, domain, &[], &key.0, false);
        verdict == BLST_ERROR::BLST_SUCCESS
    }

    /// This point times `secret`, in constant time.
    fn times(&self, secret: &SecretScalar) -> Self {
        let point = AggregateSignature::from_signature(&self.0);
        let point: &blst_p1 = (&point).into();
        let mut product = blst_p1::default();
        let scalar: &blst_scalar = (&secret.0).into();
        // SAFETY: all three point to values that live until the call returns, of the types that it
        // reads and writes; it keeps none of them. The point is in the subgroup, as it demands.
        unsafe { blst_sign_pk_in_g2(&raw mut product, point, scalar) };
        Self(AggregateSignature::from(product).to_signature())
    }
}

/// A scalar in 1..q. Wiped when dropped, never printed.
#[derive(Clone)]
pub(crate) struct SecretScalar(SecretKey);

impl SecretScalar {
    /// `KeyGen` of draft-irtf-cfrg-bls-signature-05 from 32 random bytes.
    pub(crate) fn generate(info: &[u8], rng: &mut impl rand::CryptoRng) -> Self {
        Self::from_seed(&SecretBytes::generate(rng), info)
    }

    /// `KeyGen` from the 32 bytes given.
    pub(crate) fn from_seed(seed: &SecretBytes<32>, info: &[u8]) -> Self {
        // 32 bytes are enough for KeyGen, its only condition.
        Self(SecretKey::key_gen(seed.expose(), info).unwrap_or_default())
    }

    /// r of a blinding, from 32 random bytes.
    pub(crate) fn blinding(seed: &SecretBytes<32>) -> Self {
        Self::from_seed(seed, BLIND_INFO)
    }

    /// From 32 bytes, big-endian.
    pub(crate) fn from_bytes(bytes: &SecretBytes<32>) -> Result<Self, PassError> {
        SecretKey::from_bytes(bytes.expose()).map(Self).map_err(|_| PassError::BadScalar)
    }

    /// 32 bytes, big-endian, for keeping it.
    pub(crate) fn to_bytes(&self) -> SecretBytes<32> {
        let mut bytes = self.0.to_bytes();
        let secret = SecretBytes::new(bytes);
        bytes.zeroize();
        secret
    }

    pub(crate) fn public_key(&self) -> IssuingKey {
        IssuingKey(self.0.sk_to_pk())
    }

    /// An ordinary signature.
    pub(crate) fn sign(&self, message: &[u8], domain: &[u8]) -> CheckedPoint {
        CheckedPoint(self.0.sign(message, domain, &[]))
    }

    /// A signature over what a blinded point hides.
    pub(crate) fn sign_blinded(&self, blinded: &CheckedPoint) -> CheckedPoint {
        blinded.times(self)
    }

    /// Takes this factor out of a signature over what it has blinded.
    pub(crate) fn unblind(&self, signature: &CheckedPoint) -> CheckedPoint {
        let scalar: &blst_scalar = (&self.0).into();
        let mut inverse = blst_scalar::default();
        // SAFETY: both point to scalars that live until the call returns; it keeps neither.
        unsafe { blst_sk_inverse(&raw mut inverse, scalar) };
        // The inverse of a scalar in 1..q is one, which is the conversion's only condition.
        let product = <&SecretKey>::try_from(&inverse)
            .map_or(*signature, |key| signature.times(&Self(key.clone())));
        inverse.b.zeroize();
        product
    }
}

impl fmt::Debug for SecretScalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretScalar(..)")
    }
}

/// The public key of an issuer: a point of G2 in the subgroup, not the identity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct IssuingKey(PublicKey);

impl IssuingKey {
    /// Bytes of a compressed point of G2.
    pub(crate) const BYTES: usize = 96;

    pub(crate) fn from_bytes(bytes: &[u8; Self::BYTES]) -> Result<Self, PassError> {
        let checked = |point: PublicKey| point.validate().map(|()| Self(point));
        let point = PublicKey::uncompress(bytes).and_then(checked);
        point.map_err(|_| PassError::BadPoint("the issuer's key"))
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::BYTES] {
        self.0.compress()
    }
}

impl fmt::Debug for IssuingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuingKey({}..)", hex::encode(&self.to_bytes()[..4]))
    }
}
