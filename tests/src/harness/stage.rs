//! The stage: a folder for everything, the clock that all follow, the air between the devices.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use vungxanh_daemon::radio::air::{AirError, AirHub, AirSettings};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

use super::browser::BrowserError;
use super::process::{Host, ProcessError};
use super::time_keeper::{STANDSTILL, TimeKeeper};
use crate::scaled_clock::{ClockDriver, ScaledClock};

/// Scaled seconds a second while somebody acts.
pub const ACTING: u32 = 20;
/// Scaled seconds that somebody's act takes at most, however slow the machine: then time goes on
/// at its own pace.
const LONGEST_ACT: u64 = 1_800;
/// While nothing happens: an hour passes in less than a second, where the machine keeps up.
pub const WAITING: u32 = 5_400;
/// Room that paths below the folder need: the path of a Unix socket has 107 bytes at most.
const LONGEST_FOLDER: usize = 70;
/// Real time in which scaled time must go on at least a little.
const TIMEOUT: Duration = STANDSTILL.saturating_mul(2);
/// How often the clock is looked at.
const POLL: Duration = Duration::from_millis(5);

/// Why the demo could not go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// A file or folder of the demo.
    #[error("{what}: {source}")]
    Files {
        /// What was to be done.
        what: String,
        source: io::Error,
    },
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Air(#[from] AirError),
    /// A page of the server.
    #[error(transparent)]
    Page(#[from] BrowserError),
    /// Something that had to come did not.
    #[error("waited in vain for {0}")]
    InVain(String),
}

impl DemoError {
    /// For `map_err` on file operations.
    pub fn files(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Files { what, source }
    }
}

/// Where it takes place: the demo, or an end-to-end test.
#[derive(Debug)]
pub struct Stage {
    // Dropped in this order: nothing writes into the folder when it is removed.
    time: TimeKeeper,
    hub: AirHub,
    clock: Arc<ScaledClock>,
    host: Host,
    folder: TempDir,
}

impl Stage {
    /// Sets it up in a new temporary folder. `executable` is the demo's program, `language` is
    /// `vi` or `en`. Call within a tokio runtime.
    pub async fn set_up(
        executable: PathBuf,
        beginning: UnixTime,
        seed: u64,
        language: &'static str,
    ) -> Result<Self, DemoError> {
        let folder = short_folder().map_err(DemoError::files("cannot make a temporary folder"))?;
        let logs = folder.path().join("logs");
        std::fs::create_dir(&logs).map_err(DemoError::files("cannot make a folder for logs"))?;
        let clock_file = folder.path().join("clock");
        let driver = ClockDriver::create(&clock_file, beginning, ACTING)
            .map_err(DemoError::files("cannot start the clock"))?;
        let clock = ScaledClock::open(&clock_file).map(Arc::new);
        let clock = clock.map_err(DemoError::files("cannot read the clock that was started"))?;
        let settings = AirSettings { seed, ..AirSettings::default() };
        let hub = AirHub::start(&folder.path().join("air.sock"), settings, clock.clone()).await?;
        let time = TimeKeeper::start(driver, clock.clone(), hub.watcher());
        let host = Host { executable, clock_file: Some(clock_file), language, logs };
        Ok(Self { time, hub, clock, host, folder })
    }

    /// The clock that everyone follows.
    pub fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    pub const fn hub(&self) -> &AirHub {
        &self.hub
    }

    /// The folder in which everything is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where children come from.
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// The simulated radio's socket.
    pub fn socket(&self) -> PathBuf {
        self.hub.socket().to_owned()
    }

    /// The time on stage.
    pub fn now(&self) -> UnixTime {
        self.clock.now()
    }

    /// Sets the speed of time.
    pub fn set_rate(&mut self, rate: u32) -> Result<(), DemoError> {
        self.time.set_rate(rate).map_err(DemoError::files("cannot set the clock"))
    }

    /// Lets time pass a little faster than it does, for what somebody is about to do.
    pub fn act(&mut self) -> Result<(), DemoError> {
        let until = self.now().plus(LONGEST_ACT);
        self.time.run_until(until, ACTING, 1).map_err(DemoError::files("cannot set the clock"))
    }

    /// Lets time pass at `rate` until `until`, and stand still there. It waits for devices that
    /// are behind.
    pub async fn pass_until(&mut self, until: UnixTime, rate: u32) -> Result<(), DemoError> {
        self.time.run_until(until, rate, 0).map_err(DemoError::files("cannot set the clock"))?;
        let mut went_on = (self.now(), Instant::now());
        while self.now() < until {
            if self.now() > went_on.0 {
                went_on = (self.now(), Instant::now());
            } else if went_on.1.elapsed() > TIMEOUT {
                return Err(DemoError::InVain(format!("{until} on the demo's clock")));
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }
}

/// A temporary folder whose path leaves room for sockets.
fn short_folder() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("vungxanh-demo-");
    if std::env::temp_dir().as_os_str().len() > LONGEST_FOLDER - 24 {
        return builder.tempdir_in("/tmp");
    }
    builder.tempdir()
}
