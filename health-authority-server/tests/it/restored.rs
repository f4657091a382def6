//! What was restored from a backup neither takes back what was published nor gives a name or a serial
//! out twice.

use std::collections::BTreeMap;
use std::path::Path;

use health_authority_server::authority::export_keys::{self, ExportKeys};
use health_authority_server::authority::folder::Folder;
use health_authority_server::authority::{document, founding};
use health_authority_server::services::backup::{self, Restoring};

use crate::support::authority::{Authority, Person, new_database};

const HOUR: u64 = 3_600;

/// With padding, so that no two batches of one period have the same bytes. Chance may draw nobody for
/// a period (one in 101, ADR 11): a test that needs a file publishes a person of its own.
async fn start() -> Authority {
    Authority::start_with("synthetic_persons = 3.0", "synthetic_persons = 100.0").await
}

/// A batch that has a file whatever chance draws.
async fn batch_with_a_person(authority: &Authority) {
    authority.publish("confirmed", &Person::new(authority.now(), 8)).await;
    authority.pass(HOUR);
    assert!(!authority.batch().await.files.is_empty());
}

async fn back_up(authority: &Authority, to: &Path) {
    let copy = format!("VACUUM INTO '{}'", to.display());
    sqlx::raw_sql(sqlx::AssertSqlSafe(copy)).execute(&authority.database().await).await.unwrap();
}

fn put_back(dir: &Path, copy: &Path) {
    for file in ["server.db", "server.db-wal", "server.db-shm"] {
        let _ = std::fs::remove_file(dir.join(file));
    }
    std::fs::copy(copy, dir.join("server.db")).unwrap();
}

/// Everything that is listed, with its bytes as they are served.
async fn listed(authority: &Authority) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for name in authority.index().await {
        let served = authority.get(&format!("v1/exports/{name}"), &[]).await;
        assert_eq!(served.status(), 200, "{name}");
        files.insert(name, served.bytes().await.unwrap().to_vec());
    }
    files
}

#[tokio::test]
async fn published_files_stay_listed_and_keep_their_names_after_the_database_was_restored() {
    let mut authority = start().await;
    batch_with_a_person(&authority).await;
    // Published before the copy and cut after it, so that both cuts of the period have a file.
    authority.publish("confirmed", &Person::new(authority.now(), 8)).await;
    let copy = authority.folder.path().join("night.db");
    back_up(&authority, &copy).await;
    let person = Person::new(authority.now(), 8);
    authority.publish("confirmed", &person).await;
    authority.pass(HOUR);
    authority.batch().await;
    let before = listed(&authority).await;
    assert!(before.len() >= 2);

    authority.restart_after(|dir| put_back(dir, &copy)).await;
    let outcome = authority.batch().await;
    assert!(!outcome.files.is_empty(), "the same period is cut again, with other padding");
    let after = listed(&authority).await;
    for (name, bytes) in &before {
        assert_eq!(after.get(name), Some(bytes), "{name} is as it was");
        assert!(!outcome.files.contains(name), "{name} is not given twice");
    }
    for name in &outcome.files {
        authority.export(name).await;
    }
    let keys: Vec<[u8; 16]> =
        authority.published().await.iter().map(|entry| entry.key.key).collect();
    assert!(person.key_bytes().iter().any(|key| keys.contains(key)), "the case is still found");
}

#[tokio::test]
async fn a_file_that_is_gone_is_written_again() {
    let authority = start().await;
    authority.publish("confirmed", &Person::new(authority.now(), 8)).await;
    authority.pass(HOUR);
    authority.batch().await;
    let before = listed(&authority).await;
    for name in before.keys() {
        std::fs::remove_file(authority.dir().join("exports").join(name)).unwrap();
    }
    authority.batch().await;
    assert_eq!(listed(&authority).await, before);
}

#[tokio::test]
async fn files_older_than_the_retention_go_also_those_that_the_database_does_not_know() {
    let mut authority = start().await;
    let copy = authority.folder.path().join("empty.db");
    back_up(&authority, &copy).await;
    batch_with_a_person(&authority).await;
    let before = listed(&authority).await;
    authority.restart_after(|dir| put_back(dir, &copy)).await;
    authority.pass(30 * 24 * HOUR);
    authority.batch().await;
    for name in before.keys() {
        assert!(!authority.index().await.contains(name));
        assert_eq!(authority.get(&format!("v1/exports/{name}"), &[]).await.status(), 404);
    }
}

#[tokio::test]
async fn a_serial_is_never_given_twice() {
    let authority = Authority::start().await;
    let folder = Folder::new(authority.dir());
    let mut given = vec![document::read(&folder).unwrap().document.serial];
    let mut resign = |seconds: u64| {
        let signed = founding::resign(&folder, authority.now().plus(seconds)).unwrap();
        assert!(!given.contains(&signed.document.serial), "{given:?}");
        given.push(signed.document.serial);
    };
    resign(10);
    let backup = std::fs::read(folder.document()).unwrap();
    resign(20);
    resign(20);
    resign(5);
    std::fs::write(folder.document(), &backup).unwrap();
    resign(30);
    assert!(given.is_sorted());
}

#[tokio::test]
async fn nobody_else_reads_the_database_also_one_that_others_could() {
    use std::os::unix::fs::PermissionsExt;
    let mut authority = Authority::start().await;
    let modes = |dir: &Path| {
        let files = std::fs::read_dir(dir).unwrap().map(Result::unwrap);
        let files =
            files.filter(|file| file.file_name().to_string_lossy().starts_with("server.db"));
        files.map(|file| file.metadata().unwrap().permissions().mode() & 0o777).collect::<Vec<_>>()
    };
    authority.code("confirmed").await;
    assert_eq!(modes(&authority.dir()), [0o600; 3]);
    authority
        .restart_after(|dir| {
            let open = std::fs::Permissions::from_mode(0o644);
            std::fs::set_permissions(dir.join("server.db"), open).unwrap();
        })
        .await;
    authority.code("confirmed").await;
    assert_eq!(modes(&authority.dir()), [0o600; 3]);
}

async fn back_up_whole(authority: &Authority) -> std::path::PathBuf {
    let to = authority.folder.path().join("backup");
    let app = &authority.app;
    backup::back_up(&app.folder, &app.config, &app.store, &to, authority.now()).await.unwrap();
    to
}

#[tokio::test]
async fn a_backup_of_a_running_server_restores_a_lost_machine() {
    let mut authority = start().await;
    let person = Person::new(authority.now(), 8);
    authority.publish("confirmed", &person).await;
    authority.pass(HOUR);
    authority.batch().await;
    let code = authority.code("confirmed").await;
    let before = listed(&authority).await;
    let copy = back_up_whole(&authority).await;
    assert!(!copy.join("keys/root.key").exists());
    batch_with_a_person(&authority).await;
    let seen = listed(&authority).await;
    assert!(seen.len() > before.len());

    authority.stop().await;
    let dir = authority.dir();
    std::fs::rename(&dir, dir.with_extension("lost")).unwrap();
    let now = authority.now().plus(60);
    let how = Restoring { database: Some(new_database().await), ..Restoring::default() };
    backup::restore(&Folder::new(&dir), &copy, &how, now).await.unwrap();
    authority.start_again().await;
    // As at each start: for the period that has just ended, whose file is lost, but was seen.
    authority.batch().await;
    authority.pass(HOUR);
    authority.batch().await;
    let after = listed(&authority).await;
    for (name, bytes) in &before {
        assert_eq!(after.get(name), Some(bytes), "{name}");
    }
    for (name, bytes) in &after {
        assert!(seen.get(name).is_none_or(|seen| seen == bytes), "{name} is given twice");
    }
    let again = serde_json::json!({"code": code});
    let reply = authority.post("api/verify", &again).await;
    assert_eq!(reply.body["errorCode"], "code_not_found", "it may have been used");
    let late = Person::new(authority.now(), 8);
    assert_eq!(authority.publish("confirmed", &late).await.status, 200);
}

#[tokio::test]
async fn restoring_into_a_folder_that_is_there_replaces_its_database_only() {
    let mut authority = start().await;
    authority.batch().await;
    let copy = back_up_whole(&authority).await;
    let folder = Folder::new(authority.dir());
    let older = document::read(&folder).unwrap().document.serial;
    founding::resign(&folder, authority.now().plus(9)).unwrap();
    authority.publish("confirmed", &Person::new(authority.now(), 8)).await;
    authority.pass(HOUR);
    authority.batch().await;
    let before = listed(&authority).await;
    authority.stop().await;

    let now = authority.now();
    let refused = backup::restore(&folder, &copy, &Restoring::default(), now).await.unwrap_err();
    assert!(refused.to_string().contains("already exists"), "{refused}");
    let database = new_database().await;
    let in_a_file = database == "server.db";
    let how = Restoring { replace_database: true, database: Some(database) };
    let serving = backup::lock_shared(&folder).unwrap();
    let refused = backup::restore(&folder, &copy, &how, now).await.unwrap_err();
    assert!(refused.to_string().contains("stop it first"), "{refused}");
    drop(serving);
    if !in_a_file {
        let present = Restoring { database: None, ..how.clone() };
        let refused = backup::restore(&folder, &copy, &present, now).await.unwrap_err();
        assert!(refused.to_string().contains("has rows already"), "{refused}");
    }
    backup::restore(&folder, &copy, &how, now).await.unwrap();
    assert!(document::read(&folder).unwrap().document.serial > older, "the newer one stays");
    assert_eq!(folder.path().join(format!("server.db.before-{now}")).exists(), in_a_file);
    authority.start_again().await;
    authority.pass(HOUR);
    authority.batch().await;
    let after = listed(&authority).await;
    for (name, bytes) in &before {
        assert_eq!(after.get(name), Some(bytes), "{name}");
    }
}

#[tokio::test]
async fn a_damaged_backup_or_one_of_another_authority_is_refused() {
    let authority = start().await;
    let copy = back_up_whole(&authority).await;
    let fresh = Folder::new(authority.folder.path().join("fresh"));
    let how = Restoring { database: Some(new_database().await), ..Restoring::default() };
    let server_key = copy.join("keys/server.key");
    let key = std::fs::read(&server_key).unwrap();
    std::fs::write(&server_key, "other").unwrap();
    let refused = backup::restore(&fresh, &copy, &how, authority.now()).await.unwrap_err();
    assert!(refused.to_string().contains("another backup"), "{refused}");
    assert!(!fresh.path().exists(), "nothing was done");
    std::fs::write(&server_key, key).unwrap();
    let manifest = copy.join("backup.json");
    let text = std::fs::read_to_string(&manifest).unwrap();
    std::fs::write(&manifest, text.replace("server.db", "keys/../server.db")).unwrap();
    assert!(backup::restore(&fresh, &copy, &how, authority.now()).await.is_err());
    std::fs::write(&manifest, text.replace("vn.hanoi", "vn.hue")).unwrap();
    assert!(backup::restore(&fresh, &copy, &how, authority.now()).await.is_err());
}

#[tokio::test]
async fn an_export_key_is_followed_by_another_without_a_file_that_nobody_can_check() {
    let mut authority = start().await;
    batch_with_a_person(&authority).await;
    let folder = Folder::new(authority.dir());
    let version =
        |authority: &Authority| authority.app.keys.export.signing(authority.now()).version();
    export_keys::create(&folder, authority.now(), &mut rand::rng()).unwrap();
    authority.restart().await;
    authority.pass(8 * 24 * HOUR);
    assert_eq!(version(&authority), "v1", "the document does not name the other yet");
    founding::resign(&folder, authority.now()).unwrap();
    authority.restart().await;
    assert_eq!(version(&authority), "v2");
    batch_with_a_person(&authority).await;
    assert_eq!(authority.index().await.len(), 2);
    assert!(!authority.published().await.is_empty(), "files of both keys are verified");

    authority.pass(30 * 24 * HOUR);
    founding::resign(&folder, authority.now()).unwrap();
    authority.restart().await;
    batch_with_a_person(&authority).await;
    let named = document::read(&folder).unwrap().document.export_keys;
    let versions: Vec<&str> = named.iter().map(|key| key.version.as_str()).collect();
    assert_eq!(versions, ["v2"], "no file of the first is listed any more");
    assert!(!authority.published().await.is_empty());
}

#[tokio::test]
async fn a_further_export_key_waits_for_devices() {
    let authority = start().await;
    let folder = Folder::new(authority.dir());
    let now = authority.now();
    let second = export_keys::create(&folder, now, &mut rand::rng()).unwrap();
    let third = export_keys::create(&folder, now, &mut rand::rng()).unwrap();
    assert_eq!([second.version(), third.version()], ["v2", "v3"]);
    assert!(third.sign_from() > second.sign_from());
    let document = founding::resign(&folder, now).unwrap().document;
    let keys = ExportKeys::read(&folder).unwrap().named_by(&document);
    for (at, version) in [
        (now, "v1"),
        (second.sign_from().minus(1), "v1"),
        (second.sign_from(), "v2"),
        (third.sign_from(), "v3"),
    ] {
        assert_eq!(keys.signing(at).version(), version);
    }
}
