//! The legacy advertisement of 31 bytes (GAEN Bluetooth specification v1.2, "Advertising
//! Payload"): flags, complete list with the one service 0xFD6F, service data.

use crate::identifier::{IDENTIFIER_BYTES, RollingProximityIdentifier};
use crate::metadata::{EncryptedMetadata, METADATA_BYTES};

/// The 16-bit service identifier of exposure notification.
pub const SERVICE_UUID: u16 = 0xFD6F;
/// Bytes of service data: identifier and metadata.
pub const SERVICE_DATA_BYTES: usize = IDENTIFIER_BYTES + METADATA_BYTES;
/// Bytes of the whole advertisement.
pub const ADVERTISEMENT_BYTES: usize = 31;

const PREFIX: [u8; 11] = [0x02, 0x01, 0x1A, 0x03, 0x03, 0x6F, 0xFD, 0x17, 0x16, 0x6F, 0xFD];

/// What a device broadcasts for one interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Advertisement {
    /// The rolling proximity identifier.
    pub identifier: RollingProximityIdentifier,
    /// Its encrypted metadata.
    pub metadata: EncryptedMetadata,
}

/// Bytes that are no advertisement of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdvertisementError {
    /// Service data of another length than 20 bytes.
    #[error("service data has {0} bytes instead of 20")]
    ServiceDataLength(usize),
    /// An advertisement that is not laid out as GAEN's.
    #[error("not an exposure notification advertisement")]
    Layout,
}

impl Advertisement {
    /// The 20 bytes of service data under [`SERVICE_UUID`].
    pub fn service_data(&self) -> [u8; SERVICE_DATA_BYTES] {
        let mut data = [0; SERVICE_DATA_BYTES];
        data[..IDENTIFIER_BYTES].copy_from_slice(&self.identifier.0);
        data[IDENTIFIER_BYTES..].copy_from_slice(&self.metadata.0);
        data
    }

    /// Reads service data as a scanner hands it over.
    pub fn from_service_data(data: &[u8]) -> Result<Self, AdvertisementError> {
        let data: &[u8; SERVICE_DATA_BYTES] =
            data.try_into().map_err(|_| AdvertisementError::ServiceDataLength(data.len()))?;
        Ok(Self {
            identifier: RollingProximityIdentifier(std::array::from_fn(|i| data[i])),
            metadata: EncryptedMetadata(std::array::from_fn(|i| data[IDENTIFIER_BYTES + i])),
        })
    }

    /// The whole advertisement as it is on the air.
    pub fn to_bytes(&self) -> [u8; ADVERTISEMENT_BYTES] {
        let mut bytes = [0; ADVERTISEMENT_BYTES];
        bytes[..PREFIX.len()].copy_from_slice(&PREFIX);
        bytes[PREFIX.len()..].copy_from_slice(&self.service_data());
        bytes
    }

    /// Reads a whole advertisement; the flags byte (index 2) may be anything.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AdvertisementError> {
        let laid_out_alike = bytes.len() == ADVERTISEMENT_BYTES
            && bytes[..2] == PREFIX[..2]
            && bytes[3..PREFIX.len()] == PREFIX[3..];
        if !laid_out_alike {
            return Err(AdvertisementError::Layout);
        }
        Self::from_service_data(&bytes[PREFIX.len()..])
    }
}
