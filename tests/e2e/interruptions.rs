//! Whatever is killed, cut off or damaged, goes on where it stopped.

use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::SystemTime;

use tokio::task::JoinHandle;
use vungxanh_protocol::risk::RiskLevel;
use vungxanh_tests::harness::moment::at;
use vungxanh_tests::harness::process::{Finished, ProcessError, is_alive};
use vungxanh_tests::harness::search::files_under;
use vungxanh_tests::harness::stage::{ACTING, DemoError};

use crate::proxy::Proxy;
use crate::town::{ONSET, TIMEOUT, TestResult, Town, eventually, kept_scans, level};

/// When a file in the folder was last written.
fn last_written(folder: &Path) -> Option<SystemTime> {
    let files = files_under(folder).unwrap_or_default();
    files.iter().filter_map(|path| path.metadata().ok()?.modified().ok()).max()
}

/// Begins a report while time stands still, so that it waits in the pause after its first request,
/// whose answer it has stored.
async fn report_in_its_first_pause(
    town: &Town,
    id: &str,
    code: &str,
) -> Result<JoinHandle<Result<Finished, ProcessError>>, DemoError> {
    let (typist, code) = (town.stranger(id), code.to_owned());
    let store = typist.profile().join("store");
    let before = last_written(&store);
    let report =
        tokio::spawn(async move { typist.command(&["report", &code, "--yes", "--json"]).await });
    eventually("the first request", async || {
        assert!(!report.is_finished(), "ended without time passing");
        Ok(town.authority.statistics().await?["codes_redeemed"] == 1)
    })
    .await?;
    // Nothing else is written while time stands still.
    eventually("the answer to be stored", async || Ok(last_written(&store) > before)).await?;
    town.stranger(id).status().await?;
    Ok(report)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_killed_while_scanning_loses_no_flushed_encounter() -> TestResult {
    let mut town = Town::found().await;
    let [lan, mut minh] = town.people(["lan", "minh"]).await?;
    town.meet("lan", "minh", 12).await?;
    // Time goes on while it is killed: it is in the middle of a scan, or of writing it.
    town.stage.set_rate(200)?;
    let before = kept_scans(&minh).await?;
    eventually("one more scan", async || Ok(kept_scans(&minh).await? > before)).await?;
    let flushed = kept_scans(&minh).await?;
    minh.take_daemon().unwrap().kill();
    town.stage.set_rate(ACTING)?;
    minh.start().await?;
    minh.await_tracing().await?;
    assert!(kept_scans(&minh).await? >= flushed, "{flushed} scans were flushed before");
    assert!(minh.status().await?.problems.is_empty());
    town.report(&lan).await?;
    town.leave("minh");
    town.await_batches(&[&minh]).await?;
    assert_eq!(level(&minh).await?, RiskLevel::High);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_goes_on_after_the_server_was_killed_in_its_middle() -> TestResult {
    let mut town = Town::found().await;
    let [lan, minh] = town.people(["lan", "minh"]).await?;
    town.meet("lan", "minh", 25).await?;
    let code = town.authority.issue_code(ONSET).await?.code;
    let report = report_in_its_first_pause(&town, "lan", &code).await?;
    town.authority.take_server().unwrap().kill();
    town.stage.set_rate(ACTING)?;
    report.await.unwrap()?.expect_code(5)?;
    town.authority.serve().await?;
    // The code has been used, but its token is stored: the same command goes on.
    let reported = lan.report(&code, &[]).await?;
    assert_eq!(reported.published, 1);
    town.leave("minh");
    town.await_batches(&[&minh]).await?;
    assert_eq!(level(&minh).await?, RiskLevel::High);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_goes_on_after_the_daemon_was_killed_in_its_middle() -> TestResult {
    let mut town = Town::found().await;
    let [mut lan, minh] = town.people(["lan", "minh"]).await?;
    town.meet("lan", "minh", 25).await?;
    let code = town.authority.issue_code(ONSET).await?.code;
    let report = report_in_its_first_pause(&town, "lan", &code).await?;
    lan.take_daemon().unwrap().kill();
    let cut_off = report.await.unwrap()?;
    assert!(matches!(cut_off.code, Some(4 | 5)), "{cut_off:?}");
    town.stage.set_rate(ACTING)?;
    lan.start().await?;
    // The one-use code has been used; what it was exchanged for has survived.
    assert_eq!(lan.report(&code, &[]).await?.published, 1);
    town.leave("minh");
    town.await_batches(&[&minh]).await?;
    assert_eq!(level(&minh).await?, RiskLevel::High);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_download_cut_off_in_its_middle_is_resumed() -> TestResult {
    let mut town = Town::found().await;
    let [lan] = town.people(["lan"]).await?;
    let address = town.authority.url().trim_start_matches("http://").to_owned();
    let proxy = Proxy::start(&address).await;
    let mut minh = town.stranger("minh");
    let fingerprint = &town.authority.founded().fingerprint;
    minh.enroll(&format!("http://{}#sha256={fingerprint}", proxy.address())).await?;
    minh.start().await?;
    minh.await_tracing().await?;
    town.meet("lan", "minh", 25).await?;
    town.report(&lan).await?;
    town.leave("minh");
    proxy.cut_files_after(Some(600));
    town.stage.pass_until(at(0, 15, 5).time(), 1_800).await?;
    town.pass_until("a download that was cut off", async |_| Ok(proxy.cuts() >= 2)).await?;
    let status = minh.status().await?;
    assert!(status.tracing, "tracing does not depend on the network");
    assert!(status.sync.last_error.is_some());
    assert_eq!(level(&minh).await?, RiskLevel::None);
    proxy.cut_files_after(None);
    town.await_batches(&[&minh]).await?;
    assert_eq!(level(&minh).await?, RiskLevel::High);
    assert!(proxy.resumed(), "what had arrived was used");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_come_after_the_server_was_down() -> TestResult {
    let mut town = Town::found().await;
    let [lan, mut minh] = town.people(["lan", "minh"]).await?;
    town.meet("lan", "minh", 25).await?;
    town.report(&lan).await?;
    town.leave("minh");
    let server = town.authority.take_server().unwrap();
    let pid = server.pid();
    server.kill();
    assert!(!is_alive(pid));
    town.stage.pass_until(at(0, 14, 30).time(), 1_800).await?;
    minh.await_event("problem", TIMEOUT).await?;
    let status = minh.status().await?;
    assert!(status.tracing && status.problems.iter().any(|problem| problem.id == "problem-sync"));
    town.authority.serve().await?;
    town.await_batches(&[&minh]).await?;
    assert_eq!(level(&minh).await?, RiskLevel::High);
    // Batches are counted before the rest of the fetch, warnings about venues, is done.
    town.pass_until("the problem to be mended", async |_| {
        Ok(minh.status().await?.problems.is_empty())
    })
    .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_store_is_moved_aside_and_said_so() -> TestResult {
    let mut town = Town::found().await;
    let [_lan, mut minh] = town.people(["lan", "minh"]).await?;
    town.meet("lan", "minh", 12).await?;
    assert!(kept_scans(&minh).await? > 0);
    minh.take_daemon().unwrap().stop().await?;
    let store = minh.profile().join("store");
    let mut damaged = 0;
    for path in files_under(&store).unwrap() {
        let length = path.metadata().unwrap().len();
        let mut file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(length / 3)).unwrap();
        file.write_all(&[0xA5; 4_096]).unwrap();
        damaged += 1;
    }
    assert!(damaged > 0, "no file of the store was found in {}", store.display());
    town.stage.set_rate(ACTING)?;
    minh.start().await?;
    let status = minh.status().await?;
    let said = status.problems.iter().find(|problem| problem.id == "problem-store-damaged");
    assert!(said.is_some_and(|said| !said.detail.is_empty()), "{:?}", status.problems);
    if status.authority.is_none() {
        minh.enroll(&town.authority.founded().enrolment).await?;
    }
    minh.await_tracing().await?;
    Ok(())
}
