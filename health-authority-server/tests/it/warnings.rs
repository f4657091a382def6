//! Batches of warnings about venues: one in every period, of few sizes, finished after a crash,
//! gone after the retention.

use std::collections::BTreeSet;

use ed25519_dalek::VerifyingKey;
use health_authority_server::publication::names::file_name;
use health_authority_server::publication::warnings::WarningOutcome;
use health_authority_server::storage::warning_batches::BatchContent;
use sqlx::AnyPool;
use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};
use vungxanh_protocol::venue::batch::WarningBatch;
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_protocol::venue::warning::Warning;

use crate::support::authority::Authority;

pub const PERIOD: u64 = 7_200;

pub async fn pool(authority: &Authority) -> AnyPool {
    authority.database().await
}

pub async fn publish(authority: &Authority) -> WarningOutcome {
    authority.app.warning_batcher().run_once(authority.now()).await.unwrap()
}

/// The names in the index.
pub async fn index(authority: &Authority) -> Vec<String> {
    let index = authority.get("v1/warnings/VN/index.txt", &[]).await;
    assert_eq!(index.status(), 200);
    index.text().await.unwrap().lines().map(str::to_owned).collect()
}

pub async fn warning_key(authority: &Authority) -> VerifyingKey {
    let signed = authority.get("v1/authority", &[]).await.bytes().await.unwrap();
    let document = VerifiedAuthority::first_contact(&signed, authority.now()).unwrap();
    document.document().proven_venue_keys().unwrap()[0].warning_key
}

/// Fetches a file and reads it as a device would.
pub async fn batch(authority: &Authority, name: &str) -> WarningBatch {
    let file = authority.get(&format!("v1/warnings/{name}"), &[]).await;
    assert_eq!(file.status(), 200, "{name}");
    let bytes = file.bytes().await.unwrap();
    WarningBatch::read(&bytes, &warning_key(authority).await, "VN").unwrap()
}

/// Puts warnings, decoys to the reader, into the queue, as from one approved request.
async fn queue(authority: &Authority, hours: impl Iterator<Item = Hour>) -> Vec<Warning> {
    let pool = pool(authority).await;
    let request: i64 = sqlx::query_scalar(
        "INSERT INTO share_requests (visit_hash, state, from_at, until_at, report_type, \
         infectiousness, reason, notice_text, requested_at, forget_at) \
         VALUES (randomblob(32), 'approved', 1, 2, 1, 1, 'why', 'words', 3, $1) RETURNING request",
    )
    .bind(i64::try_from(authority.now().plus(14 * DAY_SECONDS).as_secs()).unwrap())
    .fetch_one(&pool)
    .await
    .unwrap();
    let mut warnings = Vec::new();
    let mut transaction = pool.begin().await.unwrap();
    for hour in hours {
        let warning = Warning::decoy(hour, &mut rand::rng());
        sqlx::query("INSERT INTO due_warnings (warning, due_at, request) VALUES ($1, $2, $3)")
            .bind(warning.to_bytes().to_vec())
            .bind(i64::try_from(hour.end().as_secs()).unwrap())
            .bind(request)
            .execute(&mut *transaction)
            .await
            .unwrap();
        warnings.push(warning);
    }
    transaction.commit().await.unwrap();
    warnings
}

async fn count(authority: &Authority, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&pool(authority).await).await.unwrap()
}

fn hours_before(now: UnixTime, hours: u32) -> impl Iterator<Item = Hour> {
    let newest = Hour::at(now).number();
    (newest - hours..newest).map(Hour::new)
}

#[tokio::test]
async fn every_period_has_a_batch_and_an_empty_one_looks_like_any_other() {
    let authority = Authority::start().await;
    let start = authority.now().as_secs();
    let first = publish(&authority).await;
    assert_eq!(first.files, [format!("VN/{}-{start}-00001.vxw", start - PERIOD)]);
    assert_eq!(publish(&authority).await, WarningOutcome::default(), "once in a period");
    authority.pass(PERIOD);
    let real = queue(&authority, hours_before(authority.now(), 20)).await;
    let second = publish(&authority).await;
    assert_eq!((second.warnings, second.files.len()), (20, 1));
    let names = index(&authority).await;
    assert_eq!(names, [first.files, second.files].concat());

    let (empty, full) = (batch(&authority, &names[0]).await, batch(&authority, &names[1]).await);
    assert_eq!((empty.warnings().len(), full.warnings().len()), (32, 32));
    for (warning, at) in real.iter().zip(0..) {
        assert!(full.warnings().contains(warning), "{at}");
    }
    // Shuffled: the real ones are not together at an end.
    let places: BTreeSet<usize> =
        (0..32).filter(|at| real.contains(&full.warnings()[*at])).collect();
    let first_places: BTreeSet<usize> = (0..20).collect();
    let last_places: BTreeSet<usize> = (12..32).collect();
    assert!(places != first_places && places != last_places);
    // Decoys are of hours that were over and that devices keep.
    for warning in empty.warnings().iter().chain(full.warnings()) {
        assert!(warning.hour().end() <= full.until);
        assert!(warning.slot_key().is_ok());
    }
}

#[tokio::test]
async fn files_are_cached_for_good_and_indexes_for_minutes() {
    let authority = Authority::start().await;
    let name = publish(&authority).await.files.remove(0);
    let file = authority.get(&format!("v1/warnings/{name}"), &[]).await;
    let header = |name: &str| file.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("cache-control"), "public, max-age=1900800, immutable");
    assert_eq!(header("content-type"), "application/vnd.vungxanh.signed");
    let tag = header("etag");
    let again = authority.get(&format!("v1/warnings/{name}"), &[("if-none-match", &tag)]).await;
    assert_eq!(again.status(), 304);
    let index = authority.get("v1/warnings/VN/index.txt", &[]).await;
    assert_eq!(index.headers()["cache-control"], "public, max-age=300");
    for path in ["VN/other.vxw", "XX/index.txt", "..%2Fserver.db/x", "VN/.lock"] {
        let status = authority.get(&format!("v1/warnings/{path}"), &[]).await.status();
        assert_eq!(status, 404, "{path}");
    }
    assert_eq!(authority.get(&format!("v1/exports/{name}"), &[]).await.status(), 404);
}

#[tokio::test]
async fn a_warning_waits_until_its_hour_is_over() {
    let authority = Authority::start().await;
    publish(&authority).await;
    authority.pass(PERIOD);
    let now = Hour::at(authority.now());
    queue(&authority, [Hour::new(now.number() - 1), now].into_iter()).await;
    assert_eq!(publish(&authority).await.warnings, 1);
    authority.pass(PERIOD);
    assert_eq!(publish(&authority).await.warnings, 1);
    authority.pass(PERIOD);
    assert_eq!(publish(&authority).await.warnings, 0);
}

#[tokio::test]
async fn what_is_too_much_for_a_batch_goes_into_the_next() {
    let authority = Authority::start().await;
    publish(&authority).await;
    authority.pass(PERIOD);
    let hours: Vec<Hour> = hours_before(authority.now(), 300).collect();
    queue(&authority, hours.iter().copied().cycle().take(2_010)).await;
    let first = publish(&authority).await;
    assert_eq!(first.warnings, 2_000);
    assert_eq!(batch(&authority, &first.files[0]).await.warnings().len(), 2_000);
    let approved = "SELECT COUNT(*) FROM share_requests WHERE state = 'approved'";
    assert_eq!(count(&authority, approved).await, 1, "not published as a whole yet");
    authority.pass(PERIOD);
    let second = publish(&authority).await;
    assert_eq!(second.warnings, 10);
    assert_eq!(batch(&authority, &second.files[0]).await.warnings().len(), 32);
    assert_eq!(count(&authority, approved).await, 0);
}

#[tokio::test]
async fn a_published_request_no_longer_says_where_and_when() {
    let authority = Authority::start().await;
    queue(&authority, hours_before(authority.now(), 2)).await;
    publish(&authority).await;
    let left = "SELECT COUNT(*) FROM share_requests WHERE state = 'published' AND poster IS NULL \
                AND from_at IS NULL AND until_at IS NULL AND report_type IS NULL \
                AND infectiousness IS NULL AND reason = '' AND notice_text = ''";
    assert_eq!(count(&authority, left).await, 1);
    assert_eq!(count(&authority, "SELECT COUNT(*) FROM due_warnings").await, 0);
    let content = "SELECT COUNT(*) FROM warning_batches WHERE content IS NOT NULL";
    assert_eq!(count(&authority, content).await, 0);
    authority.pass(14 * DAY_SECONDS);
    publish(&authority).await;
    assert_eq!(count(&authority, "SELECT COUNT(*) FROM share_requests").await, 0);
}

/// Fixes a batch and goes no further, like a server that dies there.
async fn cut_only(authority: &Authority) -> Vec<u8> {
    let (store, now) = (&authority.app.store, authority.now());
    let period = store.warning_period("VN", now.minus(PERIOD), now).await.unwrap().unwrap();
    let real = store.due_warnings(now, 2_000).await.unwrap();
    let key = authority.app.venue_keys.newest(now).unwrap();
    let hours = health_authority_server::domain::warnings::WarningShapes::prior(14);
    let hours = hours.histogram(now).unwrap();
    let (start, end) = (period.start, period.end);
    let assembled =
        WarningBatch::assemble("VN", start, end, real.clone(), &hours, &mut rand::rng()).unwrap();
    let slots = assembled.to_signed(&key.warning).unwrap();
    let content = BatchContent { slots, with_passes: None };
    let cut = || store.cut_warnings(&period, (&real, &[]), &content, now);
    assert!(cut().await.unwrap());
    assert!(!cut().await.unwrap(), "only once");
    content.slots
}

#[tokio::test]
async fn a_crash_between_row_and_file() {
    let mut authority = Authority::start().await;
    queue(&authority, hours_before(authority.now(), 3)).await;
    let content = cut_only(&authority).await;
    authority.restart().await;
    // What comes in meanwhile waits for the next batch.
    queue(&authority, hours_before(authority.now(), 1)).await;
    let outcome = publish(&authority).await;
    assert_eq!((outcome.warnings, outcome.files.len()), (0, 1));
    let served = authority.get(&format!("v1/warnings/{}", outcome.files[0]), &[]).await;
    assert_eq!(served.bytes().await.unwrap(), content);
    assert_eq!(index(&authority).await, outcome.files);
    authority.pass(PERIOD);
    assert_eq!(publish(&authority).await.warnings, 1);
}

#[tokio::test]
async fn a_crash_between_file_and_note() {
    let authority = Authority::start().await;
    let content = cut_only(&authority).await;
    let [row] = &authority.app.store.unfinished_warning_batches("VN").await.unwrap()[..] else {
        panic!("one batch")
    };
    authority.app.warning_files.put_new(&file_name(row, "vxw"), content.clone()).await.unwrap();
    assert_eq!(publish(&authority).await.files, [file_name(row, "vxw")]);
    let served = authority.get(&format!("v1/warnings/{}", file_name(row, "vxw")), &[]).await;
    assert_eq!(served.bytes().await.unwrap(), content);
    assert_eq!(publish(&authority).await, WarningOutcome::default(), "nothing is left to do");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_that_publish_at_once_publish_everything_once() {
    let authority = Authority::start().await;
    let mut real = Vec::new();
    for _ in 0..3 {
        authority.pass(PERIOD);
        real.extend(queue(&authority, hours_before(authority.now(), 5)).await);
        let (one, two) = tokio::join!(publish(&authority), publish(&authority));
        assert_eq!(one.warnings + two.warnings, 5);
    }
    let names = index(&authority).await;
    assert_eq!(names.len(), 3, "{names:?}");
    let mut published = Vec::new();
    for name in &names {
        published.extend(batch(&authority, name).await.warnings().to_vec());
    }
    for warning in &real {
        assert_eq!(published.iter().filter(|found| *found == warning).count(), 1);
    }
}

#[tokio::test]
async fn what_is_old_goes_from_index_folder_and_database() {
    let authority = Authority::start().await;
    let old = publish(&authority).await.files;
    authority.pass(PERIOD);
    let young = publish(&authority).await.files;
    authority.pass(15 * DAY_SECONDS);
    publish(&authority).await;
    let names = index(&authority).await;
    assert!(!names.contains(&old[0]) && names.contains(&young[0]), "{names:?}");
    assert_eq!(authority.get(&format!("v1/warnings/{}", old[0]), &[]).await.status(), 404);
    assert_eq!(count(&authority, "SELECT COUNT(*) FROM warning_batches").await, 2);
}

/// The long pause makes one batch, not many; a clock that ran ahead does not stop the next ones.
#[tokio::test]
async fn pauses_and_clocks_that_were_set_back() {
    let mut authority = Authority::start().await;
    let start = publish(&authority).await.files.remove(0);
    authority.pass(10 * PERIOD);
    authority.restart().await;
    let from = start.split('-').nth(1).unwrap();
    let now = authority.now().as_secs();
    assert_eq!(publish(&authority).await.files, [format!("VN/{from}-{now}-00001.vxw")]);
    authority.pass(400 * DAY_SECONDS);
    publish(&authority).await;
    authority.set_back(400 * DAY_SECONDS);
    authority.pass(PERIOD);
    assert_eq!(publish(&authority).await.files.len(), 1);
}

#[tokio::test]
async fn without_a_key_for_venues_there_is_an_empty_index() {
    let mut authority = Authority::start().await;
    for file in ["keys/venue-1.key", "keys/venue-1.json"] {
        std::fs::remove_file(authority.dir().join(file)).unwrap();
    }
    authority.restart().await;
    assert_eq!(publish(&authority).await, WarningOutcome::default());
    assert_eq!(index(&authority).await, Vec::<String>::new());
}
