//! Publication and its dummy uploads.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use vungxanh_daemon::sync::{CodeError, SyncError};
use vungxanh_protocol::api::{
    PUBLISH_REQUEST_BYTES, PublishRequest, PublishedKey, TOKEN_REQUEST_BYTES,
};
use vungxanh_protocol::interval::{Interval, UnixTime};
use vungxanh_protocol::publish::{TransmissionRisk, tek_hmac};

use crate::support::authority::{Fault, Request};
use crate::support::fixture::{Bench, NOW, Ring};

const CODE: &str = "12345678";
const STEPS: [&str; 3] = ["/api/verify", "/api/certificate", "/v1/publish"];

async fn bench() -> Bench {
    let bench = Bench::enrolled().await;
    bench.authority.with(|content| content.codes.insert(CODE.into(), false));
    bench
}

/// What somebody on the network sees: paths, sizes, headers.
fn shape(requests: &[Request]) -> Vec<(String, usize, BTreeSet<String>)> {
    let names = |request: &Request| request.headers.keys().cloned().collect();
    requests.iter().map(|r| (r.path.clone(), r.body.len(), names(r))).collect()
}

fn pauses(requests: &[Request]) -> Vec<u64> {
    requests.windows(2).map(|pair| pair[1].at.since(pair[0].at)).collect()
}

#[tokio::test]
async fn keys_are_published_under_a_certificate_for_exactly_them() {
    let bench = bench().await;
    let ring = Ring::with(9);
    let leave_out = vec![NOW.minus(10 * 3_600)..NOW.minus(9 * 3_600)];
    let reported = bench.sync.report(&ring, CODE, leave_out.clone()).await.unwrap();
    assert_eq!((reported.published, reported.left_out), (8, 1));
    assert_eq!(reported.report_type, "confirmed");
    assert_eq!(ring.retired(), 9, "what was left out is not broadcast on either");

    let posts = bench.authority.posts();
    let paths: Vec<&str> = posts.iter().map(|request| request.path.as_str()).collect();
    assert_eq!(paths, STEPS);
    let published: PublishRequest = serde_json::from_slice(&posts[2].body).unwrap();
    assert!(!published.look_alike);
    assert_eq!(published.health_authority_id, "vn.example");
    let onset = UnixTime::from_secs(1_772_323_200).interval();
    assert_eq!(published.symptom_onset_interval, i64::from(onset.number()));
    let keys = &published.temporary_exposure_keys;
    assert!(keys.iter().all(|key| !touches(key, &leave_out[0]) && key.rolling_period == 36));
    let hmac_key = BASE64_STANDARD.decode(&published.hmac_key).unwrap();
    let hmac = tek_hmac(keys, TransmissionRisk::Included, &hmac_key);
    let certificate = format!("certificate-{}", BASE64_STANDARD.encode(hmac));
    assert_eq!(published.verification_payload, certificate);

    let again = bench.sync.report(&Ring::with(9), CODE, Vec::new()).await.unwrap_err();
    assert!(matches!(again, SyncError::Code(CodeError::Used)));
}

fn touches(key: &PublishedKey, range: &std::ops::Range<UnixTime>) -> bool {
    let start = Interval::new(key.rolling_start_number as u32);
    start.start() < range.end && range.start < start.plus(key.rolling_period as u32).start()
}

#[tokio::test]
async fn a_look_alike_looks_the_same() {
    let bench = bench().await;
    bench.sync.dummy_upload().await.unwrap();
    let look_alike = bench.authority.posts();
    bench.authority.with(|content| content.requests.clear());
    bench.sync.report(&Ring::with(60), CODE, Vec::new()).await.unwrap();
    let real = bench.authority.posts();
    assert_eq!(shape(&look_alike), shape(&real));
    let sizes: Vec<usize> = real.iter().map(|request| request.body.len()).collect();
    assert_eq!(sizes, [TOKEN_REQUEST_BYTES, TOKEN_REQUEST_BYTES, PUBLISH_REQUEST_BYTES]);
    assert!(look_alike.iter().all(|request| request.json()["lookAlike"] == true));
    assert!(real.iter().all(|request| request.json()["lookAlike"] == false));
    assert_eq!(bench.authority.with(|content| content.published.len()), 1);
    assert_eq!(bench.sync.status().dummy_uploads, 1);
}

#[tokio::test]
async fn pauses_come_from_one_distribution() {
    let (mut real, mut look_alike) = (Vec::new(), Vec::new());
    let bench = Bench::enrolled().await;
    for round in 0..60 {
        let code = format!("{round:08}");
        bench.authority.with(|content| {
            content.codes.insert(code.clone(), false);
            content.published.clear();
            content.requests.clear();
        });
        bench.sync.report(&Ring::with(3), &code, Vec::new()).await.unwrap();
        real.extend(pauses(&bench.authority.posts()));
        bench.authority.with(|content| content.requests.clear());
        bench.sync.dummy_upload().await.unwrap();
        look_alike.extend(pauses(&bench.authority.posts()));
    }
    assert_eq!((real.len(), look_alike.len()), (120, 120));
    // Kolmogorov-Smirnov with 120 against 120: 0.3 is exceeded once in 20,000 runs.
    let below = |pauses: &[u64], t| pauses.iter().filter(|pause| **pause <= t).count() as f64;
    let distance = (0..20)
        .map(|t| (below(&real, t) - below(&look_alike, t)).abs() / 120.0)
        .fold(0.0, f64::max);
    assert!(distance < 0.3, "{distance}: {real:?} {look_alike:?}");
    assert!(real.iter().all(|pause| (1..=17).contains(pause)));
}

/// Waits for three requests and answers their paths.
async fn three_paths(bench: &Bench) -> Vec<String> {
    let three = async {
        while bench.authority.posts().len() < 3 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let _ = tokio::time::timeout(std::time::Duration::from_secs(30), three).await;
    bench.authority.posts().into_iter().map(|request| request.path).collect()
}

#[tokio::test]
async fn a_server_that_takes_it_for_too_many_sees_three_requests_of_both_kinds() {
    let bench = bench().await;
    for step in STEPS {
        bench.authority.fault(step, Fault::Status(429));
        let ring = Ring::with(9);
        let error = bench.sync.report(&ring, CODE, Vec::new()).await.unwrap_err();
        assert!(matches!(error, SyncError::Code(CodeError::TooMany)), "{step}: {error}");
        assert_eq!(three_paths(&bench).await, STEPS, "{step}");
        bench.authority.with(|content| content.requests.clear());
        bench.authority.fault(step, Fault::Status(429));
        let error = bench.sync.dummy_upload().await.unwrap_err();
        assert!(matches!(error, SyncError::Code(CodeError::TooMany)), "{step}: {error}");
        assert_eq!(three_paths(&bench).await, STEPS, "{step}");
        bench.authority.with(|content| content.requests.clear());
    }
    assert_eq!(bench.sync.report(&Ring::with(9), CODE, Vec::new()).await.unwrap().published, 9);
}

#[tokio::test]
async fn a_refused_code_changes_nothing_and_still_looks_like_three_requests() {
    let bench = bench().await;
    bench.authority.with(|content| content.codes.insert("99999999".into(), true));
    for (code, expected) in [("00000000", CodeError::Unknown), ("99999999", CodeError::Used)] {
        bench.authority.with(|content| content.requests.clear());
        let ring = Ring::with(5);
        let error = bench.sync.report(&ring, code, Vec::new()).await.unwrap_err();
        assert!(matches!(error, SyncError::Code(found) if found == expected), "{error}");
        assert_eq!(ring.retired(), 0);
        assert!(!bench.sync.has_pending_report().unwrap());
        assert_eq!(three_paths(&bench).await, STEPS);
    }
    bench.sync.report(&Ring::with(5), CODE, Vec::new()).await.unwrap();
}

#[tokio::test]
async fn what_has_not_the_form_of_a_code_is_said_before_anything_is_sent() {
    let bench = bench().await;
    for code in ["1234567", "123456789", "", "abcdefgh"] {
        let error = bench.sync.report(&Ring::with(5), code, Vec::new()).await.unwrap_err();
        assert!(matches!(error, SyncError::Code(CodeError::Malformed)), "{code}: {error}");
        assert!(!bench.sync.has_pending_report().unwrap());
    }
    assert!(bench.authority.posts().is_empty());
}

#[tokio::test]
async fn a_code_is_taken_as_it_is_pasted() {
    for code in ["1234–5678.", "１２３４５６７８", " 12.34.56\u{200b}78 "] {
        let bench = bench().await;
        assert_eq!(bench.sync.report(&Ring::with(5), code, Vec::new()).await.unwrap().published, 5);
    }
}

#[tokio::test]
async fn a_report_goes_on_after_any_interruption_and_publishes_once() {
    for step in STEPS {
        for fault in [Fault::NoAnswer, Fault::CutAfter(3), Fault::Status(503)] {
            for killed in [false, true] {
                let mut bench = bench().await;
                let ring = Ring::with(9);
                bench.authority.fault(step, fault);
                let error = bench.sync.report(&ring, CODE, Vec::new()).await.unwrap_err();
                assert!(!matches!(error, SyncError::Code(_)), "{step} {fault:?}: {error}");
                if step != "/v1/publish" {
                    assert_eq!(ring.retired(), 0, "{step}: nothing can be public yet");
                }
                if killed {
                    bench.restart();
                }
                bench.authority.with(|content| content.requests.clear());
                let reported = bench.sync.report(&ring, CODE, Vec::new()).await.unwrap();
                assert_eq!(reported.published, 9, "{step} {fault:?}");
                assert_eq!(ring.retired(), 9);
                assert_eq!(bench.authority.with(|content| content.published.len()), 1);
                assert!(!bench.sync.has_pending_report().unwrap());
                let paths: Vec<String> =
                    bench.authority.posts().into_iter().map(|r| r.path).collect();
                assert_eq!(paths, STEPS, "a resumed report looks like any other");
            }
        }
    }
}

#[tokio::test]
async fn keys_are_retired_before_they_leave_the_device() {
    let mut bench = bench().await;
    let ring = Ring::with(9);
    // The keys arrive; the daemon is killed before it hears so.
    bench.authority.fault("/v1/publish", Fault::NoAnswer);
    assert!(bench.sync.report(&ring, CODE, Vec::new()).await.is_err());
    assert_eq!(bench.authority.with(|content| content.published.len()), 1);
    assert_eq!(ring.retired(), 9);
    bench.restart();
    // Another code does not bring them back either.
    let error = bench.sync.report(&ring, "00000000", Vec::new()).await.unwrap_err();
    assert!(matches!(error, SyncError::Code(CodeError::Unknown)));
    assert_eq!(ring.retired(), 9);
}

#[tokio::test]
async fn a_certificate_that_expired_meanwhile_is_renewed() {
    let mut bench = bench().await;
    let ring = Ring::with(9);
    bench.authority.fault("/v1/publish", Fault::Status(503));
    assert!(bench.sync.report(&ring, CODE, Vec::new()).await.is_err());
    bench.restart();
    bench.authority.with(|content| content.certificate_expired = true);
    assert_eq!(bench.sync.report(&ring, CODE, Vec::new()).await.unwrap().published, 9);
    assert_eq!(bench.authority.with(|content| content.published.len()), 1);
}

#[tokio::test]
async fn a_definite_refusal_gives_the_keys_back() {
    let bench = bench().await;
    let ring = Ring::with(9);
    bench.authority.with(|content| content.certificate_expired = true);
    let error = bench.sync.report(&ring, CODE, Vec::new()).await.unwrap_err();
    assert!(matches!(error, SyncError::PublicationRefused(_)), "{error}");
    assert_eq!(ring.retired(), 0);
    assert!(!bench.sync.has_pending_report().unwrap());
}

#[tokio::test]
async fn another_choice_counts_as_long_as_nothing_is_public() {
    let bench = bench().await;
    let ring = Ring::with(9);
    bench.authority.fault("/api/certificate", Fault::Status(503));
    assert!(bench.sync.report(&ring, CODE, Vec::new()).await.is_err());
    let leave_out = vec![NOW.minus(10 * 3_600)..NOW.minus(9 * 3_600)];
    let reported = bench.sync.report(&ring, CODE, leave_out).await.unwrap();
    assert_eq!((reported.published, reported.left_out), (8, 1));
}

#[tokio::test]
async fn after_nothing_to_publish_the_same_code_still_works() {
    let bench = bench().await;
    let everything = vec![NOW.minus(100 * 86_400)..NOW.plus(86_400)];
    let error = bench.sync.report(&Ring::with(3), CODE, everything).await.unwrap_err();
    assert!(matches!(error, SyncError::NothingToPublish));
    assert_eq!(three_paths(&bench).await, STEPS, "it looks like any other");
    bench.sync.report(&Ring::with(3), CODE, Vec::new()).await.unwrap();
}

#[tokio::test]
async fn forgetting_leaves_nothing_of_a_report() {
    let mut bench = bench().await;
    let ring = Ring::with(9);
    bench.authority.fault("/v1/publish", Fault::Status(503));
    assert!(bench.sync.report(&ring, CODE, Vec::new()).await.is_err());
    assert!(bench.sync.has_pending_report().unwrap());
    bench.sync.quiesce().await.forget_person().await.unwrap();
    bench.restart();
    assert!(!bench.sync.has_pending_report().unwrap());
}

#[tokio::test]
async fn a_choice_is_remembered_before_the_code_is_sent_and_goes_on_without_being_made_again() {
    for step in STEPS {
        let mut bench = bench().await;
        let ring = Ring::with(9);
        bench.authority.fault(step, Fault::NoAnswer);
        let leave_out = vec![NOW.minus(10 * 3_600)..NOW.minus(9 * 3_600)];
        assert!(bench.sync.report(&ring, CODE, leave_out.clone()).await.is_err());
        bench.restart();
        let reported = bench.sync.resume_report(&ring).await.unwrap();
        assert_eq!((reported.published, reported.left_out), (8, 1), "{step}");
        let published = bench.authority.with(|content| content.published.clone());
        assert_eq!(published.len(), 1, "{step}");
        let keys: Vec<PublishedKey> =
            serde_json::from_value(published[0]["temporaryExposureKeys"].clone()).unwrap();
        assert!(keys.iter().all(|key| !touches(key, &leave_out[0])), "{step}");
        let nothing = bench.sync.resume_report(&ring).await.unwrap_err();
        assert!(matches!(nothing, SyncError::NothingToPublish), "{step}: {nothing}");
    }
}
