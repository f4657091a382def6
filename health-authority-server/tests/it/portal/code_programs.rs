//! What programs of the staff ask about codes: several at once, their states, their end.

use serde_json::{Value, json};

use super::api_keys::made_by_command;
use crate::support::authority::{Authority, Reply};

/// An authority, and a key that may do all of this.
async fn with_key() -> (Authority, String) {
    let authority = Authority::start().await;
    let made = made_by_command(&authority, &["codes-issue-bulk", "codes-revoke"]);
    let key = made["api_key"].as_str().unwrap().to_owned();
    (authority, key)
}

async fn ask(authority: &Authority, key: &str, path: &str, body: &Value) -> Reply {
    authority.post_with(path, ("X-API-Key", key), body).await
}

fn refused(reply: &Reply) -> (u16, &str) {
    (reply.status, reply.body["errorCode"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn each_code_of_a_batch_is_issued_or_refused_for_itself() {
    let (authority, key) = with_key().await;
    let batch = json!({"padding": "x", "Codes": [
        {"testType": "confirmed", "UUID": "one", "long": true},
        {"testType": "maybe", "uuid": "two"},
        {"testType": "likely", "uuid": "one"},
        {"testType": "likely", "phone": "0912 345 678"},
        {"phone": "0912"},
        {"symptomDate": "2021-09-02"},
    ]});
    let reply = ask(&authority, &key, "api/batch-issue", &batch).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let codes = reply.body["codes"].as_array().unwrap();
    let errors: Vec<&str> =
        codes.iter().map(|code| code["errorCode"].as_str().unwrap_or_default()).collect();
    // Both with the id "one" come at the same time: one of them is refused.
    let ones = [errors[0], errors[2]];
    assert!(ones.contains(&"") && ones.contains(&"uuid_already_exists"), "{errors:?}");
    assert_eq!(errors[1], "invalid_test_type");
    assert_eq!([errors[3], errors[4], errors[5]], ["", "invalid_phone", "invalid_date"]);
    assert_eq!(codes[1]["uuid"], "two", "said of the one that was refused");
    let sent = authority.inbox.0.lock().unwrap().clone();
    assert_eq!((sent.len(), sent[0].0.as_str()), (1, "+84912345678"));
    assert_eq!(authority.total("codes_issued").await, 2);

    let most = json!({"codes": vec![json!({"testType": "confirmed"}); 10]});
    let reply = ask(&authority, &key, "api/batch-issue", &most).await;
    assert_eq!((reply.status, reply.body["codes"].as_array().unwrap().len()), (200, 10));
    for codes in [vec![], vec![json!({}); 11]] {
        let reply = ask(&authority, &key, "api/batch-issue", &json!({"codes": codes})).await;
        assert_eq!(refused(&reply), (400, "unparsable_request"));
    }
    let reply = ask(&authority, &key, "api/batch-issue", &json!({"codes": "x"})).await;
    assert_eq!(refused(&reply), (400, "unparsable_request"));
    assert_eq!(authority.total("codes_issued").await, 12);
}

#[tokio::test]
async fn a_program_looks_up_a_code_and_ends_it() {
    let (authority, key) = with_key().await;
    let code = authority.issue(json!({"testType": "confirmed", "uuid": "one"})).await;
    authority.issue(json!({"testType": "confirmed", "uuid": "two"})).await;
    let (until, id) = (1_630_476_900, json!({"uuid": "one", "padding": "x"}));
    let status = ask(&authority, &key, "api/checkcodestatus", &id).await;
    let unused = json!({"claimed": false, "state": "unused", "expiresAtTimestamp": until, "longExpiresAtTimestamp": until});
    assert_eq!((status.status, &status.body), (200, &unused));
    let token = authority.post("api/verify", &json!({"code": code.body["code"]})).await;
    assert_eq!(token.status, 200);
    let status = ask(&authority, &key, "api/checkcodestatus", &id).await;
    assert_eq!((&status.body["claimed"], &status.body["state"]), (&json!(true), &json!("used")));
    let expired = ask(&authority, &key, "api/expirecode", &id).await;
    assert_eq!(refused(&expired), (409, "code_not_unused"));

    let two = json!({"uuid": "two"});
    let expired = ask(&authority, &key, "api/expirecode", &two).await;
    assert_eq!((expired.status, &expired.body["state"]), (200, &json!("revoked")));
    let status = ask(&authority, &key, "api/checkcodestatus", &two).await;
    assert_eq!(
        (&status.body["claimed"], &status.body["state"]),
        (&json!(false), &json!("revoked"))
    );
    for path in ["api/checkcodestatus", "api/expirecode"] {
        let unknown = ask(&authority, &key, path, &json!({"uuid": "three"})).await;
        assert_eq!(refused(&unknown), (404, "code_not_found"));
        assert_eq!(
            refused(&ask(&authority, &key, path, &json!({})).await),
            (404, "code_not_found")
        );
        let long = json!({"uuid": "x".repeat(65)});
        assert_eq!(refused(&ask(&authority, &key, path, &long).await), (400, "unparsable_request"));
    }
    let token = json!({"token": token.body["token"], "ekeyhmac": "x"});
    let certificate = authority.post("api/certificate", &token).await;
    assert_eq!(refused(&certificate), (400, "hmac_invalid"), "the token of a used code goes on");
}

#[tokio::test]
async fn without_the_staffs_key_nothing_is_said() {
    let authority = Authority::start().await;
    authority.issue(json!({"testType": "confirmed", "uuid": "one"})).await;
    for path in ["api/batch-issue", "api/checkcodestatus", "api/expirecode"] {
        for key in ["", "wrong"] {
            let body = json!({"uuid": "one", "codes": [{}]});
            let reply = authority.post_with(path, ("X-API-Key", key), &body).await;
            assert_eq!(refused(&reply), (401, "unauthorized"), "{path}");
        }
    }
    assert_eq!(authority.total("codes_issued").await, 1);
}
