//! Sealing to a public key: HPKE (RFC 9180) in base mode, with X25519, HKDF-SHA256 and
//! ChaCha20-Poly1305.

use std::fmt;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};
use zeroize::Zeroizing;

use crate::secret::SecretBytes;

/// Bytes that sealing adds: the ephemeral key and the tag.
pub const OVERHEAD_BYTES: usize = KEY_BYTES + 16;
/// Bytes of a key, public or private.
pub const KEY_BYTES: usize = 32;

type Suite = X25519HkdfSha256;

/// Why something could not be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BoxError {
    /// A public key of small order: what it agrees on is known to everybody.
    #[error("the public key is of small order")]
    WeakKey,
    /// The private key is none.
    #[error("the private key is no X25519 key")]
    BadKey,
    /// Wrong key, wrong place, or altered.
    #[error("the sealed message cannot be opened: wrong key or damaged")]
    Closed,
}

/// A public key to which things are sealed; not of small order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealingKey([u8; KEY_BYTES]);

impl SealingKey {
    /// Reads a public key.
    pub fn from_bytes(bytes: &[u8; KEY_BYTES]) -> Result<Self, BoxError> {
        // Multiples of the cofactor, as every X25519 secret is, send points of small order to zero.
        let agreed = x25519_dalek::x25519([1; KEY_BYTES], *bytes);
        if agreed == [0; KEY_BYTES] { Err(BoxError::WeakKey) } else { Ok(Self(*bytes)) }
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// Seals `plain` for this key, purpose (`info`) and place (`aad`). Result: ephemeral key ||
    /// ciphertext || tag.
    pub fn seal(
        &self,
        info: &[u8],
        aad: &[u8],
        plain: &[u8],
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Vec<u8>, BoxError> {
        let key = <Suite as Kem>::PublicKey::from_bytes(&self.0).map_err(|_| BoxError::WeakKey)?;
        let (ephemeral, sealed) = hpke::single_shot_seal_with_rng::<
            ChaCha20Poly1305,
            HkdfSha256,
            Suite,
        >(&OpModeS::Base, &key, info, plain, aad, rng)
        .map_err(|_| BoxError::WeakKey)?;
        Ok([&ephemeral.to_bytes()[..], &sealed].concat())
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({}..)", hex::encode(&self.0[..4]))
    }
}

/// The private key that opens what was sealed to its public half. Wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct OpeningKey(SecretBytes<KEY_BYTES>);

impl OpeningKey {
    /// A fresh key.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        Self(SecretBytes::generate(rng))
    }

    /// From 32 bytes; any are a key.
    pub const fn from_bytes(bytes: SecretBytes<KEY_BYTES>) -> Self {
        Self(bytes)
    }

    /// The bytes, for keeping them.
    pub const fn expose(&self) -> &SecretBytes<KEY_BYTES> {
        &self.0
    }

    /// The public half.
    pub fn public_key(&self) -> SealingKey {
        SealingKey(x25519_dalek::x25519(*self.0.expose(), x25519_dalek::X25519_BASEPOINT_BYTES))
    }

    /// Opens what was sealed to this key for that purpose and place.
    pub fn open(
        &self,
        info: &[u8],
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, BoxError> {
        let (ephemeral, sealed) =
            sealed.split_first_chunk::<KEY_BYTES>().ok_or(BoxError::Closed)?;
        let key = <Suite as Kem>::PrivateKey::from_bytes(self.0.expose());
        let key = key.map_err(|_| BoxError::BadKey)?;
        let ephemeral = <Suite as Kem>::EncappedKey::from_bytes(ephemeral);
        hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Suite>(
            &OpModeR::Base,
            &key,
            &ephemeral.map_err(|_| BoxError::Closed)?,
            info,
            sealed,
            aad,
        )
        .map(Zeroizing::new)
        .map_err(|_| BoxError::Closed)
    }
}

impl fmt::Debug for OpeningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpeningKey(..)")
    }
}

/// `label || 0x00 || length || authority id || rest`: what HPKE's `info` is made of here.
pub(crate) fn info(label: &str, authority: &str, rest: &[u8]) -> Vec<u8> {
    // Ids have at most 64 characters; a longer one would be cut and open nowhere.
    let length = u8::try_from(authority.len()).unwrap_or(u8::MAX);
    [label.as_bytes(), &[0, length], authority.as_bytes(), rest].concat()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn rfc_9180_base_mode_of_this_suite_is_opened() {
        // RFC 9180, A.2.1: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305, sequence 0.
        let bytes = |text: &str| hex::decode(text).unwrap();
        let key = bytes("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb");
        let key = OpeningKey::from_bytes(SecretBytes::from_slice(&key).unwrap());
        let public = "4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a";
        assert_eq!(hex::encode(key.public_key().as_bytes()), public);
        let sealed = [
            "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a",
            "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db",
            "21993c62ce81883d2dd1b51a28",
        ];
        let info = bytes("4f6465206f6e2061204772656369616e2055726e");
        let plain = key.open(&info, b"Count-0", &bytes(&sealed.concat())).unwrap();
        assert_eq!(&**plain, b"Beauty is truth, truth beauty");
    }

    #[test]
    fn what_is_sealed_opens_in_its_place_only() {
        let mut rng = StdRng::seed_from_u64(1);
        let key = OpeningKey::generate(&mut rng);
        let sealed = key.public_key().seal(b"info", b"aad", b"plain", &mut rng).unwrap();
        assert_eq!(sealed.len(), 5 + OVERHEAD_BYTES);
        assert_eq!(key.open(b"info", b"aad", &sealed).unwrap().as_slice(), b"plain");
        let other = OpeningKey::generate(&mut rng);
        assert_eq!(other.open(b"info", b"aad", &sealed), Err(BoxError::Closed));
        assert_eq!(key.open(b"inf", b"aad", &sealed), Err(BoxError::Closed));
        assert_eq!(key.open(b"info", b"aa", &sealed), Err(BoxError::Closed));
        for index in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert!(key.open(b"info", b"aad", &altered).is_err(), "byte {index}");
            assert!(key.open(b"info", b"aad", &sealed[..index]).is_err(), "{index} bytes");
        }
    }

    #[test]
    fn keys_of_small_order_are_refused() {
        let mut one = [0; 32];
        one[0] = 1;
        let order_eight = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
        let order_eight = hex::decode(order_eight).unwrap().try_into().unwrap();
        for weak in [[0; 32], one, order_eight] {
            assert_eq!(SealingKey::from_bytes(&weak), Err(BoxError::WeakKey));
        }
        let key = OpeningKey::generate(&mut StdRng::seed_from_u64(1));
        assert_eq!(SealingKey::from_bytes(key.public_key().as_bytes()), Ok(key.public_key()));
        assert_eq!(format!("{key:?}"), "OpeningKey(..)");
    }
}
