//! Every refusal: its status, its code, and its size.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};
use vungxanh_protocol::api::{PUBLISH_RESPONSE_BYTES, TOKEN_RESPONSE_BYTES};

use crate::support::authority::{Authority, Person, Reply, local_client};

#[track_caller]
fn refused(reply: &Reply, status: u16, code: &str) {
    let found = reply.body.get("errorCode").or_else(|| reply.body.get("code"));
    assert_eq!((reply.status, found), (status, Some(&json!(code))), "{}", reply.body["error"]);
    assert!(!reply.body["error"].as_str().unwrap().is_empty());
    let constant = [TOKEN_RESPONSE_BYTES, PUBLISH_RESPONSE_BYTES];
    assert!(reply.body.get("expiresAt").is_some() || constant.contains(&reply.bytes));
}

#[tokio::test]
async fn issue() {
    let authority = Authority::start().await;
    let order = json!({"testType": "confirmed", "uuid": "one"});
    refused(&authority.post("api/issue", &order).await, 401, "unauthorized");
    let wrong = authority.post_with("api/issue", ("X-API-Key", "vx-wrong"), &order).await;
    refused(&wrong, 401, "unauthorized");
    assert_eq!(authority.issue(order.clone()).await.status, 200);
    refused(&authority.issue(order).await, 409, "uuid_already_exists");
    refused(&authority.issue(json!({"testType": "maybe"})).await, 400, "invalid_test_type");
    for date in ["2021-09-02", "2021-08-03", "01/09/2021"] {
        refused(&authority.issue(json!({"symptomDate": date})).await, 400, "invalid_date");
        refused(&authority.issue(json!({"testDate": date})).await, 400, "invalid_date");
    }
    refused(&authority.issue(json!({"testType": 5})).await, 400, "unparsable_request");
    assert_eq!(authority.get("v1/statistics", &[]).await.status(), 401);
    let totals = authority.get("v1/statistics", &[("X-API-Key", &authority.staff_key)]).await;
    let totals: Value = serde_json::from_slice(&totals.bytes().await.unwrap()).unwrap();
    assert_eq!(totals["codes_issued"], 1);
}

#[tokio::test]
async fn verify() {
    let authority = Authority::start().await;
    let verify = async |body: Value| authority.post("api/verify", &body).await;
    refused(&authority.post_bytes("api/verify", b"{".into()).await, 400, "unparsable_request");
    refused(&verify(json!({"code": "1234"})).await, 400, "code_invalid");
    refused(&verify(json!({"code": "12345678", "accept": ["x"]})).await, 400, "invalid_test_type");
    refused(&verify(json!({"code": "aaaabbbbccccdddd"})).await, 400, "code_not_found");

    let likely = json!({"code": authority.code("likely").await});
    refused(&verify(likely.clone()).await, 412, "unsupported_test_type");
    let accepted = json!({"code": likely["code"], "accept": ["confirmed", "likely"]});
    assert_eq!(verify(accepted.clone()).await.status, 200, "the code was not used up");
    refused(&verify(accepted).await, 400, "code_invalid");

    let late = json!({"code": authority.code("confirmed").await});
    authority.pass(899);
    let other = json!({"code": authority.code("confirmed").await});
    authority.pass(1);
    refused(&verify(late.clone()).await, 400, "code_expired");
    assert_eq!(verify(other).await.status, 200);
    authority.pass(25 * 3_600);
    authority.batch().await;
    refused(&verify(late).await, 400, "code_not_found");
}

#[tokio::test]
async fn guessing_short_codes_stops_long_codes_go_on() {
    let limit = ("failed_codes_per_window = 100", "failed_codes_per_window = 3");
    let authority = Authority::start_with(limit.0, limit.1).await;
    let code = authority.code("confirmed").await;
    let wrong = |n: u32| json!({"code": format!("{:08}", (code.parse::<u32>().unwrap() + n) % 100_000_000)});
    for n in 1..=3 {
        refused(&authority.post("api/verify", &wrong(n)).await, 400, "code_not_found");
    }
    let right = json!({"code": code});
    refused(&authority.post("api/verify", &wrong(4)).await, 429, "quota_exceeded");
    refused(&authority.post("api/verify", &right).await, 429, "quota_exceeded");
    let long = authority.issue(json!({"long": true})).await;
    assert_eq!(authority.post("api/verify", &json!({"code": long.body["code"]})).await.status, 200);
    authority.pass(899);
    refused(&authority.post("api/verify", &right).await, 429, "quota_exceeded");
    authority.pass(1);
    let next = json!({"code": authority.code("confirmed").await});
    assert_eq!(authority.post("api/verify", &next).await.status, 200);
}

#[tokio::test]
async fn certificate() {
    let authority = Authority::start().await;
    let person = Person::new(authority.now(), 1);
    let ask = async |token: &str, hmac: &str| {
        authority.post("api/certificate", &json!({"token": token, "ekeyhmac": hmac})).await
    };
    refused(
        &authority.post_bytes("api/certificate", b"[]x".into()).await,
        400,
        "unparsable_request",
    );
    refused(&ask("unknown", &person.hmac()).await, 400, "token_invalid");
    let token = authority.token("confirmed").await;
    for hmac in ["", "AAAA", "no base64!"] {
        refused(&ask(&token, hmac).await, 400, "hmac_invalid");
    }
    authority.pass(24 * 3_600 - 1);
    assert_eq!(ask(&token, &person.hmac()).await.status, 200);
    let other = Person::new(authority.now(), 2);
    refused(&ask(&token, &other.hmac()).await, 400, "token_invalid");
    let token = authority.token("confirmed").await;
    authority.pass(24 * 3_600);
    refused(&ask(&token, &person.hmac()).await, 400, "token_expired");
}

#[tokio::test]
async fn publish() {
    let authority = Authority::start().await;
    let person = Person::new(authority.now(), 4);
    const CERTIFICATE: &str = "health_authority_verification_certificate_invalid";
    refused(&authority.post_bytes("v1/publish", b"no json".into()).await, 400, "bad_request");
    refused(&authority.post_bytes("v1/publish", vec![b' '; 65_537]).await, 413, "bad_request");
    let elsewhere = authority
        .publish_with("confirmed", &person, |body| body["healthAuthorityID"] = "vn.hue".into())
        .await;
    refused(&elsewhere, 401, "unknown_health_authority_id");
    for certificate in ["", "a.b.c", "e30.e30."] {
        let reply = authority.post("v1/publish", &person.publication(certificate)).await;
        refused(&reply, 401, CERTIFICATE);
    }
    let other_keys = authority
        .publish_with("confirmed", &person, |body| {
            body["temporaryExposureKeys"][0]["rollingPeriod"] = 35.into();
        })
        .await;
    refused(&other_keys, 401, CERTIFICATE);
    let certificate = authority.certificate("confirmed", &person).await;
    authority.pass(900);
    let late = authority.post("v1/publish", &person.publication(&certificate)).await;
    refused(&late, 401, CERTIFICATE);

    let nobody = Person { keys: vec![], ..person.clone() };
    refused(&authority.publish("confirmed", &nobody).await, 400, "bad_request");
    let many = Person { keys: vec![person.keys[0].clone(); 65], ..person.clone() };
    refused(&authority.publish("confirmed", &many).await, 400, "bad_request");
    let mut overlapping = person.clone();
    overlapping.keys[1]["rollingPeriod"] = 37.into();
    refused(&authority.publish("confirmed", &overlapping).await, 400, "bad_request");
    assert_eq!(authority.total("keys_received").await, 0);
}

#[tokio::test]
async fn partial_failure_keeps_the_valid_keys() {
    let authority = Authority::start().await;
    let mut person = Person::new(authority.now(), 3);
    person.keys[0]["rollingStartNumber"] = (authority.now().interval().number() + 1).into();
    person.keys[1]["key"] = "AAAA".into();
    let reply = authority.publish("confirmed", &person).await;
    assert_eq!((reply.status, &reply.body["code"]), (200, &json!("partial_failure")));
    assert_eq!(reply.body["insertedExposures"], 1);
    assert_eq!(reply.bytes, PUBLISH_RESPONSE_BYTES);
    let text = reply.body["error"].as_str().unwrap();
    assert!(text.contains("key 0") && text.contains("key 1"), "{text}");
}

#[tokio::test]
async fn keys_far_from_the_onset_are_dropped_with_a_warning() {
    let authority = Authority::start().await;
    let mut person = Person::new(authority.now(), 2);
    let interval = authority.now().interval().number();
    person.keys[1]["rollingStartNumber"] = (interval - 14 * 144).into();
    let reply = authority
        .publish_with("confirmed", &person, |body| {
            body["symptomOnsetInterval"] = (interval - 20 * 144).into();
        })
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body["insertedExposures"], 1);
    let warnings = reply.body["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].as_str().unwrap().contains("key 0"), "{warnings:?}");
}

/// Whatever is sent: a refusal of constant size, never a failure of the server.
#[tokio::test]
async fn altered_requests_never_make_the_server_fail() {
    let authority = Authority::start().await;
    let mut rng = StdRng::seed_from_u64(7);
    let person = Person::new(authority.now(), 3);
    let certificate = authority.certificate("confirmed", &person).await;
    let requests = [
        ("api/verify", json!({"code": "12345678", "accept": ["confirmed"], "lookAlike": false})),
        ("api/certificate", json!({"token": "t", "ekeyhmac": person.hmac()})),
        ("v1/publish", person.publication(&certificate)),
    ];
    let values = [
        json!(null),
        json!(-1),
        json!(u64::MAX),
        json!(1e300),
        json!("\u{0}"),
        json!([]),
        json!({}),
        json!(true),
        json!("x".repeat(9_000)),
        json!(i64::MIN),
    ];
    for round in 0..300 {
        let (path, request) = &requests[round % 3];
        let mut body = serde_json::to_vec(request).unwrap();
        if rng.random_bool(0.5) {
            let mut altered = request.clone();
            let fields = altered.as_object_mut().unwrap();
            let name = fields.keys().nth(rng.random_range(0..fields.len())).unwrap().clone();
            fields[&name] = values[rng.random_range(0..values.len())].clone();
            if let Some(key) = altered.pointer_mut("/temporaryExposureKeys/1") {
                let fields = key.as_object_mut().unwrap();
                let name = fields.keys().nth(rng.random_range(0..fields.len())).unwrap().clone();
                fields[&name] = values[rng.random_range(0..values.len())].clone();
            }
            body = serde_json::to_vec(&altered).unwrap();
        } else {
            let at = rng.random_range(0..body.len());
            body[at] = rng.random();
            body.truncate(rng.random_range(at..=body.len()));
        }
        let reply = authority.post_bytes(path, body.clone()).await;
        let text: String = String::from_utf8_lossy(&body).chars().take(200).collect();
        assert!([200, 400, 401].contains(&reply.status), "{} for {text}", reply.status);
        let publish = *path == "v1/publish";
        let bytes = if publish { PUBLISH_RESPONSE_BYTES } else { TOKEN_RESPONSE_BYTES };
        assert_eq!(reply.bytes, bytes, "{text}");
    }
}

#[tokio::test]
async fn while_the_database_is_away_devices_are_asked_to_come_back_real_or_not() {
    let authority = Authority::start().await;
    let person = Person::new(authority.now(), 4);
    let certificate = authority.certificate("confirmed", &person).await;
    authority.app.store.close().await;
    let mut publication = person.publication(&certificate);
    let http = local_client();
    let mut lengths = std::collections::BTreeSet::new();
    for dummy in [false, true] {
        publication["lookAlike"] = dummy.into();
        let url = format!("{}/v1/publish", authority.url());
        let answer = http.post(url).json(&publication).send().await.unwrap();
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["retry-after"], "30");
        let body = answer.bytes().await.unwrap();
        lengths.insert(body.len());
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["code"], "busy", "{}", body["error"]);
    }
    assert_eq!(lengths, [PUBLISH_RESPONSE_BYTES].into());
    refused(&authority.post("api/verify", &json!({"code": "12345678"})).await, 503, "busy");
}
