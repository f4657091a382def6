//! Keys of staff's programs: each may do what it was given, and nothing from the moment it is disabled.

use health_authority_server::domain::accounts::Role;
use serde_json::{Value, json as value};
use sha2::{Digest, Sha256};

use super::accounts::{command, json};
use crate::support::authority::Authority;
use crate::support::browser::{Browser, SURE, staff};

async fn administrator(authority: &Authority) -> Browser<'_> {
    staff(authority, Role::Administrator, "chi").await;
    Browser::signed_in(authority, "chi").await
}

/// Makes a key in the browser; its text.
async fn make(browser: &mut Browser<'_>, name: &str, may: &[&str]) -> String {
    let fields: Vec<String> = may.iter().map(|permission| format!("may-{permission}")).collect();
    let mut form = vec![("name", name)];
    form.extend(fields.iter().map(|field| (field.as_str(), "on")));
    let got = browser.post("/staff/api-keys", &form).await;
    let text = got.is(200).body.split("<p class=\"secret\">").nth(1).unwrap();
    text.split('<').next().unwrap().to_owned()
}

/// Status and code of the answers to issuing a code and to asking for the totals.
async fn tried(authority: &Authority, key: &str) -> [(u16, String); 2] {
    let header = ("X-API-Key", key);
    let issued = authority.post_with("api/issue", header, &value!({"testType": "confirmed"})).await;
    let code = issued.body["errorCode"].as_str().unwrap_or_default().to_owned();
    let totals = authority.get("v1/statistics", &[header]).await;
    let status = totals.status().as_u16();
    let totals: Value = totals.json().await.unwrap();
    [(issued.status, code), (status, totals["errorCode"].as_str().unwrap_or_default().to_owned())]
}

fn done() -> (u16, String) {
    (200, String::new())
}

fn not_permitted() -> (u16, String) {
    (403, "not_permitted".into())
}

fn unauthorized() -> (u16, String) {
    (401, "unauthorized".into())
}

async fn number(authority: &Authority, name: &str) -> i64 {
    let sql = "SELECT api_key FROM api_keys WHERE name = $1";
    let database = authority.database().await;
    sqlx::query_scalar(sql).bind(name).fetch_one(&database).await.unwrap()
}

#[tokio::test]
async fn a_key_may_do_what_it_was_given_and_nothing_else() {
    let authority = Authority::start().await;
    let mut chi = administrator(&authority).await;
    let laboratory = make(&mut chi, "Bệnh viện A", &["codes-issue"]).await;
    let totals = make(&mut chi, "Sở", &["statistics-read"]).await;
    let both = make(&mut chi, "Cổng", &["codes-issue-bulk", "statistics-read"]).await;
    assert_eq!(tried(&authority, &laboratory).await, [done(), not_permitted()]);
    assert_eq!(tried(&authority, &totals).await, [not_permitted(), done()]);
    assert_eq!(tried(&authority, &both).await, [done(), done()], "many implies one");
    for wrong in ["vx-", "x", &laboratory[..50], &laboratory.to_uppercase(), &"x".repeat(300)] {
        assert_eq!(tried(&authority, wrong).await, [unauthorized(), unauthorized()], "{wrong}");
    }
    let header = ("X-API-Key", totals.as_str());
    let refused = authority.post_with("api/issue", header, &value!({})).await;
    let said = refused.body["error"].as_str().unwrap();
    assert!(said.contains("lacks the permission codes-issue"), "{said}");
    assert!(!said.contains(&totals));

    // The list shows uses by number and day, and never a key again.
    let list = chi.get("/staff/api-keys").await;
    list.is(200).says("Bệnh viện A").says("Issue codes one by one").says("1 Sep 2021");
    for key in [&laboratory, &totals, &both] {
        assert!(!list.body.contains(key.as_str()));
    }
    let rows = json(&command(&authority.dir(), &["api-key", "list", "--json"]));
    let row = rows.as_array().unwrap().iter().find(|row| row["name"] == "Sở").unwrap();
    assert_eq!((&row["uses"], &row["last_used"]), (&value!(3), &value!("2021-09-01")));
    let database = authority.database().await;
    let hashes: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT key_hash FROM api_keys").fetch_all(&database).await.unwrap();
    assert!(hashes.contains(&Sha256::digest(laboratory.as_bytes()).to_vec()));

    let entries = authority.app.store.audit_entries(None, 100).await.unwrap();
    let added: Vec<_> = entries.iter().filter(|entry| entry.action == "api-key-added").collect();
    assert_eq!(added.len(), 3);
    assert_eq!(added[2].detail, "codes-issue");
    assert_eq!(added[2].actor.name, "chi");
    assert!(entries.iter().all(|entry| !format!("{entry:?}").contains(&laboratory)));
    let log = chi.get("/staff/audit").await;
    log.is(200).says("API key Bệnh viện A").says("Read totals and statistics");
}

#[tokio::test]
async fn a_disabled_key_is_refused_at_once_at_every_server() {
    let authority = Authority::start().await;
    let mut chi = administrator(&authority).await;
    let one = make(&mut chi, "A", &["codes-issue", "statistics-read"]).await;
    let other = make(&mut chi, "B", &["codes-issue", "statistics-read"]).await;
    assert_eq!(tried(&authority, &one).await, [done(), done()]);
    let path = format!("/staff/api-keys/{}/disable", number(&authority, "A").await);
    let asked = chi.post(&path, &[]).await;
    asked.is(200).says("Disable the key “A”?");
    assert_eq!(tried(&authority, &one).await, [done(), done()]);
    chi.post(&path, &SURE).await.leads_to("/staff/api-keys?done=api-key-disabled");
    assert_eq!(tried(&authority, &one).await, [unauthorized(), unauthorized()]);
    assert_eq!(tried(&authority, &other).await, [done(), done()], "the others go on");
    chi.post(&path, &SURE).await.is(404);
    chi.post("/staff/api-keys/99/disable", &SURE).await.is(404);
    // By a program of its own, as another server is.
    let number = number(&authority, "B").await.to_string();
    let disable = ["api-key", "disable", "--yes", "--json", &number];
    assert_eq!(json(&command(&authority.dir(), &disable))["state"], "disabled");
    assert_eq!(tried(&authority, &other).await, [unauthorized(), unauthorized()]);
    assert_eq!(command(&authority.dir(), &disable).status.code(), Some(3));
    chi.get("/staff/api-keys").await.is(200).says(">disabled</span>");
}

#[tokio::test]
async fn the_key_of_the_folder_works_is_listed_and_can_be_disabled_or_replaced() {
    let mut authority = Authority::start().await;
    let first = authority.staff_key.clone();
    {
        let mut chi = administrator(&authority).await;
        // Listed before anyone has used it.
        let list = chi.get("/staff/api-keys").await;
        list.is(200).says("First key (keys/staff-api-key.sha256)");
        list.says("Issue codes one by one, Read totals and statistics");
        assert_eq!(tried(&authority, &first).await, [done(), done()]);
    }
    let second = "a key that the operator chose";
    let hash = hex::encode(Sha256::digest(second.as_bytes()));
    authority
        .restart_after(|dir| {
            std::fs::write(dir.join("keys/staff-api-key.sha256"), format!("{hash}\n")).unwrap();
        })
        .await;
    assert_eq!(tried(&authority, &first).await, [unauthorized(), unauthorized()]);
    assert_eq!(tried(&authority, second).await, [done(), done()]);
    let mut chi = Browser::signed_in(&authority, "chi").await;
    chi.get("/staff/api-keys").await.is(200).says("replaced in the file").says(">in use</span>");
    let rows = json(&command(&authority.dir(), &["api-key", "list", "--json"]));
    assert_eq!(rows[0]["uses"], 2);
    let path = format!("/staff/api-keys/{}/disable", rows[0]["number"]);
    chi.post(&path, &SURE).await.is(303);
    assert_eq!(tried(&authority, second).await, [unauthorized(), unauthorized()]);
    authority.restart().await;
    assert_eq!(tried(&authority, second).await, [unauthorized(), unauthorized()], "for good");
}

#[tokio::test]
async fn forms_say_what_is_wrong_and_no_key_gets_what_keys_cannot_have() {
    let authority = Authority::start().await;
    let mut chi = administrator(&authority).await;
    let page = chi.get("/staff/api-keys").await;
    for permission in
        ["codes-issue", "codes-issue-bulk", "codes-read", "codes-revoke", "statistics-read"]
    {
        page.says(&format!("name=\"may-{permission}\""));
    }
    assert_eq!(page.body.matches("name=\"may-").count(), 5);
    let got = chi.post("/staff/api-keys", &[("name", "Bệnh viện B")]).await;
    got.is(422).says("id=\"permissions-error\"").says("value=\"Bệnh viện B\"");
    let long = "x".repeat(97);
    for name in ["", "  ", long.as_str(), "A\u{200b}"] {
        let form = [("name", name), ("may-codes-read", "on")];
        let got = chi.post("/staff/api-keys", &form).await;
        got.is(422).says("id=\"name-error\"").says("name=\"may-codes-read\" checked");
    }
    for forbidden in ["accounts-write", "audit-read", "intake-read", "settings-write"] {
        let field = format!("may-{forbidden}");
        let form = [("name", "A"), ("may-codes-read", "on"), (field.as_str(), "on")];
        chi.post("/staff/api-keys", &form).await.is(400);
    }
    let rows = json(&command(&authority.dir(), &["api-key", "list", "--json"]));
    assert_eq!(rows.as_array().unwrap().len(), 1, "only that of the folder");
}

/// What the command says of a new key called LIS with these permissions.
pub fn made_by_command(authority: &Authority, permissions: &[&str]) -> Value {
    let mut add = vec!["api-key", "add", "--name", "LIS"];
    add.extend(permissions.iter().flat_map(|permission| ["--may", permission]));
    add.push("--json");
    json(&command(&authority.dir(), &add))
}

#[tokio::test]
async fn the_command_makes_a_key_too() {
    let authority = Authority::start().await;
    let made = made_by_command(&authority, &["codes-issue", "codes-read"]);
    assert_eq!(made["permissions"], value!(["codes-issue", "codes-read"]));
    let key = made["api_key"].as_str().unwrap();
    assert_eq!(tried(&authority, key).await, [done(), not_permitted()]);
    let wrong = ["api-key", "add", "--name", "LIS", "--may", "accounts-write"];
    assert_eq!(command(&authority.dir(), &wrong).status.code(), Some(2));
    assert_eq!(command(&authority.dir(), &wrong[..4]).status.code(), Some(2), "none at all");
    let listed = command(&authority.dir(), &["api-key", "list"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("LIS  codes-issue, codes-read  in use"), "{listed}");
}
