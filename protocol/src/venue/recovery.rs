//! The recovery code of a venue's secret key: what is printed on the recovery sheet and typed in
//! when device or passphrase are lost.
//!
//! It is written in blocks, each of which has a check of its own, so that a reader says which one is
//! mistyped. Codes of earlier programs, in groups without checks, are read too.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use super::VenueError;
use super::party::PartySecret;
use crate::secret::SecretBytes;

/// Blocks of a code.
pub const BLOCKS: usize = 14;
/// Characters of a block; the last one checks the others and the block's place.
pub const BLOCK_CHARS: usize = DATA_CHARS + 1;
/// Characters of a code, without the hyphens between blocks.
pub const CODE_CHARS: usize = BLOCKS * BLOCK_CHARS;
/// Characters of a code of earlier programs, without the hyphens between groups.
pub const OLD_CODE_CHARS: usize = 58;
/// The longest text that is looked at, in bytes.
pub const MAX_TEXT_BYTES: usize = 256;
const CHECKSUM_LABEL: &[u8] = b"VX-VENUE-RECOVERY-2\0";
const OLD_CHECKSUM_LABEL: &[u8] = b"VX-VENUE-RECOVERY-1\0";
const SECRET_BYTES: usize = 32;
const CHECKSUM_BYTES: usize = 3;
const OLD_CHECKSUM_BYTES: usize = 4;
const DATA_CHARS: usize = 4;
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
    #[error("the recovery code has {0} characters instead of 70: a block is missing or too many")]
    Length(usize),
    /// Mistyped blocks.
    #[error("the recovery code is mistyped in block {0}: compare it with the sheet")]
    Blocks(WrongBlocks),
    /// Mistyped.
    #[error("the recovery code is mistyped: compare each group with the sheet")]
    Checksum,
    /// The key in it is none.
    #[error(transparent)]
    Venue(#[from] VenueError),
}

/// The numbers of mistyped blocks, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongBlocks(pub Vec<usize>);

impl fmt::Display for WrongBlocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(usize::to_string).collect();
        f.write_str(&numbers.join(", "))
    }
}

/// A venue's secret key for typing. Wiped when dropped, never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(SecretBytes<SECRET_BYTES>);

type Values = Zeroizing<Vec<u8>>;

impl RecoveryCode {
    /// The code of a key.
    pub fn of(secret: &PartySecret) -> Self {
        Self(secret.to_bytes())
    }

    /// The key.
    pub fn secret(&self) -> Result<PartySecret, VenueError> {
        PartySecret::from_bytes(&self.0)
    }

    /// 70 characters in blocks of 5, hyphens between them.
    pub fn expose(&self) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_BYTES + CHECKSUM_BYTES));
        bytes.extend_from_slice(self.0.expose());
        bytes.extend_from_slice(&checksum::<CHECKSUM_BYTES>(CHECKSUM_LABEL, self.0.expose()));
        let values = values_of(&bytes);
        let mut text = Zeroizing::new(String::with_capacity(CODE_CHARS + BLOCKS));
        for (place, data) in (1..).zip(values.chunks(DATA_CHARS)) {
            if place > 1 {
                text.push('-');
            }
            for value in data.iter().copied().chain([check(place, data)]) {
                text.push(char::from(ALPHABET[usize::from(value) % ALPHABET.len()]));
            }
        }
        text
    }

    /// A code of blocks whose checks hold.
    fn of_blocks(values: &[u8]) -> Result<Self, RecoveryError> {
        let data: Values = Zeroizing::new(
            values.chunks(BLOCK_CHARS).flat_map(|block| &block[..DATA_CHARS]).copied().collect(),
        );
        Self::checked::<CHECKSUM_BYTES>(&data, CHECKSUM_LABEL)
    }

    /// The secret, if the checksum behind it holds; what fills the last character up is zero.
    fn checked<const N: usize>(values: &[u8], label: &[u8]) -> Result<Self, RecoveryError> {
        let bytes = bytes_of(values);
        let (secret, rest) = bytes.split_at_checked(SECRET_BYTES).ok_or(RecoveryError::Checksum)?;
        let (sum, filling) = rest.split_at_checked(N).ok_or(RecoveryError::Checksum)?;
        let secret = SecretBytes::from_slice(secret).ok_or(RecoveryError::Checksum)?;
        if sum != checksum::<N>(label, secret.expose()) || filling.iter().any(|byte| *byte != 0) {
            return Err(RecoveryError::Checksum);
        }
        PartySecret::from_bytes(&secret)?;
        Ok(Self(secret))
    }
}

impl FromStr for RecoveryCode {
    type Err = RecoveryError;

    /// Takes small letters, blanks and hyphens anywhere, O for 0, and I and L for 1.
    fn from_str(text: &str) -> Result<Self, RecoveryError> {
        if text.len() > MAX_TEXT_BYTES {
            return Err(RecoveryError::Length(text.len()));
        }
        // By blanks and hyphens, as they were typed.
        let mut parts: Vec<Values> = Vec::new();
        for part in text.split(|c: char| c.is_whitespace() || c == '-').filter(|p| !p.is_empty()) {
            let mut values = Zeroizing::new(Vec::with_capacity(part.len()));
            for character in part.chars() {
                values.push(value(character).ok_or(RecoveryError::Character(character))?);
            }
            parts.push(values);
        }
        let values: Values =
            Zeroizing::new(parts.iter().flat_map(|part| part.iter().copied()).collect());
        if values.len() == OLD_CODE_CHARS {
            return Self::checked::<OLD_CHECKSUM_BYTES>(&values, OLD_CHECKSUM_LABEL);
        }
        let wrong = match parts.len() == BLOCKS {
            // A character too few or too many is in the block that has another length.
            true => wrong_blocks(parts.iter().map(|part| part.as_slice())),
            false if values.len() != CODE_CHARS => return Err(RecoveryError::Length(values.len())),
            false => wrong_blocks(values.chunks(BLOCK_CHARS)),
        };
        match wrong.is_empty() {
            true => Self::of_blocks(&values),
            // None is right: groups of another kind, with something missing.
            false if wrong.len() == BLOCKS && values.len() != CODE_CHARS => {
                Err(RecoveryError::Length(values.len()))
            }
            // In other groups than blocks, however many: they are counted over all of it.
            false if parts.len() == BLOCKS && values.len() == CODE_CHARS => {
                match wrong_blocks(values.chunks(BLOCK_CHARS)) {
                    wrong if wrong.is_empty() => Self::of_blocks(&values),
                    wrong => Err(RecoveryError::Blocks(WrongBlocks(wrong))),
                }
            }
            false => Err(RecoveryError::Blocks(WrongBlocks(wrong))),
        }
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(..)")
    }
}

/// The numbers of the blocks whose length or check is wrong.
fn wrong_blocks<'a>(blocks: impl Iterator<Item = &'a [u8]>) -> Vec<usize> {
    let is_wrong = |place: usize, block: &[u8]| match block.split_last() {
        Some((last, data)) if block.len() == BLOCK_CHARS => *last != check(place, data),
        _ => true,
    };
    (1..)
        .zip(blocks)
        .filter(|(place, block)| is_wrong(*place, block))
        .map(|(place, _)| place)
        .collect()
}

/// What checks four characters and their block's place, from 1: each times its own power of alpha, summed in
/// GF(32). One wrong character, two that are swapped, and two blocks that are swapped never go unnoticed.
fn check(place: usize, data: &[u8]) -> u8 {
    let place = u8::try_from(place).unwrap_or_default();
    let of_data = (1..).zip(data).map(|(times, value)| alpha_times(*value, times));
    of_data.fold(alpha_times(place, BLOCK_CHARS), |sum, value| sum ^ value)
}

/// Multiplied by alpha as often, where alpha^5 = alpha^2 + 1.
fn alpha_times(value: u8, times: usize) -> u8 {
    (0..times).fold(value, |value, _| {
        let doubled = value << 1;
        if doubled & 0x20 == 0 { doubled } else { doubled ^ 0x25 }
    })
}

/// Five bits each.
fn values_of(bytes: &[u8]) -> Values {
    let count = (bytes.len() * 8).div_ceil(BITS_PER_CHAR);
    let value = |index: usize| {
        (0..BITS_PER_CHAR).fold(0, |value, bit| {
            let at = index * BITS_PER_CHAR + bit;
            let byte = bytes.get(at / 8).copied().unwrap_or(0);
            value << 1 | (byte >> (7 - at % 8) & 1)
        })
    };
    Zeroizing::new((0..count).map(value).collect())
}

/// All bits of the values; the last byte is filled up with zeros.
fn bytes_of(values: &[u8]) -> Values {
    let mut bytes = Zeroizing::new(vec![0u8; (values.len() * BITS_PER_CHAR).div_ceil(8)]);
    for (index, value) in values.iter().enumerate() {
        for bit in 0..BITS_PER_CHAR {
            let at = index * BITS_PER_CHAR + bit;
            bytes[at / 8] |= (value >> (BITS_PER_CHAR - 1 - bit) & 1) << (7 - at % 8);
        }
    }
    bytes
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

fn checksum<const N: usize>(label: &[u8], secret: &[u8; SECRET_BYTES]) -> [u8; N] {
    let mut digest = Sha256::new().chain_update(label).chain_update(secret).finalize();
    let mut checksum = [0; N];
    checksum.copy_from_slice(&digest[..N]);
    digest.as_mut_slice().zeroize();
    checksum
}
