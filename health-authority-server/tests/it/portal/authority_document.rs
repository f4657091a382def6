//! The authority's document by form: drafts, signing here and elsewhere, and what comes into force.

use std::path::Path;

use health_authority_server::authority::folder::Folder;
use health_authority_server::authority::founding::resign;
use health_authority_server::domain::accounts::Role;
use vungxanh_protocol::authority::{AuthorityDocument, VerifiedAuthority};

use crate::support::authority::{Authority, configure};
use crate::support::browser::{Browser, Got, SURE, staff};

async fn administrator(authority: &Authority) -> Browser<'_> {
    staff(authority, Role::Administrator, "an").await;
    let mut browser = Browser::signed_in(authority, "an").await;
    browser.get("/staff/authority").await.is(200);
    browser
}

/// As devices fetch it.
async fn published(authority: &Authority) -> AuthorityDocument {
    let signed = authority.get("v1/authority", &[]).await.bytes().await.unwrap();
    VerifiedAuthority::first_contact(&signed, authority.now()).unwrap().document().clone()
}

/// The serial of the draft that a page leads to.
fn serial_of(got: &Got) -> u64 {
    let location = got.location.clone().unwrap();
    let rest = location.strip_prefix("/staff/authority/drafts/").unwrap();
    rest.split('?').next().unwrap().parse().unwrap()
}

fn root_key(authority: &Authority) -> std::path::PathBuf {
    authority.dir().join("keys/root.key")
}

fn program(arguments: &[&std::ffi::OsStr]) -> std::process::Output {
    let program = env!("CARGO_BIN_EXE_health-authority-server");
    std::process::Command::new(program).args(arguments).env("LC_ALL", "C").output().unwrap()
}

/// Signs a draft as on the machine where the root key is: with the program, the draft and the key alone.
fn sign_elsewhere(
    folder: &Path,
    root_key: &Path,
    json: &[u8],
    more: &[&str],
) -> std::process::Output {
    let (draft, out) = (folder.join("draft.json"), folder.join("authority.signed"));
    std::fs::write(&draft, json).unwrap();
    let mut arguments = vec![
        "sign-document".as_ref(),
        "--document".as_ref(),
        draft.as_os_str(),
        "--root-key".as_ref(),
        root_key.as_os_str(),
        "--out".as_ref(),
        out.as_os_str(),
    ];
    arguments.extend(more.iter().map(std::ffi::OsStr::new));
    program(&arguments)
}

#[tokio::test]
async fn a_form_becomes_a_draft_and_with_the_root_key_here_the_document_in_force() {
    let authority = Authority::start().await;
    let mut browser = administrator(&authority).await;
    let before = published(&authority).await;
    let form = browser.get("/staff/authority/edit").await;
    form.is(200).says("Document 1 is in force").says("Message after an exposure");
    authority.pass(600);
    let expected = authority.now().as_secs();
    let form = browser.get("/staff/authority/edit").await;
    form.says(&format!("The draft gets the serial {expected}."));

    let changed = [
        ("name_en", "Hanoi CDC"),
        ("advice_vi", "Hãy gọi 1900 9095.\r\n\r\nỞ nhà."),
        ("retention_days", "21"),
        ("low_from", "600"),
        ("onset_5", "none"),
        ("declaration_days", "30"),
    ];
    let made = browser.post("/staff/authority/edit", &changed).await;
    let serial = serial_of(&made);
    assert_eq!(serial, expected);
    assert_eq!(published(&authority).await, before, "a draft is nothing in force");

    let page = browser.get(&format!("/staff/authority/drafts/{serial}")).await;
    page.is(200).says("Changes against document 1").says("Hanoi Department of Health");
    page.says("<td class=\"lines\" data-label=\"In force\">14</td><td class=\"lines\" data-label=\"New\">21</td>");
    page.says(
        "data-label=\"In force\">infectious</td><td class=\"lines\" data-label=\"New\">not</td>",
    );
    page.says("<p class=\"lines\">Hãy gọi 1900 9095.\n\nỞ nhà.</p>");
    page.says("There is a notice after 10 minutes near a case");
    assert!(!page.body.contains(">exports<"), "only what differs");

    let path = format!("/staff/authority/drafts/{serial}/sign");
    let asked = browser.post(&path, &[]).await;
    asked.is(200).says(&format!("Sign and publish document {serial}?")).says("6 values change");
    assert_eq!(published(&authority).await, before, "not before it is confirmed");
    browser.post(&path, &SURE).await.leads_to("/staff/authority?done=document-in-force");

    let now = published(&authority).await;
    assert_eq!((now.serial, now.name["en"].as_str()), (serial, "Hanoi CDC"));
    assert_eq!(now.name["vi"], before.name["vi"]);
    assert_eq!(now.advice["vi"], "Hãy gọi 1900 9095.\n\nỞ nhà.");
    assert_eq!((now.tracing.retention_days, now.risk.low_from_daily_score), (21, 600));
    assert!(!now.risk.infectiousness_by_onset.contains_key(&5));
    assert_eq!(now.declarations.as_ref().unwrap().retention_days, 30);
    let keys_of = |document: &AuthorityDocument| {
        let exports = document.export_keys.iter().map(|key| key.public_key.clone());
        exports
            .chain(document.venue_keys.iter().map(|key| key.sealing_key.clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(keys_of(&now), keys_of(&before));

    // The next document is made from the same values, by the command line too.
    let comments = std::fs::read_to_string(authority.dir().join("config.toml")).unwrap();
    assert!(comments.contains("# Devices know the authority by this id"), "comments stay");
    authority.pass(60);
    let again = resign(&Folder::new(authority.dir()), authority.now()).unwrap().document;
    assert!(again.serial > serial);
    let same = AuthorityDocument {
        serial,
        issued_at: now.issued_at,
        expires_at: now.expires_at,
        export_keys: now.export_keys.clone(),
        ..again
    };
    assert_eq!(same, now);
    browser.get("/staff/authority").await.says("This server still works with document 1");

    let log = browser.get("/staff/audit").await;
    log.says("Made a draft of the authority document").says("Put an authority document in force");
    log.says(&format!("Authority document {serial}"));
}

#[tokio::test]
async fn all_that_is_wrong_is_named_at_its_field_and_what_was_typed_stays() {
    let authority = Authority::start().await;
    let mut browser = administrator(&authority).await;
    let wrong = [
        ("name_vi", ""),
        ("name_en", "  "),
        ("advice_vi", "a\u{202e}b"),
        ("retention_days", "22"),
        ("low_from", "2000"),
        ("weight_near", "very"),
    ];
    let got = browser.post("/staff/authority/edit", &wrong).await;
    got.is(422).says("<a href=\"#name_vi\">").says("<a href=\"#retention_days\">");
    got.says("<a href=\"#advice_vi\">")
        .says("<a href=\"#low_from\">")
        .says("<a href=\"#high_from\">");
    got.says("<a href=\"#weight_near\">").says("value=\"very\"").says("value=\"22\"");
    assert!(authority.app.store.drafts(10).await.unwrap().is_empty());

    let long = "x".repeat(3_001);
    browser.post("/staff/authority/edit", &[("advice_vi", &long)]).await.is(422).says("too long");
    browser.post("/staff/authority/edit", &[("advice_vi", "a\0b")]).await.is(400);
    let huge = "x".repeat(70_000);
    browser.post("/staff/authority/edit", &[("advice_vi", &huge)]).await.is(413);
    browser.origin = Some("https://elsewhere.example".into());
    browser.post("/staff/authority/edit", &[]).await.is(403);
    assert!(authority.app.store.drafts(10).await.unwrap().is_empty());
}

#[tokio::test]
async fn only_administrators_see_and_change_the_document() {
    let authority = Authority::start().await;
    for (role, login) in
        [(Role::CaseWorker, "case"), (Role::VenueOfficer, "venue"), (Role::IntakeOfficer, "intake")]
    {
        staff(&authority, role, login).await;
        let mut browser = Browser::signed_in(&authority, login).await;
        browser.get("/staff").await;
        for path in ["", "/edit", "/drafts/1", "/drafts/1/document.json", "/keys", "/batches"] {
            browser.get(&format!("/staff/authority{path}")).await.is(403);
        }
        for path in
            ["/edit", "/drafts/1/sign", "/drafts/1/enforce", "/drafts/1/drop", "/keys/export"]
        {
            browser.post(&format!("/staff/authority{path}"), &SURE).await.is(403);
        }
        browser.upload("/staff/authority/upload", b"x").await.is(403);
    }
    let mut nobody = Browser::new(&authority);
    nobody.get("/staff/authority").await.leads_to("/staff/login");
}

#[tokio::test]
async fn a_draft_is_signed_on_another_machine_and_verified_before_it_is_in_force() {
    let authority = Authority::start().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let key = elsewhere.path().join("root.key");
    std::fs::rename(root_key(&authority), &key).unwrap();
    let mut browser = administrator(&authority).await;
    let made = browser.post("/staff/authority/edit", &[("advice_en", "Call 1900 9095.")]).await;
    let serial = serial_of(&made);
    let page = browser.get(&format!("/staff/authority/drafts/{serial}")).await;
    page.says("The root key is not in the authority’s folder").says("sign-document");
    assert!(!page.body.contains("/sign\""), "nothing here signs it");
    browser.post(&format!("/staff/authority/drafts/{serial}/sign"), &SURE).await.is(409);
    let (status, content_type, json) =
        browser.file(&format!("/staff/authority/drafts/{serial}/document.json")).await;
    assert_eq!((status, content_type.as_str()), (200, "application/json"));

    // Not signed, signed by another key, and nothing of it is in force.
    let not_signed = browser.upload("/staff/authority/upload", &json).await;
    not_signed.is(422).says("does not start with a line holding its signature");
    let other = elsewhere.path().join("other.key");
    std::fs::write(&other, format!("{}\n", "07".repeat(32))).unwrap();
    let refused = sign_elsewhere(elsewhere.path(), &other, &json, &[]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("root key"), "{refused:?}");

    let in_force = authority.dir().join("authority.signed");
    let done =
        sign_elsewhere(elsewhere.path(), &key, &json, &["--in-force", in_force.to_str().unwrap()]);
    assert!(done.status.success(), "{done:?}");
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(said.contains("advice_en: ") && said.contains("-> Call 1900 9095."), "{said}");
    assert!(!said.contains("export_keys"), "{said}");
    let signed = std::fs::read(elsewhere.path().join("authority.signed")).unwrap();
    let again = sign_elsewhere(elsewhere.path(), &key, &json, &[]);
    assert!(!again.status.success(), "nothing is overwritten");

    let mut altered = signed.clone();
    let at = altered.windows(4).position(|part| part == b"1900").unwrap();
    altered[at] = b'9';
    let got = browser.upload("/staff/authority/upload", &altered).await;
    got.is(422).says("the signature is not valid");
    assert_eq!(published(&authority).await.serial, 1);

    let got = browser.upload("/staff/authority/upload", &signed).await;
    got.leads_to(&format!("/staff/authority/drafts/{serial}?done=document-received"));
    assert_eq!(published(&authority).await.serial, 1, "not before it was looked at");
    let page = browser.get(&format!("/staff/authority/drafts/{serial}")).await;
    page.says("signed, not in force yet").says("Call 1900 9095.");
    assert!(!page.body.contains("Not as it was to be signed"));
    let path = format!("/staff/authority/drafts/{serial}/enforce");
    browser.post(&path, &[]).await.is(200).says("1 value changes");
    browser.post(&path, &SURE).await.leads_to("/staff/authority?done=document-in-force");
    let document = published(&authority).await;
    assert_eq!((document.serial, document.advice["en"].as_str()), (serial, "Call 1900 9095."));
    browser.post(&path, &SURE).await.is(409).says("is in force already");
}

/// Who holds the root key may sign something else than was asked: it is shown, not hidden.
#[tokio::test]
async fn what_comes_back_otherwise_than_the_draft_is_shown_as_a_difference() {
    let authority = Authority::start().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let mut browser = administrator(&authority).await;
    let made = browser.post("/staff/authority/edit", &[("low_from", "600")]).await;
    let serial = serial_of(&made);
    let path = format!("/staff/authority/drafts/{serial}");
    let (_, _, json) = browser.file(&format!("{path}/document.json")).await;
    let mut document = AuthorityDocument::from_json(&json).unwrap();
    document.risk.low_from_daily_score = 700;
    document.advice.insert("fr".into(), "Restez chez vous.".into());
    let other = document.to_json().unwrap();
    assert!(sign_elsewhere(elsewhere.path(), &root_key(&authority), &other, &[]).status.success());
    let signed = std::fs::read(elsewhere.path().join("authority.signed")).unwrap();
    browser.upload("/staff/authority/upload", &signed).await;
    let page = browser.get(&path).await;
    page.says("Not as it was to be signed").says("data-label=\"Draft\">600</td>");
    page.says("data-label=\"Signed\">700</td>").says("advice.fr").says("Restez chez vous.");
    let asked = browser.post(&format!("{path}/enforce"), &[]).await;
    asked.is(200).says("differs from the draft");
    browser.post(&format!("{path}/enforce"), &SURE).await;
    let profile = std::fs::read_to_string(authority.dir().join("profile.json")).unwrap();
    assert!(profile.contains("Restez chez vous.") && profile.contains("\"sources\""));
}

#[tokio::test]
async fn of_two_drafts_the_older_one_is_refused_and_the_page_says_what_to_do() {
    let authority = Authority::start().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let mut browser = administrator(&authority).await;
    let first = serial_of(&browser.post("/staff/authority/edit", &[("low_from", "600")]).await);
    let second = serial_of(&browser.post("/staff/authority/edit", &[("low_from", "500")]).await);
    assert_eq!(second, first + 1, "no serial is given twice");
    let (_, _, json) =
        browser.file(&format!("/staff/authority/drafts/{first}/document.json")).await;
    let sign = |serial: u64| format!("/staff/authority/drafts/{serial}/sign");
    browser.post(&sign(second), &SURE).await.leads_to("/staff/authority?done=document-in-force");

    let page = browser.get(&format!("/staff/authority/drafts/{first}")).await;
    page.says("Make a new draft").says("too old");
    browser.post(&sign(first), &SURE).await.is(409).says("Make a new draft, sign that one");
    assert!(sign_elsewhere(elsewhere.path(), &root_key(&authority), &json, &[]).status.success());
    let signed = std::fs::read(elsewhere.path().join("authority.signed")).unwrap();
    browser.upload("/staff/authority/upload", &signed).await.is(409).says("Make a new draft");
    std::fs::remove_file(elsewhere.path().join("authority.signed")).unwrap();
    let in_force = authority.dir().join("authority.signed");
    let older = sign_elsewhere(
        elsewhere.path(),
        &root_key(&authority),
        &json,
        &["--in-force", in_force.to_str().unwrap()],
    );
    assert!(String::from_utf8_lossy(&older.stderr).contains("make a new draft"), "{older:?}");
    assert_eq!(published(&authority).await.risk.low_from_daily_score, 500);
}

/// A newer draft that was made before another document came into force says that it takes changes back.
#[tokio::test]
async fn a_newer_draft_of_an_earlier_base_shows_what_it_takes_back() {
    let authority = Authority::start().await;
    let mut browser = administrator(&authority).await;
    let first = serial_of(&browser.post("/staff/authority/edit", &[("low_from", "600")]).await);
    let second = serial_of(&browser.post("/staff/authority/edit", &[("lingering", "30")]).await);
    let sign = |serial: u64| format!("/staff/authority/drafts/{serial}/sign");
    browser.post(&sign(first), &SURE).await.leads_to("/staff/authority?done=document-in-force");
    let page = browser.get(&format!("/staff/authority/drafts/{second}")).await;
    page.says("may be taken back by this draft");
    page.says("data-label=\"In force\">600</td><td class=\"lines\" data-label=\"New\">300</td>");
    browser
        .post(&sign(second), &[])
        .await
        .is(200)
        .says("may be taken back")
        .says("2 values change");
}

#[tokio::test]
async fn several_servers_share_drafts_and_one_puts_a_document_in_force_once() {
    let authority = Authority::start().await;
    let mut browser = administrator(&authority).await;
    let serial = serial_of(&browser.post("/staff/authority/edit", &[("low_from", "600")]).await);
    let path = format!("/staff/authority/drafts/{serial}/sign");
    let mut other = Browser::signed_in(&authority, "an").await;
    other.get("/staff/authority").await.says(&serial.to_string());
    let (one, two) = tokio::join!(browser.post(&path, &SURE), other.post(&path, &SURE));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 409]);
    assert_eq!(published(&authority).await.serial, serial);
}

#[tokio::test]
async fn a_draft_that_was_given_up_is_never_in_force() {
    let authority = Authority::start().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let mut browser = administrator(&authority).await;
    let serial = serial_of(&browser.post("/staff/authority/edit", &[("low_from", "600")]).await);
    let path = format!("/staff/authority/drafts/{serial}");
    let (_, _, json) = browser.file(&format!("{path}/document.json")).await;
    browser.post(&format!("{path}/drop"), &[]).await.is(200).says("Give draft");
    browser
        .post(&format!("{path}/drop"), &SURE)
        .await
        .leads_to("/staff/authority?done=document-dropped");
    browser.get(&path).await.is(200).says("given up");
    browser.post(&format!("{path}/drop"), &SURE).await.is(409);
    browser.post(&format!("{path}/sign"), &SURE).await.is(409);
    browser.post(&format!("{path}/enforce"), &SURE).await.is(409);
    assert!(sign_elsewhere(elsewhere.path(), &root_key(&authority), &json, &[]).status.success());
    let signed = std::fs::read(elsewhere.path().join("authority.signed")).unwrap();
    browser.upload("/staff/authority/upload", &signed).await.is(409);
    assert_eq!(published(&authority).await.serial, 1);
    browser.get("/staff/authority/drafts/77").await.is(404);
    browser.get("/staff/authority/drafts/x").await.is(400);
}

#[tokio::test]
async fn a_document_of_another_authority_or_without_the_key_in_use_is_refused() {
    let authority = Authority::start().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let mut browser = administrator(&authority).await;
    let good = published(&authority).await;
    let later = AuthorityDocument { serial: 5_000_000_000, ..good };
    let try_one = async |browser: &mut Browser<'_>, document: &AuthorityDocument| {
        let signed = elsewhere.path().join("authority.signed");
        let _ = std::fs::remove_file(&signed);
        let json = document.to_json().unwrap();
        let done = sign_elsewhere(elsewhere.path(), &root_key(&authority), &json, &[]);
        assert!(done.status.success(), "{done:?}");
        browser.upload("/staff/authority/upload", &std::fs::read(signed).unwrap()).await
    };
    let other = AuthorityDocument { id: "vn.hue".into(), ..later.clone() };
    try_one(&mut browser, &other).await.is(422).says("“id” is not what config.toml says");
    let other = AuthorityDocument { exports: "https://cdn.example/".into(), ..later.clone() };
    try_one(&mut browser, &other).await.is(422).says("“exports”");
    let other = AuthorityDocument { export_keys: Vec::new(), ..later.clone() };
    try_one(&mut browser, &other).await.is(422).says("does not name the key v1");
    let other = AuthorityDocument { venue_keys: Vec::new(), ..later.clone() };
    try_one(&mut browser, &other).await.is(422).says("does not name the key venue-1");
    let other = AuthorityDocument { expires_at: authority.now(), ..later.clone() };
    try_one(&mut browser, &other).await.is(422).says("expired");
    assert!(authority.app.store.drafts(10).await.unwrap().is_empty());
    // A whole document that was signed with a copy of the folder elsewhere is taken without a draft.
    try_one(&mut browser, &later)
        .await
        .leads_to("/staff/authority/drafts/5000000000?done=document-received");
}

#[tokio::test]
async fn a_configuration_that_no_program_can_change_is_left_alone() {
    let authority = Authority::start_prepared(|dir| {
        let names = "[authority.name]\nvi = \"Sở Y tế Hà Nội\"\n";
        let region = "region = \"VN\"\n";
        let inline = "region = \"VN\"\nname.vi = \"Sở Y tế Hà Nội\"\n";
        configure(
            dir,
            &[("en = \"Hanoi Department of Health\"\n", ""), (names, ""), (region, inline)],
        );
    });
    let authority = authority.await;
    let mut browser = administrator(&authority).await;
    let config = std::fs::read_to_string(authority.dir().join("config.toml")).unwrap();
    let serial = serial_of(&browser.post("/staff/authority/edit", &[("name_vi", "Sở")]).await);
    let path = format!("/staff/authority/drafts/{serial}/sign");
    browser.post(&path, &SURE).await.is(409).says("by hand");
    assert_eq!(std::fs::read_to_string(authority.dir().join("config.toml")).unwrap(), config);
    assert_eq!(published(&authority).await.serial, 1);
}
