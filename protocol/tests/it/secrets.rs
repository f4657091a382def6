//! Nothing prints a secret, and what is sealed opens only with its key, label and context.

use insta::assert_snapshot;
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use vungxanh_protocol::api::{
    CertificateRequest, CertificateResponse, IssueRequest, IssueResponse, PublishRequest,
    PublishResponse, PublishedKey, VerifyRequest, VerifyResponse,
};
use vungxanh_protocol::exposure_key::{DerivedKeys, TemporaryExposureKey};
use vungxanh_protocol::interval::{Interval, RollingPeriod};
use vungxanh_protocol::metadata::{CalibrationConfidence, Metadata};
use vungxanh_protocol::own_keys::{OwnKey, OwnKeys};
use vungxanh_protocol::rotation::Rotation;
use vungxanh_protocol::seal::{OVERHEAD_BYTES, OpenError, open, seal};
use vungxanh_protocol::secret::SecretBytes;

use crate::support::oracle::bytes;

/// The key of the GAEN v1.2 vector and what it derives to.
const KEY: &str = "75c734c6dd1a782de7a965da5eb93125";
const DERIVED: [&str; 3] = [
    "185ad91db69ec7dd048960f1f3ba6175",
    "d57c46af7a1d83965b9bed8bd152936a",
    "630bc56a82dc815c6b74a67a3b915f27",
];

fn key() -> TemporaryExposureKey {
    TemporaryExposureKey::new(
        SecretBytes::new(bytes(KEY)),
        Interval::new(2_642_976),
        RollingPeriod::DAY,
    )
}

/// The printed form, after a search for the key and all that derives from it, in hexadecimal of
/// either case, in decimal and in base64; four bytes in a row are enough to be found.
fn printed(value: &impl std::fmt::Debug) -> String {
    let short = format!("{value:?}");
    let long: String = format!("{value:#?}").split_whitespace().collect();
    for secret in [KEY].into_iter().chain(DERIVED) {
        let secret: [u8; 16] = bytes(secret);
        for part in secret.windows(4) {
            let decimal: Vec<String> = part.iter().map(u8::to_string).collect();
            let hex_list: Vec<String> = part.iter().map(|byte| format!("{byte:x}")).collect();
            for trace in [
                hex::encode(part),
                hex::encode_upper(part),
                decimal.join(", "),
                hex_list.join(", "),
            ] {
                assert!(!short.contains(&trace), "{short} shows {trace}");
                let trace: String = trace.split_whitespace().collect();
                assert!(!long.contains(&trace), "{long} shows {trace}");
            }
        }
        let base64 = PublishedKey::from(&TemporaryExposureKey::new(
            SecretBytes::new(secret),
            Interval::new(0),
            RollingPeriod::DAY,
        ))
        .key;
        assert!(!short.contains(&base64[..6]), "{short} shows {base64}");
    }
    short
}

#[test]
fn keys_do_not_print() {
    assert_snapshot!(printed(key().key()), @"SecretBytes<16>(..)");
    assert_snapshot!(printed(&key()), @"TemporaryExposureKey { key: SecretBytes<16>(..), rolling_start: Interval(2642976), rolling_period: RollingPeriod(144) }");
    let own = OwnKey::new(key());
    assert_snapshot!(printed(&own), @"OwnKey { key: TemporaryExposureKey { key: SecretBytes<16>(..), rolling_start: Interval(2642976), rolling_period: RollingPeriod(144) }, retired: false, imported: false }");
    assert_snapshot!(printed(&OwnKeys::new(vec![own])), @"OwnKeys([OwnKey { key: TemporaryExposureKey { key: SecretBytes<16>(..), rolling_start: Interval(2642976), rolling_period: RollingPeriod(144) }, retired: false, imported: false }])");
    assert_snapshot!(printed(&key().derive()), @"DerivedKeys { identifiers: IdentifierKey(..), metadata: MetadataKey { encryption: SecretBytes<16>(..), tag: SecretBytes<16>(..) } }");
    assert_snapshot!(printed(&DerivedKeys::from_key(&bytes(KEY)).identifiers), @"IdentifierKey(..)");
    assert_snapshot!(printed(&DerivedKeys::from_key(&bytes(KEY)).metadata), @"MetadataKey { encryption: SecretBytes<16>(..), tag: SecretBytes<16>(..) }");
}

#[test]
fn what_is_broadcast_prints_in_part() {
    let mut rotation = Rotation::new();
    let mut keys = OwnKeys::new(vec![OwnKey::new(key())]);
    let claim = Metadata { confidence: CalibrationConfidence::Low, tx_power: 0 };
    let mut rng = StdRng::seed_from_u64(1);
    let start = key().rolling_start().start();
    rotation.step(start, claim, &mut keys, RollingPeriod::DAY, &mut rng);
    assert_snapshot!(printed(&rotation.advertisement().unwrap()), @"Advertisement { identifier: Rpi(8be6cd37..), metadata: Aem(760b0775) }");
    printed(&rotation);
}

#[test]
fn requests_and_responses_do_not_print_their_secrets() {
    let secret = || "SECRET".to_owned();
    let published = PublishedKey::from(&key());
    assert_snapshot!(printed(&published), @"PublishedKey { rolling_start_number: 2642976, rolling_period: 144, .. }");
    let publish = PublishRequest {
        temporary_exposure_keys: vec![published],
        health_authority_id: "vn.example".into(),
        verification_payload: secret(),
        hmac_key: secret(),
        revision_token: secret(),
        ..PublishRequest::default()
    };
    assert_snapshot!(printed(&publish), @r#"PublishRequest { health_authority_id: "vn.example", .. }"#);
    let response = PublishResponse { revision_token: secret(), ..PublishResponse::default() };
    assert_snapshot!(printed(&response), @r#"PublishResponse { error: "", code: "", .. }"#);
    let verify = VerifyRequest { code: secret(), ..VerifyRequest::default() };
    assert_snapshot!(printed(&verify), @"VerifyRequest { accept: [], .. }");
    let response = VerifyResponse {
        token: secret(),
        symptom_date: secret(),
        test_date: secret(),
        ..VerifyResponse::default()
    };
    assert_snapshot!(printed(&response), @r#"VerifyResponse { error: "", error_code: "", .. }"#);
    let certificate =
        CertificateRequest { token: secret(), ekeyhmac: secret(), ..CertificateRequest::default() };
    assert_snapshot!(printed(&certificate), @"CertificateRequest { .. }");
    let response = CertificateResponse { certificate: secret(), ..CertificateResponse::default() };
    assert_snapshot!(printed(&response), @r#"CertificateResponse { error: "", error_code: "", .. }"#);
    let issue = IssueRequest {
        symptom_date: secret(),
        test_date: secret(),
        uuid: secret(),
        ..IssueRequest::default()
    };
    assert_snapshot!(printed(&issue), @"IssueRequest { long: false, .. }");
    let response = IssueResponse { code: secret(), uuid: secret(), ..IssueResponse::default() };
    assert_snapshot!(printed(&response), @r#"IssueResponse { error: "", error_code: "", .. }"#);
}

/// Compiles only while the ciphers are built with the feature that wipes their keys.
#[test]
fn keys_are_wiped_when_dropped() {
    fn wiped<T: zeroize::ZeroizeOnDrop>() {}
    wiped::<SecretBytes<16>>();
    wiped::<aes::Aes128>();
    wiped::<sha2::Sha256>();
    wiped::<chacha20poly1305::XChaCha20Poly1305>();
    wiped::<ed25519_dalek::SigningKey>();
}

#[test]
fn secrets_are_compared_whole() {
    let secret = SecretBytes::new([5; 16]);
    assert_eq!(secret, SecretBytes::new([5; 16]));
    for index in 0..16 {
        let mut other = [5; 16];
        other[index] = 4;
        assert_ne!(secret, SecretBytes::new(other));
    }
    assert_eq!(SecretBytes::<16>::from_slice(&[5; 16]), Some(secret));
    assert_eq!(SecretBytes::<16>::from_slice(&[5; 15]), None);
    assert_eq!(SecretBytes::<16>::from_slice(&[5; 17]), None);
}

#[test]
fn generated_secrets_are_the_generators_bytes() {
    use rand::Rng;
    let mut expected = [0; 16];
    StdRng::seed_from_u64(1).fill_bytes(&mut expected);
    let generated = SecretBytes::<16>::generate(&mut StdRng::seed_from_u64(1));
    assert_eq!(generated.expose(), &expected);
}

#[test]
fn sealed_bytes_open_only_in_their_place() {
    let mut rng = StdRng::seed_from_u64(1);
    let key = SecretBytes::new([1; 32]);
    let sealed = seal(&key, "VX-BLOCK", b"20454", b"plain", &mut rng);
    assert_eq!(sealed.len(), 5 + OVERHEAD_BYTES);
    assert_eq!(open(&key, "VX-BLOCK", b"20454", &sealed).as_deref(), Ok(&b"plain"[..]));

    let other_key = SecretBytes::new([2; 32]);
    assert_eq!(open(&other_key, "VX-BLOCK", b"20454", &sealed), Err(OpenError));
    assert_eq!(open(&key, "VX-OTHER", b"20454", &sealed), Err(OpenError));
    assert_eq!(open(&key, "VX-BLOCK", b"20455", &sealed), Err(OpenError));
    // The border between label and context counts.
    assert_eq!(open(&key, "VX-BLOCK2", b"0454", &sealed), Err(OpenError));
    for bit in 0..sealed.len() * 8 {
        let mut flipped = sealed.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open(&key, "VX-BLOCK", b"20454", &flipped), Err(OpenError), "bit {bit}");
    }
    for length in 0..sealed.len() {
        assert_eq!(open(&key, "VX-BLOCK", b"20454", &sealed[..length]), Err(OpenError));
    }
    // A fresh nonce each time.
    assert_ne!(seal(&key, "VX-BLOCK", b"20454", b"plain", &mut rng), sealed);
}

proptest! {
    #[test]
    fn sealing_round_trip(
        key: [u8; 32],
        label in "[A-Z0-9-]{1,20}",
        context in prop::collection::vec(any::<u8>(), 0..40),
        plain in prop::collection::vec(any::<u8>(), 0..500),
        seed: u64,
    ) {
        let key = SecretBytes::new(key);
        let mut rng = StdRng::seed_from_u64(seed);
        let sealed = seal(&key, &label, &context, &plain, &mut rng);
        prop_assert_eq!(open(&key, &label, &context, &sealed), Ok(plain));
    }

    #[test]
    fn any_bytes_are_refused_by_open(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(open(&SecretBytes::new([1; 32]), "L", b"", &bytes), Err(OpenError));
    }
}
