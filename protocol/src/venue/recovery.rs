//! The recovery code of a venue's secret key: what is printed on the recovery sheet and typed in
//! when device or passphrase are lost.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::VenueError;
use super::party::PartySecret;
use crate::secret::SecretBytes;

/// Characters of a code, without the hyphens between groups.
pub const CODE_CHARS: usize = (CODE_BYTES * 8).div_ceil(BITS_PER_CHAR);
/// Characters of a group.
pub const GROUP_CHARS: usize = 4;
/// The longest text that is looked at, in bytes.
pub const MAX_TEXT_BYTES: usize = 256;
const CHECKSUM_LABEL: &[u8] = b"VX-VENUE-RECOVERY-1\0";
const SECRET_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 4;
const CODE_BYTES: usize = SECRET_BYTES + CHECKSUM_BYTES;
const BITS_PER_CHAR: usize = 5;
/// Crockford's: no I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Why a recovery code was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecoveryError {
    /// A character that codes do not have.
    #[error("the character {0:?} stands in no recovery code: compare with the sheet")]
    Character(char),
    /// Too few or too many characters.
    #[error("the recovery code has {0} characters instead of 58: a group is missing or too many")]
    Length(usize),
    /// Mistyped.
    #[error("the recovery code is mistyped: compare each group with the sheet")]
    Checksum,
    /// The key in it is none.
    #[error(transparent)]
    Venue(#[from] VenueError),
}

/// A venue's secret key for typing. Wiped when dropped, never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(SecretBytes<SECRET_BYTES>);

impl RecoveryCode {
    /// The code of a key.
    pub fn of(secret: &PartySecret) -> Self {
        Self(secret.to_bytes())
    }

    /// The key.
    pub fn secret(&self) -> Result<PartySecret, VenueError> {
        PartySecret::from_bytes(&self.0)
    }

    /// 58 characters in groups of 4, hyphens between them.
    pub fn expose(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(CODE_BYTES));
        bytes.extend_from_slice(self.0.expose());
        bytes.extend_from_slice(&checksum(self.0.expose()));
        let mut text = Zeroizing::new(String::with_capacity(CODE_CHARS + CODE_CHARS / GROUP_CHARS));
        for index in 0..CODE_CHARS {
            if index > 0 && index % GROUP_CHARS == 0 {
                text.push('-');
            }
            let value = (0..BITS_PER_CHAR).fold(0, |value, bit| {
                let at = index * BITS_PER_CHAR + bit;
                let byte = bytes.get(at / 8).copied().unwrap_or(0);
                value << 1 | usize::from(byte >> (7 - at % 8) & 1)
            });
            text.push(char::from(ALPHABET[value]));
        }
        text
    }
}

impl FromStr for RecoveryCode {
    type Err = RecoveryError;

    /// Takes small letters, blanks and hyphens anywhere, O for 0, and I and L for 1.
    fn from_str(text: &str) -> Result<Self, RecoveryError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(RecoveryError::Length(text.len()));
        }
        let mut values = Zeroizing::new(Vec::with_capacity(CODE_CHARS));
        for character in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
            values.push(value(character).ok_or(RecoveryError::Character(character))?);
        }
        if values.len() != CODE_CHARS {
            return Err(RecoveryError::Length(values.len()));
        }
        let mut bytes = Zeroizing::new([0u8; CODE_BYTES + 1]);
        for (index, value) in values.iter().enumerate() {
            for bit in 0..BITS_PER_CHAR {
                let at = index * BITS_PER_CHAR + bit;
                bytes[at / 8] |= (value >> (BITS_PER_CHAR - 1 - bit) & 1) << (7 - at % 8);
            }
        }
        let (secret, rest) = bytes.split_at(SECRET_BYTES);
        let secret = SecretBytes::from_slice(secret).ok_or(RecoveryError::Checksum)?;
        let expected = checksum(secret.expose());
        // The last two bits fill the last character up.
        if rest[..CHECKSUM_BYTES] != expected || rest[CHECKSUM_BYTES] != 0 {
            return Err(RecoveryError::Checksum);
        }
        PartySecret::from_bytes(&secret)?;
        Ok(Self(secret))
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

fn value(character: char) -> Option<u8> {
    let wanted = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET
        .iter()
        .zip(0..)
        .find(|(known, _)| char::from(**known) == wanted)
        .map(|(_, value)| value)
}

fn checksum(secret: &[u8; SECRET_BYTES]) -> [u8; CHECKSUM_BYTES] {
    let mut digest = Sha256::new().chain_update(CHECKSUM_LABEL).chain_update(secret).finalize();
    let mut checksum = [0; CHECKSUM_BYTES];
    checksum.copy_from_slice(&digest[..CHECKSUM_BYTES]);
    digest.as_mut_slice().zeroize();
    checksum
}
