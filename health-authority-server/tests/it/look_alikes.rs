//! Look-alikes are answered like real requests and change nothing but a count.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vungxanh_protocol::api::{PUBLISH_RESPONSE_BYTES, TOKEN_RESPONSE_BYTES};

use crate::support::authority::{Authority, Person};

fn shape(body: &Value) -> Vec<(String, usize)> {
    let mut fields: Vec<_> = body
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| *name != "padding")
        .map(|(name, value)| (name.clone(), value.to_string().len()))
        .collect();
    fields.sort();
    fields
}

#[tokio::test]
async fn the_same_shape_as_real_ones_and_nothing_stored() {
    let authority = Authority::start().await;
    let person = Person::new(authority.now(), 56);
    let real = [
        authority.post("api/verify", &json!({"code": authority.code("confirmed").await})).await,
        {
            let token = authority.token("confirmed").await;
            let request = json!({"token": token, "ekeyhmac": person.hmac()});
            authority.post("api/certificate", &request).await
        },
        authority.publish("confirmed", &person).await,
    ];
    let rows_before = rows(&authority).await;

    let other = Person::new(authority.now(), 56);
    let verify = json!({"code": "01234567", "accept": [], "lookAlike": true});
    let verified = authority.post("api/verify", &verify).await;
    let token = verified.body["token"].clone();
    let ask = json!({"token": token, "ekeyhmac": other.hmac(), "lookAlike": true});
    let certified = authority.post("api/certificate", &ask).await;
    let mut publication = other.publication(certified.body["certificate"].as_str().unwrap());
    publication["lookAlike"] = true.into();
    let published = authority.post("v1/publish", &publication).await;

    for (look_alike, real) in [verified, certified, published].iter().zip(&real) {
        assert_eq!(look_alike.status, 200);
        assert_eq!(look_alike.bytes, real.bytes);
        assert_eq!(shape(&look_alike.body), shape(&real.body));
    }
    assert_eq!(rows(&authority).await, rows_before, "nothing is stored");
    assert_eq!(authority.total("look_alikes").await, 3);
    assert_eq!(authority.total("look_alike_publications").await, 1);
    assert_eq!(authority.total("publications").await, 1);
}

/// What each does beside waiting takes a part of the time.
#[tokio::test]
async fn no_answer_leaves_before_its_tick() {
    let authority = Authority::start().await;
    for path in ["api/verify", "api/certificate", "v1/publish"] {
        for request in [json!({"lookAlike": true}), json!({"code": "01234567"})] {
            let started = Instant::now();
            authority.post(path, &request).await;
            assert!(started.elapsed() >= Duration::from_millis(10), "{path} {request}");
        }
    }
}

/// Codes, tokens, keys, shapes.
async fn rows(authority: &Authority) -> Vec<i64> {
    let mut counts = Vec::new();
    let pool = authority.database().await;
    for sql in [
        "SELECT COUNT(*) FROM codes WHERE used = 0",
        "SELECT COUNT(*) FROM tokens WHERE used = 0",
        "SELECT COUNT(*) FROM tokens",
        "SELECT COUNT(*) FROM diagnosis_keys",
        "SELECT CAST(COALESCE(SUM(LENGTH(keys)), 0) AS BIGINT) FROM staged_keys",
        "SELECT CAST(COALESCE(SUM(uploads), 0) AS BIGINT) FROM upload_shapes",
    ] {
        counts.push(sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap());
    }
    counts
}

#[tokio::test]
async fn a_look_alike_cannot_become_a_publication() {
    let authority = Authority::start().await;
    let person = Person::new(authority.now(), 4);
    let ask = json!({"token": "x", "ekeyhmac": person.hmac(), "lookAlike": true});
    let certified = authority.post("api/certificate", &ask).await;
    let certificate = certified.body["certificate"].as_str().unwrap();
    let reply = authority.post("v1/publish", &person.publication(certificate)).await;
    assert_eq!(reply.status, 401);
    assert_eq!(authority.total("keys_received").await, 0);
    // Nor can its token be used for real.
    let verified = authority.post("api/verify", &json!({"code": "", "lookAlike": true})).await;
    let ask = json!({"token": verified.body["token"], "ekeyhmac": person.hmac()});
    let reply = authority.post("api/certificate", &ask).await;
    assert_eq!(reply.body["errorCode"], "token_invalid");
}

#[tokio::test]
async fn every_reply_has_one_size() {
    let authority = Authority::start().await;
    let look_alike = |mut body: Value| {
        body["lookAlike"] = true.into();
        body
    };
    for body in [json!({}), json!({"code": "x"}), json!({"code": "1", "accept": ["zz"]})] {
        for body in [body.clone(), look_alike(body)] {
            assert_eq!(authority.post("api/verify", &body).await.bytes, TOKEN_RESPONSE_BYTES);
        }
    }
    for body in [json!({}), json!({"token": "t", "ekeyhmac": "x".repeat(3_000)})] {
        let real = authority.post("api/certificate", &body).await;
        let fake = authority.post("api/certificate", &look_alike(body)).await;
        assert_eq!((real.bytes, fake.bytes), (TOKEN_RESPONSE_BYTES, TOKEN_RESPONSE_BYTES));
        assert_eq!(fake.status, 200);
    }
    for periods in [0, 1, 30, 64, 65] {
        let person = Person::new(authority.now(), periods);
        let fake = authority.post("v1/publish", &look_alike(person.publication("x"))).await;
        assert_eq!((fake.status, fake.bytes), (200, PUBLISH_RESPONSE_BYTES), "{periods}");
        let real = authority.publish("confirmed", &person).await;
        assert_eq!(real.bytes, PUBLISH_RESPONSE_BYTES, "{periods}");
    }
}

/// Other clients mark fake requests with a header.
#[tokio::test]
async fn chaff_of_other_clients() {
    let authority = Authority::start().await;
    for (path, bytes) in [
        ("api/verify", TOKEN_RESPONSE_BYTES),
        ("api/certificate", TOKEN_RESPONSE_BYTES),
        ("v1/publish", PUBLISH_RESPONSE_BYTES),
    ] {
        let reply = authority.post_with(path, ("X-Chaff", "1"), &json!({"padding": "x"})).await;
        assert_eq!((reply.status, reply.bytes), (200, bytes));
        assert_eq!(reply.body.get("error"), None);
    }
}
