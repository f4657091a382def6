//! The inner loop of matching: keys to identifiers, identifiers past the day's bitmaps.
//!
//! Every kernel does the same on different instructions. Which of them a machine has is found out
//! at run time; the portable one works everywhere. The other files of this folder are the only
//! place of the workspace where `unsafe` may stand.

mod portable;

use super::index::DayIndex;
use crate::exposure_key::KEY_BYTES;

/// Bytes of an AES block.
pub(super) const BLOCK_BYTES: usize = 16;
/// An AES block: the plain text of an identifier, or the identifier.
pub(super) type Block = [u8; BLOCK_BYTES];
/// Blocks behind the last planned one that a kernel may encrypt without looking at the result.
pub(super) const PADDING_BLOCKS: usize = 16;

/// A run of a day's planned blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    /// The first block.
    pub(super) from: u8,
    /// The first block after it.
    pub(super) to: u8,
}

impl Segment {
    pub(super) const fn is_empty(self) -> bool {
        self.from >= self.to
    }
}

/// A key with what is to be derived of it in one day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task {
    pub(super) key: [u8; KEY_BYTES],
    /// Its place among the keys that were handed in.
    pub(super) index: u32,
    pub(super) segment: Segment,
}

/// An identifier that passed both bitmaps. One in some thousands was really heard.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    /// The key's place among the keys that were handed in.
    pub(super) key: u32,
    /// Which of the day's planned blocks.
    pub(super) position: u8,
    pub(super) identifier: Block,
}

/// Instructions that matching can run on. Values exist only for what this machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Portable,
}

impl Kernel {
    /// The one that works everywhere, from safe crates.
    pub const PORTABLE: Self = Self(Kind::Portable);

    /// Those that this machine has, the fastest last.
    pub fn available() -> Vec<Self> {
        vec![Self::PORTABLE]
    }

    /// The fastest one that this machine has.
    pub fn fastest() -> Self {
        Self::available().pop().unwrap_or(Self::PORTABLE)
    }

    /// Its name, for people who measure.
    pub const fn name(self) -> &'static str {
        match self.0 {
            Kind::Portable => "portable",
        }
    }

    /// Derives the identifier key (RPIK) of each key: what is left over in the longer of the two
    /// slices is not looked at.
    pub fn identifier_keys(self, keys: &[[u8; KEY_BYTES]], identifier_keys: &mut [Block]) {
        match self.0 {
            Kind::Portable => portable::identifier_keys(keys, identifier_keys),
        }
    }

    /// Encrypts `blocks` in place under one identifier key.
    pub fn encrypt(self, identifier_key: &Block, blocks: &mut [Block]) {
        match self.0 {
            Kind::Portable => portable::encrypt(identifier_key, blocks),
        }
    }

    /// Derives what `tasks` ask for and keeps what passes both of the day's bitmaps.
    pub(super) fn probe(self, day: &DayIndex, tasks: &[Task], candidates: &mut Vec<Candidate>) {
        match self.0 {
            Kind::Portable => portable::probe(day, tasks, candidates),
        }
    }
}

/// HKDF-SHA256 (RFC 5869) without salt to 16 bytes, reduced to its compressions. The extracting
/// HMAC has the zero key, so its two pad states never change; all messages have one block.
mod hkdf_states {
    /// After the block `0x36 ... 0x36`.
    pub(super) const INNER: [u32; 8] = [
        0xf454_dead,
        0x9725_214f,
        0x90da_f2a0,
        0xdf12_28ea,
        0x64e5_750f,
        0xa392_4181,
        0x824a_932b,
        0xf8e0_4e32,
    ];
    /// After the block `0x5c ... 0x5c`.
    pub(super) const OUTER: [u32; 8] = [
        0xd385_480f,
        0x7abb_6477,
        0x37c9_c538,
        0x5dd8_2467,
        0x8e04_3a72,
        0x7534_34b0,
        0xdeb8_2818,
        0x361d_45a6,
    ];
    /// What SHA-256 starts from (FIPS 180-4, 5.3.3).
    pub(super) const INITIAL: [u32; 8] = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];
    /// The end of a block that carries 16 bytes after a pad block: 80 bytes in all.
    pub(super) const BITS_OF_KEY: u32 = 80 * 8;
    /// The same for a digest: 96 bytes.
    pub(super) const BITS_OF_DIGEST: u32 = 96 * 8;
    /// The message that expands to the identifier key: "EN-RPIK", 1, and the padding's first bit.
    pub(super) const EXPAND: [u32; 3] =
        [u32::from_be_bytes(*b"EN-R"), u32::from_be_bytes(*b"PIK\x01"), 0x8000_0000];
    /// The end of its block: 72 bytes in all.
    pub(super) const BITS_OF_EXPAND: u32 = 72 * 8;

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_pad_states_are_those_of_the_zero_key() {
            for (byte, expected) in [(0x36, INNER), (0x5c, OUTER)] {
                let mut state = INITIAL;
                sha2::block_api::compress256(&mut state, &[[byte; 64]]);
                assert_eq!(state, expected);
            }
        }
    }
}
