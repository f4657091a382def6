//! Several servers on one database: one at a time does what is done by the clock, and limits count for all.

use std::sync::Arc;

use health_authority_server::domain::throttle::{ANYBODY, Attempt, Limit};
use health_authority_server::publication::PublicationError;
use health_authority_server::publication::turn::Turn;
use health_authority_server::services::app::App;
use health_authority_server::services::limits::{attempt, reset};
use health_authority_server::storage::leases::{LEASE_MILLISECONDS, Lease, Taken, Work};
use serde_json::json;
use tokio::sync::watch;

use crate::support::authority::{Authority, Person};

/// Another server of the same authority.
async fn another(authority: &Authority) -> App {
    App::open(&authority.dir(), authority.clock.clone()).await.unwrap()
}

/// Lets a lease end, or end late, as the database's time says.
async fn end_lease(authority: &Authority, ends_at: &str) {
    let database = authority.database().await;
    let sql = format!("UPDATE leases SET ends_at = {ends_at}");
    let changed = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&database).await.unwrap();
    assert_eq!(changed.rows_affected(), 1);
    database.close().await;
}

fn now(taken: Taken) -> Lease {
    match taken {
        Taken::Now(lease) => lease,
        Taken::ByOther(left) => panic!("held for {left} ms"),
    }
}

#[tokio::test]
async fn one_holds_a_lease_at_a_time_and_each_has_a_higher_number() {
    let authority = Authority::start().await;
    let (one, two) = (&authority.app.store, another(&authority).await.store);
    let first = now(one.take_lease(Work::Keys, "one").await.unwrap());
    let Taken::ByOther(left) = two.take_lease(Work::Keys, "two").await.unwrap() else {
        panic!("taken twice");
    };
    assert!(left > 0 && left <= LEASE_MILLISECONDS.unsigned_abs());
    // Other work is another lease.
    now(two.take_lease(Work::Warnings, "two").await.unwrap());
    one.release_lease(&first).await.unwrap();
    let second = now(two.take_lease(Work::Keys, "two").await.unwrap());
    assert!(second.fence > first.fence);
    // Who had it before neither holds it any longer nor ends it.
    assert!(!one.renew_lease(&first).await.unwrap());
    one.release_lease(&first).await.unwrap();
    assert!(two.renew_lease(&second).await.unwrap());
    assert!(matches!(one.take_lease(Work::Keys, "one").await.unwrap(), Taken::ByOther(_)));
}

#[tokio::test]
async fn a_lease_ends_and_a_clock_that_was_set_back_keeps_none_for_ever() {
    let authority = Authority::start().await;
    let store = &authority.app.store;
    let dead = now(store.take_lease(Work::Keys, "killed").await.unwrap());
    end_lease(&authority, "1").await;
    let alive = now(store.take_lease(Work::Keys, "alive").await.unwrap());
    assert_eq!(alive.fence, dead.fence + 1);
    end_lease(&authority, "ends_at + 86400000").await;
    now(store.take_lease(Work::Keys, "after the clock was set back").await.unwrap());
}

#[tokio::test]
async fn who_stalled_past_the_end_of_a_turn_is_stopped_before_the_next_step() {
    let authority = Authority::start().await;
    let other = another(&authority).await;
    let stalled = Turn::take(&authority.app.store, Work::Keys).await.unwrap();
    stalled.confirm().await.unwrap();
    end_lease(&authority, "1").await;
    // No one has taken over yet: it goes on.
    stalled.confirm().await.unwrap();
    end_lease(&authority, "1").await;
    let turn = Turn::take(&other.store, Work::Keys).await.unwrap();
    assert!(matches!(stalled.confirm().await, Err(PublicationError::Overtaken)));
    stalled.end().await;
    turn.confirm().await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_asked_to_stop_does_not_wait_for_its_turn() {
    let authority = Authority::start().await;
    let _turn = Turn::take(&authority.app.store, Work::Keys).await.unwrap();
    let (stop, mut stopped) = watch::channel(false);
    let store = Arc::clone(&authority.app.store);
    let waiting =
        tokio::spawn(async move { Turn::take_before(&store, Work::Keys, &mut stopped).await });
    stop.send(true).unwrap();
    assert!(waiting.await.unwrap().unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_servers_that_make_batches_at_once_publish_each_key_once() {
    let authority = Authority::start().await;
    let servers = [another(&authority).await, another(&authority).await];
    let people: Vec<Person> = (0..4).map(|_| Person::new(authority.now(), 8)).collect();
    for person in &people {
        let certificate = authority.certificate("confirmed", person).await;
        let publication = person.publication(&certificate);
        assert_eq!(authority.post("v1/publish", &publication).await.status, 200);
    }
    for _ in 0..6 {
        authority.pass(2 * 3_600);
        let now = authority.now();
        let [one, two] = [servers[0].batcher(), servers[1].batcher()];
        let (a, b, c) = tokio::join!(authority.batch(), one.run_once(now), two.run_once(now));
        let files = [a, b.unwrap(), c.unwrap()].map(|outcome| outcome.files).concat();
        assert!(files.len() <= 1, "{files:?}");
    }
    let mut published: Vec<_> =
        authority.published().await.iter().map(|entry| entry.key.key).collect();
    published.sort();
    let mut expected: Vec<_> = people.iter().flat_map(Person::key_bytes).collect();
    expected.sort();
    assert_eq!(published, expected);
}

#[tokio::test]
async fn a_running_server_goes_on_when_a_newer_one_has_added_to_the_schema_and_is_not_started_again()
 {
    let authority = Authority::start().await;
    let person = Person::new(authority.now(), 8);
    let certificate = authority.certificate("confirmed", &person).await;
    let database = authority.database().await;
    for sql in [
        "CREATE TABLE newer (id BIGINT NOT NULL PRIMARY KEY)",
        "INSERT INTO schema_version (version) SELECT MAX(version) + 1 FROM schema_version",
    ] {
        sqlx::raw_sql(sql).execute(&database).await.unwrap();
    }
    database.close().await;
    let publication = person.publication(&certificate);
    assert_eq!(authority.post("v1/publish", &publication).await.status, 200);
    authority.pass(8 * 3_600);
    assert_eq!(authority.batch().await.keys, 8);
    let refused = App::open(&authority.dir(), authority.clock.clone()).await.err().unwrap();
    assert!(refused.to_string().contains("use a newer program"), "{refused}");
    authority.stop().await;
}

#[tokio::test]
async fn a_login_is_refused_after_ten_wrong_passwords_at_whichever_server() {
    let authority = Authority::start().await;
    let (one, two) = (&authority.app, another(&authority).await);
    for _ in 0..5 {
        for app in [&**one, &two] {
            assert_eq!(attempt(app, Limit::Logins, "an").await.unwrap(), Attempt::Allowed);
        }
    }
    for app in [&**one, &two] {
        assert_eq!(attempt(app, Limit::Logins, "an").await.unwrap(), Attempt::TooManyOfThis);
        assert_eq!(attempt(app, Limit::Logins, "binh").await.unwrap(), Attempt::Allowed);
    }
    // A right one at one server resets what was wrong at the other.
    for _ in 0..7 {
        assert_eq!(attempt(one, Limit::Logins, "binh").await.unwrap(), Attempt::Allowed);
    }
    reset(&two, Limit::Logins, "binh").await.unwrap();
    for _ in 0..10 {
        assert_eq!(attempt(one, Limit::Logins, "binh").await.unwrap(), Attempt::Allowed);
    }
    assert_eq!(attempt(&two, Limit::Logins, "binh").await.unwrap(), Attempt::TooManyOfThis);
    assert_eq!(authority.total("limit_logins").await, 1, "noted once, whoever refused");
    // A restart forgets nothing, the end of the window all.
    let restarted = another(&authority).await;
    assert_eq!(attempt(&restarted, Limit::Logins, "an").await.unwrap(), Attempt::TooManyOfThis);
    authority.pass(900);
    assert_eq!(attempt(one, Limit::Logins, "an").await.unwrap(), Attempt::Allowed);
}

#[tokio::test]
async fn wrong_short_codes_count_for_all_servers_and_right_ones_for_none() {
    let authority = Authority::start().await;
    let other = another(&authority).await;
    let (right, held) = (authority.code("confirmed").await, authority.code("confirmed").await);
    for n in 0..50 {
        let wrong = json!({"code": format!("{:08}", 7 + n)});
        assert_eq!(authority.post("api/verify", &wrong).await.status, 400);
        assert_eq!(attempt(&other, Limit::ShortCodes, ANYBODY).await.unwrap(), Attempt::Allowed);
        if n == 48 {
            assert_eq!(authority.post("api/verify", &json!({"code": right})).await.status, 200);
        }
    }
    assert_eq!(authority.post("api/verify", &json!({"code": held})).await.status, 429);
    let refused = attempt(&other, Limit::ShortCodes, ANYBODY).await.unwrap();
    assert_eq!(refused, Attempt::TooManyOfThis);
    assert_eq!(authority.total("limit_short_codes").await, 1);
}

#[tokio::test]
async fn what_was_counted_is_deleted_when_its_window_is_over_and_names_no_one() {
    let authority = Authority::start().await;
    attempt(&authority.app, Limit::Registrations, "+84912345678").await.unwrap();
    let database = authority.database().await;
    let count = async || -> i64 {
        let sql = "SELECT COUNT(*) FROM attempts";
        sqlx::query_scalar(sql).fetch_one(&database).await.unwrap()
    };
    assert_eq!(count().await, 3, "the telephone, how many telephones, and all");
    let store = &authority.app.store;
    store.expire_attempts(authority.now()).await.unwrap();
    assert_eq!(count().await, 3);
    authority.pass(3_600);
    store.expire_attempts(authority.now()).await.unwrap();
    assert_eq!(count().await, 0);
    database.close().await;
}
