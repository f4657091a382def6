//! An authority that publishes into a bucket.

use health_authority_server::authority::folder::Folder;
use health_authority_server::services::backup::{self, Restoring};
use vungxanh_protocol::interval::DAY_SECONDS;

use super::proxy::{Fault, Proxy};
use super::s3_server::{S3Server, SECRET, publish_to};
use crate::support::authority::{Authority, Person, configure};

const HOUR: u64 = 3_600;

/// Publishes a person and makes the batch of the hour.
async fn publish_hour(authority: &Authority) -> Vec<String> {
    let reply = authority.publish("confirmed", &Person::new(authority.now(), 8)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    authority.pass(HOUR);
    authority.batch().await.files
}

#[tokio::test]
#[ignore = "needs s3s-fs"]
async fn devices_get_from_a_bucket_what_they_get_from_a_folder() {
    let server = S3Server::s3s();
    let mut authority = server.authority(server.port).await;
    let files = publish_hour(&authority).await;
    assert_eq!(authority.index().await, files);
    let path = format!("v1/exports/{}", files[0]);
    for _ in 0..2 {
        let served = authority.get(&path, &[]).await;
        assert_eq!(served.status(), 200);
        assert_eq!(served.headers()["content-type"], "application/zip");
        assert!(served.headers()["cache-control"].to_str().unwrap().contains("immutable"));
        let tag = served.headers()["etag"].to_str().unwrap().to_owned();
        assert!(!served.bytes().await.unwrap().is_empty());
        let again = authority.get(&path, &[("if-none-match", &tag)]).await;
        assert_eq!(
            (again.status().as_u16(), again.headers()["etag"].to_str().unwrap()),
            (304, &*tag)
        );
        // The same with nothing in the cache, as on another server.
        authority.restart_after(|dir| std::fs::remove_dir_all(dir.join("cache")).unwrap()).await;
    }
    assert_eq!(authority.published().await.len(), 7);
    let warnings = authority.app.warning_batcher().run_once(authority.now()).await.unwrap();
    let listed = authority.get("v1/warnings/VN/index.txt", &[]).await.text().await.unwrap();
    assert_eq!(listed, warnings.files.join("\n"));
    let batch = authority.get(&format!("v1/warnings/{}", warnings.files[0]), &[]).await;
    assert_eq!(batch.headers()["content-type"], "application/vnd.vungxanh.signed");
    assert_eq!(batch.status(), 200);
}

#[tokio::test]
#[ignore = "needs s3s-fs"]
async fn what_is_old_goes_from_the_list_then_from_the_bucket() {
    let server = S3Server::s3s();
    let authority = server.authority(server.port).await;
    let old = publish_hour(&authority).await;
    authority.pass(8 * HOUR);
    let young = authority.batch().await.files;
    authority.pass(15 * DAY_SECONDS - 7 * HOUR);
    authority.batch().await;
    assert_eq!(authority.index().await, young);
    assert_eq!(authority.get(&format!("v1/exports/{}", old[0]), &[]).await.status(), 404);
    let mut left = authority.app.files.names("VN").await.unwrap();
    left.sort();
    assert_eq!(left, [young[0].as_str(), "VN/index.txt"]);
}

#[tokio::test]
#[ignore = "needs s3s-fs"]
async fn two_servers_on_one_bucket_serve_and_list_each_others_files() {
    let server = S3Server::s3s();
    let (one, other) = (server.authority(server.port).await, server.authority(server.port).await);
    let first = publish_hour(&one).await;
    assert_eq!(other.index().await, first);
    other.pass(HOUR);
    let second = publish_hour(&other).await;
    assert_eq!(other.index().await, [first.clone(), second.clone()].concat());
    // What a device learned of at one server is there at the other, whose list may be of before.
    let served = one.get(&format!("v1/exports/{}", second[0]), &[]).await;
    assert_eq!(served.status(), 200);
    assert_eq!(one.index().await, [first, second].concat());
}

#[tokio::test]
#[ignore = "needs s3s-fs"]
async fn a_crowd_fetches_a_file_once_and_made_up_names_never_reach_the_bucket() {
    let server = S3Server::s3s();
    let proxy = Proxy::start(server.port).await;
    let mut authority = server.authority(proxy.port).await;
    let files = publish_hour(&authority).await;
    authority.restart_after(|dir| std::fs::remove_dir_all(dir.join("cache")).unwrap()).await;
    proxy.take_count("");
    let path = format!("v1/exports/{}", files[0]);
    let crowd = futures_util::future::join_all((0..50).map(|_| authority.get(&path, &[])));
    assert!(crowd.await.iter().all(|served| served.status() == 200));
    let asked = proxy.take_count(&format!("GET /vx-files/hanoi/exports/{}", files[0]));
    assert_eq!(asked, 1);
    for number in 0..20 {
        let made_up = authority.get(&format!("v1/exports/VN/made-up-{number}.zip"), &[]).await;
        assert_eq!(made_up.status(), 404);
        let region = authority.get(&format!("v1/exports/X{number}/index.txt"), &[]).await;
        assert_eq!(region.status(), 404);
    }
    let requests = String::from("GET /vx-files/hanoi/exports/VN/made-up");
    assert_eq!(proxy.take_count(&requests), 0);
}

#[tokio::test]
#[ignore = "needs s3s-fs"]
async fn a_backup_has_the_buckets_files_and_fills_an_empty_bucket() {
    let server = S3Server::s3s();
    let authority = server.authority(server.port).await;
    let files = publish_hour(&authority).await;
    let served = authority.app.files.get(&files[0]).await.unwrap();
    let copy = authority.folder.path().join("copy");
    let app = &authority.app;
    let made = backup::back_up(&app.folder, &app.config, &app.store, &copy, authority.now()).await;
    assert!(made.unwrap().files.contains_key(&format!("exports/{}", files[0])));
    let empty = S3Server::s3s();
    let config = std::fs::read_to_string(copy.join("config.toml")).unwrap();
    let moved = config.replace(&format!(":{}\"", server.port), &format!(":{}\"", empty.port));
    let dir = authority.folder.path().join("restored/authority");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("config.toml"), moved).unwrap();
    std::fs::set_permissions(&dir, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let how = Restoring { replace_database: true, ..Restoring::default() };
    backup::restore(&Folder::new(&dir), &copy, &how, authority.now()).await.unwrap();
    let there = empty.authority(empty.port).await;
    assert_eq!(there.app.files.get(&files[0]).await.unwrap(), served);
}

#[tokio::test]
#[ignore = "needs s3s-fs"]
async fn wrong_credentials_are_an_error_that_names_no_secret() {
    let server = S3Server::s3s();
    let wrong = "another-secret-that-must-not-be-printed";
    let authority = Authority::start_prepared(|dir| publish_to(dir, server.port, wrong)).await;
    authority.publish("confirmed", &Person::new(authority.now(), 8)).await;
    authority.pass(HOUR);
    let refused = authority.app.batcher().run_once(authority.now()).await.unwrap_err();
    let health = authority.app.files.health();
    assert!(!health.works());
    let said = format!("{refused} {refused:?} {health:?} {:?}", authority.app.files);
    for secret in [SECRET, wrong] {
        assert!(!said.contains(secret), "{said}");
    }
    assert!(said.contains("403"), "{said}");
}

#[tokio::test]
#[ignore = "needs s3s-fs"]
async fn the_cache_stays_small_and_a_file_that_is_not_in_it_is_fetched_again() {
    let server = S3Server::s3s();
    let proxy = Proxy::start(server.port).await;
    let mut authority = server.authority(proxy.port).await;
    let noise = |seed: u8| vec![seed; 700 << 10];
    let names: Vec<String> = (1..=3).map(|n| format!("VN/{n}-{}-00001.zip", n + 1)).collect();
    for (seed, name) in (1..).zip(&names) {
        authority.app.files.put_new(name, noise(seed)).await.unwrap();
    }
    let seen = authority.app.files.index("VN").await.unwrap();
    let index = names.join("\n").into_bytes();
    assert!(authority.app.files.replace_index("VN", &seen, index).await.unwrap());
    authority
        .restart_after(|dir| {
            std::fs::remove_dir_all(dir.join("cache")).unwrap();
            configure(dir, &[("cache_mebibytes = 1024", "cache_mebibytes = 1")]);
        })
        .await;
    for _ in 0..2 {
        for (seed, name) in (1..).zip(&names) {
            let served = authority.get(&format!("v1/exports/{name}"), &[]).await;
            assert!(served.bytes().await.unwrap() == noise(seed), "{name}");
        }
    }
    assert!(bytes_below(&authority.dir().join("cache")) <= 1 << 20);
    // The last one is here, and is given out while the bucket is gone; the first one is not.
    proxy.set(Fault::Gone);
    assert_eq!(authority.get(&format!("v1/exports/{}", names[2]), &[]).await.status(), 200);
    let later = authority.get(&format!("v1/exports/{}", names[0]), &[]).await;
    assert_eq!(
        (later.status().as_u16(), &later.headers()["retry-after"]),
        (503, &"30".parse().unwrap())
    );
}

/// Some stores ignore `If-None-Match`, or answer 501.
#[tokio::test]
#[ignore = "needs s3s-fs"]
async fn without_conditional_writes_files_still_never_change_and_batches_are_listed() {
    let server = S3Server::s3s();
    let authority = Authority::start_prepared(|dir| {
        publish_to(dir, server.port, SECRET);
        let without = ("conditional_writes = true", "conditional_writes = false");
        configure(dir, &[without]);
    })
    .await;
    super::contract::files_never_change(&authority.app).await;
    authority.app.files.delete("VN/1-2-00001.zip").await.unwrap();
    let first = publish_hour(&authority).await;
    authority.pass(8 * HOUR);
    let second = authority.batch().await.files;
    assert_eq!(authority.index().await, [first, second].concat());
}

fn bytes_below(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let size = |entry: std::fs::DirEntry| match entry.file_type().unwrap().is_dir() {
        true => bytes_below(&entry.path()),
        false => entry.metadata().unwrap().len(),
    };
    entries.map(size).sum()
}
