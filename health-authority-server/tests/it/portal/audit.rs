//! The audit log: searched, saved as a file, and whole or not.

use std::sync::Arc;

use health_authority_server::authority::folder::Folder;
use health_authority_server::domain::accounts::Role;
use health_authority_server::domain::audit_chain::Head;
use health_authority_server::domain::audit_check::{Compared, Fault, Report};
use health_authority_server::services::app::App;
use health_authority_server::services::backup::{self, Restoring};
use health_authority_server::storage::accounts::NewAccount;
use health_authority_server::storage::audit::Actor;

use crate::support::authority::Authority;
use crate::support::browser::{Browser, register, staff};

const PHONE: &str = "+84912345678";

/// An authority with an administrator and so many more entries of its log.
async fn logged(entries: usize) -> Authority {
    let authority = Authority::start().await;
    staff(&authority, Role::Administrator, "chi").await;
    for number in 0..entries {
        add(&authority.app, &format!("an{number}"), "An", authority.now().plus(number as u64))
            .await;
    }
    authority
}

async fn add(app: &App, login: &str, name: &str, now: vungxanh_protocol::interval::UnixTime) {
    let role = Role::CaseWorker;
    let new = NewAccount { login, name, password: "", one_time_until: None, role, venue: None };
    app.store.add_account(&new, &Actor::command_line(), now).await.unwrap().unwrap();
}

async fn report(authority: &Authority, asked: Option<Head>) -> Report {
    authority.app.store.check_audit(asked).await.unwrap()
}

async fn head(authority: &Authority) -> Head {
    authority.app.store.audit_head().await.unwrap().unwrap()
}

async fn sql(authority: &Authority, statements: &str) {
    let database = authority.database().await;
    for statement in statements.split(';').map(str::trim).filter(|text| !text.is_empty()) {
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        sqlx::raw_sql(statement).execute(&database).await.unwrap();
    }
    database.close().await;
}

#[tokio::test]
async fn two_servers_that_write_at_once_make_one_chain() {
    let authority = logged(0).await;
    let other = App::open(&authority.dir(), authority.clock.clone()).await.unwrap();
    let (one, other) = (authority.app.clone(), Arc::new(other));
    let before = report(&authority, None).await.entries;
    let writers = (0..40).map(|number| {
        let app = if number % 2 == 0 { one.clone() } else { other.clone() };
        let now = authority.now();
        tokio::spawn(async move { add(&app, &format!("an{number}"), "An", now).await })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let report = report(&authority, None).await;
    assert_eq!((report.faults, report.entries), (Vec::new(), before + 40));
    other.store.close().await;
}

#[tokio::test]
async fn an_entry_that_is_taken_back_is_not_in_the_chain() {
    let authority = logged(3).await;
    let now = authority.now();
    // The login is taken: the transaction ends without an entry, among others that go on.
    let (app, actor) = (&authority.app, Actor::command_line());
    let taken = NewAccount {
        login: "an1",
        name: "An",
        password: "",
        one_time_until: None,
        role: Role::CaseWorker,
        venue: None,
    };
    let (one, two, three) = tokio::join!(
        add(app, "binh", "Bình", now),
        app.store.add_account(&taken, &actor, now),
        add(app, "cuong", "Cường", now),
    );
    assert!(two.unwrap().is_none());
    let ((), ()) = (one, three);
    let report = report(&authority, None).await;
    assert!(report.is_good(), "{report:?}");
}

#[tokio::test]
async fn what_was_done_to_the_database_is_named() {
    // Entries 1 and 2 are the administrator's, 3 to 12 the others', 13 is the login.
    for (statements, fault) in [
        ("UPDATE audit SET actor = 'lan' WHERE entry = 5", Fault::Changed(5)),
        ("UPDATE audit SET at = at - 1 WHERE entry = 5", Fault::Changed(5)),
        ("UPDATE audit SET detail = '' WHERE entry = 5", Fault::Changed(5)),
        ("DELETE FROM audit WHERE entry IN (5, 6)", Fault::Missing { after: 4, before: 7 }),
        ("DELETE FROM audit WHERE entry < 5", Fault::Missing { after: 0, before: 5 }),
        ("DELETE FROM audit WHERE entry > 9", Fault::CutOff { last: 9, end: 13 }),
        (
            "UPDATE audit SET entry = 1000 WHERE entry = 5; UPDATE audit SET entry = 5 WHERE entry = 6; \
             UPDATE audit SET entry = 6 WHERE entry = 1000",
            Fault::Moved { place: 5, entry: 6 },
        ),
        (
            "INSERT INTO audit (entry, at, actor, action, subject, detail) \
             VALUES (14, 1, 'lan', 'logged-in', 'account 1', '')",
            Fault::PastEnd(14),
        ),
        ("UPDATE audit SET hash = NULL, previous = NULL WHERE entry = 5", Fault::NotChained(5)),
    ] {
        let authority = logged(10).await;
        assert_eq!(head(&authority).await.entry, 12);
        let mut browser = Browser::signed_in(&authority, "chi").await;
        assert_eq!(head(&authority).await.entry, 13, "the login");
        sql(&authority, statements).await;
        let found = report(&authority, None).await;
        assert!(found.faults.contains(&fault), "{statements}: {found:?}");
        let page = browser.get("/staff/audit/check").await;
        page.is(200).says("The log was changed outside of this program");
    }
}

#[tokio::test]
async fn a_log_that_was_rewritten_or_cut_off_does_not_continue_what_was_printed() {
    let authority = logged(10).await;
    let mut browser = Browser::signed_in(&authority, "chi").await;
    let printed = browser.get("/staff/audit/head").await;
    printed.is(200).says("<svg").says(">13</dd>").says("1 Sep 2021 13:00 (1630476000)");
    let line = printed.body.split("<p class=\"secret\">").nth(1).unwrap();
    let line = line.split('<').next().unwrap().to_owned();
    assert_eq!(line, head(&authority).await.to_string());
    for group in head(&authority).await.groups() {
        printed.says(&format!("<li>{group}</li>"));
    }
    let path = |line: &str| {
        format!("/staff/audit/check?{}", serde_urlencoded::to_string([("head", line)]).unwrap())
    };
    add(&authority.app, "sau", "Sáu", authority.now()).await;
    let whole = browser.get(&path(&line)).await;
    whole.is(200).says("The chain is whole").says("The log continues the hash");
    browser.get(&path(&line.to_uppercase())).await.is(200).says("The log continues the hash");
    for wrong in ["x", "vxa1 12", &line[..60], "vxa1 12 1630476000 <script>"] {
        let refused = browser.get(&path(wrong)).await;
        refused.is(422).says("This cannot be read");
        assert!(!refused.body.contains("<script>"));
    }

    // Somebody with the whole database hashes everything again: inside all fits together.
    let kept: Head = line.parse().unwrap();
    sql(
        &authority,
        "UPDATE audit SET actor = 'lan' WHERE entry = 4; \
         UPDATE audit SET hash = NULL, previous = NULL; UPDATE audit_head SET entry = 0",
    )
    .await;
    let zero = "00".repeat(32);
    let literal = match std::env::var(crate::support::authority::POSTGRES) {
        Ok(_) => format!("'\\x{zero}'"),
        Err(_) => format!("x'{zero}'"),
    };
    sql(&authority, &format!("UPDATE audit_head SET hash = {literal}")).await;
    App::open(&authority.dir(), authority.clock.clone()).await.unwrap().store.close().await;
    let found = report(&authority, Some(kept)).await;
    assert_eq!((found.faults.len(), found.entries), (0, 14));
    assert_eq!(found.compared.unwrap().1, Compared::Rewritten);
    browser.get(&path(&line)).await.is(200).says("is another one now");
    browser.get("/staff/audit/check").await.is(200).says("The chain is whole");
}

#[tokio::test]
async fn what_an_older_program_logged_is_chained_at_the_next_start_and_while_both_work() {
    let mut authority = logged(5).await;
    let unchained = "INSERT INTO audit (entry, at, account, actor, action, subject, detail) \
                     VALUES (8, 1630476000, NULL, 'server', 'logged-in', 'account 1', '')";
    sql(&authority, unchained).await;
    authority.restart().await;
    let found = report(&authority, None).await;
    assert_eq!((found.faults, found.entries, found.head.unwrap().entry), (Vec::new(), 8, 8));
    // The same without a start: this program's next entry takes those before it along.
    sql(&authority, &unchained.replace("(8,", "(9,")).await;
    if std::env::var(crate::support::authority::POSTGRES).is_ok() {
        sql(&authority, "SELECT setval(pg_get_serial_sequence('audit', 'entry'), 9)").await;
    }
    add(&authority.app, "sau", "Sáu", authority.now()).await;
    let found = report(&authority, None).await;
    assert_eq!((found.faults, found.entries, found.head.unwrap().entry), (Vec::new(), 10, 10));
}

#[tokio::test]
async fn a_backup_names_the_newest_entry_and_what_is_restored_from_it_continues_that() {
    let authority = logged(5).await;
    let to = authority.folder.path().join("backup");
    let app = &authority.app;
    let made = backup::back_up(&app.folder, &app.config, &app.store, &to, authority.now()).await;
    let kept = made.unwrap().audit_head.unwrap();
    assert_eq!(kept, head(&authority).await);
    let text = std::fs::read_to_string(to.join("backup.json")).unwrap();
    assert!(text.contains(&format!("\"hash\": \"{}\"", hex::encode(kept.hash))), "{text}");
    add(app, "sau", "Sáu", authority.now()).await;
    let lost = head(&authority).await;
    authority.stop().await;

    let elsewhere = tempfile::tempdir().unwrap();
    let dir = elsewhere.path().join("authority");
    let database = crate::support::authority::new_database().await;
    let how = Restoring { replace_database: false, database: Some(database) };
    backup::restore(&Folder::new(&dir), &to, &how, authority.now()).await.unwrap();
    let restored = App::open(&dir, authority.clock.clone()).await.unwrap();
    let compared = async |head| {
        let report = restored.store.check_audit(Some(head)).await.unwrap();
        assert_eq!(report.faults, []);
        report.compared.unwrap().1
    };
    assert_eq!(compared(kept).await, Compared::Continues);
    assert_eq!(compared(lost).await, Compared::CutOff);
    add(&restored, "bay", "Bảy", authority.now()).await;
    assert_eq!(compared(kept).await, Compared::Continues);
    assert_eq!(compared(lost).await, Compared::Rewritten, "what was lost is not what came since");
    restored.store.close().await;
}

#[tokio::test]
async fn administrators_find_entries_by_time_person_action_and_subject() {
    let authority = logged(0).await;
    register(&authority, PHONE).await;
    authority.pass(86_400);
    add(&authority.app, "hoa", "Đỗ Thị Hoa", authority.now()).await;
    let mut officer = Browser::signed_in(&authority, "chi").await;
    let rows = async |browser: &mut Browser<'_>, query: &str| {
        let got = browser.get(&format!("/staff/audit?{query}")).await;
        got.is(200).body.matches("<tr><td class=\"time\">").count()
    };
    let all = rows(&mut officer, "").await;
    assert!(all >= 4, "{all}");
    let browser = &mut officer;
    // The account and this login.
    assert_eq!(rows(browser, "from=2021-09-02").await, 2);
    assert_eq!(rows(browser, "until=2021-09-01").await, all - 2);
    assert_eq!(rows(browser, "from=2021-09-01&until=2021-09-01").await, all - 2);
    assert_eq!(rows(browser, "from=2021-09-03").await, 0);
    assert_eq!(rows(browser, "action=venue-registered").await, 1);
    assert_eq!(rows(browser, "action=venue-registered&from=2021-09-02").await, 0);
    assert_eq!(rows(browser, "kind=venue").await, 1);
    assert_eq!(rows(browser, "kind=venue&number=1").await, 1);
    assert_eq!(rows(browser, "kind=venue&number=12").await, 0);
    // Who did something by login, a part of it, or the name of the account.
    assert!(rows(browser, "actor=command+line").await >= 2);
    assert_eq!(rows(browser, "actor=84912345678").await, rows(browser, "actor=LAN").await);
    for nobody in ["%25", "_", "!", "'+OR+1=1", "nobody"] {
        assert_eq!(rows(browser, &format!("actor={nobody}")).await, 0, "{nobody}");
    }
    let kept = officer.get("/staff/audit?actor=hoa&kind=venue&from=2021-09-01").await;
    kept.is(200)
        .says("value=\"hoa\"")
        .says("value=\"2021-09-01\"")
        .says("value=\"venue\" selected");
    kept.says("No entries here");
    for (wrong, words) in [
        ("from=1.9.2021", "Write the day"),
        ("until=2021-02-30", "Write the day"),
        ("from=2021-09-02&until=2021-09-01", "before the first day"),
        ("actor=a%00b", "hidden characters"),
        ("actor=a%E2%80%AEb", "hidden characters"),
        (&format!("actor={}", "x".repeat(300)), "too long"),
        ("action=nothing", "Choose one"),
        ("kind=planet", "Choose one"),
        ("number=7", "Choose the kind"),
        ("kind=venue&number=-7", "digits only"),
        ("kind=venue&number=99999999999999999999", "digits only"),
    ] {
        let got = officer.get(&format!("/staff/audit?{wrong}")).await;
        got.is(422).says(words).says("<title>Error: ");
        let file = officer.get(&format!("/staff/audit.csv?{wrong}")).await;
        assert_eq!(file.status, 303, "{wrong}");
    }
}

#[tokio::test]
async fn the_log_is_paged_and_a_search_goes_on_with_its_next_page() {
    let authority = logged(150).await;
    let mut browser = Browser::signed_in(&authority, "chi").await;
    let first = browser.get("/staff/audit?actor=command&action=account-added").await;
    let rows = |body: &str| body.matches("<tr><td class=\"time\">").count();
    assert_eq!(rows(&first.is(200).body), 100);
    let next = first.body.split("/staff/audit?actor=").nth(1).unwrap().split('"').next().unwrap();
    let next = format!("/staff/audit?actor={}", next.replace("&amp;", "&").replace("&#38;", "&"));
    assert!(next.contains("action=account-added&before="), "{next}");
    let second = browser.get(next.split('#').next().unwrap()).await;
    assert_eq!(rows(&second.is(200).body), 51);
    assert!(!second.body.contains("before="), "the last page");
}

#[tokio::test]
async fn the_log_as_a_file_holds_all_entries_and_starts_no_formula() {
    let authority = logged(600).await;
    add(&authority.app, "x", "=HYPERLINK(\"http://a\")", authority.now().plus(5_000)).await;
    let mut browser = Browser::signed_in(&authority, "chi").await;
    let (status, kind, bytes) = browser.file("/staff/audit.csv").await;
    assert_eq!((status, kind.as_str()), (200, "text/csv; charset=utf-8"));
    let text = String::from_utf8(bytes).unwrap();
    assert!(
        text.starts_with(
            "\u{feff}\"Number\",\"When\",\"Who\",\"What\",\"Subject\",\"Details\"\r\n"
        )
    );
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 2 + 600 + 1 + 1, "the last is the login");
    // The name is not at the beginning of its value here: "Account =HYPERLINK" is no formula.
    assert!(lines[2].starts_with("\"603\",\"1 Sep 2021 14:23\",\"command line\","), "{}", lines[2]);
    assert!(lines.iter().all(|line| !line.contains(",\"=") && !line.starts_with("\"=")));
    sql(&authority, "UPDATE audit SET detail = '=1+1', subject = '@sum' WHERE entry = 603").await;
    let (_, _, bytes) = browser.file("/staff/audit.csv?from=2021-09-01").await;
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("\"'@sum\",\"'=1+1\"\r\n"), "{}", text.lines().nth(2).unwrap());
    let (_, _, found) = browser.file("/staff/audit.csv?action=totp-on").await;
    assert_eq!(String::from_utf8(found).unwrap().lines().count(), 2);
}
