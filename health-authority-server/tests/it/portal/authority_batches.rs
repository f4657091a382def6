//! Batches as everyone can count them, and what went wrong last.

use health_authority_server::domain::accounts::Role;
use health_authority_server::storage::leases::Work;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, staff};

#[tokio::test]
async fn the_page_counts_what_the_published_files_hold() {
    let authority =
        Authority::start_with("synthetic_persons = 3.0", "synthetic_persons = 40.0").await;
    staff(&authority, Role::Administrator, "an").await;
    let mut browser = Browser::signed_in(&authority, "an").await;
    browser.get("/staff/authority/batches").await.is(200).says("There are no batches yet");
    authority.pass(3_600);
    let outcome = authority.batch().await;
    let [file] = &outcome.files[..] else { panic!("one file: {outcome:?}") };
    let bytes = authority.get(&format!("v1/exports/{file}"), &[]).await.bytes().await.unwrap();
    let mut browser = Browser::signed_in(&authority, "an").await;
    let page = browser.get("/staff/authority/batches").await;
    page.is(200).says("this server,");
    let keys = authority.export(file).await.len() as u64;
    assert!(keys > 20, "{keys}");
    page.says(&format!("<td class=\"number\" data-label=\"Keys\">{}</td>", grouped(keys)));
    page.says(&format!("data-label=\"Bytes\">{}</td>", grouped(bytes.len() as u64)));
}

fn grouped(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number / 1_000, number % 1_000),
    }
}

#[tokio::test]
async fn what_went_wrong_last_is_there_until_it_works_and_after() {
    let authority = Authority::start().await;
    staff(&authority, Role::Administrator, "an").await;
    let mut browser = Browser::signed_in(&authority, "an").await;
    let store = &authority.app.store;
    let now = authority.now();
    store.note_run(Work::Keys, "process 7", Some("no space left"), now).await.unwrap();
    let page = browser.get("/staff/authority/batches").await;
    page.says("The last attempt failed").says("no space left");
    store.note_run(Work::Keys, "process 8", None, now.plus(5)).await.unwrap();
    let page = browser.get("/staff/authority/batches").await;
    page.says("no space left");
    assert!(!page.body.contains("The last attempt failed"));
    let long = "é".repeat(600);
    store.note_run(Work::Warnings, "process 8", Some(&long), now).await.unwrap();
    let run = store.last_run(Work::Warnings).await.unwrap().unwrap();
    assert_eq!((run.failure.len(), run.done_at), (500, None));
}
