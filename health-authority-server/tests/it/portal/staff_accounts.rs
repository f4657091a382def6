//! Accounts of staff in the browser: who may give what, and that an administrator is always left.

use health_authority_server::domain::accounts::{Login, Role};
use health_authority_server::storage::accounts::Account;

use super::accounts::command;
use crate::support::at_once::at_once;
use crate::support::authority::Authority;
use crate::support::browser::{Browser, Got, PASSWORD, SURE, staff};

async fn account(authority: &Authority, login: &str) -> Account {
    assert!(login.parse::<Login>().is_ok());
    authority.app.store.credentials(login).await.unwrap().unwrap().account
}

async fn path(authority: &Authority, login: &str, deed: &str) -> String {
    format!("/staff/accounts/{}{deed}", account(authority, login).await.account)
}

/// An authority with an administrator `chi`, and a browser in which she is logged in.
async fn administrator(authority: &Authority) -> Browser<'_> {
    staff(authority, Role::Administrator, "chi").await;
    Browser::signed_in(authority, "chi").await
}

/// What is shown once on this page.
fn secret(got: &Got) -> String {
    let text = got.body.split("class=\"secret\">").nth(1).unwrap();
    text.split('<').next().unwrap().trim().to_owned()
}

async fn log_in(authority: &Authority, login: &str, password: &str) -> u16 {
    let form = [("login", login), ("password", password)];
    Browser::new(authority).post("/staff/login", &form).await.status
}

async fn actions_on(authority: &Authority, login: &str) -> Vec<(String, String, String)> {
    let subject = format!("account {}", account(authority, login).await.account);
    let entries = authority.app.store.audit_entries(None, 200).await.unwrap();
    let of = entries.into_iter().filter(|entry| entry.subject == subject).rev();
    of.map(|entry| (entry.actor.name, entry.action, entry.detail)).collect()
}

#[tokio::test]
async fn an_account_is_added_found_and_its_password_shown_once() {
    let authority = Authority::start().await;
    let mut chi = administrator(&authority).await;
    chi.get("/staff").await.is(200).says("/staff/accounts");
    let page = chi.get("/staff/accounts/add").await;
    page.is(200).says("value=\"venue_officer\"").says("value=\"administrator\"");
    assert!(
        !page.body.contains("value=\"intake_officer\"") && !page.body.contains("venue_manager")
    );

    let add = [("name", "Phạm Văn Đức"), ("login", " Duc.Pham "), ("role", "case_worker")];
    let got = chi.post("/staff/accounts/add", &add).await;
    let one_time = secret(got.is(200));
    got.says("Account for Phạm Văn Đức added").says("Login: <strong>duc.pham</strong>");
    assert_eq!(log_in(&authority, "duc.pham", &one_time).await, 303);
    let page = chi.get(&path(&authority, "duc.pham", "").await).await;
    page.is(200).says("one-time password");
    assert!(!page.body.contains(&one_time), "shown once");
    let added = actions_on(&authority, "duc.pham").await;
    assert_eq!(added[0], ("chi".into(), "account-added".into(), "case_worker duc.pham".into()));

    // Again, and with what cannot be: what was typed stays.
    let again = chi.post("/staff/accounts/add", &add).await;
    again.is(422).says("id=\"login-error\"").says("value=\"Phạm Văn Đức\"");
    again.says("<option value=\"case_worker\" selected>");
    let long = "x".repeat(97);
    for (name, login, role, field) in [
        ("", "lan", "case_worker", "name"),
        (long.as_str(), "lan", "case_worker", "name"),
        ("Lan\u{200b}", "lan", "case_worker", "name"),
        ("Lan", "l", "case_worker", "login"),
        ("Lan", "0912345678", "case_worker", "login"),
        ("Lan", "lan", "", "role"),
        ("Lan", "lan", "venue_manager", "role"),
        ("Lan", "lan", "root", "role"),
    ] {
        let form = [("name", name), ("login", login), ("role", role)];
        let got = chi.post("/staff/accounts/add", &form).await;
        got.is(422).says(&format!("id=\"{field}-error\""));
    }
    assert_eq!(authority.app.store.accounts(None).await.unwrap().len(), 2);

    for (query, found) in [
        ("", true),
        ("?q=pham+duc", true),
        ("?q=DUC.", true),
        ("?q=lan", false),
        ("?role=case_worker", true),
        ("?role=administrator", false),
        ("?state=one-time", true),
        ("?state=ready", false),
        ("?q=duc&role=nothing&state=nothing", true),
    ] {
        let page = chi.get(&format!("/staff/accounts{query}")).await;
        assert_eq!(page.is(200).body.contains("Phạm Văn Đức</a>"), found, "{query}");
    }
}

#[tokio::test]
async fn the_day_of_the_last_login_is_that_where_the_authority_is() {
    let authority = Authority::start().await;
    let mut chi = administrator(&authority).await;
    staff(&authority, Role::CaseWorker, "hoa").await;
    let list = chi.get("/staff/accounts?q=hoa").await;
    list.is(200).says("<td data-label=\"Last login\">Never</td>");
    // 1 September 2021, 13:00 in Ha Noi: 12 hours later it is the next day there, and the same day in UTC.
    authority.pass(12 * 3_600);
    Browser::signed_in(&authority, "hoa").await.get("/staff").await.is(200);
    let mut chi = Browser::signed_in(&authority, "chi").await;
    let list = chi.get("/staff/accounts?q=hoa").await;
    list.is(200).says("<td data-label=\"Last login\">2 Sep 2021</td>");
    let own = chi.get("/staff/settings").await;
    own.is(200)
        .says("Last logins")
        .says("<li>2 Sep 2021 01:00</li>")
        .says("<li>1 Sep 2021 13:00</li>");
}

#[tokio::test]
async fn nobody_gives_more_than_they_have() {
    let authority = Authority::start().await;
    let mut chi = administrator(&authority).await;
    staff(&authority, Role::IntakeOfficer, "hoa").await;
    staff(&authority, Role::CaseWorker, "anh").await;
    let add = [("name", "Chi"), ("login", "chi.2"), ("role", "intake_officer")];
    let refused = chi.post("/staff/accounts/add", &add).await;
    refused.is(403).says("You cannot give others more than you may do yourself");
    assert!(authority.app.store.credentials("chi.2").await.unwrap().is_none());

    // Neither by another role, nor by the way into an account that is there.
    let role = path(&authority, "anh", "/role").await;
    let form = [("from", "case_worker"), ("role", "intake_officer"), SURE[0]];
    chi.post(&role, &form).await.is(403);
    for deed in ["/reset", "/authenticator"] {
        let path = path(&authority, "hoa", deed).await;
        chi.post(&path, &[]).await.is(403).says("cannot give others more");
        chi.post(&path, &SURE).await.is(403);
    }
    let hoa = account(&authority, "hoa").await;
    assert!(hoa.has_totp && hoa.one_time_until.is_none());
    let page = chi.get(&path(&authority, "hoa", "").await).await;
    page.is(200).says("staff reset");
    assert!(!page.body.contains("/reset\""), "{}", page.body);
    // Taking away is no gift.
    chi.post(&path(&authority, "hoa", "/close").await, &SURE).await.is(303);
    assert!(account(&authority, "hoa").await.disabled_at.is_some());
    // Who runs commands on the server has all its keys.
    let add = ["staff", "add", "--role", "intake-officer", "--name", "Mai", "mai"];
    assert!(command(&authority.dir(), &add).status.success());
}

#[tokio::test]
async fn a_role_changes_after_a_question_and_ends_what_was_open() {
    let authority = Authority::start().await;
    let mut chi = administrator(&authority).await;
    staff(&authority, Role::VenueOfficer, "minh").await;
    let mut minh = Browser::signed_in(&authority, "minh").await;
    minh.get("/staff/venues").await.is(200);
    let role = path(&authority, "minh", "/role").await;
    let form = [("from", "venue_officer"), ("role", "case_worker")];
    let asked = chi.post(&role, &form).await;
    asked.is(200).says("Change the role of Trần Văn Minh?").says("Venue officer → Case worker");
    minh.get("/staff/venues").await.is(200);
    let done = chi.post(&role, &[&form[..], &SURE].concat()).await;
    done.leads_to(&format!("{}?done=role-changed", path(&authority, "minh", "").await));
    minh.get("/staff/venues").await.leads_to("/staff/login");
    let mut minh = Browser::signed_in(&authority, "minh").await;
    minh.get("/staff/venues").await.is(403);
    minh.get("/staff/warnings").await.is(200);
    let last = actions_on(&authority, "minh").await;
    let changed = ("chi".into(), "role-changed".into(), "venue_officer case_worker".into());
    assert!(last.contains(&changed), "{last:?}");
    // The page that was open elsewhere is out of date; nonsense is refused.
    chi.post(&role, &[&form[..], &SURE].concat()).await.is(409);
    for role_name in ["venue_manager", "", "root"] {
        let form = [("from", "case_worker"), ("role", role_name), SURE[0]];
        chi.post(&role, &form).await.is(400);
    }
    chi.get("/staff/audit").await.says("Venue officer → Case worker");
}

#[tokio::test]
async fn a_lost_password_and_a_lost_telephone_are_helped() {
    let authority = Authority::start().await;
    let mut chi = administrator(&authority).await;
    staff(&authority, Role::CaseWorker, "hoa").await;
    let mut hoa = Browser::signed_in(&authority, "hoa").await;

    let app = path(&authority, "hoa", "/authenticator").await;
    chi.post(&app, &[]).await.is(200).says("Remove the authenticator app of");
    hoa.get("/staff").await.is(200);
    chi.post(&app, &SURE).await.is(303);
    hoa.get("/staff").await.leads_to("/staff/login");
    chi.post(&app, &SURE).await.is(409);
    let form = [("login", "hoa"), ("password", PASSWORD)];
    hoa.post("/staff/login", &form).await.leads_to("/staff");
    hoa.get("/staff").await.leads_to("/staff/settings?done=unfinished");

    let reset = path(&authority, "hoa", "/reset").await;
    chi.post(&reset, &[]).await.is(200).says("Give Trần Văn Minh a new password?");
    let one_time = secret(chi.post(&reset, &SURE).await.is(200));
    hoa.get("/staff/settings").await.leads_to("/staff/login");
    assert_eq!(log_in(&authority, "hoa", PASSWORD).await, 401);
    assert_eq!(log_in(&authority, "hoa", &one_time).await, 303);
    let actions = actions_on(&authority, "hoa").await;
    let of_chi: Vec<&str> = actions
        .iter()
        .filter(|(actor, ..)| actor == "chi")
        .map(|(_, action, _)| action.as_str())
        .collect();
    assert_eq!(of_chi, ["totp-off", "account-reset"]);

    let close = path(&authority, "hoa", "/close").await;
    chi.post(&close, &[]).await.is(200).says("for good?");
    chi.post(&close, &SURE).await.is(303);
    assert_eq!(log_in(&authority, "hoa", &one_time).await, 401);
    for deed in ["/close", "/reset", "/authenticator", "/role"] {
        chi.post(&path(&authority, "hoa", deed).await, &SURE).await.is(409);
    }
    chi.get("/staff/accounts").await.is(200).says("chi");
    let closed = chi.get("/staff/accounts?state=closed").await;
    closed.is(200).says("<td data-label=\"Login\">hoa</td>");
}

#[tokio::test]
async fn nobody_changes_the_own_account_among_those_of_others() {
    let authority = Authority::start().await;
    let mut chi = administrator(&authority).await;
    staff(&authority, Role::Administrator, "anh").await;
    let page = chi.get(&path(&authority, "chi", "").await).await;
    page.is(200).says("This is your own account");
    assert!(!page.body.contains("/close\""));
    for deed in ["/role", "/reset", "/authenticator", "/close"] {
        let form = [("from", "administrator"), ("role", "case_worker"), SURE[0]];
        let refused = chi.post(&path(&authority, "chi", deed).await, &form).await;
        refused.is(403).says("You cannot change your own account here");
    }
    let own = account(&authority, "chi").await;
    assert_eq!((own.role, own.disabled_at, own.has_totp), (Role::Administrator, None, true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_administrator_is_always_left() {
    let authority = Authority::start().await;
    staff(&authority, Role::Administrator, "chi").await;
    for (deed, login) in [("/close", "anh"), ("/role", "binh")] {
        staff(&authority, Role::Administrator, login).await;
        let mut chi = Browser::signed_in(&authority, "chi").await;
        let mut other = Browser::signed_in(&authority, login).await;
        let form = [("from", "administrator"), ("role", "case_worker"), SURE[0]];
        let (at_chi, at_other) =
            (path(&authority, "chi", deed).await, path(&authority, login, deed).await);
        // Each puts the other one out at the same moment.
        let deeds = [(&mut chi, at_other), (&mut other, at_chi)];
        let answers = at_once(
            deeds
                .into_iter()
                .map(|(browser, path)| async move { browser.post(&path, &form).await.status }),
        )
        .await;
        let done = answers.iter().filter(|status| **status == 303).count();
        assert_eq!(done, 1, "{answers:?}");
        let accounts = authority.app.store.accounts(None).await.unwrap();
        let left: Vec<_> = accounts
            .iter()
            .filter(|one| one.role == Role::Administrator && one.disabled_at.is_none())
            .collect();
        assert_eq!(left.len(), 1);
        if left[0].login != "chi" {
            // The next round begins with one who is called so.
            let sql = "UPDATE accounts SET role = 'administrator', disabled_at = NULL, \
                       password = (SELECT password FROM accounts WHERE login <> 'chi' LIMIT 1), \
                       totp = (SELECT totp FROM accounts WHERE login <> 'chi' LIMIT 1) \
                       WHERE login = 'chi'";
            sqlx::query(sql).execute(&authority.database().await).await.unwrap();
        }
        let sql = "UPDATE accounts SET role = 'case_worker' WHERE login <> 'chi'";
        sqlx::query(sql).execute(&authority.database().await).await.unwrap();
    }
    // Neither does the command line put the last one out.
    for arguments in [
        &["staff", "disable", "--yes", "chi"][..],
        &["staff", "role", "--role", "case-worker", "chi"],
    ] {
        let refused = command(&authority.dir(), arguments);
        assert_eq!(refused.status.code(), Some(3));
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(said.contains("no administrator who can log in would be left"), "{said}");
    }
    assert!(account(&authority, "chi").await.disabled_at.is_none());
    // One whose given password has ended is no administrator who can log in.
    staff(&authority, Role::Administrator, "emi").await;
    let sql = "UPDATE accounts SET one_time_until = 1 WHERE login = 'emi'";
    sqlx::query(sql).execute(&authority.database().await).await.unwrap();
    let disable = ["staff", "disable", "--yes", "chi"];
    assert_eq!(command(&authority.dir(), &disable).status.code(), Some(3));
    let sql = "UPDATE accounts SET one_time_until = NULL WHERE login = 'emi'";
    sqlx::query(sql).execute(&authority.database().await).await.unwrap();
    assert_eq!(command(&authority.dir(), &disable).status.code(), Some(0));
}

#[tokio::test]
async fn who_is_no_administrator_reaches_no_account_and_no_key() {
    let authority = Authority::start().await;
    staff(&authority, Role::Administrator, "chi").await;
    staff(&authority, Role::CaseWorker, "anh").await;
    let target = account(&authority, "chi").await;
    for (role, login) in
        [(Role::CaseWorker, "hoa"), (Role::VenueOfficer, "minh"), (Role::IntakeOfficer, "mai")]
    {
        staff(&authority, role, login).await;
        let mut browser = Browser::signed_in(&authority, login).await;
        let home = browser.get("/staff").await;
        assert!(!home.is(200).body.contains("/staff/accounts") && !home.body.contains("api-keys"));
        let form = [
            ("name", "Eve"),
            ("login", "eve"),
            ("from", "administrator"),
            ("role", "administrator"),
            ("may-statistics-read", "on"),
            SURE[0],
        ];
        for path in [
            "/staff/accounts".to_owned(),
            "/staff/accounts/add".to_owned(),
            format!("/staff/accounts/{}", target.account),
            "/staff/api-keys".to_owned(),
        ] {
            browser.get(&path).await.is(403).says("not allowed");
        }
        for path in [
            "/staff/accounts/add".to_owned(),
            path(&authority, "anh", "/role").await,
            path(&authority, "chi", "/role").await,
            path(&authority, login, "/role").await,
            path(&authority, "chi", "/reset").await,
            path(&authority, "chi", "/authenticator").await,
            path(&authority, "chi", "/close").await,
            "/staff/api-keys".to_owned(),
            "/staff/api-keys/1/disable".to_owned(),
        ] {
            browser.post(&path, &form).await.is(403).says("not allowed");
        }
        assert_eq!(account(&authority, login).await.role, role);
    }
    let after = account(&authority, "chi").await;
    assert_eq!((after.disabled_at, after.has_totp), (None, true));
    assert!(authority.app.store.credentials("eve").await.unwrap().is_none());
    let keys: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM api_keys WHERE from_file = 0")
        .fetch_one(&authority.database().await)
        .await
        .unwrap();
    assert_eq!(keys, 0);
}

#[tokio::test]
async fn the_commands_change_a_role_and_show_the_last_login() {
    let authority = Authority::start().await;
    staff(&authority, Role::CaseWorker, "hoa").await;
    let mut hoa = Browser::signed_in(&authority, "hoa").await;
    let change = ["staff", "role", "--json", "--role", "venue-officer", "hoa"];
    let said = super::accounts::json(&command(&authority.dir(), &change));
    assert_eq!((&said["login"], &said["role"]), (&"hoa".into(), &"venue_officer".into()));
    hoa.get("/staff").await.leads_to("/staff/login");
    assert_eq!(command(&authority.dir(), &change).status.code(), Some(3), "it has it already");
    let listed = super::accounts::json(&command(&authority.dir(), &["staff", "list", "--json"]));
    assert_eq!(listed[0]["role"], "venue_officer");
    assert_eq!(listed[0]["last_login"], "2021-09-01");
    let listed = command(&authority.dir(), &["staff", "list"]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("Venue officer  ready  2021-09-01"), "{listed}");
}
