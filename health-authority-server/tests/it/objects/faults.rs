//! The store is slow, refuses, or goes away and comes back.

use std::io::Cursor;
use std::time::Duration;

use health_authority_server::publication::object_store::ObjectStore;
use vungxanh_protocol::export::{ExportFile, Limits};

use super::proxy::{Fault, Proxy};
use super::s3_server::S3Server;
use crate::support::authority::{Authority, Person};

const HOUR: u64 = 3_600;

/// What a reader of the bucket sees: every file that the list names is there and whole.
async fn names_of_whole_files(bucket: &ObjectStore) -> Vec<String> {
    let index = bucket.get("VN/index.txt").await.unwrap().unwrap_or_default();
    let names: Vec<String> = String::from_utf8(index).unwrap().lines().map(str::to_owned).collect();
    for name in &names {
        let file = bucket.get(name).await.unwrap().expect(name);
        ExportFile::open(Cursor::new(file), &Limits::default()).expect(name);
    }
    names
}

async fn publish(authority: &Authority) {
    let reply = authority.publish("confirmed", &Person::new(authority.now(), 8)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[tokio::test]
#[ignore = "needs s3s-fs"]
async fn while_the_bucket_is_gone_publishing_goes_on_and_batches_wait_in_order() {
    let server = S3Server::s3s();
    let proxy = Proxy::start(server.port).await;
    let mut authority = server.authority(proxy.port).await;
    let plain = server.authority(server.port).await;
    publish(&authority).await;
    authority.pass(HOUR);
    let first = authority.batch().await.files;
    proxy.set(Fault::Gone);
    for hour in 1..=2 {
        publish(&authority).await;
        authority.pass(HOUR);
        authority.app.batcher().run_once(authority.now()).await.unwrap_err();
        let waiting = authority.app.store.unfinished_batches("VN").await.unwrap();
        assert_eq!(waiting.len(), hour, "cut, not written");
        let health = authority.app.store_health();
        assert!(!health[0].works() && health[0].last_error.is_some(), "{health:?}");
        // What was published before stays there for devices.
        assert_eq!(authority.index().await, first);
        assert_eq!(authority.export(&first[0]).await.len(), 7);
    }
    // A server starts also while it is gone.
    authority.restart().await;
    assert_eq!(authority.index().await, first, "from the cache");
    let unknown = authority.get("v1/exports/VN/1-2-00001.zip", &[]).await;
    assert_eq!(unknown.status(), 503, "whether there is such a file cannot be said");
    authority.app.batcher().run_once(authority.now()).await.unwrap_err();
    proxy.set(Fault::None);
    let written = authority.batch().await.files;
    assert_eq!(written.len(), 2);
    assert!(written.is_sorted(), "{written:?}");
    assert!(authority.app.store_health()[0].works());
    let listed = names_of_whole_files(&plain.app.files).await;
    assert_eq!(listed, [first, written].concat());
    authority.pass(8 * HOUR);
    authority.batch().await;
    assert_eq!(authority.published().await.len(), 3 * 8, "nothing is lost, nothing is there twice");
}

/// Also while the store takes requests and answers none, and while nobody waits to the end.
#[tokio::test]
#[ignore = "needs s3s-fs"]
async fn a_silent_bucket_does_not_keep_devices_from_what_the_cache_has() {
    let server = S3Server::s3s();
    let proxy = Proxy::start(server.port).await;
    let authority = server.authority(proxy.port).await;
    publish(&authority).await;
    authority.pass(HOUR);
    let files = authority.batch().await.files;
    proxy.set(Fault::Silent);
    tokio::time::sleep(Duration::from_secs(6)).await;
    // Its list is too old now; this one looks, gives up before there is an answer, and the next one waits for
    // the same look.
    let left = tokio::time::timeout(Duration::from_millis(200), authority.index()).await;
    assert!(left.is_err(), "the list is looked for in the bucket");
    assert_eq!(authority.index().await, files);
    assert_eq!(authority.export(&files[0]).await.len(), 7);
    assert!(!authority.app.store_health()[0].works());
    // A cache that somebody emptied is filled again.
    std::fs::remove_dir_all(authority.dir().join("cache")).unwrap();
    proxy.set(Fault::None);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(authority.index().await, files);
    assert_eq!(authority.export(&files[0]).await.len(), 7);
}

#[tokio::test]
#[ignore = "needs s3s-fs"]
async fn whatever_breaks_a_write_no_reader_sees_half_a_batch_and_the_next_try_finishes_it() {
    let server = S3Server::s3s();
    let proxy = Proxy::start(server.port).await;
    let authority = server.authority(proxy.port).await;
    let plain = server.authority(server.port).await;
    let cuts = [0, 100, 600, 1_000, 1_500, 2_000, 3_000];
    let requests = cuts.map(Fault::RequestCut);
    let answers = [0, 50, 200, 400, 700, 1_200].map(Fault::AnswerCut);
    let faults = [&requests[..], &answers, &[Fault::Busy, Fault::Silent, Fault::Gone]].concat();
    let (mut expected, mut failed) = (Vec::new(), 0);
    for fault in &faults {
        publish(&authority).await;
        authority.pass(HOUR);
        proxy.set(*fault);
        let broken = authority.app.batcher().run_once(authority.now()).await;
        failed += usize::from(broken.is_err());
        let listed = names_of_whole_files(&plain.app.files).await;
        assert!(listed.starts_with(&expected), "{fault:?}: {listed:?}");
        proxy.set(Fault::None);
        authority.app.batcher().run_once(authority.now()).await.unwrap();
        let listed = names_of_whole_files(&plain.app.files).await;
        assert_eq!(listed.len(), expected.len() + 1, "{fault:?}");
        expected = listed;
        assert!(authority.app.store.unfinished_batches("VN").await.unwrap().is_empty());
    }
    assert!(failed >= faults.len() / 2, "{failed} of {} faults broke a write", faults.len());
    authority.pass(8 * HOUR);
    authority.batch().await;
    assert_eq!(authority.published().await.len(), 8 * faults.len());
}

#[tokio::test]
#[ignore = "needs s3s-fs"]
async fn a_download_that_breaks_is_never_given_out_in_part() {
    let server = S3Server::s3s();
    let proxy = Proxy::start(server.port).await;
    let mut authority = server.authority(proxy.port).await;
    let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let name = "VN/1-2-00001.zip";
    authority.app.files.put_new(name, content.clone()).await.unwrap();
    let seen = authority.app.files.index("VN").await.unwrap();
    authority.app.files.replace_index("VN", &seen, name.into()).await.unwrap();
    let path = format!("v1/exports/{name}");
    for fault in [
        Fault::AnswerCut(0),
        Fault::AnswerCut(1_000),
        Fault::AnswerCut(400_000),
        Fault::AnswerCut(1_200_000),
        Fault::Busy,
        Fault::Gone,
        Fault::Silent,
        Fault::Slow(20_000),
    ] {
        authority.restart_after(|dir| std::fs::remove_dir_all(dir.join("cache")).unwrap()).await;
        proxy.set(fault);
        let served = authority.get(&path, &[]).await;
        match served.status().as_u16() {
            // What broke was fetched on from where it broke.
            200 => assert!(served.bytes().await.unwrap() == content, "{fault:?}"),
            status => assert_eq!(status, 503, "{fault:?}"),
        }
        proxy.set(Fault::None);
        let mut served = authority.get(&path, &[]).await;
        if served.status() == 503 {
            // Requests leave a store alone for a moment after an error.
            tokio::time::sleep(Duration::from_secs(3)).await;
            served = authority.get(&path, &[]).await;
        }
        assert_eq!(served.status(), 200, "after {fault:?}");
        assert!(served.bytes().await.unwrap() == content, "after {fault:?}");
    }
}
