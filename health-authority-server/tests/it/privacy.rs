//! What the server's disk could show about a person. The server could join code, phone and keys
//! as they pass; these tests look whether it keeps a join.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use serde_json::json;
use sqlx::Row;

use crate::support::authority::{Authority, Person, local_client};

async fn rows(authority: &Authority, sql: &'static str) -> Vec<sqlx::any::AnyRow> {
    sqlx::query(sql).fetch_all(&authority.database().await).await.unwrap()
}

pub fn files_below(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn neither_code_nor_token_nor_request_id_is_on_disk() {
    let authority = Authority::start().await;
    let uuid = "7a1e3f52-aaaa-4bbb-8ccc-0123456789ab";
    let issued = authority.issue(json!({"uuid": uuid, "symptomDate": "2021-08-30"})).await;
    let code = issued.body["code"].as_str().unwrap();
    let verified = authority.post("api/verify", &json!({"code": code})).await;
    let token = verified.body["token"].as_str().unwrap();
    let person = Person::new(authority.now(), 4);
    let ask = json!({"token": token, "ekeyhmac": person.hmac()});
    let certified = authority.post("api/certificate", &ask).await;
    let certificate = certified.body["certificate"].as_str().unwrap();
    let published = authority.post("v1/publish", &person.publication(certificate)).await;
    assert_eq!(published.status, 200);

    let mut files = Vec::new();
    files_below(&authority.dir(), &mut files);
    assert!(files.iter().any(|(name, _)| name.ends_with("server.db-wal")));
    let found =
        |needle: &[u8]| files.iter().filter(|(_, content)| contains(content, needle)).count();
    assert!(found(&person.key_bytes()[0]) > 0, "the search finds what is there");
    let hmac = person.hmac();
    let revision = published.body["revisionToken"].as_str().unwrap();
    for secret in [code, uuid, token, &hmac, revision, &certificate[..40]] {
        assert_eq!(found(secret.as_bytes()), 0, "{secret}");
    }
    assert_eq!(found(&person.hmac_key), 0);
}

#[tokio::test]
async fn a_used_code_says_only_that_it_was_used() {
    let authority = Authority::start().await;
    authority.issue(json!({"symptomDate": "2021-08-30", "testDate": "2021-08-31"})).await;
    let unused = rows(&authority, "SELECT * FROM codes").await;
    assert_eq!(unused[0].get::<Option<i64>, _>("symptom_day"), Some(18_869));

    authority.publish("confirmed", &Person::new(authority.now(), 4)).await;
    for sql in ["SELECT * FROM codes WHERE used = 1", "SELECT * FROM tokens WHERE used = 1"] {
        let used = rows(&authority, sql).await;
        assert_eq!(used.len(), 1);
        assert_eq!(used[0].get::<Option<String>, _>("test_type"), None);
        for day in ["symptom_day", "test_day"] {
            assert_eq!(used[0].get::<Option<i64>, _>(day), None);
        }
    }
}

/// Every column that a key has. A new one must be weighed against design rule "no upload id".
#[tokio::test]
async fn keys_do_not_say_which_upload_they_came_with() {
    let authority =
        Authority::start_with("synthetic_persons = 3.0", "synthetic_persons = 0.0").await;
    authority.pass(1_234);
    let (one, two) = (Person::new(authority.now(), 8), Person::new(authority.now(), 8));
    authority.publish("confirmed", &one).await;
    authority.pass(777);
    authority.publish("confirmed", &two).await;
    let mut sorted: Vec<_> = one.key_bytes().into_iter().chain(two.key_bytes()).collect();
    sorted.sort_unstable();

    // Both people's keys are one row, in ascending order, and differ in nothing but the key.
    assert_eq!(
        columns(&authority, "staged_keys").await,
        ["block", "version", "received_window", "keys"]
    );
    let staged = rows(&authority, "SELECT * FROM staged_keys").await;
    assert_eq!(staged.len(), 1);
    assert_eq!(staged[0].get::<i64, _>("received_window") % 3_600, 0);
    let two_people = entries(&staged);
    assert_eq!(two_people.iter().map(|entry| entry[..16].to_vec()).collect::<Vec<_>>(), sorted);
    let kinds: BTreeSet<&[u8]> = two_people.iter().map(|entry| &entry[16..]).collect();
    assert_eq!(kinds.len(), 8);

    // So they are in their batch, to which those that are still valid come later.
    authority.pass(12 * 3_600);
    authority.batch().await;
    assert!(rows(&authority, "SELECT * FROM staged_keys").await.is_empty());
    assert_eq!(columns(&authority, "published_keys").await, ["batch", "first_key", "keys"]);
    let sql = "SELECT keys FROM published_keys ORDER BY first_key";
    let published = entries(&rows(&authority, sql).await);
    assert_eq!(published.iter().map(|entry| entry[..16].to_vec()).collect::<Vec<_>>(), sorted);
    assert!(rows(&authority, "SELECT * FROM diagnosis_keys").await.is_empty());

    // A row of its own has only what is revised.
    assert_eq!(
        columns(&authority, "diagnosis_keys").await,
        [
            "key_data",
            "rolling_start",
            "rolling_period",
            "report_type",
            "days_since_onset",
            "transmission_risk",
            "received_window",
            "release_at",
            "batch",
            "revised_report_type",
            "revised_days",
            "revised_window",
            "revised_batch",
            "synthetic_person",
        ]
    );
    // No row number that would show the order in which keys were revised.
    let sql = "SELECT COUNT(*) AS n FROM sqlite_master \
               WHERE name = 'diagnosis_keys' AND sql LIKE '%WITHOUT ROWID%'";
    assert_eq!(rows(&authority, sql).await[0].get::<i64, _>("n"), 1);
}

async fn columns(authority: &Authority, table: &str) -> Vec<String> {
    let sql = format!("SELECT name FROM pragma_table_info('{table}')");
    rows(authority, sql.leak()).await.iter().map(|row| row.get("name")).collect()
}

fn entries(blocks: &[sqlx::any::AnyRow]) -> Vec<Vec<u8>> {
    blocks
        .iter()
        .flat_map(|row| {
            row.get::<Vec<u8>, _>("keys").chunks(40).map(<[u8]>::to_vec).collect::<Vec<_>>()
        })
        .collect()
}

/// The write-ahead log shows which rows came in one transaction. It is emptied with each batch.
#[tokio::test]
async fn the_database_log_is_emptied_with_each_batch() {
    let authority = Authority::start().await;
    let person = Person::new(authority.now(), 4);
    authority.publish("confirmed", &person).await;
    let log = authority.dir().join("server.db-wal");
    assert!(contains(&std::fs::read(&log).unwrap(), &person.key_bytes()[0]));
    authority.pass(3_600);
    authority.batch().await;
    // What is written afterwards, that the work is done, is not about keys.
    let left = std::fs::read(&log).unwrap();
    assert!(person.key_bytes().iter().all(|key| !contains(&left, key)));
}

/// The real program with its most talkative log.
#[tokio::test]
async fn the_log_names_no_one() {
    let authority = Authority::start().await;
    let log = authority.folder.path().join("log");
    let mut server = std::process::Command::new(env!("CARGO_BIN_EXE_health-authority-server"))
        .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
        .arg(authority.dir())
        .env("RUST_LOG", "trace")
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let url = crate::program::url_of(&mut server);
    let http = local_client();
    let secret = "73195284";
    let person = Person::new(authority.now(), 2);
    for (path, body) in [
        ("api/verify", json!({"code": secret})),
        ("api/certificate", json!({"token": secret, "ekeyhmac": person.hmac()})),
        ("v1/publish", person.publication(secret)),
    ] {
        let request = http.post(format!("{url}/{path}")).json(&body);
        let request = request.header("X-Forwarded-For", "203.0.113.77");
        assert!(request.send().await.unwrap().status().is_client_error());
    }
    server.kill().unwrap();
    server.wait().unwrap();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(!log.is_empty());
    let key = person.keys[0]["key"].as_str().unwrap();
    for private in [secret, key, "203.0.113.77", &person.hmac()] {
        assert!(!log.contains(private), "{private} in:\n{log}");
    }
}
