//! The load generator: what it says that it did is what the server has counted.

use vungxanh_tests::country::{Bounds, Country, Database, Play, Report, Session, Settings};

use crate::town::executable;

/// A day of everything in 12 seconds.
async fn small_day(database: Database, replicas: usize) -> Report {
    let settings = Settings {
        executable: executable(),
        database,
        replicas,
        // Then what is published is exactly what was received.
        synthetic_persons: Some(0.0),
    };
    let country = Country {
        devices: 100_000,
        scale: 1_000,
        cases: 7_000,
        caches: 100,
        without_cdn: false,
        check_ins: 20_000,
        declarations: 3_000,
        registrations: 2_000,
        logins: 2_000,
    };
    let play = Play {
        country,
        only: Vec::new(),
        speed: 7_200,
        // A code to a telephone is valid for ten minutes, and this machine may be busy.
        clock_speed: 10,
        seed: 1,
        bounds: Bounds { clients: 16, max_seconds: 300, max_requests: 5_000, max_errors: 0 },
    };
    Session::begin(&settings, play).await.unwrap().play_day().await.unwrap()
}

fn assert_whole(report: &Report) {
    assert_eq!((report.errors, report.stopped), (0, false), "{report}");
    assert!(report.checks.iter().all(|check| check.done == check.counted), "{report}");
    let done = |what| report.checks.iter().find(|check| check.what == what).unwrap().done;
    assert_eq!((done("publications"), done("look_alike_publications")), (7, 50));
    assert_eq!((done("declarations"), done("look_alikes")), (3, 150));
    assert!(done("keys_received") > 7 * 40);
    let of = |what| report.rows.iter().find(|row| row.what == what).unwrap();
    assert_eq!((of("log in").requests, of("confirm telephone").requests), (2, 2));
    // A cache is answered with the document once, and that it has not changed from then on.
    let document = &of("document").statuses;
    assert_eq!((document["200"], document["304"]), (1, of("document").requests - 1));
    // Each file that is listed once, and the lists then have not changed.
    assert!(of("file").requests >= 1 && of("list of files").statuses["304"] > 40, "{report}");
    assert!(report.servers.cpu_milliseconds > 0 && report.servers.peak_kib > 1_000);
}

#[tokio::test]
async fn a_small_day_is_played_without_an_error_and_counted_exactly() {
    assert_whole(&small_day(Database::Sqlite, 1).await);
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn a_small_day_at_two_servers_on_postgresql_is_counted_exactly() {
    let report = small_day(Database::Postgres, 2).await;
    assert_whole(&report);
    assert!(report.database_server.unwrap().cpu_milliseconds > 0, "{report}");
}
