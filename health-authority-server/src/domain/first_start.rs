//! The first administrator is made in the browser, by who holds a token that the server prints.

use std::fmt;

use vungxanh_protocol::mac::hmac_sha256;
use vungxanh_protocol::secret::SecretBytes;
use zeroize::Zeroizing;

use super::accounts::random_text;
use super::codes::KeyedHash;
use super::typed::letters_and_digits;

/// How long a token works, in seconds.
pub const FIRST_START_SECONDS: u64 = 24 * 3_600;
/// So many tokens are open at a time: each server of an authority prints one when it starts.
pub const MAX_FIRST_STARTS: usize = 8;
/// 130 bits.
const CHARACTERS: usize = 26;

/// A one-time token.
#[derive(Clone)]
pub struct FirstStartToken(Zeroizing<String>);

impl FirstStartToken {
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        Self(Zeroizing::new(random_text(CHARACTERS, rng)))
    }

    /// From the link, or as somebody typed it.
    pub fn parse(typed: &str) -> Option<Self> {
        letters_and_digits(typed).filter(|text| text.len() == CHARACTERS).map(Self)
    }

    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What the database keeps.
    pub fn hash(&self, key: &SecretBytes<32>) -> KeyedHash {
        hmac_sha256(key.expose(), &[b"first-start\0", self.0.as_bytes()])
    }
}

impl fmt::Debug for FirstStartToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FirstStartToken(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_back_and_nothing_prints_it() {
        let key = SecretBytes::new([3; 32]);
        let token = FirstStartToken::generate(&mut rand::rng());
        let read = FirstStartToken::parse(&token.expose().to_uppercase()).unwrap();
        assert_eq!(read.hash(&key), token.hash(&key));
        assert_ne!(read.hash(&SecretBytes::new([4; 32])), token.hash(&key));
        for bad in ["", "abc", &"2".repeat(27), &"đ".repeat(26)] {
            assert!(FirstStartToken::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(format!("{token:?}"), "FirstStartToken(..)");
    }
}
