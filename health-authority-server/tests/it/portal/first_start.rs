//! The first administrator is made in the browser by who holds the link, once, and by no one else.

use std::sync::Arc;

use health_authority_server::domain::accounts::Role;
use health_authority_server::domain::first_start::{FIRST_START_SECONDS, FirstStartToken};
use health_authority_server::http::router;
use health_authority_server::services::app::App;

use super::accounts::{command, json};
use crate::support::at_once::at_once;
use crate::support::authority::{Authority, local_client};
use crate::support::browser::{Browser, ORIGIN, PASSWORD, staff};

/// The token of a link, as a server prints one.
async fn token(authority: &Authority) -> String {
    let app = &authority.app;
    let token = FirstStartToken::generate(&mut rand::rng());
    let (hash, now) = (token.hash(&app.keys.account_hash), authority.now());
    let until = now.plus(FIRST_START_SECONDS);
    assert!(app.store.add_first_start(&hash, until, now).await.unwrap());
    token.expose().to_owned()
}

fn form<'a>(token: &'a str, login: &'a str) -> [(&'a str, &'a str); 5] {
    let passwords = [("password", PASSWORD), ("password_again", PASSWORD)];
    [("token", token), ("name", "Lê Thị Chi"), ("login", login), passwords[0], passwords[1]]
}

/// Administrators with an open account.
async fn administrators(authority: &Authority) -> Vec<String> {
    let accounts = authority.app.store.accounts(None).await.unwrap().into_iter();
    let administrators = accounts
        .filter(|account| account.role == Role::Administrator && account.disabled_at.is_none());
    administrators.map(|account| account.login).collect()
}

async fn open_tokens(authority: &Authority) -> i64 {
    let database = authority.database().await;
    sqlx::query_scalar("SELECT COUNT(*) FROM first_starts").fetch_one(&database).await.unwrap()
}

#[tokio::test]
async fn who_has_the_link_becomes_administrator_and_the_link_ends() {
    let authority = Authority::start().await;
    let (first, other) = (token(&authority).await, token(&authority).await);
    let mut browser = Browser::new(&authority);
    let page = browser.get(&format!("/staff/start?token={first}")).await;
    page.is(200).says("no administrator yet").says("name=\"password_again\"");
    assert_eq!(page.headers["cache-control"], "no-store");

    // What is wrong is said at its field, and what was typed stays.
    let mut wrong = form(&first, "Lê Chi").to_vec();
    wrong.retain(|(name, _)| !name.starts_with("password"));
    wrong.extend([("password", "lethichi"), ("password_again", "x")]);
    let got = browser.post("/staff/start", &wrong).await;
    got.is(422).says("value=\"Lê Thị Chi\"").says("value=\"Lê Chi\"");
    for field in ["login", "password", "password_again"] {
        got.says(&format!("id=\"{field}-error\""));
    }
    let long = "x".repeat(200);
    let mut wrong = form(&first, "chi").to_vec();
    wrong[1].1 = &long;
    browser.post("/staff/start", &wrong).await.is(422).says("id=\"name-error\"");
    let mut wrong = form(&first, "chi").to_vec();
    wrong[1].1 = "Chi\0";
    browser.post("/staff/start", &wrong).await.is(400);

    browser.post("/staff/start", &form(&first, "chi")).await.leads_to("/staff");
    browser.get("/staff").await.leads_to("/staff/settings?done=unfinished");
    browser.get("/staff/accounts").await.leads_to("/staff/settings?done=unfinished");
    assert_eq!(administrators(&authority).await, ["chi"]);
    let entries = authority.app.store.audit_entries(None, 10).await.unwrap();
    let made = entries.iter().find(|entry| entry.action == "first-administrator").unwrap();
    assert_eq!((made.actor.name.as_str(), made.subject.as_str()), ("chi", "account 1"));

    // Neither this link nor that of another server works again.
    assert_eq!(open_tokens(&authority).await, 0);
    for token in [&first, &other] {
        let mut late = Browser::new(&authority);
        late.get(&format!("/staff/start?token={token}")).await.is(403).says("does not work");
        late.post("/staff/start", &form(token, "eve")).await.is(403);
    }
    assert_eq!(administrators(&authority).await, ["chi"]);
    let refused = command(&authority.dir(), &["staff", "start-link"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("an administrator already"));
}

#[tokio::test]
async fn without_the_link_there_is_nothing_whether_or_not_there_is_an_administrator() {
    let authority = Authority::start().await;
    let right = token(&authority).await;
    let mut wrong = right.clone();
    wrong.replace_range(..1, if right.starts_with('2') { "3" } else { "2" });
    let ask = async || {
        let mut answers = Vec::new();
        for path in ["/staff/start".to_owned(), format!("/staff/start?token={wrong}")] {
            let got = Browser::new(&authority).get(&path).await;
            answers.push((got.status, got.body));
        }
        for token in ["", "x", &wrong] {
            let got = Browser::new(&authority).post("/staff/start", &form(token, "eve")).await;
            answers.push((got.status, got.body));
        }
        answers
    };
    let before = ask().await;
    assert!(before.iter().all(|(status, body)| *status == 403 && body.contains("does not work")));
    // From another site not even with it.
    let mut foreign = Browser::new(&authority);
    foreign.origin = Some("https://evil.example".into());
    foreign.post("/staff/start", &form(&right, "eve")).await.is(403).says("another site");
    assert_eq!(administrators(&authority).await, [""; 0]);
    staff(&authority, Role::Administrator, "chi").await;
    assert_eq!(ask().await, before, "an answer does not say that there is one by now");
    Browser::new(&authority).get(&format!("/staff/start?token={right}")).await.is(403);
}

/// Two people who hold links, at two servers of one database, several times each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_race_and_one_becomes_administrator() {
    let authority = Authority::start().await;
    let other = App::open(&authority.dir(), authority.clock.clone()).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other_url = format!("http://{}", listener.local_addr().unwrap());
    let other = router(Arc::new(other));
    let server = tokio::spawn(async move { axum::serve(listener, other).await.unwrap() });
    let (one, two) = (token(&authority).await, token(&authority).await);
    let none = reqwest::redirect::Policy::none();
    let http = reqwest::Client::builder().no_proxy().redirect(none).build().unwrap();
    let requests = [(&one, "anh"), (&one, "binh"), (&two, "cuc"), (&two, "dung")];
    let post = |(number, (token, login)): (usize, (&String, &str))| {
        let url = if number % 2 == 0 { authority.url() } else { &other_url };
        let body = serde_urlencoded::to_string(form(token, login)).unwrap();
        let request = http.post(format!("{url}/staff/start")).header("origin", ORIGIN).body(body);
        request.header("content-type", "application/x-www-form-urlencoded").send()
    };
    let answers = at_once(requests.into_iter().enumerate().map(post)).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    let led_on = |answer: &&reqwest::Response| answer.headers().contains_key("set-cookie");
    assert_eq!(answers.iter().filter(led_on).count(), 1, "{answers:?}");
    let refused = answers.iter().filter(|answer| answer.status() == 403).count();
    assert_eq!(refused, 3);
    assert_eq!(administrators(&authority).await.len(), 1);
    assert_eq!(authority.app.store.accounts(None).await.unwrap().len(), 1);
    server.abort();
}

#[tokio::test]
async fn a_login_that_is_taken_uses_no_link_up_and_time_does() {
    let authority = Authority::start().await;
    staff(&authority, Role::CaseWorker, "chi").await;
    let token = token(&authority).await;
    let mut browser = Browser::new(&authority);
    let taken = browser.post("/staff/start", &form(&token, "chi")).await;
    taken.is(422).says("id=\"login-error\"").says("somebody has it already");
    authority.pass(FIRST_START_SECONDS - 1);
    browser.get(&format!("/staff/start?token={token}")).await.is(200);
    authority.pass(1);
    browser.get(&format!("/staff/start?token={token}")).await.is(403);
    browser.post("/staff/start", &form(&token, "le.chi")).await.is(403);
    assert_eq!(administrators(&authority).await, [""; 0]);
}

#[tokio::test]
async fn wrong_links_pause_the_first_start_and_nothing_else() {
    let authority = Authority::start().await;
    let right = token(&authority).await;
    let path = format!("/staff/start?token={right}");
    for _ in 0..3 {
        Browser::new(&authority).get(&path).await.is(200);
    }
    let http = local_client();
    let wrong = format!("{}/staff/start?token={}", authority.url(), "2".repeat(26));
    for _ in 0..100 {
        assert_eq!(http.get(&wrong).send().await.unwrap().status(), 403, "right ones do not count");
    }
    assert_eq!(http.get(&wrong).send().await.unwrap().status(), 429);
    Browser::new(&authority).get(&path).await.is(429).says("Wait 15 minutes");
    Browser::new(&authority).get("/staff/login").await.is(200);
    assert_eq!(authority.total("limit_first_starts").await, 1);
    authority.pass(900);
    Browser::new(&authority).get(&path).await.is(200);
}

#[tokio::test]
async fn the_command_prints_a_link_of_which_the_database_keeps_a_hash() {
    let authority = Authority::start().await;
    for _ in 0..10 {
        token(&authority).await;
    }
    assert_eq!(open_tokens(&authority).await, 8, "no more than this many at a time");
    let said = json(&command(&authority.dir(), &["staff", "start-link", "--json"]));
    let link = said["link"].as_str().unwrap();
    let path = link.strip_prefix(ORIGIN).unwrap();
    let token = path.strip_prefix("/staff/start?token=").unwrap();
    let hashes: Vec<Vec<u8>> = sqlx::query_scalar("SELECT token_hash FROM first_starts")
        .fetch_all(&authority.database().await)
        .await
        .unwrap();
    let hash = FirstStartToken::parse(token).unwrap().hash(&authority.app.keys.account_hash);
    assert!(hashes.contains(&hash.to_vec()));
    assert!(hashes.iter().all(|stored| stored.len() == 32 && stored != token.as_bytes()));
    let mut browser = Browser::new(&authority);
    browser.get(path).await.is(200);
    browser.post("/staff/start", &form(token, "chi")).await.leads_to("/staff");
}
