//! What is uploaded: JSON names, sizes, redaction, look-alikes and the moment of release.

use std::collections::BTreeSet;
use std::ops::Range;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::Serialize;
use serde::de::DeserializeOwned;
use vungxanh_protocol::api::{
    CertificateRequest, CertificateResponse, IssueRequest, IssueResponse,
    MAX_PUBLISH_REQUEST_BYTES, MAX_PUBLISHED_KEYS, PUBLISH_REQUEST_BYTES, PUBLISH_RESPONSE_BYTES,
    Padded, PublishRequest, PublishResponse, PublishedKey, TOKEN_REQUEST_BYTES,
    TOKEN_RESPONSE_BYTES, TooLargeToPad, VerifyRequest, VerifyResponse, to_padded_json,
};
use vungxanh_protocol::exposure_key::TemporaryExposureKey;
use vungxanh_protocol::interval::{
    DAY_SECONDS, INTERVAL_SECONDS, Interval, RollingPeriod, UnixTime,
};
use vungxanh_protocol::own_keys::OwnKeys;
use vungxanh_protocol::publish::{
    TransmissionRisk, dummy_keys, hmac_text, redact, release_time, tek_hmac,
};
use vungxanh_protocol::secret::SecretBytes;

use crate::support::oracle::diagnosis_key;

/// 2026-01-15T13:37:00Z.
const NOW: UnixTime = UnixTime::from_secs(1_768_484_220);

/// Writes exactly `json` and reads it back.
fn is_written_as<T>(body: &T, json: &str)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    assert_eq!(serde_json::to_string(body).unwrap(), json);
    assert_eq!(&serde_json::from_str::<T>(json).unwrap(), body);
}

#[test]
fn json_of_verification() {
    is_written_as(
        &VerifyRequest {
            code: "12345678".into(),
            accept: vec!["confirmed".into()],
            nonce: String::new(),
            look_alike: false,
            padding: "0".into(),
        },
        r#"{"code":"12345678","accept":["confirmed"],"lookAlike":false,"padding":"0"}"#,
    );
    is_written_as(
        &VerifyResponse {
            test_type: "confirmed".into(),
            symptom_date: "2026-01-10".into(),
            test_date: "2026-01-12".into(),
            token: "t".into(),
            ..VerifyResponse::default()
        },
        r#"{"testtype":"confirmed","symptomDate":"2026-01-10","testDate":"2026-01-12","token":"t","padding":""}"#,
    );
    is_written_as(
        &VerifyResponse {
            error: "expired".into(),
            error_code: "code_expired".into(),
            ..VerifyResponse::default()
        },
        r#"{"testtype":"","symptomDate":"","testDate":"","token":"","error":"expired","errorCode":"code_expired","padding":""}"#,
    );
    is_written_as(
        &CertificateRequest {
            token: "t".into(),
            ekeyhmac: "h".into(),
            look_alike: true,
            padding: String::new(),
        },
        r#"{"token":"t","ekeyhmac":"h","lookAlike":true,"padding":""}"#,
    );
    is_written_as(
        &CertificateResponse {
            certificate: "a.b.c".into(),
            error: "no".into(),
            error_code: "token_invalid".into(),
            padding: String::new(),
        },
        r#"{"certificate":"a.b.c","error":"no","errorCode":"token_invalid","padding":""}"#,
    );
    is_written_as(
        &IssueRequest {
            symptom_date: "2026-01-10".into(),
            test_date: String::new(),
            test_type: "confirmed".into(),
            tz_offset: 420.0,
            uuid: "u".into(),
            long: false,
            phone: String::new(),
            padding: String::new(),
        },
        r#"{"symptomDate":"2026-01-10","testDate":"","testType":"confirmed","tzOffset":420.0,"uuid":"u","long":false,"padding":""}"#,
    );
    is_written_as(
        &IssueResponse {
            uuid: "u".into(),
            code: "12345678".into(),
            expires_at: "e".into(),
            expires_at_timestamp: 1,
            long_expires_at: "l".into(),
            long_expires_at_timestamp: 2,
            ..IssueResponse::default()
        },
        r#"{"uuid":"u","code":"12345678","expiresAt":"e","expiresAtTimestamp":1,"longExpiresAt":"l","longExpiresAtTimestamp":2}"#,
    );
}

fn published(key: u8) -> PublishedKey {
    PublishedKey {
        key: BASE64_STANDARD.encode([key; 16]),
        rolling_start_number: 2_947_464,
        rolling_period: 36,
        transmission_risk: 0,
    }
}

#[test]
fn json_of_publication() {
    is_written_as(
        &PublishRequest {
            temporary_exposure_keys: vec![published(0)],
            health_authority_id: "vn.example".into(),
            verification_payload: "a.b.c".into(),
            hmac_key: "aGs=".into(),
            symptom_onset_interval: 2_946_744,
            traveler: true,
            revision_token: "r".into(),
            look_alike: false,
            padding: "00".into(),
        },
        concat!(
            r#"{"temporaryExposureKeys":[{"key":"AAAAAAAAAAAAAAAAAAAAAA==","#,
            r#""rollingStartNumber":2947464,"rollingPeriod":36,"transmissionRisk":0}],"#,
            r#""healthAuthorityID":"vn.example","verificationPayload":"a.b.c","#,
            r#""hmacKey":"aGs=","symptomOnsetInterval":2946744,"traveler":true,"#,
            r#""revisionToken":"r","lookAlike":false,"padding":"00"}"#
        ),
    );
    is_written_as(
        &PublishResponse {
            revision_token: "r".into(),
            inserted_exposures: 57,
            error: "some".into(),
            code: "partial_failure".into(),
            warnings: vec!["w".into()],
            padding: String::new(),
        },
        concat!(
            r#"{"revisionToken":"r","insertedExposures":57,"error":"some","#,
            r#""code":"partial_failure","warnings":["w"],"padding":""}"#
        ),
    );
}

#[test]
fn requests_of_other_clients_are_read() {
    // What stays out has its default; `hmackey` is an older spelling; unknown fields are ignored.
    let other = r#"{"temporaryExposureKeys":[{"key":"AAAAAAAAAAAAAAAAAAAAAA==","rollingStartNumber":7}],
        "healthAuthorityID":"x","verificationPayload":"a.b.c","hmackey":"aGs=","platform":"ios"}"#;
    let read: PublishRequest = serde_json::from_str(other).unwrap();
    assert_eq!(read.hmac_key, "aGs=");
    assert_eq!(read.temporary_exposure_keys[0].rolling_period, 0);
    assert_eq!(read.temporary_exposure_keys[0].rolling_start_number, 7);
    assert!(!read.look_alike);
    let verify: VerifyRequest =
        serde_json::from_str(r#"{"code":"1","accept":["likely"],"nonce":"x"}"#).unwrap();
    assert_eq!(verify.accept, ["likely"]);
}

#[test]
fn every_body_of_a_kind_has_one_size() {
    fn size(mut body: impl Padded + Clone, size: usize) {
        let json = to_padded_json(&mut body, size).unwrap();
        assert_eq!(json.len(), size);
        // A second padding changes nothing.
        assert_eq!(to_padded_json(&mut body, size).unwrap(), json);
    }
    // What a Vietnamese reader is shown: letters of two and three bytes, quotes, line breaks.
    let message = "Mã đã hết hạn: \"xin mã mới\"\n\u{1F7E2}\u{0007}".to_owned();
    size(VerifyRequest::default(), TOKEN_REQUEST_BYTES);
    size(VerifyRequest { code: message.clone(), ..VerifyRequest::default() }, TOKEN_REQUEST_BYTES);
    size(
        VerifyResponse { error: message.clone(), ..VerifyResponse::default() },
        TOKEN_RESPONSE_BYTES,
    );
    size(
        CertificateRequest {
            token: "t".repeat(900),
            ekeyhmac: "h".repeat(44),
            ..CertificateRequest::default()
        },
        TOKEN_REQUEST_BYTES,
    );
    size(
        CertificateResponse { certificate: "c".repeat(1_200), ..CertificateResponse::default() },
        TOKEN_RESPONSE_BYTES,
    );
    size(PublishRequest::default(), PUBLISH_REQUEST_BYTES);
    size(
        PublishResponse {
            revision_token: "r".repeat(2_900),
            error: message.clone(),
            warnings: vec![message],
            ..PublishResponse::default()
        },
        PUBLISH_RESPONSE_BYTES,
    );
}

#[test]
fn the_longest_key_list_fits() {
    let largest = PublishedKey {
        rolling_start_number: u32::MAX.into(),
        rolling_period: 144,
        ..published(255)
    };
    let mut request = PublishRequest {
        temporary_exposure_keys: vec![largest; MAX_PUBLISHED_KEYS],
        health_authority_id: "i".repeat(64),
        verification_payload: "c".repeat(1_500),
        hmac_key: "h".repeat(24),
        symptom_onset_interval: u32::MAX.into(),
        revision_token: "r".repeat(2_900),
        ..PublishRequest::default()
    };
    let json = to_padded_json(&mut request, PUBLISH_REQUEST_BYTES).unwrap();
    assert_eq!(json.len(), PUBLISH_REQUEST_BYTES);
    const { assert!(PUBLISH_REQUEST_BYTES <= MAX_PUBLISH_REQUEST_BYTES) };
    assert_eq!(serde_json::from_slice::<PublishRequest>(&json).unwrap(), request);
}

#[test]
fn what_does_not_fit_is_said() {
    let mut exact = VerifyRequest { code: String::new(), ..VerifyRequest::default() };
    let empty = serde_json::to_vec(&exact).unwrap().len();
    exact.code = "x".repeat(TOKEN_REQUEST_BYTES - empty);
    assert_eq!(to_padded_json(&mut exact, TOKEN_REQUEST_BYTES).unwrap().len(), TOKEN_REQUEST_BYTES);
    exact.code.push('x');
    assert_eq!(
        to_padded_json(&mut exact, TOKEN_REQUEST_BYTES),
        Err(TooLargeToPad { needed: TOKEN_REQUEST_BYTES + 1, size: TOKEN_REQUEST_BYTES })
    );
}

/// A device's keys after `days` days of running without a pause.
fn keys_of_a_device(days: u32, period: RollingPeriod) -> OwnKeys {
    let mut rng = StdRng::seed_from_u64(1);
    let mut keys = OwnKeys::default();
    let first = NOW.interval().minus(days * 144);
    for interval in first.number()..=NOW.interval().number() {
        keys.for_interval(Interval::new(interval), period, &mut rng);
    }
    keys
}

#[test]
fn look_alikes_have_the_starts_and_the_number_of_a_real_list() {
    for (period, retention) in [(36, 14), (144, 14), (36, 21), (6, 14), (36, 3)] {
        let period = RollingPeriod::new(period).unwrap();
        let mut keys = keys_of_a_device(21, period);
        keys.expire(NOW.minus(u64::from(retention) * DAY_SECONDS).interval());
        let publishable = keys.publishable(NOW);
        let real: Vec<_> = redact(&publishable, &[]).into_iter().map(PublishedKey::from).collect();
        let starts = |list: &[PublishedKey]| -> Vec<i64> {
            list.iter().map(|key| key.rolling_start_number).collect()
        };
        let real_starts: BTreeSet<i64> = starts(&real).into_iter().collect();

        let mut total = 0;
        let rounds = 200;
        for seed in 0..rounds {
            let mut rng = StdRng::seed_from_u64(seed);
            let alike = dummy_keys(NOW, period, retention, &mut rng);
            assert_eq!(alike[0].rolling_start_number, real[0].rolling_start_number);
            assert!(starts(&alike).is_sorted_by(|a, b| a > b));
            assert!(alike.len() <= MAX_PUBLISHED_KEYS);
            // With short periods the newest 64 reach further back where some are missing.
            if real.len() < MAX_PUBLISHED_KEYS {
                assert!(starts(&alike).iter().all(|start| real_starts.contains(start)));
                assert!(alike.len() <= real.len());
            }
            for key in &alike {
                assert_eq!(BASE64_STANDARD.decode(&key.key).unwrap().len(), 16);
                assert_eq!(key.rolling_period, i64::from(period.intervals()));
                assert_eq!(key.transmission_risk, 0);
            }
            let distinct: BTreeSet<_> = alike.iter().map(|key| &key.key).collect();
            assert_eq!(distinct.len(), alike.len());
            total += alike.len();
        }
        // One in twenty of the older keys is missing.
        let mean = total as f64 / rounds as f64;
        let expected = if real.len() < MAX_PUBLISHED_KEYS {
            1.0 + 0.95 * (real.len() - 1) as f64
        } else {
            MAX_PUBLISHED_KEYS as f64
        };
        assert!((mean - expected).abs() < 0.5, "{mean} keys instead of {expected}");
    }
}

fn key_at(start: Interval, period: RollingPeriod) -> TemporaryExposureKey {
    TemporaryExposureKey::new(SecretBytes::new([1; 16]), start, period)
}

#[test]
fn a_period_is_left_out_to_the_second() {
    let start = NOW.interval().period_start(RollingPeriod::SIX_HOURS);
    let key = key_at(start, RollingPeriod::SIX_HOURS);
    let (begin, end) = (key.rolling_start().start(), key.rolling_end().start());
    let is_kept = |leave_out: Range<UnixTime>| redact(&[&key], &[leave_out]).len() == 1;
    assert!(is_kept(begin.minus(100)..begin));
    assert!(!is_kept(begin.minus(100)..begin.plus(1)));
    assert!(!is_kept(begin.plus(10)..begin.plus(20)));
    assert!(!is_kept(end.minus(1)..end.plus(100)));
    assert!(is_kept(end..end.plus(100)));
}

proptest! {
    #[test]
    fn redaction_keeps_exactly_what_is_not_touched(
        starts in prop::collection::btree_set(0u32..200, 0..90),
        left_out in prop::collection::vec((0u64..200 * 21_600, 1u64..100_000), 0..4),
    ) {
        let first = Interval::new(2_945_376);
        let keys: Vec<_> = starts
            .iter()
            .map(|start| key_at(first.plus(start * 36), RollingPeriod::SIX_HOURS))
            .collect();
        let ranges: Vec<Range<UnixTime>> = left_out
            .iter()
            .map(|&(from, length)| first.start().plus(from)..first.start().plus(from + length))
            .collect();
        let references: Vec<_> = keys.iter().collect();
        let kept = redact(&references, &ranges);

        // Second by second would be slow: interval by interval, and the ranges' own ends.
        let touched = |key: &TemporaryExposureKey| {
            ranges.iter().any(|range| {
                (key.rolling_start().number()..key.rolling_end().number()).any(|interval| {
                    let interval = Interval::new(interval);
                    interval.start() < range.end && range.start < interval.end()
                })
            })
        };
        let mut expected: Vec<_> = keys.iter().filter(|key| !touched(key)).collect();
        expected.reverse();
        expected.truncate(MAX_PUBLISHED_KEYS);
        prop_assert_eq!(kept, expected);
    }

    #[test]
    fn the_order_of_keys_does_not_change_their_hmac(
        keys in Just((0..20).map(published).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let sorted: Vec<_> = (0..20).map(published).collect();
        let mac = |keys: &[PublishedKey]| tek_hmac(keys, TransmissionRisk::Omitted, &[1; 16]);
        prop_assert_eq!(mac(&keys), mac(&sorted));
        prop_assert_ne!(mac(&keys[1..]), mac(&sorted));
    }

    #[test]
    fn a_key_is_released_on_a_whole_hour_after_its_last_believer(
        start in 0u32..4_000_000, period in 1i64..=144, tolerance in 0u32..=12,
    ) {
        let key = diagnosis_key([1; 16], start, period);
        let release = release_time(&key, tolerance);
        let last_believed = key.rolling_end().plus(tolerance).start();
        prop_assert_eq!(release.as_secs() % 3_600, 0);
        prop_assert!(release >= last_believed.plus(2 * INTERVAL_SECONDS));
        prop_assert!(release < last_believed.plus(2 * INTERVAL_SECONDS + 3_600));
    }

    #[test]
    fn any_json_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn damaged_json_is_read_or_refused(
        cut in any::<prop::sample::Index>(),
        put in prop::collection::vec(prop::sample::select(b"{}[]\",:-09e.\\untf".to_vec()), 0..6),
    ) {
        let request = PublishRequest {
            temporary_exposure_keys: vec![published(1), published(2)],
            ..PublishRequest::default()
        };
        let mut json = serde_json::to_vec(&request).unwrap();
        let at = cut.index(json.len());
        json.splice(at..(at + 2).min(json.len()), put);
        read_all(&json);
    }
}

fn read_all(bytes: &[u8]) {
    let _ = serde_json::from_slice::<VerifyRequest>(bytes);
    let _ = serde_json::from_slice::<VerifyResponse>(bytes);
    let _ = serde_json::from_slice::<CertificateRequest>(bytes);
    let _ = serde_json::from_slice::<CertificateResponse>(bytes);
    let _ = serde_json::from_slice::<IssueRequest>(bytes);
    let _ = serde_json::from_slice::<IssueResponse>(bytes);
    let _ = serde_json::from_slice::<PublishResponse>(bytes);
    if let Ok(request) = serde_json::from_slice::<PublishRequest>(bytes) {
        let _ = hmac_text(&request.temporary_exposure_keys, TransmissionRisk::Included);
    }
}

#[test]
fn release_times() {
    // 2026-01-15T00:00:00Z, the end of a key of a whole day.
    let midnight = 2_947_392u32;
    let minutes_after_midnight = |end: u32, tolerance| {
        let key = diagnosis_key([1; 16], end - 144, 144);
        release_time(&key, tolerance).since(Interval::new(midnight).start()) / 60
    };
    assert_eq!(minutes_after_midnight(midnight, 0), 60);
    assert_eq!(minutes_after_midnight(midnight, 1), 60);
    assert_eq!(minutes_after_midnight(midnight, 2), 60);
    // 60 minutes to the minute.
    assert_eq!(minutes_after_midnight(midnight, 4), 60);
    assert_eq!(minutes_after_midnight(midnight, 5), 120);
    assert_eq!(minutes_after_midnight(midnight, 12), 180);
    assert_eq!(minutes_after_midnight(midnight + 1, 4), 120);
    assert_eq!(minutes_after_midnight(midnight + 36, 1), 360 + 60);
}
