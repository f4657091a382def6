//! Keys in blocks: between their arrival and their batch, and after it.

use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use health_authority_server::domain::release::ReleaseRule;
use health_authority_server::http::router;
use health_authority_server::services::app::App;
use health_authority_server::storage::cutting::Cut;
use serde_json::json;

use crate::support::at_once::at_once;
use crate::support::authority::{Authority, Person, local_client};

const HOUR: u64 = 3_600;

/// Posts publications all at once, so that they are stored in groups.
async fn publish_at_once(authority: &Authority, people: &[Person]) -> Vec<u16> {
    let mut publications = Vec::new();
    for person in people {
        let certificate = authority.certificate("confirmed", person).await;
        publications.push(person.publication(&certificate));
    }
    let replies = publications.iter().map(|body| authority.post("v1/publish", body));
    at_once(replies).await.iter().map(|reply| reply.status).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_fill_several_rows_and_lose_no_key() {
    let authority = Authority::start().await;
    // With 80 people's 56 keys each a row is full.
    let people: Vec<Person> = (0..90).map(|_| Person::new(authority.now(), 56)).collect();
    assert_eq!(publish_at_once(&authority, &people[..80]).await, [200; 80]);
    assert_eq!(publish_at_once(&authority, &people[80..]).await, [200; 10]);
    let pool = authority.database().await;
    let rows: Vec<i64> = sqlx::query_scalar("SELECT LENGTH(keys) / 40 FROM staged_keys")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert!(rows.len() > 1, "{rows:?}");
    assert!(rows.iter().all(|keys| *keys > 512), "no upload stands alone: {rows:?}");
    assert_eq!(rows.iter().sum::<i64>(), 90 * 56);

    authority.pass(8 * HOUR);
    authority.batch().await;
    let mut published: Vec<_> =
        authority.published().await.iter().map(|entry| entry.key.key).collect();
    published.sort_unstable();
    let mut expected: Vec<_> = people.iter().flat_map(Person::key_bytes).collect();
    expected.sort_unstable();
    assert_eq!(published, expected, "each key once");
}

#[tokio::test]
async fn what_is_staged_is_known_after_a_restart() {
    let mut authority = Authority::start().await;
    let person = Person::new(authority.now(), 4);
    let certificate = authority.certificate("confirmed", &person).await;
    let publication = person.publication(&certificate);
    let first = authority.post("v1/publish", &publication).await;
    authority.restart().await;
    // The same again is answered alike, and stored once.
    let again = authority.post("v1/publish", &publication).await;
    assert_eq!(again.status, 200);
    assert_eq!(again.body["insertedExposures"], first.body["insertedExposures"]);
    assert_eq!(authority.total("keys_received").await, 4);
    // Another one's word on these keys is not taken.
    let other = authority.certificate("likely", &person).await;
    let refused = authority.post("v1/publish", &person.publication(&other)).await;
    assert_eq!(refused.body["code"], "missing_revision_token");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failure_reaches_every_upload_of_a_group_and_ends_with_its_cause() {
    let authority = Authority::start().await;
    let people: Vec<Person> = (0..6).map(|_| Person::new(authority.now(), 4)).collect();
    assert_eq!(publish_at_once(&authority, &people[..1]).await, [200]);
    let pool = authority.database().await;
    sqlx::query("ALTER TABLE staged_keys RENAME TO hidden").execute(&pool).await.unwrap();
    assert_eq!(publish_at_once(&authority, &people[1..]).await, [500; 5]);
    sqlx::query("ALTER TABLE hidden RENAME TO staged_keys").execute(&pool).await.unwrap();
    assert_eq!(publish_at_once(&authority, &people[1..]).await, [200; 5]);
    assert_eq!(authority.total("keys_received").await, 24);
}

#[tokio::test]
async fn a_batch_that_another_process_cuts_is_noticed() {
    let authority = Authority::start().await;
    let person = Person::new(authority.now(), 4);
    let certificate = authority.certificate("likely", &person).await;
    let first = authority.post("v1/publish", &person.publication(&certificate)).await;
    // It ends within the period whose block the server remembers.
    let other = App::open(&authority.dir(), authority.app.clock.clone()).await.unwrap();
    let now = authority.now();
    let cut = Cut {
        region: "VN",
        first_start: now.minus(HOUR),
        end: now.plus(HOUR),
        persons: &[],
        release: ReleaseRule::new(HOUR, false),
        max_keys_per_file: 500_000,
    };
    assert_eq!(other.store.cut_batch(&cut, now).await.unwrap(), 3);

    let next = Person::new(authority.now(), 4);
    assert_eq!(publish_at_once(&authority, &[next]).await, [200]);
    let pool = authority.database().await;
    let left: i64 = sqlx::query_scalar("SELECT SUM(LENGTH(keys)) / 40 FROM staged_keys")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(left, 1 + 4, "the running key, and the next person's");
    // Published or not, the keys can be revised.
    let certificate = authority.certificate("confirmed", &person).await;
    let mut revision = person.publication(&certificate);
    revision["revisionToken"] = first.body["revisionToken"].clone();
    assert_eq!(authority.post("v1/publish", &revision).await.status, 200);
    assert_eq!(authority.total("keys_revised").await, 4);
    // And none of them is taken as new.
    let refused = authority.post("v1/publish", &person.publication(&certificate)).await;
    assert_eq!(refused.body["code"], "missing_revision_token");
}

#[tokio::test]
async fn keys_that_another_process_takes_are_known() {
    let authority = Authority::start().await;
    // Each has its memory; this one reads the database before the other writes.
    assert_eq!(publish_at_once(&authority, &[Person::new(authority.now(), 2)]).await, [200]);
    let other = App::open(&authority.dir(), authority.app.clock.clone()).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/publish", listener.local_addr().unwrap());
    tokio::spawn(axum::serve(listener, router(Arc::new(other))).into_future());

    let person = Person::new(authority.now(), 4);
    let certificate = authority.certificate("likely", &person).await;
    let publication = person.publication(&certificate);
    let there = local_client().post(&url).json(&publication).send().await.unwrap();
    assert_eq!(there.status(), 200);
    assert_eq!(authority.post("v1/publish", &publication).await.status, 200, "the same again");
    assert_eq!(authority.total("keys_received").await, 2 + 4);
    let other = authority.certificate("confirmed", &person).await;
    let refused = authority.post("v1/publish", &person.publication(&other)).await;
    assert_eq!(refused.body["code"], "missing_revision_token");
}

/// Otherwise anyone with a code could find out which published keys are padding.
#[tokio::test]
async fn keys_of_synthetic_persons_are_known_like_others() {
    let authority =
        Authority::start_with("synthetic_persons = 3.0", "synthetic_persons = 100.0").await;
    assert_eq!(publish_at_once(&authority, &[Person::new(authority.now(), 2)]).await, [200]);
    authority.pass(HOUR);
    let file = authority.batch().await.files.remove(0);
    let padding = authority.export(&file).await.last().unwrap().key;
    let mut person = Person::new(authority.now(), 1);
    person.keys[0]["key"] = BASE64_STANDARD.encode(padding.key).into();
    person.keys[0]["rollingStartNumber"] = padding.rolling_start.number().into();
    person.keys[0]["rollingPeriod"] = padding.rolling_period.intervals().into();
    let reply = authority.publish("confirmed", &person).await;
    assert_eq!((reply.status, &reply.body["code"]), (400, &json!("missing_revision_token")));
}

/// A limit that is reached narrowly makes two files of one size, not a full one and a few keys.
#[tokio::test]
async fn files_of_a_period_have_one_size_and_do_not_follow_arrival() {
    let authority =
        Authority::start_with("max_keys_per_file = 500000", "max_keys_per_file = 100").await;
    let people: Vec<Person> = (0..4).map(|_| Person::new(authority.now(), 30)).collect();
    for person in &people {
        authority.publish("confirmed", person).await;
    }
    authority.pass(12 * HOUR);
    let outcome = authority.batch().await;
    let mut first_file = 0;
    let mut sizes = Vec::new();
    for file in &outcome.files {
        let entries = authority.export(file).await;
        sizes.push(entries.len());
        first_file = entries
            .iter()
            .filter(|entry| people[0].key_bytes().contains(&entry.key.key))
            .count()
            .max(first_file);
    }
    sizes.sort_unstable();
    let total = usize::try_from(outcome.keys).unwrap();
    assert_eq!(sizes.len(), total.div_ceil(100));
    assert!(sizes[sizes.len() - 1] - sizes[0] <= 2, "{sizes:?}");
    assert!(first_file < 30, "a person's keys are in several files");
}
