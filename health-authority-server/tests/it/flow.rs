//! The whole way, with JSON as other clients of the protocol send it.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use vungxanh_protocol::diagnosis_key::ReportType;

use crate::support::authority::{Authority, Person, START};

#[tokio::test]
async fn from_code_to_batch() {
    let authority = Authority::start().await;
    let issued = authority
        .issue(json!({
            "testType": "likely", "symptomDate": "2021-08-30", "testDate": "2021-08-31",
            "tzOffset": 420, "uuid": "5148c75c-2a09-4ab2-9c2f-1b4ef0b5f6a1",
        }))
        .await;
    assert_eq!(issued.status, 200);
    let code = issued.body["code"].as_str().unwrap();
    assert!(code.len() == 8 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
    assert_eq!(issued.body["uuid"], "5148c75c-2a09-4ab2-9c2f-1b4ef0b5f6a1");
    assert_eq!(issued.body["expiresAt"], "Wed, 01 Sep 2021 06:15:00 UTC");
    assert_eq!(issued.body["expiresAtTimestamp"], START.as_secs() + 900);

    let verified = authority
        .post_bytes(
            "api/verify",
            format!(r#"{{"code":"{code}","accept":["confirmed","likely"],"padding":"x"}}"#).into(),
        )
        .await;
    assert_eq!(verified.status, 200);
    assert_eq!(verified.body["testtype"], "likely");
    assert_eq!(verified.body["symptomDate"], "2021-08-30");
    assert_eq!(verified.body["testDate"], "2021-08-31");

    let person = Person::new(authority.now(), 56);
    let certified = authority
        .post(
            "api/certificate",
            &json!({"token": verified.body["token"], "ekeyhmac": person.hmac()}),
        )
        .await;
    assert_eq!(certified.status, 200);
    let certificate = certified.body["certificate"].as_str().unwrap();
    check_claims(certificate, &person.hmac());

    let published = authority.post("v1/publish", &person.publication(certificate)).await;
    assert_eq!(published.status, 200, "{}", published.body);
    assert_eq!(published.body["insertedExposures"], 56);
    assert!(published.body["revisionToken"].as_str().unwrap().len() > 100);
    assert_eq!(published.body.get("error"), None);

    // Only keys whose end lies (T + 2) intervals back go out, T being 2.
    authority.pass(3_600);
    let first = authority.batch().await;
    assert_eq!(first.keys, 55);
    let entries = authority.published().await;
    assert!(entries.iter().all(|entry| entry.key.report_type == ReportType::ClinicalDiagnosis));
    assert!(entries.is_sorted_by_key(|entry| entry.key.key));
    let days: std::collections::BTreeSet<_> =
        entries.iter().map(|entry| entry.key.days_since_onset).collect();
    assert_eq!(days.into_iter().collect::<Vec<_>>(), [Some(-5), Some(-3), Some(0)]);

    // The running key: six hours, 40 minutes, then the next whole hour.
    authority.pass(5 * 3_600 + 3_599);
    assert_eq!(authority.batch().await.keys, 0);
    authority.pass(1);
    assert_eq!(authority.batch().await.keys, 1);
    let mut published: Vec<_> =
        authority.published().await.iter().map(|entry| entry.key.key).collect();
    published.sort();
    assert_eq!(published, person.key_bytes());
}

fn check_claims(certificate: &str, hmac: &str) {
    let parts: Vec<&str> = certificate.split('.').collect();
    let json = |part: &str| -> Value {
        serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(json(parts[0]), json!({"alg": "ES256", "kid": "v1", "typ": "JWT"}));
    let now = START.as_secs();
    let onset = 18_869 * 144; // 2021-08-30T00:00:00Z
    assert_eq!(
        json(parts[1]),
        json!({
            "iss": "vn.hanoi", "aud": "https://hanoi.example.vn", "iat": now, "exp": now + 900,
            "nbf": now - 1, "tekmac": hmac, "reportType": "likely", "symptomOnsetInterval": onset,
        })
    );
}

/// Spellings that clients of the protocol use.
#[tokio::test]
async fn spellings_of_other_clients() {
    let authority = Authority::start().await;
    // `hmackey`, an absent rolling period, an HMAC without risks, URL-safe Base64 without padding.
    let mut person = Person::new(authority.now(), 1);
    person.keys[0] = json!({
        "key": BASE64_URL_SAFE_NO_PAD.encode([0xfb; 16]),
        "rollingStartNumber": START.interval().number() - 144,
    });
    let hmac_of = |count: u32| {
        let text = format!(
            "{}.{}.{count}",
            BASE64_URL_SAFE_NO_PAD.encode([0xfb; 16]),
            START.interval().number() - 144
        );
        let mac = vungxanh_protocol::mac::hmac_sha256(&person.hmac_key, &[text.as_bytes()]);
        BASE64_STANDARD.encode(mac)
    };
    for count in [0, 144] {
        let request =
            json!({"token": authority.token("confirmed").await, "ekeyhmac": hmac_of(count)});
        let certified = authority.post("api/certificate", &request).await;
        let mut publication = person.publication(certified.body["certificate"].as_str().unwrap());
        let fields = publication.as_object_mut().unwrap();
        let key = fields.remove("hmacKey").unwrap();
        fields.insert("hmackey".into(), key);
        fields.insert("appPackageName".into(), "an older field".into());
        let published = authority.post("v1/publish", &publication).await;
        assert_eq!((published.status, &published.body["insertedExposures"]), (200, &json!(1)));
    }
}

/// google/exposure-notifications-server, pkg/verification/utils_test.go.
#[test]
fn vectors_of_the_key_list_hmac() {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../protocol/test-vectors/tek-hmac.json")).unwrap();
    let hmac_key = hex::decode(vectors["hmac_key"].as_str().unwrap()).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let mut request = vungxanh_protocol::api::PublishRequest {
            temporary_exposure_keys: serde_json::from_value(case["keys"].clone()).unwrap(),
            hmac_key: BASE64_STANDARD.encode(&hmac_key),
            ..Default::default()
        };
        let tekmac = case["hmac"].as_str().unwrap();
        let matches = |request: &_| {
            health_authority_server::domain::upload_check::hmac_matches(request, tekmac)
        };
        assert!(matches(&request), "{}", case["name"]);
        request.temporary_exposure_keys[0].rolling_start_number += 1;
        assert!(!matches(&request), "{}", case["name"]);
    }
}

#[tokio::test]
async fn long_codes_last_a_day() {
    let authority = Authority::start().await;
    let issued = authority.issue(json!({"testType": "confirmed", "long": true})).await;
    let code = issued.body["code"].as_str().unwrap();
    assert_eq!(code.len(), 16);
    authority.pass(24 * 3_600 - 1);
    let typed = format!("{} {}", &code[..8].to_uppercase(), &code[8..]);
    assert_eq!(authority.post("api/verify", &json!({"code": typed})).await.status, 200);
}

#[tokio::test]
async fn files_are_immutable_and_cacheable() {
    let authority = Authority::start().await;
    authority.publish("confirmed", &Person::new(authority.now(), 8)).await;
    authority.pass(3_600);
    let outcome = authority.batch().await;
    let end = authority.now().as_secs();
    assert_eq!(outcome.files, [format!("VN/{}-{end}-00001.zip", end - 3_600)]);
    assert_eq!(authority.index().await, outcome.files);
    for (path, cache_control) in [
        (format!("v1/exports/{}", outcome.files[0]), "public, max-age=1900800, immutable"),
        ("v1/exports/VN/index.txt".into(), "public, max-age=300"),
        ("v1/authority".into(), "public, max-age=300"),
    ] {
        let first = authority.get(&path, &[]).await;
        assert_eq!(first.status(), 200);
        assert_eq!(first.headers()["cache-control"], cache_control);
        let tag = first.headers()["etag"].to_str().unwrap().to_owned();
        let again = authority.get(&path, &[("If-None-Match", &tag)]).await;
        assert_eq!(again.status(), 304);
        assert_eq!(again.headers()["etag"], tag.as_str());
        assert!(again.bytes().await.unwrap().is_empty());
        let other = authority.get(&path, &[("If-None-Match", "\"other\"")]).await;
        assert_eq!(other.status(), 200);
    }
    for missing in
        ["VN/1-2-00001.zip", "..%2Fconfig.toml/x", "VN/..%2F..%2Fconfig.toml", "VN/.lock"]
    {
        let path = format!("v1/exports/{missing}");
        assert_eq!(authority.get(&path, &[]).await.status(), 404, "{missing}");
    }
    assert_eq!(authority.get("health", &[]).await.status(), 200);
}
