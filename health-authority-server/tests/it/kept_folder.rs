//! A folder that an older program made opens, with everything in it.

use std::path::{Path, PathBuf};

use health_authority_server::authority::folder::Folder;
use health_authority_server::domain::venues::VenueState;
use health_authority_server::services::storage_move::move_to;
use serde_json::{Value, json};
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};
use vungxanh_protocol::venue::keys::VenueKey;
use vungxanh_protocol::venue::poster::UnverifiedPoster;

use crate::support::authority::{Authority, Person, new_database};
use crate::support::browser::Browser;

fn kept() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/authority-2026-11")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The folder in a copy, with its database; and what is known of it.
async fn open() -> (Authority, Value) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    copy(&kept(), &dir);
    let sql = std::fs::read_to_string(kept().join("server.sql")).unwrap();
    sqlx::any::install_default_drivers();
    let database = format!("sqlite://{}?mode=rwc", dir.join("server.db").display());
    let pool = sqlx::AnyPool::connect(&database).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut *connection).await.unwrap();
    drop(connection);
    pool.close().await;
    let facts = std::fs::read(kept().join("facts.json")).unwrap();
    let facts: Value = serde_json::from_slice(&facts).unwrap();
    let made_at = UnixTime::from_secs(facts["made_at"].as_u64().unwrap());
    let staff_key = facts["staff_api_key"].as_str().unwrap().to_owned();
    // Where these tests run on PostgreSQL, the old folder is brought up to date and moved there.
    let database = new_database().await;
    if database != "server.db" {
        move_to(&Folder::new(&dir), &database, made_at.plus(60)).await.unwrap();
        assert!(!dir.join("server.db").exists());
    }
    (Authority::open(folder, made_at.plus(60), staff_key).await, facts)
}

/// The person whose keys were published, by another client.
fn person(facts: &Value) -> Person {
    let made_at = UnixTime::from_secs(facts["made_at"].as_u64().unwrap());
    let keys = facts["keys"].as_array().unwrap();
    let mut person = Person::new(made_at, u32::try_from(keys.len()).unwrap());
    for (key, known) in person.keys.iter_mut().zip(keys) {
        key["key"] = known.clone();
    }
    person
}

#[tokio::test]
async fn codes_keys_and_batches_of_a_kept_folder_go_on() {
    let (authority, facts) = open().await;
    let signed = authority.get("v1/authority", &[]).await.bytes().await.unwrap();
    let document =
        vungxanh_protocol::authority::VerifiedAuthority::first_contact(&signed, authority.now());
    let root = document.unwrap().document().root_key().unwrap();
    let fingerprint = hex::encode(vungxanh_protocol::signed::fingerprint(&root));
    let enrolment = facts["enrolment"].as_str().unwrap();
    assert_eq!(enrolment, format!("https://hanoi.example.vn#sha256={fingerprint}"));

    let code = json!({"code": facts["left_code"], "accept": ["likely"]});
    let verified = authority.post("api/verify", &code).await;
    assert_eq!((verified.status, &verified.body["testtype"]), (200, &json!("likely")));

    let person = person(&facts);
    let published = authority.published().await;
    assert_eq!(published.len(), 62, "as many as the old program wrote");
    let own = |entries: &[vungxanh_protocol::export::KeyEntry]| {
        let keys = person.key_bytes();
        entries.iter().filter(|entry| keys.contains(&entry.key.key)).count()
    };
    assert_eq!(own(&published), 4, "one may not be published yet");
    let again = authority
        .publish_with("confirmed", &person, |request| {
            request["revisionToken"] = facts["revision_token"].clone();
        })
        .await;
    assert_eq!(
        (again.status, &again.body["insertedExposures"]),
        (200, &json!(5)),
        "{}",
        again.body
    );
    authority.pass(DAY_SECONDS / 2);
    authority.batch().await;
    assert_eq!(own(&authority.published().await), 5, "each key once");
    assert_eq!(authority.index().await.len(), 2);
}

#[tokio::test]
async fn officer_venue_and_posters_of_a_kept_folder_are_there() {
    let (authority, facts) = open().await;
    let password = facts["password"].as_str().unwrap();
    let mut officer = Browser::new(&authority);
    let form = [("login", "officer"), ("password", password)];
    officer.post("/staff/login", &form).await.leads_to("/staff");
    officer.get("/staff/venues?state=approved").await.is(200).says("Chợ Đồng Xuân");
    let mut manager = Browser::new(&authority);
    let form = [("login", "0912345678"), ("password", password)];
    manager.post("/venue/login", &form).await.leads_to("/venue");
    manager.get("/venue/units").await.is(200).says("Tầng 2");

    let venue = authority.app.store.venue(1).await.unwrap().unwrap();
    assert_eq!((venue.state, venue.public_key.is_some()), (VenueState::Approved, true));
    let posters = authority.app.store.posters(1).await.unwrap();
    let key = std::fs::read(authority.dir().join("keys/venue-1.json")).unwrap();
    let key = serde_json::from_slice::<VenueKey>(&key).unwrap().proven().unwrap();
    let mut names = Vec::new();
    for poster in &posters {
        let payload = UnverifiedPoster::read(&poster.payload).unwrap();
        let verified = payload.verify(&[key], authority.now()).unwrap();
        names.push(verified.content().unit.clone());
    }
    names.sort();
    assert_eq!(names, ["", "Tầng 2"]);
    let warnings = authority.get("v1/warnings/VN/index.txt", &[]).await.text().await.unwrap();
    for name in warnings.lines() {
        assert_eq!(authority.get(&format!("v1/warnings/{name}"), &[]).await.status(), 200);
    }
    assert_eq!(warnings.lines().count(), 2);
}

#[tokio::test]
async fn what_a_kept_folder_logged_is_chained() {
    let (authority, _) = open().await;
    let report = authority.app.store.check_audit(None).await.unwrap();
    assert_eq!(report.faults, []);
    assert!(report.entries >= 10, "{}", report.entries);
    assert_eq!(report.head.unwrap().entry, i64::try_from(report.entries).unwrap());
}
