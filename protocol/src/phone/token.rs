//! Tokens, asked for blindly and spent one by one; the proof of a number.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::Signature;
use sha2::{Digest, Sha256};

use super::PhoneError;
use super::keys::DayPhoneKey;
use crate::pass::{BLINDED_BYTES, CheckedPoint, SIGNATURE_BYTES, SecretScalar};
use crate::read::{FormatError, Reader};
use crate::secret::SecretBytes;

/// Domain separation of tokens (RFC 9380 section 3.1).
pub const TOKEN_DOMAIN: &[u8] = b"VX-PHONE-TOKEN-1_BLS12381G1_XMD:SHA-256_SSWU_RO_";
/// Tokens that a right code is answered with: one for each declaration of the largest group.
pub const TOKENS_EACH: usize = 100;
/// Bytes of a token.
pub const TOKEN_BYTES: usize = CONTENT_BYTES + SIGNATURE_BYTES;
/// Bytes of the proof of a number.
pub const PROOF_BYTES: usize = 64;
const CONTENT_BYTES: usize = 1 + 2 + NONCE_BYTES;
const NONCE_BYTES: usize = 32;
/// Bytes of a [`TokenRequest`] as it is stored.
const REQUEST_BYTES: usize = 2 + NONCE_BYTES + 32;
const VERSION: u8 = 1;
const BLIND_INFO: &[u8] = b"VX-PHONE-BLIND-1";
const SPENT_LABEL: &[u8] = b"VX-PHONE-SPENT-1\0";
const PROOF_LABEL: &[u8] = b"VX-PHONE-PROOF-1\0";
const WHAT: &str = "the token of the telephone code";

/// version 1 || local day (2) || random (32)
#[derive(Clone, Copy, PartialEq, Eq)]
struct Content {
    day: u16,
    nonce: [u8; NONCE_BYTES],
}

impl Content {
    fn to_bytes(self) -> [u8; CONTENT_BYTES] {
        let [high, low] = self.day.to_be_bytes();
        let mut bytes = [0; CONTENT_BYTES];
        bytes[..3].copy_from_slice(&[VERSION, high, low]);
        bytes[3..].copy_from_slice(&self.nonce);
        bytes
    }
}

/// What keeps a token until it is answered. To be stored sealed.
#[derive(Clone)]
pub struct TokenRequest {
    content: Content,
    blinding: SecretScalar,
}

impl TokenRequest {
    /// A request for a token of that local day.
    pub fn new(day: u16, rng: &mut impl rand::CryptoRng) -> Self {
        let mut nonce = [0; NONCE_BYTES];
        rng.fill_bytes(&mut nonce);
        Self::with(day, nonce, &SecretBytes::generate(rng))
    }

    /// As [`TokenRequest::new`], with the randomness given: for test vectors. `blinding` must never be
    /// used twice.
    pub fn with(day: u16, nonce: [u8; 32], blinding: &SecretBytes<32>) -> Self {
        let blinding = SecretScalar::from_seed(blinding, BLIND_INFO);
        Self { content: Content { day, nonce }, blinding }
    }

    /// What is sent.
    pub fn blinded(&self) -> BlindToken {
        BlindToken(self.blinding.sign(&self.content.to_bytes(), TOKEN_DOMAIN))
    }

    /// The token, from the answer; refused unless the day's published key has signed it.
    pub fn finish(
        &self,
        answer: &BlindTokenSignature,
        key: &DayPhoneKey,
    ) -> Result<Token, PhoneError> {
        let signature = self.blinding.unblind(&answer.0);
        let token = Token { content: self.content, signature };
        token.verify(key)?;
        Ok(token)
    }

    /// Day, nonce and r, for keeping them sealed.
    pub fn to_bytes(&self) -> SecretBytes<REQUEST_BYTES> {
        SecretBytes::filled_by(|bytes| {
            let blinding = self.blinding.to_bytes();
            let day = self.content.day.to_be_bytes();
            let parts = day.iter().chain(&self.content.nonce).chain(blinding.expose());
            bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
        })
    }

    /// What [`TokenRequest::to_bytes`] gave.
    pub fn from_bytes(bytes: &SecretBytes<REQUEST_BYTES>) -> Result<Self, PhoneError> {
        let mut reader = Reader::new("the kept request for a token", bytes.expose());
        let content = Content { day: reader.u16()?, nonce: reader.array()? };
        let blinding = SecretScalar::from_bytes(&SecretBytes::new(reader.array()?))?;
        reader.end()?;
        Ok(Self { content, blinding })
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenRequest(..)")
    }
}

macro_rules! points {
    ($($(#[$doc:meta])* $name:ident $what:literal)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $name(pub(super) CheckedPoint);

        impl $name {
            /// The compressed point.
            pub fn to_bytes(self) -> [u8; BLINDED_BYTES] {
                self.0.to_bytes()
            }

            /// Reads a compressed point and checks it.
            pub fn from_bytes(bytes: &[u8; BLINDED_BYTES]) -> Result<Self, PhoneError> {
                Ok(Self(CheckedPoint::from_bytes(bytes, $what)?))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}

points! {
    /// A token's message, blinded: a checked point that reveals nothing to the issuer.
    BlindToken "the blinded token"
    /// The issuer's signature over it.
    BlindTokenSignature "the answer"
}

/// Worth one declaration on its day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token {
    content: Content,
    signature: CheckedPoint,
}

impl Token {
    /// Reads a token; its point is checked, whether it was issued only by [`Token::verify`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PhoneError> {
        let mut reader = Reader::new(WHAT, bytes);
        reader.version(VERSION)?;
        let content = Content { day: reader.u16()?, nonce: reader.array()? };
        let signature = CheckedPoint::from_bytes(&reader.array()?, "the token's signature")?;
        reader.end()?;
        Ok(Self { content, signature })
    }

    /// The bytes that are spent.
    pub fn to_bytes(self) -> [u8; TOKEN_BYTES] {
        let mut bytes = [0; TOKEN_BYTES];
        bytes[..CONTENT_BYTES].copy_from_slice(&self.content.to_bytes());
        bytes[CONTENT_BYTES..].copy_from_slice(&self.signature.to_bytes());
        bytes
    }

    /// The local day on which it is spent.
    pub const fn day(&self) -> u16 {
        self.content.day
    }

    /// Whether the day's key issued it.
    pub fn verify(&self, key: &DayPhoneKey) -> Result<(), PhoneError> {
        let content = self.content.to_bytes();
        let issued = self.day() == key.day()
            && self.signature.verifies(&content, TOKEN_DOMAIN, key.token_key());
        if issued { Ok(()) } else { Err(PhoneError::NotIssued) }
    }

    /// What is kept of it when it was spent.
    pub fn spent_hash(&self) -> [u8; 32] {
        Sha256::new()
            .chain_update(SPENT_LABEL)
            .chain_update(self.content.to_bytes())
            .finalize()
            .into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token(day {}, ..)", self.content.day)
    }
}

/// The authority's word that who has a number read a message on a day.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PhoneProof(pub(super) Signature);

impl PhoneProof {
    /// From Base64, as a form holds it; none where it is not that of 64 bytes.
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(text).ok()?;
        Signature::from_slice(&bytes).ok().map(Self)
    }

    /// As a form holds it.
    pub fn to_base64(self) -> String {
        BASE64_STANDARD.encode(self.0.to_bytes())
    }

    /// Whether the day's key proves that number, written as `normalised_phone` writes it.
    pub fn verify(&self, number: &str, key: &DayPhoneKey) -> Result<(), PhoneError> {
        let message = proof_message(key.day(), number);
        key.proof_key().verify_strict(&message, &self.0).map_err(|_| PhoneError::NotProven)
    }
}

impl fmt::Debug for PhoneProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PhoneProof(..)")
    }
}

/// label || local day (2) || number
pub(super) fn proof_message(day: u16, number: &str) -> Vec<u8> {
    [PROOF_LABEL, &day.to_be_bytes(), number.as_bytes()].concat()
}

pub(super) fn points_of<T>(
    text: &str,
    what: &'static str,
    read: impl Fn(&[u8; BLINDED_BYTES]) -> Result<T, PhoneError>,
) -> Result<Vec<T>, PhoneError> {
    let malformed = |reason| FormatError::Malformed { what, reason };
    let bytes = BASE64_STANDARD.decode(text).map_err(|_| malformed("its points are no base64"))?;
    let (points, rest) = bytes.as_chunks::<BLINDED_BYTES>();
    if points.len() != TOKENS_EACH || !rest.is_empty() {
        return Err(malformed("it has not 100 points").into());
    }
    points.iter().map(read).collect()
}
