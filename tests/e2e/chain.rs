//! The whole chain on real processes: people near a case are notified, others are not.

use vungxanh_protocol::risk::RiskLevel;
use vungxanh_tests::harness::moment::at;
use vungxanh_tests::harness::stage::ACTING;

use crate::town::{ONSET, TIMEOUT, TestResult, Town, level};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_sat_near_is_told_and_who_was_elsewhere_is_not() -> TestResult {
    let mut town = Town::found().await;
    let [lan, mut minh, hoa] = town.people(["lan", "minh", "hoa"]).await?;
    town.meet("lan", "minh", 25).await?;
    town.report(&lan).await?;
    town.leave("minh");
    town.await_batches(&[&lan, &minh, &hoa]).await?;
    assert_eq!(level(&minh).await?, RiskLevel::High);
    // Batches are counted before the rest of the fetch, warnings about venues, is done.
    let told = minh.await_event("exposure", TIMEOUT).await?;
    assert_eq!(told.level, Some(RiskLevel::High));
    assert!(minh.exposures().await?.advice.contains_key("vi"), "told what to do");
    for other in [&lan, &hoa] {
        assert_eq!(level(other).await?, RiskLevel::None, "{}", other.id());
        assert!(other.events().iter().all(|event| event.event != "exposure"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_periods_that_a_person_leaves_out_tell_nobody() -> TestResult {
    let mut town = Town::found().await;
    let [lan, minh] = town.people(["lan", "minh"]).await?;
    town.meet("lan", "minh", 25).await?;
    // One o'clock begins the next rolling period.
    town.leave("minh");
    town.pass(40 * 60, 600).await?;
    town.stage.set_rate(ACTING)?;
    let code = town.authority.issue_code(ONSET).await?.code;
    let leave_out = format!("{ONSET}T12");
    let reported = lan.report(&code, &[&leave_out]).await?;
    assert_eq!((reported.published, reported.left_out), (1, 1));
    assert_eq!(town.authority.statistics().await?["keys_received"], 1);
    town.stage.pass_until(at(0, 20, 5).time(), 3_600).await?;
    town.await_batches(&[&minh]).await?;
    assert_eq!(level(&minh).await?, RiskLevel::None);
    Ok(())
}
