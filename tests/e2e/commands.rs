//! Commands of the person: exit codes that scripts can rely on, and messages that help.

use std::time::Instant;

use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::risk::RiskLevel;
use vungxanh_tests::harness::authority::{Authority, free_port};
use vungxanh_tests::harness::moment::at;
use vungxanh_tests::harness::person::Person;
use vungxanh_tests::harness::process::{Host, Program, STOP_TIMEOUT};
use vungxanh_tests::harness::stage::{ACTING, DemoError};
use vungxanh_tests::scaled_clock::ClockDriver;

use crate::town::{
    NOON, ONSET, TestResult, Town, error_id, eventually, kept_scans, level, with_clock,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_daemon_on_one_profile_names_the_first_and_leaves_it_alone() -> TestResult {
    let town = Town::found().await;
    let [mut lan] = town.people(["lan"]).await?;
    let pid = lan.daemon().unwrap().pid();
    let radio = format!("air:{}#another", town.stage.socket().display());
    let second = lan.command(&["run", "--radio", &radio]).await?.expect_code(6)?;
    assert!(second.stderr.contains(&pid.to_string()), "{}", second.stderr);
    assert!(lan.status().await?.tracing, "the first goes on and answers");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_daemon_commands_say_so() -> TestResult {
    let town = Town::found().await;
    let lan = town.stranger("lan");
    for command in [&["status"][..], &["history"], &["exposures"], &["report", "12345678", "--yes"]]
    {
        let finished = lan.command(command).await?.expect_code(4)?;
        assert!(finished.stderr.contains("vungxanh run"), "{}", finished.stderr);
        assert!(finished.stdout.is_empty());
        let args = [command, &["--json"]].concat();
        assert_eq!(error_id(&lan.command(&args).await?.expect_code(4)?), "failure-not-running");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreachable_server_is_a_failure_of_the_network() -> TestResult {
    let mut town = Town::found().await;
    let [lan] = town.people(["lan"]).await?;
    let code = town.authority.issue_code(ONSET).await?.code;
    town.authority.take_server().unwrap().kill();
    lan.command(&["report", &code, "--yes"]).await?.expect_code(5)?;
    let nobody = format!("http://127.0.0.1:{}#sha256={}", free_port()?, "0".repeat(64));
    town.stranger("minh").command(&["enroll", &nobody]).await?.expect_code(5)?;
    // Nothing is lost: the same code works when the server is back.
    town.authority.serve().await?;
    assert_eq!(lan.report(&code, &[]).await?.published, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn codes_that_are_unknown_expired_or_used_are_told_apart() -> TestResult {
    let mut town = Town::found().await;
    let [lan, minh] = town.people(["lan", "minh"]).await?;
    let refused = async |code: &str| {
        let finished = minh.command(&["report", code, "--yes", "--json"]).await?.expect_code(3)?;
        Ok::<_, DemoError>(error_id(&finished))
    };
    let used = town.authority.issue_code(ONSET).await?.code;
    let expired = town.authority.issue_code(ONSET).await?.code;
    let unknown = if used.starts_with('1') { "20000000" } else { "10000000" };
    assert_eq!(refused(unknown).await?, "failure-code-unknown");
    assert_eq!(lan.report(&used, &[]).await?.published, 1);
    assert_eq!(refused(&used).await?, "failure-code-used");
    town.pass(16 * 60, 200).await?;
    town.stage.set_rate(ACTING)?;
    assert_eq!(refused(&expired).await?, "failure-code-expired");
    assert_eq!(town.authority.statistics().await?["keys_received"], 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_authority_document_that_was_rolled_back_is_refused() -> TestResult {
    let mut town = Town::found().await;
    let path = town.authority.folder().join("authority.signed");
    let old = std::fs::read(&path).unwrap();
    town.authority.command(&["resign"], &[]).await?.expect_code(0)?;
    town.authority.take_server().unwrap().stop().await?;
    town.authority.serve().await?;
    let [lan] = town.people(["lan"]).await?;
    let serial = lan.status().await?.authority.unwrap().serial;
    std::fs::write(&path, old).unwrap();
    town.authority.take_server().unwrap().stop().await?;
    town.authority.serve().await?;
    let enrolment = town.authority.founded().enrolment.clone();
    lan.command(&["enroll", &enrolment]).await?.expect_code(5)?;
    town.pass_until("a fetch that was refused", async |_| {
        Ok(lan.status().await?.sync.last_error.is_some_and(|error| error.contains("older")))
    })
    .await?;
    let status = lan.status().await?;
    assert_eq!(status.authority.unwrap().serial, serial, "what was seen stays in force");
    assert!(status.tracing);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sightings_under_a_clock_that_was_set_back_are_kept_but_not_scored() -> TestResult {
    let mut town = Town::found().await;
    let [lan, mut minh] = town.people(["lan", "minh"]).await?;
    minh.take_daemon().unwrap().stop().await?;
    // Minh's clock is set back while the device is off; by less than the tolerance of matching,
    // so that what is heard would match.
    let clock_file = town.stage.folder().join("clock-of-minh");
    let behind = |time: UnixTime| time.minus(8 * 60);
    let beginning = behind(town.stage.now());
    let mut minhs_clock = ClockDriver::create(&clock_file, beginning, ACTING).unwrap();
    let host = with_clock(town.stage.host(), clock_file);
    let people = town.stage.folder().join("people");
    let mut minh = Person::new(&host, &people, &town.stage.socket(), minh.id());
    minh.start().await?;
    minh.await_tracing().await?;
    let problems = minh.status().await?.problems;
    assert!(problems.iter().any(|problem| problem.id == "problem-clock"), "{problems:?}");
    let end = town.stage.now().plus(26 * 60);
    minhs_clock.run_until(behind(end), 200, ACTING).unwrap();
    town.meet("lan", "minh", 25).await?;
    assert!(kept_scans(&minh).await? > 5, "kept");
    town.report(&lan).await?;
    town.leave("minh");
    minhs_clock.run_until(at(0, 16, 0).time(), 1_800, ACTING).unwrap();
    town.await_batches(&[&minh]).await?;
    assert_eq!(level(&minh).await?, RiskLevel::None, "not scored");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_with_json_is_one_json_value() -> TestResult {
    let town = Town::found().await;
    let [lan] = town.people(["lan"]).await?;
    let passphrase = town.stage.folder().join("passphrase");
    std::fs::write(&passphrase, "correct horse battery\n").unwrap();
    let passphrase = passphrase.to_string_lossy().into_owned();
    let sealed = town.stage.folder().join("sealed").to_string_lossy().into_owned();
    let enrolment = town.authority.founded().enrolment.clone();
    let code = town.authority.issue_code(ONSET).await?.code;
    for args in [
        &["enroll", &enrolment][..],
        &["status"],
        &["history"],
        &["exposures"],
        &["export", &sealed, "--passphrase-file", &passphrase],
        &["import", &sealed, "--passphrase-file", &passphrase],
        &["report", &code, "--yes"],
        &["forget", "--all", "--yes"],
    ] {
        let args = [args, &["--json"]].concat();
        let finished = lan.command(&args).await?.expect_code(0)?;
        let value: serde_json::Value = finished.json()?;
        assert!(value.is_object(), "{args:?}: {value}");
    }
    for line in lan.lines() {
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert!(event["event"].is_string(), "{line}");
    }
    for args in [&["statistics"][..], &["config", "show"], &["issue-code"], &["publish-batch"]] {
        let finished = town.authority.command(args, &["--json"]).await?.expect_code(0)?;
        assert!(finished.json::<serde_json::Value>()?.is_object(), "{args:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn told_to_stop_a_daemon_and_a_server_go_at_once_and_in_order() -> TestResult {
    let mut town = Town::found().await;
    let [mut lan] = town.people(["lan"]).await?;
    let socket = lan.profile().join("control.sock");
    assert!(socket.exists());
    let mut daemon = lan.take_daemon().unwrap();
    daemon.tell_to_stop();
    let begun = Instant::now();
    let status = daemon.ended(STOP_TIMEOUT).await?;
    assert!(status.success(), "{status}, after {:?}", begun.elapsed());
    assert!(!socket.exists(), "the socket is removed");
    let lines = daemon.lines();
    assert!(lines.last().is_some_and(|line| line.contains("stopped")), "{lines:?}");
    assert!(town.authority.take_server().unwrap().stop().await?.success());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_the_systems_clock_the_programs_work_the_same() -> TestResult {
    // The rest runs on the scaled clock; here nothing is scaled.
    let folder = tempfile::tempdir().unwrap();
    let host = Host {
        executable: crate::town::executable(),
        clock_file: None,
        language: "vi",
        logs: folder.path().into(),
    };
    let address = format!("127.0.0.1:{}", free_port()?);
    let authority_folder = folder.path().join("authority");
    let mut authority = Authority::init(&host, &authority_folder, &address).await?;
    authority.serve().await?;
    let nowhere = folder.path().join("air.sock");
    let mut lan = Person::new(&host, folder.path(), &nowhere, "lan");
    lan.enroll(&authority.founded().enrolment).await?;
    lan.start().await?;
    eventually("the missing radio is a problem", async || {
        let problems = lan.status().await?.problems;
        Ok(problems.iter().any(|problem| problem.id == "problem-radio-missing"))
    })
    .await?;
    let status = lan.status().await?;
    assert!(!status.tracing, "no hub, no radio");
    assert!(status.now > NOON);
    let finished = host.run(Program::Daemon, &["--version"]).await?.expect_code(0)?;
    assert!(finished.stdout.starts_with("vungxanh "));
    Ok(())
}
