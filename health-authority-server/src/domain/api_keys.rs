//! API keys: what staff's programs show in the header `X-API-Key`.

use std::fmt;

use sha2::{Digest, Sha256};
use vungxanh_protocol::secret::SecretBytes;
use zeroize::Zeroizing;

/// Number of an API key in the database.
pub type ApiKeyId = i64;

/// The longest name of a key, in bytes.
pub const MAX_API_KEY_NAME_BYTES: usize = 96;
/// The most open keys of an authority.
pub const MAX_OPEN_API_KEYS: usize = 100;
/// The longest header in which a key is looked for, in bytes.
const MAX_SHOWN_BYTES: usize = 256;
const SECRET_BYTES: usize = 24;

/// What the database, or a file of the authority's folder, keeps of a key: 192 random bits need no key to be hashed.
pub type ApiKeyHash = [u8; 32];

/// The hash of what a program shows; `None` for what no key is.
pub fn shown_hash(shown: &[u8]) -> Option<ApiKeyHash> {
    let plausible = (1..=MAX_SHOWN_BYTES).contains(&shown.len());
    plausible.then(|| Sha256::digest(shown).into())
}

/// A fresh key, which can be shown only now.
#[derive(Clone)]
pub struct ApiKeySecret(Zeroizing<String>);

impl ApiKeySecret {
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        let secret = SecretBytes::<SECRET_BYTES>::generate(rng);
        Self(Zeroizing::new(format!("vx-{}", hex::encode(secret.expose()))))
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn into_text(self) -> Zeroizing<String> {
        self.0
    }

    pub fn hash(&self) -> ApiKeyHash {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKeySecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_hash_and_nothing_prints_it() {
        let key = ApiKeySecret::generate(&mut rand::rng());
        assert_eq!(shown_hash(key.expose().as_bytes()), Some(key.hash()));
        assert_ne!(ApiKeySecret::generate(&mut rand::rng()).hash(), key.hash());
        assert_eq!(key.expose().len(), 51);
        assert_eq!(shown_hash(b""), None);
        assert_eq!(shown_hash(&[b'x'; 257]), None);
        assert_eq!(format!("{key:?}"), "ApiKeySecret(..)");
    }
}
