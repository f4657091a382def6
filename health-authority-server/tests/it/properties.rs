//! Properties of everything that is read from outside.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use health_authority_server::domain::certificate::{Claims, Parties};
use health_authority_server::domain::codes::Code;
use health_authority_server::domain::diagnosis::{format_day, parse_day};
use health_authority_server::domain::revision;
use health_authority_server::domain::upload_check::{
    MAX_DAYS_SINCE_ONSET, MAX_SAME_START, hmac_matches, onset_interval, validate,
};
use p256::ecdsa::{SigningKey, VerifyingKey};
use proptest::prelude::*;
use vungxanh_protocol::api::{PublishRequest, PublishedKey};
use vungxanh_protocol::diagnosis_key::ReportType;
use vungxanh_protocol::interval::UtcDay;
use vungxanh_protocol::seal::SealKey;

use crate::support::authority::START;

/// Mostly sensible keys around now, some senseless.
fn published_key() -> impl Strategy<Value = PublishedKey> {
    let now = i64::from(START.interval().number());
    let key = prop_oneof![
        9 => any::<[u8; 16]>().prop_map(|key| BASE64_STANDARD.encode(key)),
        1 => ".{0,30}",
    ];
    let start = prop_oneof![9 => now - 2_400..now + 50, 1 => any::<i64>()];
    let period = prop_oneof![9 => 0_i64..150, 1 => any::<i64>()];
    let risk = prop_oneof![9 => 0_i64..9, 1 => any::<i64>()];
    (key, start, period, risk).prop_map(|(key, start, period, risk)| PublishedKey {
        key,
        rolling_start_number: start,
        rolling_period: period,
        transmission_risk: risk,
    })
}

proptest! {
    #[test]
    fn what_is_taken_is_valid(
        keys in prop::collection::vec(published_key(), 0..70),
        onset in prop::option::of(0_u32..40),
    ) {
        let onset = onset.map(|days| START.interval().minus(days * 144));
        let Ok(valid) = validate(&keys, ReportType::ConfirmedTest, onset, START) else {
            return Ok(());
        };
        prop_assert!(valid.keys.len() <= 64);
        for (index, key) in valid.keys.iter().enumerate() {
            prop_assert!(!key.is_future(START));
            prop_assert!(key.rolling_end() > START.minus(15 * 86_400).interval());
            prop_assert!(key.days_since_onset.is_none_or(|d| d.abs() <= MAX_DAYS_SINCE_ONSET));
            let same = valid.keys.iter().filter(|k| k.rolling_start == key.rolling_start).count();
            prop_assert!(same <= MAX_SAME_START);
            for other in &valid.keys[index + 1..] {
                let together = other.rolling_start == key.rolling_start;
                let apart = other.rolling_start >= key.rolling_end()
                    || key.rolling_start >= other.rolling_end();
                prop_assert!(together || apart);
                prop_assert_ne!(key.key, other.key);
            }
        }
    }

    #[test]
    fn texts_from_outside_never_panic(
        text in ".{0,400}",
        token in "[A-Za-z0-9+/_.=-]{0,400}",
        numbers in any::<(u32, i64)>(),
    ) {
        let key = SigningKey::from_slice(&[1; 32]).unwrap();
        let parties = Parties { issuer: "a".into(), audience: "b".into() };
        for text in [&text, &token] {
            prop_assert!(Claims::verify(text, &VerifyingKey::from(&key), &parties, START).is_err());
            prop_assert!(revision::open(text, "a", &SealKey::new([1; 32])).is_err());
            if let Some(code) = Code::parse(text) {
                prop_assert!(matches!(code.expose().len(), 8 | 16));
            }
            if let Ok(Some(day)) = parse_day(text, START.day()) {
                prop_assert_eq!(&format_day(Some(day)), text);
            }
            let request = PublishRequest { hmac_key: text.clone(), ..Default::default() };
            prop_assert!(!hmac_matches(&request, &token));
        }
        if let Some(onset) = onset_interval(numbers.0, numbers.1, START) {
            prop_assert!(onset <= START.interval());
        }
    }

    #[test]
    fn days_round_trip(back in 0_u32..29) {
        let today = UtcDay::new(20_000);
        let day = today.minus(back);
        prop_assert_eq!(parse_day(&format_day(Some(day)), today), Ok(Some(day)));
    }

    #[test]
    fn a_certificate_holds_for_its_claims_only(mac in "[A-Za-z0-9+/]{43}=", onset in any::<u32>()) {
        let key = SigningKey::from_slice(&[2; 32]).unwrap();
        let parties = Parties { issuer: "a".into(), audience: "b".into() };
        let claims = Claims::new(&parties, mac, "confirmed", onset, START);
        let signed = claims.sign("v1", &key).unwrap();
        let read = Claims::verify(&signed, &VerifyingKey::from(&key), &parties, START);
        prop_assert_eq!(read, Ok(claims));
    }
}
