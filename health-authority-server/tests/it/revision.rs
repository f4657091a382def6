//! Revision of likely cases.

use health_authority_server::storage::audit::Actor;
use health_authority_server::storage::period_revocation::RevokedPeriod;
use serde_json::{Value, json};
use vungxanh_protocol::diagnosis_key::ReportType;

use crate::support::authority::{Authority, Person, Reply};

const HOUR: u64 = 3_600;

async fn revise(authority: &Authority, to: &str, person: &Person, token: &Value) -> Reply {
    let token = token.clone();
    authority.publish_with(to, person, |body| body["revisionToken"] = token).await
}

#[tokio::test]
async fn once_from_likely_with_the_token() {
    let authority = Authority::start().await;
    let person = Person::new(authority.now(), 4);
    let first = authority.publish("likely", &person).await;
    authority.pass(HOUR);
    authority.batch().await;

    let code = |reply: Reply| (reply.status, reply.body["code"].clone());
    let missing = authority.publish("confirmed", &person).await;
    assert_eq!(code(missing), (400, json!("missing_revision_token")));
    let again = authority.publish("likely", &person).await;
    assert_eq!(code(again), (400, json!("missing_revision_token")), "released keys are public");
    let forged = revise(&authority, "confirmed", &person, &json!("AAAA")).await;
    assert_eq!(code(forged), (400, json!("invalid_revision_token")));
    let stranger = authority.publish("likely", &Person::new(authority.now(), 2)).await;
    let others = revise(&authority, "confirmed", &person, &stranger.body["revisionToken"]).await;
    assert_eq!(code(others), (400, json!("invalid_revision_token")));

    let token = &first.body["revisionToken"];
    let revised = revise(&authority, "confirmed", &person, token).await;
    assert_eq!((revised.status, &revised.body["insertedExposures"]), (200, &json!(4)));
    let twice = revise(&authority, "negative", &person, token).await;
    assert_eq!(code(twice), (400, json!("key_already_revised")));
    let same = revise(&authority, "confirmed", &person, &revised.body["revisionToken"]).await;
    assert_eq!(same.status, 200, "the same revision again changes nothing");

    authority.pass(HOUR);
    let files = authority.batch().await.files;
    let entries = authority.export(files.last().unwrap()).await;
    let again: Vec<_> = entries.iter().filter(|entry| entry.revised).collect();
    assert_eq!(again.len(), 3, "the running key waits for its first publication");
    assert!(again.iter().all(|entry| entry.key.report_type == ReportType::ConfirmedTest));

    authority.pass(6 * HOUR);
    let files = authority.batch().await.files;
    let entries = authority.export(files.last().unwrap()).await;
    let last = entries.iter().find(|entry| person.key_bytes().contains(&entry.key.key)).unwrap();
    assert!(!last.revised, "published for the first time, as confirmed");
    assert_eq!(last.key.report_type, ReportType::ConfirmedTest);
}

#[tokio::test]
async fn a_case_taken_back() {
    let authority = Authority::start().await;
    let person = Person::new(authority.now(), 4);
    let first = authority.publish("likely", &person).await;
    authority.pass(HOUR);
    authority.batch().await;
    revise(&authority, "negative", &person, &first.body["revisionToken"]).await;
    authority.pass(8 * HOUR);
    authority.batch().await;
    let entries = authority.published().await;
    let count = |report_type| entries.iter().filter(|e| e.key.report_type == report_type).count();
    assert_eq!(count(ReportType::ClinicalDiagnosis), 3);
    assert_eq!(count(ReportType::Revoked), 3, "the unpublished key is never published");
    assert_eq!(entries.len(), 6);
}

/// After a wrong publication: everyone of that period, published or not, and nobody else.
#[tokio::test]
async fn a_period_taken_back() {
    let authority = Authority::start().await;
    let before = Person::new(authority.now(), 4);
    authority.publish("confirmed", &before).await;
    authority.pass(HOUR);
    let wrong_time = authority.now();
    let wrong = Person::new(wrong_time, 4);
    authority.publish("confirmed", &wrong).await;
    let likely = Person::new(wrong_time, 4);
    let first = authority.publish("likely", &likely).await;
    // One of them is confirmed before the batch.
    revise(&authority, "confirmed", &likely, &first.body["revisionToken"]).await;
    authority.pass(HOUR);
    authority.batch().await;

    let from = wrong_time.floor_to(HOUR);
    let period = (from, from.plus(HOUR));
    let (store, actor) = (&authority.app.store, Actor::command_line());
    let revoked = store.revoke_period(period, &actor, authority.now()).await.unwrap();
    // Each person's running key waits. Who was revised already cannot be revised again.
    assert_eq!(revoked, RevokedPeriod { dropped: 2, revoked: 3 });
    let again = store.revoke_period(period, &actor, authority.now()).await.unwrap();
    assert_eq!(again, RevokedPeriod::default());

    authority.pass(8 * HOUR);
    authority.batch().await;
    let published = authority.published().await;
    let of = |person: &Person, report_type| {
        let keys = person.key_bytes();
        let entries = published.iter().filter(|entry| keys.contains(&entry.key.key));
        entries.filter(|entry| entry.key.report_type == report_type).count()
    };
    assert_eq!(of(&before, ReportType::ConfirmedTest), 4);
    assert_eq!(of(&before, ReportType::Revoked), 0);
    assert_eq!((of(&wrong, ReportType::ConfirmedTest), of(&wrong, ReportType::Revoked)), (3, 3));
    assert_eq!((of(&likely, ReportType::ConfirmedTest), of(&likely, ReportType::Revoked)), (3, 0));
}

#[tokio::test]
async fn a_confirmed_case_cannot_be_revised_and_a_negative_one_not_published() {
    let authority = Authority::start().await;
    let person = Person::new(authority.now(), 2);
    let first = authority.publish("confirmed", &person).await;
    let token = &first.body["revisionToken"];
    let reply = revise(&authority, "negative", &person, token).await;
    assert_eq!(reply.body["code"], "invalid_report_type_transition");
    let reply = authority.publish("negative", &Person::new(authority.now(), 2)).await;
    assert_eq!(reply.body["code"], "invalid_report_type_transition");
}

/// A device that got no answer sends the same again.
#[tokio::test]
async fn a_repeated_publication_is_answered_as_at_first() {
    let authority = Authority::start().await;
    let person = Person::new(authority.now(), 4);
    let certificate = authority.certificate("confirmed", &person).await;
    let publication = person.publication(&certificate);
    for _ in 0..2 {
        let reply = authority.post("v1/publish", &publication).await;
        assert_eq!((reply.status, &reply.body["insertedExposures"]), (200, &json!(4)));
    }
    assert_eq!(authority.total("keys_received").await, 4);
}
