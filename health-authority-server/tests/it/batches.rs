//! Batches: crashes, files, retention, disclosure.

use health_authority_server::domain::release::ReleaseRule;
use health_authority_server::publication::names::file_name;
use health_authority_server::publication::signer::{Disclosure, sign_batch};
use health_authority_server::storage::cutting::Cut;
use vungxanh_protocol::interval::DAY_SECONDS;

use crate::support::authority::{Authority, Person};

const HOUR: u64 = 3_600;

/// Fixes a batch's keys and goes no further, like a server that dies there.
async fn cut_only(authority: &Authority) {
    let now = authority.now();
    let cut = Cut {
        region: "VN",
        first_start: now.minus(HOUR),
        end: now,
        persons: &[],
        release: ReleaseRule::new(HOUR, false),
        max_keys_per_file: 500_000,
    };
    assert!(authority.app.store.cut_batch(&cut, now).await.unwrap() > 0);
}

#[tokio::test]
async fn a_crash_between_row_and_file() {
    let mut authority = Authority::start().await;
    let person = Person::new(authority.now(), 8);
    authority.publish("confirmed", &person).await;
    authority.pass(HOUR);
    cut_only(&authority).await;
    authority.restart().await;
    // What comes in meanwhile does not get into the batch that is cut already.
    let late = Person::new(authority.now(), 8);
    authority.publish("confirmed", &late).await;
    let outcome = authority.batch().await;
    assert_eq!((outcome.keys, outcome.files.len()), (0, 1));
    let entries = authority.export(&outcome.files[0]).await;
    assert_eq!(entries.len(), 7);
    assert!(entries.iter().all(|entry| person.key_bytes().contains(&entry.key.key)));
    assert_eq!(authority.index().await, outcome.files);
}

#[tokio::test]
async fn a_crash_between_file_and_note() {
    let authority = Authority::start().await;
    authority.publish("confirmed", &Person::new(authority.now(), 8)).await;
    authority.pass(HOUR);
    cut_only(&authority).await;
    let app = &authority.app;
    let [batch] = &app.store.unfinished_batches("VN").await.unwrap()[..] else { panic!() };
    let keys = app.store.batch_keys(batch.id).await.unwrap();
    let disclosure = Disclosure::new(app.profile.risk.clone(), false);
    let signer = app.keys.export.signing(authority.now());
    let sign = || sign_batch(batch, &keys, &disclosure, signer, "vn.hanoi").unwrap();
    let file = sign();
    assert_eq!(file, sign(), "the same keys give the same bytes");
    app.files.put_new(&file_name(batch, "zip"), file.clone()).await.unwrap();

    let outcome = authority.batch().await;
    assert_eq!(outcome.files, [file_name(batch, "zip")]);
    let served = authority.get(&format!("v1/exports/{}", file_name(batch, "zip")), &[]).await;
    assert_eq!(served.bytes().await.unwrap(), file);
    assert_eq!(authority.index().await, outcome.files);
    assert_eq!(authority.batch().await, Default::default(), "nothing is left to do");
}

#[tokio::test]
async fn everything_survives_a_restart_in_the_middle() {
    let mut authority = Authority::start().await;
    let person = Person::new(authority.now(), 8);
    let token = authority.token("likely").await;
    authority.restart().await;
    let ask = serde_json::json!({"token": token, "ekeyhmac": person.hmac()});
    let certified = authority.post("api/certificate", &ask).await;
    authority.restart().await;
    let publication = person.publication(certified.body["certificate"].as_str().unwrap());
    let first = authority.post("v1/publish", &publication).await;
    assert_eq!(first.status, 200, "{}", first.body);
    authority.restart().await;
    authority.pass(HOUR);
    assert_eq!(authority.batch().await.keys, 7);
    authority.restart().await;
    let token = first.body["revisionToken"].clone();
    let revised =
        authority.publish_with("confirmed", &person, |body| body["revisionToken"] = token).await;
    assert_eq!(revised.status, 200, "{}", revised.body);
}

#[tokio::test]
async fn a_period_that_passed_while_the_server_was_down_is_part_of_the_next_batch() {
    let mut authority = Authority::start().await;
    authority.pass(HOUR);
    authority.batch().await;
    authority.publish("confirmed", &Person::new(authority.now(), 8)).await;
    let start = authority.now().as_secs();
    authority.pass(10 * HOUR);
    authority.restart().await;
    let outcome = authority.batch().await;
    assert_eq!(outcome.files, [format!("VN/{start}-{}-00001.zip", start + 10 * HOUR)]);
    assert_eq!(outcome.keys, 8);
}

#[tokio::test]
async fn large_periods_fill_several_files() {
    let authority =
        Authority::start_with("max_keys_per_file = 500000", "max_keys_per_file = 5").await;
    authority.publish("confirmed", &Person::new(authority.now(), 13)).await;
    authority.pass(HOUR);
    let outcome = authority.batch().await;
    assert_eq!(outcome.keys as usize, authority.published().await.len());
    assert!(outcome.files.len() >= 3, "{:?}", outcome.files);
    for (number, name) in (1..).zip(&outcome.files) {
        assert!(name.ends_with(&format!("-{number:05}.zip")), "{name}");
        assert!(authority.export(name).await.len() <= 5);
    }
}

/// An hour is a batch whether or not anyone published, and each batch differs in size.
#[tokio::test]
async fn quiet_periods_are_padded_too() {
    let authority =
        Authority::start_with("synthetic_persons = 3.0", "synthetic_persons = 20.0").await;
    let mut sizes = std::collections::BTreeSet::new();
    for _ in 0..12 {
        authority.pass(HOUR);
        sizes.insert(authority.batch().await.keys);
    }
    // One period in 21 draws no one; so many of twelve hardly ever do.
    assert!(sizes.len() >= 6, "{sizes:?}");
    assert_eq!(authority.total("publications").await, 0);
    assert!(authority.total("synthetic_persons").await > 12);
}

#[tokio::test]
async fn what_is_old_goes_from_index_folder_and_database() {
    let authority = Authority::start().await;
    authority.publish("confirmed", &Person::new(authority.now(), 8)).await;
    authority.pass(HOUR);
    let old = authority.batch().await.files;
    authority.pass(8 * HOUR);
    let young = authority.batch().await.files;
    authority.pass(15 * DAY_SECONDS - 8 * HOUR);
    authority.batch().await;
    let index = authority.get("v1/exports/VN/index.txt", &[]).await.text().await.unwrap();
    assert_eq!(index, format!("{}\n{}", old[0], young[0]));
    authority.pass(HOUR);
    authority.batch().await;
    assert_eq!(authority.index().await, young);
    let path = format!("v1/exports/{}", old[0]);
    assert_eq!(authority.get(&path, &[]).await.status(), 404);
    authority.pass(2 * DAY_SECONDS);
    authority.batch().await;
    assert!(authority.index().await.is_empty());
    let pool = authority.database().await;
    for table in ["diagnosis_keys", "codes", "tokens", "request_ids", "batches"] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
        assert_eq!(count, 0, "{table}");
    }
}

/// If only real likely cases were ever revised, anyone could distinguish them from synthetic ones.
#[tokio::test]
async fn synthetic_likely_cases_are_revised_too() {
    let authority =
        Authority::start_with("synthetic_persons = 3.0", "synthetic_persons = 100.0").await;
    // Chance draws persons; this many periods without one that will be revised it does not bring.
    let to_be_revised = "SELECT COUNT(*) FROM synthetic_persons WHERE revise_at IS NOT NULL";
    for _ in 0..40 {
        authority.pass(HOUR);
        authority.batch().await;
        if count(&authority, to_be_revised).await > 0 {
            break;
        }
    }
    assert!(count(&authority, to_be_revised).await > 0, "nobody will ever be revised");
    authority.pass(30 * HOUR);
    let last = authority.batch().await.files;
    let entries = authority.export(last.last().unwrap()).await;
    assert!(entries.iter().any(|entry| entry.revised));
    let sql = "SELECT COUNT(*) FROM diagnosis_keys WHERE synthetic_person IS NULL";
    assert_eq!(count(&authority, sql).await, 0);
    // A person is revised as a whole, as a real one is.
    let partly = "SELECT COUNT(*) FROM (SELECT synthetic_person FROM diagnosis_keys \
                  GROUP BY synthetic_person \
                  HAVING COUNT(revised_report_type) NOT IN (0, COUNT(*))) AS mixed";
    assert_eq!(count(&authority, partly).await, 0);
}

#[tokio::test]
async fn a_clock_that_ran_ahead_and_was_set_back_does_not_stop_publication() {
    let mut authority = Authority::start().await;
    authority.pass(400 * DAY_SECONDS);
    authority.batch().await;
    authority.set_back(400 * DAY_SECONDS);
    authority.restart().await;
    authority.publish("confirmed", &Person::new(authority.now(), 8)).await;
    authority.pass(HOUR);
    assert_eq!(authority.batch().await.keys, 7);
    authority.set_back(HOUR / 2);
    assert_eq!(authority.batch().await.keys, 0, "a small step back waits");
    authority.pass(8 * HOUR);
    assert_eq!(authority.batch().await.keys, 1);
}

async fn count(authority: &Authority, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&authority.database().await).await.unwrap()
}
