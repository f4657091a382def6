//! Signed documents: exact bytes and a detached Ed25519 signature (RFC 8032) over
//! `label || 0x00 || bytes`. JSON is never canonicalised: the signed bytes are stored.
//!
//! On the wire and on disk a signed document is one line with the signature in base64
//! (88 characters and a line feed), then the exact bytes. `tail -n +2` shows the document.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

const SIGNATURE_LINE_BYTES: usize = 89;

/// Why a signed document was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignedError {
    /// Longer than the reader allows.
    #[error("the document has {bytes} bytes, more than the {limit} allowed")]
    TooLong {
        /// Bytes received.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The first line is no signature.
    #[error("the document does not start with a line holding its signature")]
    NoSignature,
    /// The signature is not the expected signer's over these bytes.
    #[error("the signature is not valid: the document was altered or signed by someone else")]
    BadSignature,
}

/// Signs `bytes` for the purpose that `label` names, in the form in which it is published.
pub fn sign(label: &str, bytes: &[u8], key: &SigningKey) -> Vec<u8> {
    let signature = key.sign(&message(label, bytes));
    let mut signed = BASE64_STANDARD.encode(signature.to_bytes()).into_bytes();
    signed.push(b'\n');
    signed.extend_from_slice(bytes);
    signed
}

/// A signed document whose signature has not been looked at yet.
#[derive(Debug, Clone, Copy)]
pub struct Unverified<'a> {
    signature: Signature,
    bytes: &'a [u8],
}

/// Splits a signed document of at most `limit` bytes into signature and bytes.
pub fn parse(signed: &[u8], limit: usize) -> Result<Unverified<'_>, SignedError> {
    if signed.len() > limit {
        return Err(SignedError::TooLong { bytes: signed.len(), limit });
    }
    let (line, bytes) =
        signed.split_at_checked(SIGNATURE_LINE_BYTES).ok_or(SignedError::NoSignature)?;
    let (encoded, line_feed) = line.split_at(SIGNATURE_LINE_BYTES - 1);
    let signature = BASE64_STANDARD
        .decode(encoded)
        .ok()
        .filter(|_| line_feed == b"\n")
        .and_then(|raw| Signature::from_slice(&raw).ok())
        .ok_or(SignedError::NoSignature)?;
    Ok(Unverified { signature, bytes })
}

impl<'a> Unverified<'a> {
    /// The bytes if `key` signed them under `label`.
    pub fn verify(self, label: &str, key: &VerifyingKey) -> Result<&'a [u8], SignedError> {
        key.verify_strict(&message(label, self.bytes), &self.signature)
            .map_err(|_| SignedError::BadSignature)?;
        Ok(self.bytes)
    }

    /// The bytes without any proof of where they come from. For match out which key to ask
    /// for at first enrolment, never for use.
    pub const fn unverified_bytes(self) -> &'a [u8] {
        self.bytes
    }
}

/// The SHA-256 of a raw Ed25519 public key: what enrolment compares.
pub fn fingerprint(key: &VerifyingKey) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

fn message(label: &str, bytes: &[u8]) -> Vec<u8> {
    [label.as_bytes(), &[0], bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    #[test]
    fn round_trip_and_every_altered_byte() {
        let signed = sign("test", b"exact bytes", &key());
        let public = key().verifying_key();
        let parsed = parse(&signed, 1_000).unwrap();
        assert_eq!(parsed.verify("test", &public), Ok(&b"exact bytes"[..]));
        assert_eq!(parsed.verify("other", &public), Err(SignedError::BadSignature));
        for i in 0..signed.len() {
            let mut altered = signed.clone();
            altered[i] ^= 1;
            let verdict = parse(&altered, 1_000).and_then(|p| p.verify("test", &public));
            assert!(verdict.is_err(), "byte {i} can be altered");
        }
    }

    #[test]
    fn limits() {
        let signed = sign("test", b"1234", &key());
        assert!(matches!(parse(&signed, signed.len() - 1), Err(SignedError::TooLong { .. })));
        assert!(matches!(parse(b"short", 100), Err(SignedError::NoSignature)));
        assert!(matches!(parse(&[b'A'; 200], 1_000), Err(SignedError::NoSignature)));
    }
}
