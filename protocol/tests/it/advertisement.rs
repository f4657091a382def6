//! The 31 bytes on the air.

use proptest::prelude::*;
use vungxanh_protocol::advertisement::{Advertisement, AdvertisementError};
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::metadata::EncryptedMetadata;

use crate::support::oracle::bytes;

/// The first interval of the GAEN v1.2 vector.
fn gaen() -> Advertisement {
    Advertisement {
        identifier: RollingProximityIdentifier(bytes("8be6cd371c5c891604bfbe49df845096")),
        metadata: EncryptedMetadata(bytes("72033874")),
    }
}

#[test]
fn byte_for_byte_as_gaen_lays_it_out() {
    assert_eq!(
        hex::encode(gaen().to_bytes()),
        "02011a03036ffd17166ffd8be6cd371c5c891604bfbe49df84509672033874"
    );
    assert_eq!(hex::encode(gaen().service_data()), "8be6cd371c5c891604bfbe49df84509672033874");
}

#[test]
fn other_flags_are_read_and_any_other_change_is_seen() {
    let bytes = gaen().to_bytes();
    for index in 0..bytes.len() {
        let mut other = bytes;
        other[index] ^= 0x08;
        match index {
            2 => assert_eq!(Advertisement::from_bytes(&other), Ok(gaen())),
            0..11 => {
                assert_eq!(Advertisement::from_bytes(&other), Err(AdvertisementError::Layout));
            }
            _ => {
                let read = Advertisement::from_bytes(&other).unwrap();
                assert_ne!(read, gaen());
                assert_eq!(read.to_bytes(), other);
            }
        }
    }
}

#[test]
fn service_data_of_other_lengths_is_refused() {
    for length in (0..20).chain([21, 31, 255]) {
        assert_eq!(
            Advertisement::from_service_data(&vec![0; length]),
            Err(AdvertisementError::ServiceDataLength(length))
        );
    }
}

proptest! {
    #[test]
    fn round_trip(identifier: [u8; 16], metadata: [u8; 4]) {
        let advertisement = Advertisement {
            identifier: RollingProximityIdentifier(identifier),
            metadata: EncryptedMetadata(metadata),
        };
        prop_assert_eq!(Advertisement::from_bytes(&advertisement.to_bytes()), Ok(advertisement));
        prop_assert_eq!(
            Advertisement::from_service_data(&advertisement.service_data()),
            Ok(advertisement)
        );
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        if let Ok(read) = Advertisement::from_bytes(&bytes) {
            prop_assert_eq!(&read.to_bytes()[3..], &bytes[3..]);
        }
        prop_assert_eq!(Advertisement::from_service_data(&bytes).is_ok(), bytes.len() == 20);
    }
}
