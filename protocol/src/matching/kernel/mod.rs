//! The inner loop of matching: keys to identifiers, identifiers past the day's bitmaps.
//!
//! Every kernel does the same on different instructions. Which of them a machine has is found out
//! at run time; the portable one works everywhere. This folder is the only place of the workspace's
//! programs where `unsafe` may stand: around calls of functions for certain instructions, and around
//! reads and writes of vectors. All kernels pass the same tests against a plain oracle.

mod portable;

#[cfg(target_arch = "aarch64")]
#[allow(unsafe_code, reason = "reads and writes vectors; each place says why it may")]
mod aarch64;
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "reads and writes vectors; each place says why it may")]
mod x86_aesni_sha;
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "reads and writes vectors; each place says why it may")]
mod x86_vaes;

use super::index::{DayIndex, word};
use crate::exposure_key::KEY_BYTES;

/// Bytes of an AES block.
pub(super) const BLOCK_BYTES: usize = 16;
/// An AES block: the plain text of an identifier, or the identifier.
pub(super) type Block = [u8; BLOCK_BYTES];
/// Blocks behind the last planned one that a kernel may encrypt without looking at the result.
pub(super) const PADDING_BLOCKS: usize = GROUP;
/// Blocks that kernels derive before they look at any of them.
const GROUP: usize = 16;

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
pub struct Kernel(InstructionSet);

/// Anything but `Portable` is made only by [`Kernel::available`], after detection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InstructionSet {
    Portable,
    #[cfg(target_arch = "x86_64")]
    AesNiShaNi,
    #[cfg(target_arch = "x86_64")]
    Vaes,
    #[cfg(target_arch = "aarch64")]
    ArmCrypto,
}

/// Calls a function of the kernel's module.
macro_rules! on {
    ($kernel:expr, $function:ident ( $($argument:expr),* )) => {
        match $kernel.0 {
            InstructionSet::Portable => portable::$function($($argument),*),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` found the instructions before it made this kernel.
            InstructionSet::AesNiShaNi => unsafe { x86_aesni_sha::$function($($argument),*) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `available` found the instructions before it made this kernel.
            InstructionSet::Vaes => unsafe { x86_vaes::$function($($argument),*) },
            #[cfg(target_arch = "aarch64")]
            // SAFETY: `available` found the instructions before it made this kernel.
            InstructionSet::ArmCrypto => unsafe { aarch64::$function($($argument),*) },
        }
    };
}

#[allow(unsafe_code, reason = "calls functions for certain instructions, where these exist")]
impl Kernel {
    /// The one that works everywhere, from safe crates.
    pub const PORTABLE: Self = Self(InstructionSet::Portable);

    /// Those that this machine has, the fastest last.
    pub fn available() -> Vec<Self> {
        let mut kernels = vec![Self::PORTABLE];
        #[cfg(target_arch = "x86_64")]
        {
            kernels
                .extend(x86_aesni_sha::is_available().then_some(Self(InstructionSet::AesNiShaNi)));
            kernels.extend(x86_vaes::is_available().then_some(Self(InstructionSet::Vaes)));
        }
        #[cfg(target_arch = "aarch64")]
        kernels.extend(aarch64::is_available().then_some(Self(InstructionSet::ArmCrypto)));
        kernels
    }

    /// The fastest one that this machine has.
    pub fn fastest() -> Self {
        Self::available().pop().unwrap_or(Self::PORTABLE)
    }

    /// Its name, for people who measure.
    pub const fn name(self) -> &'static str {
        match self.0 {
            InstructionSet::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            InstructionSet::AesNiShaNi => "AES-NI, SHA-NI",
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Vaes => "VAES, SHA-NI",
            #[cfg(target_arch = "aarch64")]
            InstructionSet::ArmCrypto => "ARMv8 crypto",
        }
    }

    /// Derives the identifier key (RPIK) of each key: what is left over in the longer of the two
    /// slices is not looked at.
    pub fn identifier_keys(self, keys: &[[u8; KEY_BYTES]], identifier_keys: &mut [Block]) {
        on!(self, identifier_keys(keys, identifier_keys));
    }

    /// Encrypts `blocks` in place under one identifier key.
    pub fn encrypt(self, identifier_key: &Block, blocks: &mut [Block]) {
        on!(self, encrypt(identifier_key, blocks));
    }

    /// Derives what `tasks` ask for and keeps what passes both of the day's bitmaps.
    pub(super) fn probe(self, day: &DayIndex, tasks: &[Task], candidates: &mut Vec<Candidate>) {
        on!(self, probe(day, tasks, candidates));
    }
}

/// Keeps what passes both bitmaps of the identifiers derived from the planned blocks at `from` and
/// after. Those behind the task's segment are another's.
#[inline(always)]
fn sift(
    day: &DayIndex,
    task: &Task,
    from: u8,
    identifiers: &[Block; GROUP],
    candidates: &mut Vec<Candidate>,
) {
    let mut passed = 0;
    for (place, identifier) in identifiers.iter().enumerate() {
        passed |= day.filter.first.bit(word(identifier, 0)) << place;
    }
    while passed != 0 {
        let place = passed.trailing_zeros();
        passed &= passed - 1;
        let identifier = &identifiers[place as usize % GROUP];
        let position = from + place as u8;
        if position < task.segment.to && day.filter.second_has(identifier) {
            candidates.push(Candidate { key: task.index, position, identifier: *identifier });
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
    /// FIPS 180-4, 4.2.2, four rounds together.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    pub(super) const ROUND_CONSTANTS: [[u32; 4]; 16] = [
        [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5],
        [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
        [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3],
        [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
        [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc],
        [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
        [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7],
        [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
        [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13],
        [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
        [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3],
        [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
        [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5],
        [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
        [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208],
        [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
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
