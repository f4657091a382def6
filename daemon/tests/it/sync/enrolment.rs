//! Pinning an authority, and following its document.

use vungxanh_daemon::sync::{Replace, SyncError, Timeouts, first_contact};
use vungxanh_protocol::authority::AuthorityError;

use crate::support::authority::Fault;
use crate::support::fixture::{Bench, DOCUMENT, NOW, document, fingerprint, root, sign};

#[tokio::test]
async fn the_root_key_is_pinned_and_known_after_a_restart_without_network() {
    let mut bench = Bench::start().await;
    assert!(bench.sync.authority().is_none());
    let url = bench.authority.url.clone();
    let shown = first_contact(&url, NOW, Timeouts::default()).await.unwrap();
    assert_eq!(shown.fingerprint(), fingerprint(1));
    let wrong = bench.sync.enrol(&url, &fingerprint(2), Replace::Never).await.unwrap_err();
    assert!(matches!(wrong, SyncError::WrongFingerprint { .. }));
    assert!(bench.sync.authority().is_none(), "nothing is pinned by a failed enrolment");

    bench.sync.enrol(&url, &fingerprint(1), Replace::Never).await.unwrap();
    bench.authority.with(|content| content.files.clear());
    bench.restart();
    let enrolled = bench.sync.authority().unwrap();
    assert_eq!(enrolled.authority.document(), &document(5));
    assert_eq!(enrolled.url.to_string(), url);
}

#[tokio::test]
async fn another_authority_only_when_asked_for() {
    let bench = Bench::enrolled().await;
    let mut other = document(1);
    let key = root(9);
    other.root_key = {
        use base64::Engine;
        base64::prelude::BASE64_STANDARD.encode(key.verifying_key().as_bytes())
    };
    let signed = other.to_signed(&key).unwrap();
    bench.authority.with(|content| content.files.insert(DOCUMENT.into(), signed));
    let url = bench.authority.url.clone();
    let refused = bench.sync.enrol(&url, &fingerprint(9), Replace::Never).await.unwrap_err();
    assert!(matches!(refused, SyncError::OtherAuthority { .. }));
    bench.sync.enrol(&url, &fingerprint(9), Replace::Confirmed).await.unwrap();
    assert_eq!(bench.sync.authority().unwrap().authority.fingerprint(), fingerprint(9));
}

#[tokio::test]
async fn documents_that_are_not_taken_leave_the_known_one_in_force() {
    let mut bench = Bench::enrolled().await;
    let set = |bench: &Bench, bytes: Vec<u8>| {
        bench.authority.with(|content| content.files.insert(DOCUMENT.into(), bytes));
    };
    let serial = |bench: &Bench| bench.sync.authority().unwrap().authority.document().serial;

    set(&bench, sign(&document(4)));
    let error = bench.fetch().await.error.unwrap();
    assert!(
        matches!(error, SyncError::Authority(AuthorityError::RolledBack { seen: 5, found: 4 })),
        "{error}"
    );
    let mut expired = document(6);
    expired.expires_at = NOW;
    set(&bench, sign(&expired));
    let error = bench.fetch().await.error.unwrap();
    assert!(matches!(error, SyncError::Authority(AuthorityError::Expired(_))));
    let mut altered = sign(&document(6));
    let last = altered.len() - 3;
    altered[last] ^= 1;
    set(&bench, altered);
    let error = bench.fetch().await.error.unwrap();
    assert!(matches!(error, SyncError::Authority(AuthorityError::Signed(_))));
    set(&bench, vec![b'x'; 300_000]);
    assert!(matches!(bench.fetch().await.error.unwrap(), SyncError::TooLarge { .. }));
    assert_eq!(serial(&bench), 5);

    set(&bench, sign(&document(6)));
    let outcome = bench.fetch_all().await;
    assert!(outcome.document_changed);
    assert_eq!(outcome.authority_time.map(|heard| heard.time), Some(bench_time(&bench)));
    assert_eq!(serial(&bench), 6);
    // The highest serial is remembered, not only the one in memory.
    bench.restart();
    set(&bench, sign(&document(5)));
    assert!(bench.fetch().await.error.is_some());
    assert_eq!(serial(&bench), 6);
}

fn bench_time(bench: &Bench) -> vungxanh_protocol::interval::UnixTime {
    use vungxanh_protocol::clock::Clock;
    bench.clock.now()
}

#[tokio::test]
async fn redirections_are_not_followed() {
    let bench = Bench::enrolled().await;
    bench.authority.fault(DOCUMENT, Fault::Status(302));
    let error = bench.fetch().await.error.unwrap();
    assert!(
        matches!(&error, SyncError::Unexpected { status, .. } if status.contains("redirection"))
    );
}

#[tokio::test]
async fn requests_carry_nothing_that_tells_devices_apart() {
    let (one, other) = (Bench::enrolled().await, Bench::enrolled().await);
    one.fetch_all().await;
    other.fetch_all().await;
    let headers = |bench: &Bench| {
        let mut headers = bench.authority.requests(DOCUMENT).pop().unwrap().headers;
        headers.remove("host");
        headers
    };
    assert_eq!(headers(&one), headers(&other));
    let names: Vec<String> = headers(&one).into_keys().collect();
    assert_eq!(names, ["accept", "user-agent"]);
    assert_eq!(headers(&one)["user-agent"], "vungxanh");
}
