//! Keys from passphrases: Argon2id (RFC 9106, version 0x13, one lane) of the text in normal form C
//! (UAX 15), because keyboards compose Vietnamese letters differently.

use argon2::{Algorithm, Argon2, Params, Version};
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, Zeroizing};

use crate::seal::SealKey;

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;
/// The longest passphrase, in bytes of UTF-8 as typed.
pub const MAX_PASSPHRASE_BYTES: usize = 1_024;
/// The least memory that Argon2id knows, in KiB.
pub const MIN_MEMORY_KIB: u32 = 8;
/// The most memory that a file may ask for, in KiB.
pub const MAX_MEMORY_KIB: u32 = 256 * 1_024;
/// The most passes that a file may ask for.
pub const MAX_PASSES: u32 = 16;
const KEY_BYTES: usize = 32;
/// Bytes that normal form C has at most for one byte of text (UAX 15, section 9).
const EXPANSION: usize = 3;

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Too easy to guess.
    #[error("the passphrase is too short: use at least {least} characters, better several words")]
    Short {
        /// Characters that it needs.
        least: usize,
    },
    /// Longer than any passphrase.
    #[error("the passphrase is longer than {MAX_PASSPHRASE_BYTES} bytes")]
    Long,
    /// The file asks for less than Argon2id can do.
    #[error("the file is damaged: it asks for no work at all; use another copy")]
    NoCost,
    /// The file asks for more than is sensible.
    #[error("the file asks for more memory or time than this program allows")]
    Excessive,
    /// The machine has too little memory.
    #[error("not enough memory to work out the key from the passphrase")]
    NoMemory,
}

/// How much work a guess is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
}

impl Cost {
    /// What a file asks for: [`MIN_MEMORY_KIB`] to [`MAX_MEMORY_KIB`], one to [`MAX_PASSES`].
    pub const fn new(memory_kib: u32, passes: u32) -> Result<Self, PassphraseError> {
        if memory_kib > MAX_MEMORY_KIB || passes > MAX_PASSES {
            return Err(PassphraseError::Excessive);
        }
        if memory_kib < MIN_MEMORY_KIB || passes == 0 {
            return Err(PassphraseError::NoCost);
        }
        Ok(Self { memory_kib, passes })
    }

    /// Memory in KiB.
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over it.
    pub const fn passes(self) -> u32 {
        self.passes
    }
}

impl Default for Cost {
    /// RFC 9106, section 4, second recommended option but one lane: 64 MiB, three passes.
    fn default() -> Self {
        Self { memory_kib: 64 * 1_024, passes: 3 }
    }
}

/// Whether a new passphrase has at least `least` characters, counted in normal form C.
pub fn check_new(passphrase: &str, least: usize) -> Result<(), PassphraseError> {
    if passphrase.nfc().take(least).count() < least {
        return Err(PassphraseError::Short { least });
    }
    Ok(())
}

/// The key of a passphrase of at most [`MAX_PASSPHRASE_BYTES`].
pub fn derive(
    passphrase: &str,
    salt: &[u8; SALT_BYTES],
    cost: Cost,
) -> Result<SealKey, PassphraseError> {
    if passphrase.len() > MAX_PASSPHRASE_BYTES {
        return Err(PassphraseError::Long);
    }
    // Long enough from the start, so that growing leaves no copies behind.
    let mut composed = Zeroizing::new(String::with_capacity(passphrase.len() * EXPANSION));
    composed.extend(passphrase.nfc());
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(KEY_BYTES))
        .map_err(|_| PassphraseError::NoCost)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut key = [0; KEY_BYTES];
    let derived = argon2.hash_password_into(composed.as_bytes(), salt, &mut key);
    let seal_key = SealKey::new(key);
    key.zeroize();
    derived.map(|()| seal_key).map_err(|_| PassphraseError::NoMemory)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: &[u8; SALT_BYTES] = b"0123456789abcdef";

    #[test]
    fn the_key_is_that_of_another_implementation() {
        // argon2-cffi 25.1 (libargon2): hash_secret_raw(b"tre xanh 2021", b"0123456789abcdef",
        // time_cost=3, memory_cost=65536, parallelism=1, hash_len=32, type=Type.ID)
        let key = derive("tre xanh 2021", SALT, Cost::default()).unwrap();
        assert_eq!(
            hex::encode(key.expose()),
            "27c698b7d1dec046112ddaa32614c76c4db0a904d0ac96e39510902b4bb4c72b"
        );
    }

    #[test]
    fn one_text_is_one_key_and_one_length_however_it_is_composed() {
        let cost = Cost::new(MIN_MEMORY_KIB, 1).unwrap();
        let [composed, decomposed] = ["b\u{1edf}", "bo\u{31b}\u{309}"];
        let key = |text| derive(text, SALT, cost).unwrap();
        assert_eq!(key(composed).expose(), key(decomposed).expose());
        assert_ne!(key(composed).expose(), key("bơ").expose());
        for text in [composed, decomposed] {
            assert_eq!(check_new(text, 2), Ok(()));
            assert_eq!(check_new(text, 3), Err(PassphraseError::Short { least: 3 }));
        }
    }

    #[test]
    fn lengths_and_costs_have_bounds() {
        let cost = Cost::new(MIN_MEMORY_KIB, 1).unwrap();
        // U+1D160, of which normal form C makes three characters, is as long as it gets.
        let longest = "\u{1d160}".repeat(MAX_PASSPHRASE_BYTES / 4);
        assert!(longest.nfc().map(char::len_utf8).sum::<usize>() <= longest.len() * EXPANSION);
        assert!(derive(&longest, SALT, cost).is_ok());
        assert_eq!(derive(&format!("{longest}x"), SALT, cost), Err(PassphraseError::Long));
        assert!(Cost::new(MAX_MEMORY_KIB, MAX_PASSES).is_ok());
        for (memory_kib, passes) in [(MAX_MEMORY_KIB + 1, 1), (MIN_MEMORY_KIB, MAX_PASSES + 1)] {
            assert_eq!(Cost::new(memory_kib, passes), Err(PassphraseError::Excessive));
        }
        for (memory_kib, passes) in [(MIN_MEMORY_KIB - 1, 1), (MIN_MEMORY_KIB, 0)] {
            assert_eq!(Cost::new(memory_kib, passes), Err(PassphraseError::NoCost));
        }
    }
}
