//! The authority's keys for venues: in the document from the first day, and followed by others.

use std::path::Path;

use serde_json::Value;
use vungxanh_protocol::authority::VerifiedAuthority;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::DAY_SECONDS;

use crate::program::{code, json, run};
use crate::support::authority::Authority;

fn list(dir: &Path) -> Vec<(u64, String)> {
    let listed = run(&["venue-key", "list", "--json", "--dir", dir.to_str().unwrap()]);
    code(&listed, 0);
    let entry = |entry: &Value| {
        (entry["key"]["id"].as_u64().unwrap(), entry["state"].as_str().unwrap().to_owned())
    };
    json(&listed).as_array().unwrap().iter().map(entry).collect()
}

#[tokio::test]
async fn init_makes_a_key_and_the_document_names_it() {
    let authority = Authority::start().await;
    let signed = authority.get("v1/authority", &[]).await.bytes().await.unwrap();
    let document = VerifiedAuthority::first_contact(&signed, authority.now()).unwrap();
    let keys = document.document().proven_venue_keys().unwrap();
    let own = authority.app.poster_key().unwrap();
    assert_eq!((keys.len(), keys[0].id, own.id()), (1, 1, 1));
    assert_eq!(keys[0].sealing_key, *own.proven());
    assert_eq!(keys[0].poster_key, own.poster.verifying_key());
    assert_eq!(keys[0].warning_key, own.warning.verifying_key());
    assert_eq!(document.document().warnings, "v1/warnings/");
    // Secrets are on disk in their one file only.
    let secret = hex::encode(own.sealing.to_bytes().expose());
    for entry in std::fs::read_dir(authority.dir().join("keys")).unwrap() {
        let path = entry.unwrap().path();
        let found = std::fs::read_to_string(&path).unwrap().contains(&secret);
        assert_eq!(found, path.ends_with("venue-1.key"), "{}", path.display());
    }
}

/// The real program, hence the real time.
#[test]
fn a_further_key_waits_for_the_document_and_for_devices() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    code(&crate::program::init(&dir), 0);
    let dir_text = dir.to_str().unwrap();
    assert_eq!(list(&dir), [(1, "in-use".into())]);
    let made = run(&["venue-key", "new", "--dir", dir_text]);
    code(&made, 0);
    let text = String::from_utf8(made.stdout).unwrap();
    assert!(text.contains("Key 2") && text.contains("resign"), "{text}");
    assert_eq!(list(&dir), [(1, "in-use".into()), (2, "unsigned".into())]);
    code(&run(&["resign", "--dir", dir_text]), 0);
    assert_eq!(list(&dir), [(1, "in-use".into()), (2, "to-come".into())]);

    let signed = std::fs::read(dir.join("authority.signed")).unwrap();
    let now = health_authority_server::platform::clock::SystemClock.now();
    let document = VerifiedAuthority::first_contact(&signed, now).unwrap();
    let keys = document.document().proven_venue_keys().unwrap();
    assert_eq!(keys.iter().map(|key| key.id).collect::<Vec<_>>(), [1, 2]);
    assert!(keys[1].not_before.since(now) >= 2 * DAY_SECONDS - 60);

    // A lost secret is noticed where it is needed, not at the first warning.
    std::fs::remove_file(dir.join("keys/venue-1.key")).unwrap();
    code(&run(&["venue-key", "list", "--dir", dir_text]), 6);
    code(&run(&["statistics", "--dir", dir_text]), 6);
}

#[test]
fn an_authority_from_before_venues_goes_on_without_keys() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    code(&crate::program::init(&dir), 0);
    let dir_text = dir.to_str().unwrap();
    for file in ["keys/venue-1.key", "keys/venue-1.json"] {
        std::fs::remove_file(dir.join(file)).unwrap();
    }
    code(&run(&["resign", "--dir", dir_text]), 0);
    code(&run(&["statistics", "--dir", dir_text]), 0);
    assert_eq!(list(&dir), []);
    code(&run(&["venue-key", "new", "--dir", dir_text]), 0);
    code(&run(&["resign", "--dir", dir_text]), 0);
    assert_eq!(list(&dir), [(1, "in-use".into())]);
}
