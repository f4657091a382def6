//! Temporary exposure keys and what is derived from them (GAEN cryptography specification v1.2).

use aes::Aes128;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use hkdf::Hkdf;
use sha2::Sha256;

use crate::identifier::{IDENTIFIER_BYTES, RollingProximityIdentifier};
use crate::interval::{Interval, RollingPeriod};
use crate::metadata::MetadataKey;
use crate::secret::SecretBytes;

/// Bytes of a temporary exposure key.
pub const KEY_BYTES: usize = 16;

const RPIK_INFO: &[u8] = b"EN-RPIK";
const AEMK_INFO: &[u8] = b"EN-AEMK";
const METADATA_TAG_INFO: &[u8] = b"VX-METADATA";
const RPI_PREFIX: &[u8; 6] = b"EN-RPI";

/// A person's own temporary exposure key (TEK) with its validity. Secret until published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemporaryExposureKey {
    key: SecretBytes<KEY_BYTES>,
    rolling_start: Interval,
    rolling_period: RollingPeriod,
}

impl TemporaryExposureKey {
    /// Puts a key together from its stored parts.
    pub const fn new(
        key: SecretBytes<KEY_BYTES>,
        rolling_start: Interval,
        rolling_period: RollingPeriod,
    ) -> Self {
        Self { key, rolling_start, rolling_period }
    }

    /// A fresh random key for the rolling period that contains `interval`.
    pub fn generate(
        interval: Interval,
        rolling_period: RollingPeriod,
        rng: &mut impl rand::CryptoRng,
    ) -> Self {
        Self::new(SecretBytes::generate(rng), interval.period_start(rolling_period), rolling_period)
    }

    /// The 16 secret bytes.
    pub const fn key(&self) -> &SecretBytes<KEY_BYTES> {
        &self.key
    }

    /// The first interval for which the key is valid.
    pub const fn rolling_start(&self) -> Interval {
        self.rolling_start
    }

    /// For how many intervals it is valid.
    pub const fn rolling_period(&self) -> RollingPeriod {
        self.rolling_period
    }

    /// The first interval after its validity.
    pub const fn rolling_end(&self) -> Interval {
        self.rolling_start.plus(self.rolling_period.intervals())
    }

    /// Whether the key is valid in `interval`.
    pub fn covers(&self, interval: Interval) -> bool {
        self.rolling_start <= interval && interval < self.rolling_end()
    }

    /// The keys that this one stands for on the air.
    pub fn derive(&self) -> DerivedKeys {
        DerivedKeys::from_key(self.key.expose())
    }
}

/// What a temporary exposure key derives to: the identifier key (RPIK), the metadata key (AEMK)
/// and our metadata tag key.
#[derive(Debug)]
pub struct DerivedKeys {
    /// Makes identifiers.
    pub identifiers: IdentifierKey,
    /// Encrypts and authenticates metadata.
    pub metadata: MetadataKey,
}

impl DerivedKeys {
    /// Derives from the 16 bytes of a temporary exposure key (HKDF-SHA256 without salt).
    pub fn from_key(key: &[u8; KEY_BYTES]) -> Self {
        let hkdf = Hkdf::<Sha256>::new(None, key);
        Self {
            identifiers: IdentifierKey::new(&expand(&hkdf, RPIK_INFO)),
            metadata: MetadataKey::new(expand(&hkdf, AEMK_INFO), expand(&hkdf, METADATA_TAG_INFO)),
        }
    }
}

fn expand(hkdf: &Hkdf<Sha256>, info: &[u8]) -> SecretBytes<16> {
    SecretBytes::filled_by(|output| {
        // 16 bytes are always within HKDF-SHA256's limit of 255 * 32.
        let result = hkdf.expand(info, output);
        debug_assert!(result.is_ok());
    })
}

/// The rolling proximity identifier key (RPIK), ready to encrypt.
pub struct IdentifierKey(Aes128);

impl IdentifierKey {
    fn new(rpik: &SecretBytes<16>) -> Self {
        Self(Aes128::new(rpik.expose().into()))
    }

    /// Only the identifier key of a published key: cheaper than [`DerivedKeys::from_key`] where
    /// metadata is not needed, as in matching.
    pub fn from_key(key: &[u8; KEY_BYTES]) -> Self {
        Self::new(&expand(&Hkdf::<Sha256>::new(None, key), RPIK_INFO))
    }

    /// The identifier broadcast for `interval`:
    /// AES-128(RPIK, "EN-RPI" || six zero bytes || interval as u32 little-endian).
    pub fn identifier(&self, interval: Interval) -> RollingProximityIdentifier {
        let mut block = Array(identifier_plaintext(interval));
        self.0.encrypt_block(&mut block);
        RollingProximityIdentifier(block.0)
    }
}

/// What an identifier key encrypts: "EN-RPI" || six zero bytes || interval as u32 little-endian.
pub(crate) fn identifier_plaintext(interval: Interval) -> [u8; IDENTIFIER_BYTES] {
    let mut block = [0; IDENTIFIER_BYTES];
    block[..6].copy_from_slice(RPI_PREFIX);
    block[12..].copy_from_slice(&interval.number().to_le_bytes());
    block
}

impl std::fmt::Debug for IdentifierKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdentifierKey(..)")
    }
}
