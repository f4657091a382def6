//! New batches: downloaded, verified, matched once.

use std::time::Duration;

use vungxanh_daemon::control_api::ExposureNotice;
use vungxanh_daemon::store::{EncounterStore, Forget};
use vungxanh_daemon::sync::{FetchBudget, SyncError, Timeouts};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::diagnosis_key::ReportType::{ClinicalDiagnosis, ConfirmedTest, Revoked};
use vungxanh_protocol::export::ExportError;
use vungxanh_protocol::own_keys::{OwnKey, OwnKeys};
use vungxanh_protocol::risk::RiskLevel;

use crate::support::authority::Fault;
use crate::support::fixture::{Bench, DOCUMENT, INDEX, NOW, case, diagnosis, export, path};

/// A file with one case in it.
fn one(hour: u64, seed: u8) -> Vec<u8> {
    export(hour, (1, 1), &[diagnosis(&case(seed), ConfirmedTest)], 2)
}

#[tokio::test]
async fn an_encounter_becomes_a_notice_until_the_person_has_been_told() {
    let mut bench = Bench::enrolled().await;
    bench.meet(&case(1), 6);
    bench.list(&[("1.zip", one(1, 1)), ("2.zip", one(2, 2))]);
    let outcome = bench.fetch_all().await;
    assert_eq!((outcome.batches, outcome.keys), (2, 2));
    let day = case(1).rolling_start().day();
    // Six scans of 300 s, 40 dB: within the second bucket, weight 100 %.
    let notice = ExposureNotice { day, level: RiskLevel::Low };
    assert_eq!(outcome.notices, [notice]);
    let [exposure] = &bench.sync.exposures().await.unwrap()[..] else { panic!("not one day") };
    assert_eq!(exposure.summary.total.score_sum, 1_800.0);
    assert_eq!(exposure.windows, 1);

    bench.restart();
    assert_eq!(bench.fetch_all().await.notices, [notice], "a kill before telling loses nothing");
    bench.sync.notices().mark_notified(&[notice]).await.unwrap();
    bench.restart();
    assert_eq!(bench.fetch_all().await.notices, []);
    let status = bench.sync.status();
    assert_eq!((status.batches, status.keys, status.last_error), (2, 2, None));
    assert_eq!((bench.downloads("1.zip"), bench.downloads("2.zip")), (1, 1));
    assert_eq!(bench.exposed_seconds(), 1_800);
}

#[tokio::test]
async fn who_is_a_case_is_not_told_of_themselves() {
    let bench = Bench::enrolled().await;
    let _ = bench.store.begin_day(NOW.day(), 14).unwrap();
    // An earlier identifier of its own, replayed, and what another device of the person broadcasts
    // under keys that were imported.
    let own = [1, 2].map(|seed| OwnKey { retired: true, ..OwnKey::new(case(seed)) });
    bench.store.put_own_keys(&OwnKeys::new(own.to_vec())).unwrap();
    bench.meet(&case(1), 16);
    bench.meet(&case(2), 16);
    bench.list(&[("1.zip", one(1, 1)), ("2.zip", one(2, 2))]);
    assert_eq!(bench.fetch_all().await.notices, []);
    assert_eq!(bench.exposed_seconds(), 0);
    // Somebody else's identifiers count as ever.
    bench.meet(&case(3), 16);
    bench.list(&[("3.zip", one(3, 3))]);
    assert_eq!(bench.fetch_all().await.notices.len(), 1);
}

#[tokio::test]
async fn what_was_told_of_own_keys_by_an_earlier_program_ends_with_the_next_batch() {
    let bench = Bench::enrolled().await;
    bench.meet(&case(1), 16);
    bench.list(&[("1.zip", one(1, 1))]);
    assert_eq!(bench.fetch_all().await.notices.len(), 1);
    let own = OwnKey::new(case(1));
    let _ = bench.store.begin_day(NOW.day(), 14).unwrap();
    bench.store.put_own_keys(&OwnKeys::new(vec![own])).unwrap();
    bench.list(&[("2.zip", one(2, 2))]);
    bench.fetch_all().await;
    assert_eq!(bench.exposed_seconds(), 0);
}

#[tokio::test]
async fn a_batch_that_comes_while_all_is_forgotten_is_matched_against_what_is_left() {
    let bench = Bench::enrolled().await;
    bench.meet(&case(1), 6);
    bench.list(&[("1.zip", one(1, 1))]);
    let quiesce = bench.sync.quiesce().await;
    let forget = async {
        while bench.downloads("1.zip") == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Matching it would take less.
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(bench.exposed_seconds(), 0);
        bench.store.forget(Forget::AllDays).unwrap();
        drop(quiesce);
    };
    let (outcome, ()) = tokio::join!(bench.fetch_all(), forget);
    assert_eq!((outcome.batches, outcome.notices), (1, Vec::new()));
    assert_eq!(bench.exposed_seconds(), 0);
}

#[tokio::test]
async fn a_batch_is_matched_by_the_authoritys_time_not_by_a_clock_that_was_set() {
    for false_time in [NOW.plus(20 * 86_400), NOW.minus(2 * 86_400)] {
        let bench = Bench::enrolled().await;
        bench.meet(&case(1), 6);
        bench.list(&[("1.zip", one(1, 1))]);
        bench.authority.with(|content| content.now = Some(NOW));
        bench.clock.set(false_time);
        assert_eq!(bench.fetch().await.batches, 1);
        assert_eq!(bench.exposed_seconds(), 1_800, "by a clock that shows {false_time}");
    }
}

#[tokio::test]
async fn what_was_told_counts_as_unacknowledged_until_the_person_looks_at_it() {
    let mut bench = Bench::enrolled().await;
    let day = case(1).rolling_start().day();
    let notice = |level| ExposureNotice { day, level };
    bench.meet(&case(1), 6);
    bench.list(&[("1.zip", one(1, 1))]);
    let found = bench.fetch_all().await.notices;
    assert_eq!(bench.sync.notices().unacknowledged().await.unwrap(), [], "nobody was told yet");
    bench.sync.notices().mark_notified(&found).await.unwrap();
    bench.sync.notices().mark_notified(&found).await.unwrap();
    bench.restart();
    assert_eq!(bench.sync.notices().unacknowledged().await.unwrap(), [notice(RiskLevel::Low)]);
    let other_day = ExposureNotice { day: day.plus(1), level: RiskLevel::High };
    assert_eq!(bench.sync.notices().acknowledge(&[other_day]).await.unwrap(), []);
    let seen = [notice(RiskLevel::Low)];
    assert_eq!(bench.sync.notices().acknowledge(&seen).await.unwrap(), seen);
    assert_eq!(bench.sync.notices().acknowledge(&seen).await.unwrap(), [], "once");
    bench.restart();
    assert_eq!(bench.sync.notices().unacknowledged().await.unwrap(), []);
    bench.sync.notices().mark_notified(&found).await.unwrap();
    assert_eq!(bench.sync.notices().unacknowledged().await.unwrap(), [], "no news");

    // The level rises after the person has looked.
    bench.meet(&case(2), 16);
    bench.list(&[("2.zip", one(2, 2))]);
    let found = bench.fetch_all().await.notices;
    assert_eq!(found, [notice(RiskLevel::High)]);
    bench.sync.notices().mark_notified(&found).await.unwrap();
    assert_eq!(bench.sync.notices().acknowledge(&seen).await.unwrap(), [], "what they saw was low");
    assert_eq!(bench.sync.notices().unacknowledged().await.unwrap(), [notice(RiskLevel::High)]);

    // The case is taken back: what is left is low, and that is what the person sees now.
    let revoked = export(3, (1, 1), &[diagnosis(&case(2), Revoked)], 2);
    bench.list(&[("3.zip", revoked)]);
    bench.fetch_all().await;
    assert_eq!(bench.sync.notices().acknowledge(&seen).await.unwrap(), [notice(RiskLevel::High)]);
    assert_eq!(bench.sync.notices().unacknowledged().await.unwrap(), []);
}

#[tokio::test]
async fn what_is_forgotten_between_fetch_and_notification_leaves_no_note() {
    let bench = Bench::enrolled().await;
    bench.meet(&case(1), 6);
    bench.list(&[("1.zip", one(1, 1))]);
    let found = bench.fetch_all().await.notices;
    assert_eq!(found.len(), 1);
    bench.store.forget(Forget::AllDays).unwrap();
    bench.sync.notices().mark_notified(&found).await.unwrap();
    // So that the same exposure, found again, is news.
    bench.meet(&case(1), 6);
    bench.list(&[("1.zip", one(1, 1)), ("2.zip", one(2, 1))]);
    assert_eq!(bench.fetch_all().await.notices, found);
}

#[tokio::test]
async fn an_exposure_that_is_no_more_is_not_unacknowledged() {
    let bench = Bench::enrolled().await;
    bench.meet(&case(1), 6);
    bench.list(&[("1.zip", one(1, 1))]);
    let found = bench.fetch_all().await.notices;
    bench.sync.notices().mark_notified(&found).await.unwrap();
    assert_eq!(bench.sync.notices().unacknowledged().await.unwrap(), found);
    bench.list(&[("2.zip", export(2, (1, 1), &[diagnosis(&case(1), Revoked)], 2))]);
    bench.fetch_all().await;
    assert_eq!(bench.sync.notices().unacknowledged().await.unwrap(), []);
}

#[tokio::test]
async fn a_key_in_several_batches_counts_once_and_a_revocation_takes_it_back() {
    let bench = Bench::enrolled().await;
    bench.meet(&case(1), 6);
    bench.meet(&case(2), 2);
    let clinical = export(1, (1, 1), &[diagnosis(&case(1), ClinicalDiagnosis)], 2);
    bench.list(&[("1.zip", clinical), ("2.zip", one(2, 1)), ("3.zip", one(3, 2))]);
    bench.fetch_all().await;
    assert_eq!(bench.exposed_seconds(), 1_800 + 600);
    bench.list(&[("4.zip", one(4, 1))]);
    bench.fetch_all().await;
    assert_eq!(bench.exposed_seconds(), 1_800 + 600);
    let days = bench.sync.exposures().await.unwrap();
    let types: Vec<_> = days[0].summary.by_report_type.keys().copied().collect();
    assert_eq!(types, [ConfirmedTest], "the later report type counts");

    bench.list(&[("5.zip", export(5, (1, 1), &[diagnosis(&case(1), Revoked)], 2))]);
    bench.fetch_all().await;
    assert_eq!(bench.exposed_seconds(), 600);
    bench.list(&[("6.zip", one(6, 1))]);
    bench.fetch_all().await;
    assert_eq!(bench.exposed_seconds(), 600, "once revoked, always revoked");
}

/// The timeouts is what a stalled download lasts here: short, and long enough for a slow machine's answers.
#[tokio::test]
async fn a_download_that_is_cut_goes_on_where_it_stopped() {
    let timeouts = Timeouts { stalled: Duration::from_secs(5), ..Timeouts::default() };
    let goes_on = async |answers_ranges, second: &str| {
        let mut bench = Bench::enrolled_with(timeouts).await;
        bench.meet(&case(1), 6);
        let file = one(1, 1);
        bench.list(&[("1.zip", file.clone())]);
        bench.authority.with(|content| content.answers_ranges = answers_ranges);
        bench.authority.fault(&path("1.zip"), Fault::CutAfter(100));
        bench.authority.fault(&path("1.zip"), Fault::StallAfter(50));
        for _ in 0..2 {
            let outcome = bench.fetch().await;
            assert!(matches!(outcome.error, Some(SyncError::Unreachable { .. })));
            assert_eq!(outcome.batches, 0);
            bench.restart();
        }
        assert_eq!(bench.fetch_all().await.batches, 1);
        let ranges: Vec<Option<String>> = bench
            .authority
            .requests(&path("1.zip"))
            .into_iter()
            .map(|request| request.headers.get("range").cloned())
            .collect();
        assert_eq!(ranges, [None, Some("bytes=100-".into()), Some(second.into())]);
        assert_eq!(bench.exposed_seconds(), 1_800);
    };
    tokio::join!(goes_on(true, "bytes=150-"), goes_on(false, "bytes=50-"));
}

#[tokio::test]
async fn halves_of_different_files_are_noticed_and_fetched_anew() {
    let bench = Bench::enrolled().await;
    bench.list(&[("1.zip", one(1, 1))]);
    bench.authority.fault(&path("1.zip"), Fault::CutAfter(100));
    assert!(bench.fetch().await.error.is_some());
    bench.authority.with(|content| content.files.insert(path("1.zip"), one(1, 7)));
    assert_eq!(bench.fetch_all().await.batches, 1);
    assert_eq!(bench.downloads("1.zip"), 3);
}

/// Waits until the authority has begun to answer what is asked at `place`, and the beginning had time
/// to arrive.
async fn half_answered(bench: &Bench, place: &str) {
    let moment = Duration::from_millis(20);
    while bench.authority.with(|content| !content.faults[place].is_empty()) {
        tokio::time::sleep(moment).await;
    }
    tokio::time::sleep(moment).await;
}

#[tokio::test]
async fn a_kill_at_any_request_loses_and_repeats_nothing() {
    let mut bench = Bench::enrolled().await;
    bench.meet(&case(1), 6);
    let files: Vec<(String, Vec<u8>)> =
        (1..=4).map(|n| (format!("{n}.zip"), one(n, n as u8))).collect();
    let listed: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    bench.list(&listed);
    for place in [DOCUMENT, INDEX, &path("1.zip"), &path("3.zip")] {
        bench.authority.fault(place, Fault::StallAfter(10));
        // The daemon dies while it waits for the rest.
        tokio::select! {
            outcome = bench.fetch() => panic!("it waits for no rest of {place}: {outcome:?}"),
            () = half_answered(&bench, place) => {}
        }
        bench.restart();
    }
    assert_eq!(bench.fetch_all().await.batches, 4);
    assert_eq!(bench.fetch_all().await.batches, 0);
    let status = bench.sync.status();
    assert_eq!((status.batches, status.keys), (4, 4));
    assert_eq!(bench.exposed_seconds(), 1_800);
    assert_eq!(bench.downloads("2.zip"), 1, "a finished file is not fetched again");
}

#[tokio::test]
async fn one_bad_file_does_not_hide_the_others_and_is_not_fetched_at_every_turn() {
    type Expected = fn(&SyncError) -> bool;
    let bad_files: [(Vec<u8>, Expected); 5] = [
        (export(1, (1, 1), &[diagnosis(&case(1), ConfirmedTest)], 3), |error| {
            matches!(error, SyncError::Export { source: ExportError::BadSignature, .. })
        }),
        (one(1, 1)[..200].to_vec(), |error| matches!(error, SyncError::Export { .. })),
        (b"PK no zip".to_vec(), |error| matches!(error, SyncError::Export { .. })),
        (vec![0; 200_001], |error| matches!(error, SyncError::TooLarge { .. })),
        (Vec::new(), |error| matches!(error, SyncError::Export { .. })),
    ];
    for (bytes, expected) in bad_files {
        let bench = Bench::enrolled().await;
        bench.meet(&case(1), 6);
        bench.meet(&case(2), 2);
        bench.list(&[("1.zip", bytes), ("2.zip", one(2, 2))]);
        let outcome = bench.fetch().await;
        assert_eq!(outcome.batches, 1);
        let error = outcome.error.unwrap();
        assert!(expected(&error), "{error}");
        assert_eq!(bench.exposed_seconds(), 600, "only the good file counts");
        let fetched = bench.downloads("1.zip");
        bench.fetch_all().await;
        assert_eq!(bench.downloads("1.zip"), fetched, "put off");
        bench.authority.with(|content| content.files.insert(path("1.zip"), one(1, 1)));
        bench.clock.set(bench.clock.now().plus(3_601));
        assert_eq!(bench.fetch_all().await.batches, 1);
        assert_eq!(bench.exposed_seconds(), 2_400);
    }
}

#[tokio::test]
async fn a_refused_file_stays_a_problem_until_it_is_accepted_or_no_longer_listed() {
    let mut bench = Bench::enrolled().await;
    let foreign = export(1, (1, 1), &[diagnosis(&case(1), ConfirmedTest)], 3);
    bench.list(&[("1.zip", foreign), ("2.zip", one(2, 2))]);
    assert!(bench.fetch().await.error.is_some());
    let says = |bench: &Bench| bench.sync.status().last_error;
    for _ in 0..2 {
        // Not tried, so nothing fails.
        bench.fetch_all().await;
        assert!(says(&bench).unwrap().contains("VN/1.zip"), "{:?}", says(&bench));
        let refused = bench.sync.still_refused();
        assert!(matches!(refused, Some(SyncError::StillRefused { count: 1, .. })), "{refused:?}");
        bench.restart();
    }
    bench.authority.with(|content| content.files.insert(INDEX.into(), b"2.zip\n".to_vec()));
    bench.fetch_all().await;
    assert!(says(&bench).is_none() && bench.sync.still_refused().is_none());

    bench.list(&[("3.zip", one(3, 3)[..100].to_vec())]);
    assert!(bench.fetch().await.error.is_some());
    bench.authority.with(|content| content.files.insert(path("3.zip"), one(3, 3)));
    bench.clock.set(bench.clock.now().plus(3_601));
    bench.fetch_all().await;
    assert!(says(&bench).is_none() && bench.sync.still_refused().is_none());
}

#[tokio::test]
async fn a_list_of_files_that_are_refused_is_not_downloaded_whole() {
    let bench = Bench::enrolled().await;
    let names: Vec<String> = (0..400).map(|number| format!("{number:04}.zip")).collect();
    let listed: Vec<_> = names.iter().map(|name| (name.as_str(), b"none".to_vec())).collect();
    bench.list(&listed);
    bench.meet(&case(1), 6);
    bench.list(&[("good.zip", one(1, 1))]);
    let downloads = |bench: &Bench| names.iter().map(|name| bench.downloads(name)).sum::<usize>();
    let in_a_row = FetchBudget::default().refusals_in_a_row as usize;
    assert!(bench.fetch().await.error.is_some());
    assert_eq!(downloads(&bench), in_a_row);
    // Those that were refused wait for an hour; others are tried.
    assert!(bench.fetch().await.error.is_some());
    assert_eq!(downloads(&bench), 2 * in_a_row);
    for _ in 2..=400 / in_a_row {
        bench.fetch().await;
    }
    assert_eq!(bench.exposed_seconds(), 1_800, "an honest file is reached in the end");
}

#[tokio::test]
async fn a_fetch_ends_with_its_budget_and_the_next_one_goes_on() {
    let mut bench = Bench::enrolled().await;
    bench.meet(&case(5), 6);
    let size = one(1, 1).len() as u64;
    bench.budget.bytes = 2 * size;
    bench.restart();
    let names: Vec<String> = (1..=5).map(|number| format!("{number}.zip")).collect();
    let listed: Vec<_> = (1..)
        .zip(&names)
        .map(|(number, name)| (name.as_str(), one(number, number as u8)))
        .collect();
    bench.list(&listed);
    let mut fetched = Vec::new();
    for _ in 0..3 {
        let outcome = bench.fetch_all().await;
        fetched.push((outcome.batches, outcome.cut_short));
    }
    assert!(fetched[0].0 <= 3 && fetched[0].1, "{fetched:?}");
    assert_eq!(fetched.iter().map(|(batches, _)| batches).sum::<u64>(), 5);
    assert_eq!(bench.exposed_seconds(), 1_800);

    bench.budget = FetchBudget { time: Duration::ZERO, ..FetchBudget::default() };
    bench.restart();
    bench.list(&[("6.zip", one(6, 6))]);
    assert_eq!(bench.fetch_all().await.batches, 0);
    assert_eq!(bench.downloads("6.zip"), 0);
}

#[tokio::test]
async fn a_list_of_more_names_than_a_device_follows_is_refused() {
    let mut bench = Bench::enrolled().await;
    bench.budget.names = 3;
    bench.restart();
    bench.list(&["1.zip", "2.zip", "3.zip", "4.zip"].map(|name| (name, one(1, 1))));
    let error = bench.fetch().await.error;
    assert!(matches!(error, Some(SyncError::TooManyFiles(4))), "{error:?}");
    assert_eq!(bench.downloads("1.zip"), 0);
}

#[tokio::test]
async fn a_batch_is_matched_when_all_its_files_are_there() {
    let mut bench = Bench::enrolled().await;
    bench.meet(&case(1), 6);
    bench.meet(&case(2), 2);
    let chunk = |num, seed| export(1, (num, 2), &[diagnosis(&case(seed), ConfirmedTest)], 2);
    bench.list(&[("1-a.zip", chunk(1, 1))]);
    let outcome = bench.fetch().await;
    assert!(matches!(outcome.error, Some(SyncError::Incomplete(_))));
    assert_eq!((outcome.batches, bench.exposed_seconds()), (0, 0));
    bench.restart();
    bench.list(&[("1-b.zip", chunk(2, 2))]);
    assert_eq!(bench.fetch_all().await.batches, 1);
    assert_eq!(bench.exposed_seconds(), 2_400);
    assert_eq!(bench.downloads("1-a.zip"), 1, "the first file waited on disk");
}

#[tokio::test]
async fn lists_that_lead_elsewhere_are_refused() {
    let bench = Bench::enrolled().await;
    bench.authority.with(|content| {
        content.files.insert(INDEX.into(), b"ok.zip\n../../v1/authority.zip\n".to_vec());
    });
    let error = bench.fetch().await.error.unwrap();
    assert!(matches!(error, SyncError::BadIndex { line: 2, .. }), "{error}");
    assert_eq!(bench.downloads("ok.zip"), 0);
}

#[tokio::test]
async fn a_file_of_another_region_is_refused() {
    let bench = Bench::enrolled().await;
    bench.authority.with(|content| {
        let mut document = crate::support::fixture::document(6);
        document.regions = vec!["HN".into()];
        content.files.insert(DOCUMENT.into(), crate::support::fixture::sign(&document));
        content.files.insert("/v1/exports/HN/index.txt".into(), b"1.zip".to_vec());
        content.files.insert("/v1/exports/HN/1.zip".into(), one(1, 1));
    });
    let error = bench.fetch().await.error.unwrap();
    assert!(matches!(error, SyncError::WrongRegion { .. }), "{error}");
}

#[tokio::test]
async fn an_error_brings_the_next_fetch_closer_and_a_restart_does_not() {
    let mut bench = Bench::enrolled().await;
    bench.authority.fault(DOCUMENT, Fault::Status(503));
    assert!(bench.fetch().await.error.is_some());
    let now = bench.clock.now();
    let due = bench.sync.next_due();
    assert!(due > now && due <= now.plus(90));
    let look_alike = bench.sync.next_dummy_upload();
    bench.restart();
    assert_eq!((bench.sync.next_due(), bench.sync.next_dummy_upload()), (due, look_alike));
    assert!(bench.sync.status().last_error.is_some());
    bench.fetch_all().await;
    assert!(bench.sync.next_due() >= now.plus(60));
    assert_eq!(bench.sync.status().last_error, None);
}
