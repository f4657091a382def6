//! Published vectors and those of `test-vectors/generate.py`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::api::PublishedKey;
use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
use vungxanh_protocol::exposure_key::{DerivedKeys, IdentifierKey};
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::{Interval, RollingPeriod};
use vungxanh_protocol::matching::{Matcher, Sighting};
use vungxanh_protocol::metadata::{
    Authenticity, CalibrationConfidence, EncryptedMetadata, Metadata, MetadataError,
};
use vungxanh_protocol::publish::{TransmissionRisk, hmac_text, tek_hmac};
use vungxanh_protocol::seal;
use vungxanh_protocol::secret::SecretBytes;

use crate::support::oracle::bytes;

fn read<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).unwrap()
}

#[derive(Deserialize)]
struct Gaen {
    rolling_start: u32,
    rolling_period: i64,
    key: String,
    intervals: Vec<GaenInterval>,
}

#[derive(Deserialize)]
struct GaenInterval {
    interval: u32,
    identifier: String,
    encrypted: String,
}

fn gaen() -> Gaen {
    read(include_str!("../../test-vectors/gaen-v1.2.json"))
}

#[test]
fn all_144_identifiers_and_metadata_of_gaen() {
    let vector = gaen();
    assert_eq!(vector.intervals.len(), 144);
    let key = bytes(&vector.key);
    let derived = DerivedKeys::from_key(&key);
    let only_identifiers = IdentifierKey::from_key(&key);
    for (offset, expected) in (0..).zip(&vector.intervals) {
        assert_eq!(expected.interval, vector.rolling_start + offset);
        let interval = Interval::new(expected.interval);
        let identifier = derived.identifiers.identifier(interval);
        assert_eq!(hex::encode(identifier.0), expected.identifier);
        assert_eq!(only_identifiers.identifier(interval), identifier);

        // The vector's sender is a plain one: version 1.0, 8 dBm, no tag.
        let encrypted = EncryptedMetadata(bytes(&expected.encrypted));
        let claim = Metadata { confidence: CalibrationConfidence::Lowest, tx_power: 8 };
        assert_eq!(
            derived.metadata.open(&identifier, encrypted, true),
            Ok((claim, Authenticity::Plain))
        );
        assert_eq!(
            derived.metadata.open(&identifier, encrypted, false),
            Err(MetadataError::Altered)
        );
        // Our first two bytes are the vector's: only the reserved ones differ.
        assert_eq!(derived.metadata.seal(&identifier, claim).0[..2], encrypted.0[..2]);
    }
}

#[test]
fn the_gaen_key_matches_in_each_of_its_intervals() {
    let vector = gaen();
    let key = DiagnosisKey {
        key: bytes(&vector.key),
        rolling_start: Interval::new(vector.rolling_start),
        rolling_period: RollingPeriod::new(vector.rolling_period).unwrap(),
        report_type: ReportType::ConfirmedTest,
        days_since_onset: None,
        transmission_risk: 0,
    };
    let matcher = Matcher::new(
        vector.intervals.iter().map(|i| Sighting {
            identifier: RollingProximityIdentifier(bytes(&i.identifier)),
            interval: Interval::new(i.interval),
        }),
        0,
    );
    let mut found = Vec::new();
    matcher.match_key(&key, |found_now| found.push((found_now.derived, found_now.sighting)));
    let expected: Vec<_> =
        (0..144).map(|i| (Interval::new(vector.rolling_start + i as u32), i)).collect();
    assert_eq!(found, expected);
}

#[derive(Deserialize)]
struct TagVector {
    cases: Vec<TagCase>,
}

#[derive(Deserialize)]
struct TagCase {
    key: String,
    interval: u32,
    confidence: u8,
    tx_power: i8,
    identifier: String,
    encrypted: String,
    advertisement: String,
}

#[test]
fn metadata_tags_of_an_independent_implementation() {
    let vector: TagVector = read(include_str!("../../test-vectors/metadata-tag.json"));
    assert_eq!(vector.cases.len(), 7);
    for case in &vector.cases {
        let derived = DerivedKeys::from_key(&bytes(&case.key));
        let identifier = derived.identifiers.identifier(Interval::new(case.interval));
        assert_eq!(hex::encode(identifier.0), case.identifier);
        let confidence = match case.confidence {
            0 => CalibrationConfidence::Lowest,
            1 => CalibrationConfidence::Low,
            2 => CalibrationConfidence::Medium,
            _ => CalibrationConfidence::High,
        };
        let claim = Metadata { confidence, tx_power: case.tx_power };
        let metadata = derived.metadata.seal(&identifier, claim);
        assert_eq!(hex::encode(metadata.0), case.encrypted);
        assert_eq!(
            derived.metadata.open(&identifier, metadata, false),
            Ok((claim, Authenticity::Authentic))
        );
        let advertisement = Advertisement { identifier, metadata };
        assert_eq!(hex::encode(advertisement.to_bytes()), case.advertisement);
    }
}

#[derive(Deserialize)]
struct HmacVector {
    hmac_key: String,
    cases: Vec<HmacCase>,
}

#[derive(Deserialize)]
struct HmacCase {
    name: String,
    keys: Vec<PublishedKey>,
    transmission_risk_included: bool,
    text: String,
    hmac: String,
}

#[test]
fn tek_hmac_of_the_verification_protocol() {
    let vector: HmacVector = read(include_str!("../../test-vectors/tek-hmac.json"));
    assert_eq!(vector.cases.len(), 3);
    let hmac_key: [u8; 16] = bytes(&vector.hmac_key);
    for case in &vector.cases {
        let risk = if case.transmission_risk_included {
            TransmissionRisk::Included
        } else {
            TransmissionRisk::Omitted
        };
        assert_eq!(hmac_text(&case.keys, risk), case.text, "{}", case.name);
        let mac = tek_hmac(&case.keys, risk, &hmac_key);
        assert_eq!(BASE64_STANDARD.encode(mac), case.hmac, "{}", case.name);
    }
}

#[derive(Deserialize)]
struct RoundTrip {
    identifier: String,
    interval: u32,
    key: String,
    rolling_start: u32,
    rolling_period: i64,
}

#[test]
fn the_round_trip_of_google_matches_that_key_only() {
    let vector: RoundTrip = read(include_str!("../../test-vectors/round-trip-match.json"));
    let sighted = Sighting {
        identifier: RollingProximityIdentifier(bytes(&vector.identifier)),
        interval: Interval::new(vector.interval),
    };
    let matcher = Matcher::new([sighted], 12);
    let published = |key: &str| DiagnosisKey {
        key: bytes(key),
        rolling_start: Interval::new(vector.rolling_start),
        rolling_period: RollingPeriod::new(vector.rolling_period).unwrap(),
        report_type: ReportType::ConfirmedTest,
        days_since_onset: None,
        transmission_risk: 2,
    };
    let matches = |key: &str| {
        let mut count = 0;
        matcher.match_key(&published(key), |_| count += 1);
        count
    };
    assert_eq!(matches(&vector.key), 1);
    assert_eq!(matches(&gaen().key), 0);
}

#[derive(Deserialize)]
struct Aead24 {
    key: String,
    nonce: String,
    associated_data: String,
    plain: String,
    ciphertext: String,
    tag: String,
}

#[test]
fn xchacha20_poly1305_of_the_draft() {
    let vector: Aead24 = read(include_str!("../../test-vectors/xchacha20-poly1305.json"));
    let plain = hex::decode(&vector.plain).unwrap();
    let key: [u8; 32] = bytes(&vector.key);
    let nonce: [u8; 24] = bytes(&vector.nonce);
    let sealed = hex::decode(vector.ciphertext + &vector.tag).unwrap();
    let cipher = XChaCha20Poly1305::new(&key.into());
    let aad = hex::decode(&vector.associated_data).unwrap();
    let payload = Payload { msg: &plain, aad: &aad };
    assert_eq!(cipher.encrypt(&XNonce::from(nonce), payload).unwrap(), sealed);

    // Our own layout around it: nonce || ciphertext || tag, associated data label || 0 || context.
    let key = SecretBytes::new(key);
    let mut fixed = FixedNonce(nonce);
    let ours = seal::seal(&key, "label", b"context", &plain, &mut fixed);
    let payload = Payload { msg: &plain, aad: b"label\0context" };
    let expected = cipher.encrypt(&XNonce::from(nonce), payload).unwrap();
    assert_eq!(ours, [&nonce[..], &expected].concat());
}

/// A generator that hands out one nonce.
struct FixedNonce([u8; 24]);

impl rand::TryRng for FixedNonce {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Self::Error> {
        destination.copy_from_slice(&self.0);
        Ok(())
    }
}

impl rand::TryCryptoRng for FixedNonce {}
