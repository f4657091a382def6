//! Associated encrypted metadata (AEM), authenticated.
//!
//! GAEN v1.2 encrypts four bytes with AES-128-CTR and leaves them malleable (CVE-2020-24722).
//! Bytes 2 and 3, which GAEN reserves and its readers ignore, carry a tag here, so that a changed
//! transmit power is noticed after a match.

use aes::Aes128;
use aes::cipher::{Array, BlockCipherEncrypt, KeyInit};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::identifier::RollingProximityIdentifier;
use crate::mac::hmac_sha256;
use crate::secret::SecretBytes;

/// Bytes of metadata, plain or encrypted.
pub const METADATA_BYTES: usize = 4;
/// The version that we send: major 1, minor 0.
const VERSION: u8 = 0b0100_0000;
/// Transmit powers that a reader accepts, in dBm (Google's reference matcher).
pub const VALID_TX_POWER: std::ops::RangeInclusive<i8> = -50..=20;

/// How well the sender's transmit power is known (GAEN v1.2 metadata, bits 3:2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CalibrationConfidence {
    /// No calibration data.
    Lowest = 0,
    /// An average over phones of the same maker.
    Low = 1,
    /// The same model from another measurement.
    Medium = 2,
    /// This model, measured.
    High = 3,
}

/// What a device says about itself beside its identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Calibration confidence of `tx_power`.
    pub confidence: CalibrationConfidence,
    /// Radiated transmit power in dBm.
    pub tx_power: i8,
}

/// The four encrypted bytes as they are on the air.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EncryptedMetadata(pub [u8; METADATA_BYTES]);

impl std::fmt::Debug for EncryptedMetadata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Aem({})", hex::encode(self.0))
    }
}

/// Whether decrypted metadata can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authenticity {
    /// The tag is right: the key's owner sent these bytes.
    Authentic,
    /// Bytes 2-3 are zero: a plain GAEN sender, unauthenticated.
    Plain,
}

/// Why metadata was refused after a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum MetadataError {
    /// The tag is wrong, or missing where the authority does not admit plain GAEN senders.
    #[error("metadata was altered on the air")]
    Altered,
    /// Another major version than 1.
    #[error("metadata has unknown major version {0}")]
    UnknownVersion(u8),
    /// A transmit power that no device has.
    #[error("transmit power {0} dBm is outside -50..=20")]
    ImpossiblePower(i8),
}

/// The metadata key (AEMK) and our tag key of one temporary exposure key.
#[derive(Debug)]
pub struct MetadataKey {
    encryption: SecretBytes<16>,
    tag: SecretBytes<16>,
}

impl MetadataKey {
    pub(crate) const fn new(encryption: SecretBytes<16>, tag: SecretBytes<16>) -> Self {
        Self { encryption, tag }
    }

    /// Encrypts and authenticates metadata for the broadcast of `identifier`.
    pub fn seal(
        &self,
        identifier: &RollingProximityIdentifier,
        metadata: Metadata,
    ) -> EncryptedMetadata {
        let claim = [VERSION | (metadata.confidence as u8) << 2, metadata.tx_power as u8];
        let tag = self.tag(identifier, claim);
        EncryptedMetadata(self.apply(identifier, [claim[0], claim[1], tag[0], tag[1]]))
    }

    /// Decrypts metadata heard with `identifier`. Zero in place of a tag is accepted only when
    /// `plain_gaen` is set.
    pub fn open(
        &self,
        identifier: &RollingProximityIdentifier,
        encrypted: EncryptedMetadata,
        plain_gaen: bool,
    ) -> Result<(Metadata, Authenticity), MetadataError> {
        let plain = self.apply(identifier, encrypted.0);
        let claim = [plain[0], plain[1]];
        let authenticity = if bool::from(self.tag(identifier, claim).ct_eq(&plain[2..])) {
            Authenticity::Authentic
        } else if plain_gaen && plain[2..] == [0, 0] {
            Authenticity::Plain
        } else {
            return Err(MetadataError::Altered);
        };
        let major = claim[0] >> 6;
        if major != VERSION >> 6 {
            return Err(MetadataError::UnknownVersion(major));
        }
        let tx_power = claim[1] as i8;
        if !VALID_TX_POWER.contains(&tx_power) {
            return Err(MetadataError::ImpossiblePower(tx_power));
        }
        let confidence = match claim[0] >> 2 & 0b11 {
            0 => CalibrationConfidence::Lowest,
            1 => CalibrationConfidence::Low,
            2 => CalibrationConfidence::Medium,
            _ => CalibrationConfidence::High,
        };
        Ok((Metadata { confidence, tx_power }, authenticity))
    }

    /// AES-128-CTR with the identifier as the initial counter block; four bytes need only the
    /// first block of key stream. Encrypts and decrypts alike.
    fn apply(
        &self,
        identifier: &RollingProximityIdentifier,
        bytes: [u8; METADATA_BYTES],
    ) -> [u8; METADATA_BYTES] {
        let mut stream = Array(identifier.0);
        Aes128::new(self.encryption.expose().into()).encrypt_block(&mut stream);
        std::array::from_fn(|i| bytes[i] ^ stream[i])
    }

    /// The first two bytes of HMAC-SHA256(tag key, identifier || metadata bytes 0-1).
    fn tag(&self, identifier: &RollingProximityIdentifier, claim: [u8; 2]) -> [u8; 2] {
        let output = hmac_sha256(self.tag.expose(), &[&identifier.0, &claim]);
        [output[0], output[1]]
    }
}
