//! Keys: shown as they are, made by a button, in use once a signed document names them.

use health_authority_server::authority::export_keys::ExportKeys;
use health_authority_server::authority::folder::Folder;
use health_authority_server::domain::accounts::Role;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, SURE, staff};

const DAY: u64 = 86_400;

#[tokio::test]
async fn a_further_export_key_signs_a_week_later_if_the_document_names_it() {
    let mut authority = Authority::start().await;
    staff(&authority, Role::Administrator, "an").await;
    {
        let mut browser = Browser::signed_in(&authority, "an").await;
        let page = browser.get("/staff/authority/keys").await;
        page.is(200).says("<th scope=\"row\">v1</th>").says("in use").says("No officer’s key");
        assert!(!page.body.contains("not in the document"));
        let asked = browser.post("/staff/authority/keys/export", &[]).await;
        asked.is(200).says("Make the next export key?").says("a week from now on");
        let made = browser.post("/staff/authority/keys/export", &SURE).await;
        made.leads_to("/staff/authority/keys?done=key-export");
        let page = browser.get("/staff/authority/keys").await;
        page.says("<th scope=\"row\">v2</th>").says("not in the document");
        page.says("A key is here that the document in force does not name");
        let made = browser.post("/staff/authority/edit", &[]).await;
        let location = made.location.unwrap();
        let path = location.split('?').next().unwrap().to_owned();
        browser.get(&path).await.says("export_keys[1].version");
        browser.post(&format!("{path}/sign"), &SURE).await;
        let page = browser.get("/staff/authority/keys").await;
        page.says("to come");
        assert!(!page.body.contains("not in the document"));
        browser.get("/staff/audit").await.says("Made a key").says("Export key 2");
    }
    authority.pass(8 * DAY);
    authority.restart().await;
    let mut browser = Browser::signed_in(&authority, "an").await;
    browser.get("/staff/authority/keys").await.says("followed, still named");
    let now = authority.now();
    assert_eq!(authority.app.keys.export.signing(now).version(), "v2");
}

#[tokio::test]
async fn a_further_key_for_venues_is_made_and_nothing_else_by_other_names() {
    let authority = Authority::start().await;
    staff(&authority, Role::Administrator, "an").await;
    let mut browser = Browser::signed_in(&authority, "an").await;
    browser.get("/staff/authority/keys").await.is(200);
    browser.post("/staff/authority/keys/root", &SURE).await.is(404);
    browser
        .post("/staff/authority/keys/venue", &SURE)
        .await
        .leads_to("/staff/authority/keys?done=key-venue");
    browser.get("/staff/authority/keys").await.says("<th scope=\"row\">2</th>");
    browser.get("/staff/audit").await.says("Key for venues 2");
    let keys = ExportKeys::read(&Folder::new(authority.dir())).unwrap();
    assert_eq!(keys.all().count(), 1);
    // There are no officers, so that there is nothing to seal to; and without the root key it is said.
    browser.post("/staff/authority/keys/days", &SURE).await.is(409);
    std::fs::remove_file(authority.dir().join("keys/root.key")).unwrap();
    let got = browser.post("/staff/authority/keys/cards", &SURE).await;
    got.is(409).says("The root key of the document in force is not");
}
