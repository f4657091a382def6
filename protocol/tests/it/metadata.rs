//! What the metadata's tag promises: only the key's owner can change the claimed power.

use proptest::prelude::*;
use vungxanh_protocol::exposure_key::DerivedKeys;
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::Interval;
use vungxanh_protocol::metadata::{
    Authenticity, CalibrationConfidence, EncryptedMetadata, Metadata, MetadataError, MetadataKey,
};

const CLAIM: Metadata = Metadata { confidence: CalibrationConfidence::High, tx_power: -8 };

fn sender(key: [u8; 16]) -> (MetadataKey, RollingProximityIdentifier) {
    let derived = DerivedKeys::from_key(&key);
    (derived.metadata, derived.identifiers.identifier(Interval::new(2_700_000)))
}

/// What an attacker who knows the plain text makes of `sealed`: AES-CTR only adds a key stream.
fn altered(sealed: EncryptedMetadata, difference: [u8; 4]) -> EncryptedMetadata {
    EncryptedMetadata(std::array::from_fn(|i| sealed.0[i] ^ difference[i]))
}

#[test]
fn every_single_bit_flip_is_refused() {
    for key in [[0; 16], [7; 16], [255; 16]] {
        let (metadata, identifier) = sender(key);
        let sealed = metadata.seal(&identifier, CLAIM);
        for bit in 0..32 {
            let flipped = altered(sealed, (1u32 << bit).to_be_bytes());
            for plain_gaen in [false, true] {
                assert_eq!(
                    metadata.open(&identifier, flipped, plain_gaen),
                    Err(MetadataError::Altered),
                    "bit {bit}"
                );
            }
        }
    }
}

#[test]
fn metadata_of_one_identifier_does_not_fit_another() {
    let derived = DerivedKeys::from_key(&[9; 16]);
    let [first, second] = [1, 2].map(|i| derived.identifiers.identifier(Interval::new(i)));
    let sealed = derived.metadata.seal(&first, CLAIM);
    assert_eq!(derived.metadata.open(&second, sealed, true), Err(MetadataError::Altered));
}

#[test]
fn powers_and_versions_that_no_device_has_are_refused() {
    let (metadata, identifier) = sender([1; 16]);
    for power in [-128, -51, 21, 127] {
        let sealed = metadata.seal(&identifier, Metadata { tx_power: power, ..CLAIM });
        assert_eq!(
            metadata.open(&identifier, sealed, false),
            Err(MetadataError::ImpossiblePower(power))
        );
    }
    for power in [-50, 20] {
        let claim = Metadata { tx_power: power, ..CLAIM };
        let sealed = metadata.seal(&identifier, claim);
        assert_eq!(metadata.open(&identifier, sealed, false), Ok((claim, Authenticity::Authentic)));
    }
    // Plain metadata of major version 2: the stream of the GAEN v1.2 vector's first interval.
    let (plain_key, plain_identifier) = {
        let derived = DerivedKeys::from_key(&crate::support::oracle::bytes(
            "75c734c6dd1a782de7a965da5eb93125",
        ));
        let identifier = derived.identifiers.identifier(Interval::new(2_642_976));
        (derived.metadata, identifier)
    };
    let version_1 = EncryptedMetadata(crate::support::oracle::bytes("72033874"));
    let version_2 = altered(version_1, [0xC0, 0, 0, 0]);
    assert_eq!(
        plain_key.open(&plain_identifier, version_2, true),
        Err(MetadataError::UnknownVersion(2))
    );
    // A minor version of the future is read: GAEN v1.1 is 0x50.
    let version_1_1 = altered(version_1, [0x10, 0, 0, 0]);
    assert!(plain_key.open(&plain_identifier, version_1_1, true).is_ok());
}

proptest! {
    #[test]
    fn round_trip(key: [u8; 16], interval: u32, power in -50i8..=20, confidence in 0u8..4) {
        let derived = DerivedKeys::from_key(&key);
        let identifier = derived.identifiers.identifier(Interval::new(interval));
        let confidence = match confidence {
            0 => CalibrationConfidence::Lowest,
            1 => CalibrationConfidence::Low,
            2 => CalibrationConfidence::Medium,
            _ => CalibrationConfidence::High,
        };
        let claim = Metadata { confidence, tx_power: power };
        let sealed = derived.metadata.seal(&identifier, claim);
        prop_assert_eq!(
            derived.metadata.open(&identifier, sealed, false),
            Ok((claim, Authenticity::Authentic))
        );
    }
}

#[test]
fn one_of_all_65536_tags_is_believed() {
    let (metadata, identifier) = sender([3; 16]);
    let sealed = metadata.seal(&identifier, CLAIM);
    // Another power, with every possible change of the tag: exactly one is right.
    for power in [1u8, 2, 16] {
        let believed = (0..=u16::MAX)
            .filter(|change| {
                let [high, low] = change.to_be_bytes();
                metadata.open(&identifier, altered(sealed, [0, power, high, low]), false).is_ok()
            })
            .count();
        assert_eq!(believed, 1);
    }
}
