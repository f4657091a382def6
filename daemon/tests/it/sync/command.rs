//! `vungxanh enroll` and `report` as people call them.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;
use vungxanh_protocol::authority::SIGNING_LABEL;
use vungxanh_protocol::diagnosis_key::ReportType::ConfirmedTest;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::signed;
use vungxanh_protocol::text::is_plain_lines;

use crate::support::authority::Authority;
use crate::support::fixture::{
    Bench, DOCUMENT, case, diagnosis, document, export, fingerprint, root,
};

/// An authority whose document is in force by the system's clock.
async fn authority() -> Bench {
    let bench = Bench::start().await;
    serve(&bench.authority, 1);
    bench
}

fn serve(authority: &Authority, root_seed: u8) {
    use base64::Engine;
    let key = root(root_seed);
    let mut document = document(5);
    document.expires_at = UnixTime::from_secs(4_102_444_800);
    document.root_key = base64::prelude::BASE64_STANDARD.encode(key.verifying_key().as_bytes());
    let signed = document.to_signed(&key).unwrap();
    authority.with(|content| content.files.insert(DOCUMENT.into(), signed));
}

async fn vungxanh(profile: &Path, arguments: &[&str]) -> Output {
    tokio::process::Command::new(env!("CARGO_BIN_EXE_vungxanh"))
        .args(["--lang", "en", "--json", "--profile"])
        .arg(profile)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap()
}

fn error(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    last["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_malformed_code_is_said_before_the_daemon_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let output = vungxanh(&folder.path().join("p"), &["report", "1234567"]).await;
    assert_eq!(
        (output.status.code(), error(&output).as_str()),
        (Some(3), "failure-code-malformed")
    );
    let output = vungxanh(&folder.path().join("p"), &["report", "1234 5678", "--yes"]).await;
    assert_eq!(output.status.code(), Some(4), "no daemon runs");
}

#[tokio::test]
async fn nothing_that_a_server_names_repaints_the_terminal() {
    let bench = authority().await;
    let folder = tempfile::tempdir().unwrap();
    // Signed by a key that takes anything: the document's own check is not in the way.
    let signed = bench.authority.with(|content| content.files[DOCUMENT].clone());
    let json = String::from_utf8(signed[89..].to_vec()).unwrap();
    let hostile = json.replace("Department of Health", "\\u001b[2J\\u009b1;1H\\u202e");
    assert_ne!(hostile, json);
    let signed = signed::sign(SIGNING_LABEL, hostile.as_bytes(), &root(1));
    bench.authority.with(|content| content.files.insert(DOCUMENT.into(), signed));
    let file = folder.path().join("\u{1b}[2J\u{9b}1;1H\u{202e}.zip");
    std::fs::write(&file, export(1, (1, 1), &[diagnosis(&case(1), ConfirmedTest)], 2)).unwrap();
    let (url, file) = (bench.authority.url.as_str(), file.to_str().unwrap());
    for (arguments, succeeds) in [
        (&["enroll", url][..], false),
        (&["keys", "show", "\u{1b}[2J\u{202e}.zip"], false),
        (&["keys", "show", file], true),
        (&["--json", "keys", "show", file], true),
    ] {
        let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_vungxanh"))
            .args(["--lang", "en", "--profile"])
            .arg(folder.path().join("p"))
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        assert_eq!(output.status.success(), succeeds, "{output:?}");
        for printed in [output.stdout, output.stderr] {
            let printed = String::from_utf8(printed).unwrap();
            assert!(is_plain_lines(&printed), "{printed:?}");
        }
    }
}

#[tokio::test]
async fn enroll_answers_with_exit_codes() {
    let bench = authority().await;
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("p");
    let url = &bench.authority.url;
    let with = |digits: &str| format!("{url}#sha256={digits}");
    let closed = "http://127.0.0.1:1".to_owned();
    for (argument, exit, id) in [
        (url.clone(), 3, "failure-fingerprint-needed"),
        (with("12"), 3, "failure-bad-fingerprint"),
        (with(&fingerprint(2)), 1, "failure-wrong-fingerprint"),
        ("http://health.example".into(), 3, "failure-bad-url"),
        (closed, 5, "failure-unreachable"),
    ] {
        let output = vungxanh(&profile, &["enroll", &argument]).await;
        assert_eq!(output.status.code(), Some(exit), "{argument}: {output:?}");
        assert_eq!(error(&output), id, "{argument}");
        assert!(output.stdout.is_empty());
    }
    let output = vungxanh(&profile, &["enroll", &with(&fingerprint(1).to_uppercase())]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["fingerprint"], fingerprint(1));
    assert_eq!(result["id"], "vn.example");

    serve(&bench.authority, 9);
    let output = vungxanh(&profile, &["enroll", &with(&fingerprint(9))]).await;
    assert_eq!((output.status.code(), error(&output)), (Some(1), "failure-other-authority".into()));
    let output = vungxanh(&profile, &["enroll", "--replace", &with(&fingerprint(9))]).await;
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[tokio::test]
async fn report_without_daemon_or_consent() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, exit, id) in [
        (&["report", "12345678"][..], 2, "failure-report-needs-yes"),
        (&["report", "12345678", "--yes", "--leave-out", "soon"], 3, "failure-bad-leave-out"),
        (&["report", "12345678", "--yes"], 4, "failure-not-running"),
    ] {
        let output = vungxanh(folder.path(), arguments).await;
        assert_eq!(output.status.code(), Some(exit), "{arguments:?}: {output:?}");
        assert_eq!(error(&output), id);
        assert!(!String::from_utf8_lossy(&output.stderr).contains("12345678"));
    }
}
