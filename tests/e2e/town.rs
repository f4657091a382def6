//! What the tests on real processes share: a stage, an authority, devices.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use vungxanh_daemon::radio::air::Point;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::risk::RiskLevel;
use vungxanh_tests::harness::authority::{Authority, Pace};
use vungxanh_tests::harness::moment::{FIRST_DATE, at};
use vungxanh_tests::harness::person::Person;
use vungxanh_tests::harness::process::{Finished, Host};
use vungxanh_tests::harness::stage::{ACTING, DemoError, Stage};

/// What a test returns.
pub type TestResult = Result<(), DemoError>;

/// Ten past noon in Viet Nam: the running key ends at one, and is public from two.
pub const NOON: UnixTime = at(0, 12, 10).time();
/// The onset of symptoms that staff enter.
pub const ONSET: &str = FIRST_DATE;
/// Scaled seconds a second while people meet.
const MEETING: u32 = 200;
const WAITING: u32 = 1_800;
/// Real time for what must come.
pub const TIMEOUT: Duration = Duration::from_secs(120);
/// Devices look for batches each few minutes; look-alikes are rare here.
const PACE: Pace = Pace { sync_minutes: 10, look_alike_hours: 336 };

/// A stage with an authority whose server runs.
pub struct Town {
    pub stage: Stage,
    pub authority: Authority,
}

/// The demo's program: it is every other program, too.
pub fn executable() -> PathBuf {
    env!("CARGO_BIN_EXE_demo").into()
}

/// A stage without anybody.
pub async fn stage() -> Stage {
    Stage::set_up(executable(), NOON, 7, "en").await.unwrap()
}

/// Metres apart: homes are out of range of each other.
fn home(number: usize) -> Point {
    Point { x: 1_000.0 * (number as f64 + 1.0), y: 0.0 }
}

impl Town {
    /// Founds an authority and starts its server.
    pub async fn found() -> Self {
        let stage = stage().await;
        let folder = stage.folder().join("authority");
        let authority = Authority::found(stage.host(), &folder, PACE).await.unwrap();
        Self { stage, authority }
    }

    /// A device that is neither enrolled nor running.
    pub fn stranger(&self, id: &str) -> Person {
        let people = self.stage.folder().join("people");
        Person::new(self.stage.host(), &people, &self.stage.socket(), id)
    }

    /// Devices that are enrolled and trace, each at home.
    pub async fn people<const N: usize>(&self, ids: [&str; N]) -> Result<[Person; N], DemoError> {
        let mut people = Vec::new();
        for (number, id) in ids.into_iter().enumerate() {
            self.stage.hub().place(id, home(number));
            let mut person = self.stranger(id);
            person.enroll(&self.authority.founded().enrolment).await?;
            person.start().await?;
            person.await_tracing().await?;
            people.push(person);
        }
        Ok(people.try_into().unwrap())
    }

    /// `a` and `b` are one metre apart for so many minutes; then time stands still.
    pub async fn meet(&mut self, a: &str, b: &str, minutes: u64) -> TestResult {
        self.stage.set_rate(0)?;
        let place = |x| Point { x, y: -1_000.0 };
        self.stage.hub().place(a, place(0.0));
        self.stage.hub().place(b, place(1.0));
        self.pass(minutes * 60, MEETING).await
    }

    /// `who` goes far away from everybody.
    pub fn leave(&self, who: &str) {
        self.stage.hub().place(who, Point { x: 0.0, y: 50_000.0 });
    }

    /// Lets so many seconds pass.
    pub async fn pass(&mut self, seconds: u64, rate: u32) -> TestResult {
        let until = self.stage.now().plus(seconds);
        self.stage.pass_until(until, rate).await
    }

    /// Staff issue a code, and the person reports with it.
    pub async fn report(&mut self, case: &Person) -> TestResult {
        self.stage.set_rate(ACTING)?;
        let code = self.authority.issue_code(ONSET).await?.code;
        let reported = case.report(&code, &[]).await?;
        assert_eq!((reported.published, reported.left_out), (1, 0));
        Ok(())
    }

    /// Lets time pass until `done`; fails after a while.
    pub async fn pass_until(
        &mut self,
        what: &str,
        mut done: impl AsyncFnMut(&Self) -> Result<bool, DemoError>,
    ) -> TestResult {
        let deadline = Instant::now() + TIMEOUT;
        while !done(self).await? {
            if Instant::now() > deadline {
                return Err(DemoError::InVain(what.into()));
            }
            self.pass(900, WAITING).await?;
        }
        Ok(())
    }

    /// Lets time pass until the key that was running at noon is public and everyone has matched
    /// the batch in which it is: no device is behind in its number of batches.
    pub async fn await_batches(&mut self, people: &[&Person]) -> TestResult {
        let released = at(0, 15, 5).time();
        if self.stage.now() < released {
            self.stage.pass_until(released, WAITING).await?;
        }
        let batches = self.authority.batches()?.len() as u64;
        assert!(batches > 0, "no batch was published");
        self.pass_until("everyone to match every batch", async |_| {
            for person in people {
                if person.status().await?.sync.batches < batches {
                    return Ok(false);
                }
            }
            Ok(true)
        })
        .await
    }
}

/// The highest level that `exposures` shows, which must be what the daemon reported.
pub async fn level(person: &Person) -> Result<RiskLevel, DemoError> {
    let days = person.exposures().await?.days;
    Ok(days.iter().map(|day| day.summary.level).max().unwrap_or(RiskLevel::None))
}

/// Waits, in real time, until `done`.
pub async fn eventually(
    what: &str,
    mut done: impl AsyncFnMut() -> Result<bool, DemoError>,
) -> TestResult {
    let deadline = Instant::now() + TIMEOUT;
    while !done().await? {
        if Instant::now() > deadline {
            return Err(DemoError::InVain(what.into()));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Scan instances that the device keeps.
pub async fn kept_scans(person: &Person) -> Result<u64, DemoError> {
    Ok(person.status().await?.store.scan_instances)
}

/// The error's id that a command with `--json` wrote on standard error, after any messages.
pub fn error_id(finished: &Finished) -> String {
    let last = finished.stderr.lines().last().unwrap();
    let error: serde_json::Value = serde_json::from_str(last).unwrap();
    assert!(!error["message"].as_str().unwrap().is_empty());
    error["error"].as_str().unwrap().to_owned()
}

/// The same host with another clock.
pub fn with_clock(host: &Host, clock_file: PathBuf) -> Host {
    Host { clock_file: Some(clock_file), ..host.clone() }
}
