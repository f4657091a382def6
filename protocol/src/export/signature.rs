//! Signatures over `export.bin`.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;

use super::error::ExportError;
use super::header::{RawBatch, SignatureInfo};
use super::source::Digests;
use super::wire::{Fields, Value, int32};
use super::{ECDSA_SHA256, ECDSA_SHA512, Limits};
use crate::authority::ExportKey;
use crate::interval::UnixTime;

/// A public key that export files may be signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationKey {
    key: VerifyingKey,
    id: Option<String>,
    version: Option<String>,
}

impl VerificationKey {
    /// From PEM (SubjectPublicKeyInfo of a P-256 key). It is tried on every signature, whatever
    /// id that names.
    pub fn from_pem(pem: &str) -> Result<Self, ExportError> {
        let key = VerifyingKey::from_public_key_pem(pem.trim())
            .map_err(|error| ExportError::InvalidPublicKey(error.to_string()))?;
        Ok(Self::from_key(key))
    }

    pub(super) const fn from_key(key: VerifyingKey) -> Self {
        Self { key, id: None, version: None }
    }

    /// Restricts the key to signatures that name this id and version.
    #[must_use]
    pub fn named(mut self, id: impl Into<String>, version: impl Into<String>) -> Self {
        (self.id, self.version) = (Some(id.into()), Some(version.into()));
        self
    }

    /// From the authority document, if the key is valid at `at`.
    pub fn from_authority(key: &ExportKey, at: UnixTime) -> Result<Self, ExportError> {
        if !(key.not_before..key.not_after).contains(&at) {
            return Err(ExportError::KeyNotValid {
                id: key.id.clone(),
                not_before: key.not_before,
                not_after: key.not_after,
            });
        }
        Ok(Self::from_pem(&key.public_key)?.named(&key.id, &key.version))
    }

    fn is_named_by(&self, info: &SignatureInfo) -> bool {
        self.id.as_ref().is_none_or(|id| *id == info.key_id)
            && self.version.as_ref().is_none_or(|version| *version == info.key_version)
    }
}

/// Whose signature was found to be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedBy {
    /// What the signature says about its key.
    pub info: SignatureInfo,
}

/// One signature of `export.sig`.
#[derive(Debug)]
pub(super) struct ExportSignature {
    pub(super) info: SignatureInfo,
    pub(super) batch: RawBatch,
    /// DER.
    bytes: Vec<u8>,
}

impl ExportSignature {
    /// All signatures of an `export.sig`.
    pub(super) fn decode_list(bytes: &[u8], limits: &Limits) -> Result<Vec<Self>, ExportError> {
        let mut signatures = Vec::new();
        let mut fields = Fields::new(bytes);
        while let Some((field, value)) = fields.next()? {
            let (1, Value::Bytes(message)) = (field, value) else { continue };
            if signatures.len() == limits.signatures {
                return Err(ExportError::TooLarge {
                    what: "export.sig",
                    limit: limits.signatures as u64,
                    unit: "signatures",
                });
            }
            signatures.push(Self::decode(message, limits)?);
        }
        Ok(signatures)
    }

    fn decode(message: &[u8], limits: &Limits) -> Result<Self, ExportError> {
        let mut signature = Self {
            info: SignatureInfo::decode(&[], limits)?,
            batch: RawBatch::default(),
            bytes: Vec::new(),
        };
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            match (field, value) {
                (1, Value::Bytes(info)) => signature.info = SignatureInfo::decode(info, limits)?,
                (2, Value::Varint(num)) => signature.batch.num = Some(int32(num)),
                (3, Value::Varint(size)) => signature.batch.size = Some(int32(size)),
                (4, Value::Bytes(bytes)) => signature.bytes = bytes.to_vec(),
                _ => {}
            }
        }
        Ok(signature)
    }

    pub(super) fn uses_sha512(&self) -> bool {
        self.info.algorithm == ECDSA_SHA512
    }

    fn digest<'a>(&self, digests: &'a Digests) -> Option<&'a [u8]> {
        match self.info.algorithm.as_str() {
            ECDSA_SHA256 => Some(&digests.sha256),
            ECDSA_SHA512 => digests.sha512.as_ref().map(|hash| &hash[..]),
            _ => None,
        }
    }

    fn is_by(&self, key: &VerificationKey, digest: &[u8]) -> bool {
        Signature::from_der(&self.bytes)
            .and_then(|signature| key.key.verify_prehash(digest, &signature))
            .is_ok()
    }
}

/// Finds a signature that one of `keys` made. One is enough: files of several authorities carry
/// several, and a reader knows one of them.
pub(super) fn verify(
    signatures: &[ExportSignature],
    digests: &Digests,
    keys: &[VerificationKey],
) -> Result<SignedBy, ExportError> {
    let mut unknown_algorithm = None;
    let mut unknown_keys = Vec::new();
    let mut was_tried = false;
    for signature in signatures {
        let Some(digest) = signature.digest(digests) else {
            unknown_algorithm.get_or_insert(&signature.info.algorithm);
            continue;
        };
        let mut candidates = keys.iter().filter(|key| key.is_named_by(&signature.info)).peekable();
        if candidates.peek().is_none() {
            unknown_keys.push(signature.info.label());
            continue;
        }
        was_tried = true;
        if candidates.any(|key| signature.is_by(key, digest)) {
            return Ok(SignedBy { info: signature.info.clone() });
        }
    }
    Err(match unknown_algorithm {
        _ if was_tried => ExportError::BadSignature,
        _ if !unknown_keys.is_empty() => {
            ExportError::UnknownKey { signed_by: unknown_keys.join(", ") }
        }
        Some(algorithm) => ExportError::UnknownAlgorithm(algorithm.clone()),
        None => ExportError::NotSigned,
    })
}
