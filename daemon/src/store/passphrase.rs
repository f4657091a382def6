//! Keys from passphrases: Argon2id (RFC 9106).

use argon2::{Algorithm, Argon2, Params, Version};
use vungxanh_protocol::seal::SealKey;
use zeroize::Zeroize;

/// Bytes of a salt.
pub(crate) const SALT_BYTES: usize = 16;
/// Characters that a new passphrase has at least.
pub(crate) const MIN_PASSPHRASE_CHARS: usize = 8;
/// What a file may ask of the machine that reads it.
const MAX_MEMORY_KIB: u32 = 1024 * 1024;
const MAX_PASSES: u32 = 16;

/// How much work a guess is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Memory, in KiB.
    pub(crate) memory_kib: u32,
    /// Passes over it.
    pub(crate) passes: u32,
}

impl Cost {
    /// RFC 9106, section 4, second recommended option: 64 MiB, three passes.
    pub(crate) const USUAL: Self = Self { memory_kib: 64 * 1024, passes: 3 };

    /// Whether a file asks for more than is sensible.
    pub(crate) const fn is_excessive(self) -> bool {
        self.memory_kib > MAX_MEMORY_KIB || self.passes > MAX_PASSES
    }
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// No such cost exists.
    BadCost,
    /// The machine has not enough memory.
    NoMemory,
}

/// The key of a passphrase.
pub(crate) fn derive(
    passphrase: &str,
    salt: &[u8; SALT_BYTES],
    cost: Cost,
) -> Result<SealKey, NoKey> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, None).map_err(|_| NoKey::BadCost)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut key = [0; 32];
    let derived = argon2.hash_password_into(passphrase.as_bytes(), salt, &mut key);
    let seal_key = SealKey::new(key);
    key.zeroize();
    derived.map(|()| seal_key).map_err(|_| NoKey::NoMemory)
}
