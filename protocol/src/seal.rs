//! Sealing at rest: XChaCha20-Poly1305 with a fresh random nonce, under a label for each purpose.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use crate::secret::SecretBytes;

/// Bytes that sealing adds: nonce and tag.
pub const OVERHEAD_BYTES: usize = NONCE_BYTES + 16;
const NONCE_BYTES: usize = 24;

/// A key that seals.
pub type SealKey = SecretBytes<32>;

/// The sealed bytes cannot be opened: wrong key, wrong place or altered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the sealed record cannot be opened: wrong key or damaged")]
pub struct OpenError;

/// Seals `plain` for the place that `label` and `context` name. Result: nonce || ciphertext || tag.
pub fn seal(
    key: &SealKey,
    label: &str,
    context: &[u8],
    plain: &[u8],
    rng: &mut impl rand::CryptoRng,
) -> Vec<u8> {
    let mut nonce = [0u8; NONCE_BYTES];
    rng.fill_bytes(&mut nonce);
    let aad = associated_data(label, context);
    let cipher = XChaCha20Poly1305::new(&(*key.expose()).into());
    let payload = Payload { msg: plain, aad: &aad };
    // Encryption fails only beyond 256 GiB.
    let sealed = cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
    [&nonce[..], &sealed].concat()
}

/// Opens what [`seal`] made with the same key, label and context.
pub fn open(
    key: &SealKey,
    label: &str,
    context: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, OpenError> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError)?;
    let aad = associated_data(label, context);
    XChaCha20Poly1305::new(&(*key.expose()).into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &aad })
        .map_err(|_| OpenError)
}

fn associated_data(label: &str, context: &[u8]) -> Vec<u8> {
    [label.as_bytes(), &[0], context].concat()
}
