//! A person's device: the real daemon on a profile of its own, and what the person types.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use vungxanh_daemon::control_api::{Exposures, Opened, Reported, Status};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::risk::RiskLevel;

use super::process::{Finished, Host, ProcessError, Program, Running};

/// How long a daemon may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(600);

/// A line of the daemon's `run --json`, as far as we care.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// What happened: `started`, `tracing`, `exposure`, `look_alike`, ...
    pub event: String,
    /// How serious an exposure is.
    pub level: Option<RiskLevel>,
    /// When it was found.
    pub at: Option<UnixTime>,
}

impl Event {
    /// Reads a line; none if it is no event.
    pub fn from_line(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }
}

/// What `diary disclose --json` prints.
#[derive(Deserialize)]
struct Disclosed {
    lines: Vec<String>,
}

/// A device. Its daemon may or may not run.
#[derive(Debug)]
pub struct Person {
    host: Host,
    id: String,
    profile: PathBuf,
    radio: String,
    daemon: Option<Running>,
}

impl Person {
    /// A device called `id` with its profile below `folder`, hearing what the hub at `socket`
    /// brings.
    pub fn new(host: &Host, folder: &Path, socket: &Path, id: &str) -> Self {
        Self {
            host: host.clone(),
            id: id.into(),
            profile: folder.join(id),
            radio: format!("air:{}#{id}", socket.display()),
            daemon: None,
        }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn profile(&self) -> &Path {
        &self.profile
    }

    /// A command of the person.
    pub async fn command(&self, args: &[&str]) -> Result<Finished, ProcessError> {
        let profile = self.profile.to_string_lossy();
        let args = [args, &["--profile", &profile, "--lang", self.host.language]].concat();
        self.host.run(Program::Daemon, &args).await
    }

    async fn answer<T: DeserializeOwned>(&self, args: &[&str]) -> Result<T, ProcessError> {
        self.command(&[args, &["--json"]].concat()).await?.expect_code(0)?.json()
    }

    /// Chooses the authority: `URL#sha256=FINGERPRINT`.
    pub async fn enroll(&self, enrolment: &str) -> Result<(), ProcessError> {
        self.command(&["enroll", enrolment]).await?.expect_code(0).map(drop)
    }

    /// Starts the daemon and waits until it answers.
    pub async fn start(&mut self) -> Result<(), ProcessError> {
        let profile = self.profile.to_string_lossy();
        let args = ["run", "--json", "--profile", &profile, "--radio", &self.radio];
        let mut daemon = self.host.start(&self.id, Program::Daemon, &args, &[])?;
        daemon.await_line(0, "its start", START_TIMEOUT, is("started")).await?;
        self.daemon = Some(daemon);
        Ok(())
    }

    /// Waits until the daemon has scanned once.
    pub async fn await_tracing(&mut self) -> Result<(), ProcessError> {
        self.await_event("tracing", START_TIMEOUT).await.map(drop)
    }

    /// Waits for an event of this run.
    pub async fn await_event(
        &mut self,
        event: &str,
        patience: Duration,
    ) -> Result<Event, ProcessError> {
        let Some(daemon) = self.daemon.as_mut() else { return Err(not_running(&self.id)) };
        daemon.await_line(0, event, patience, is(event)).await
    }

    /// Everything that this run has printed.
    pub fn lines(&self) -> Vec<String> {
        self.daemon.as_ref().map(Running::lines).unwrap_or_default()
    }

    /// The events of this run.
    pub fn events(&self) -> Vec<Event> {
        self.lines().iter().filter_map(|line| Event::from_line(line)).collect()
    }

    pub fn daemon(&mut self) -> Option<&mut Running> {
        self.daemon.as_mut()
    }

    /// Takes the running daemon, to stop or kill it.
    pub fn take_daemon(&mut self) -> Option<Running> {
        self.daemon.take()
    }

    /// `open --print`: an address that leads one browser to the person's own page.
    pub async fn open_page(&self) -> Result<String, ProcessError> {
        let opened: Opened = self.answer(&["open", "--print"]).await?;
        Ok(opened.address)
    }

    /// `status`, whether tracing works or not.
    pub async fn status(&self) -> Result<Status, ProcessError> {
        let finished = self.command(&["status", "--json"]).await?;
        if finished.code == Some(1) { finished } else { finished.expect_code(0)? }.json()
    }

    /// `checkin --image PICTURE`
    pub async fn check_in(&self, picture: &Path) -> Result<(), ProcessError> {
        let picture = picture.to_string_lossy();
        self.command(&["checkin", "--image", &picture]).await?.expect_code(0).map(drop)
    }

    /// `checkout`
    pub async fn check_out(&self) -> Result<(), ProcessError> {
        self.command(&["checkout"]).await?.expect_code(0).map(drop)
    }

    /// `diary on`, under the passphrase in `file`.
    pub async fn begin_diary(&self, file: &Path) -> Result<(), ProcessError> {
        let file = file.to_string_lossy();
        self.command(&["diary", "on", "--passphrase-file", &file]).await?.expect_code(0).map(drop)
    }

    /// `diary disclose` for the first visit in it: the line for the authority's staff.
    pub async fn disclose_first_visit(&self, file: &Path) -> Result<String, ProcessError> {
        let file = file.to_string_lossy();
        let args = ["diary", "disclose", "--visit", "1", "--passphrase-file", &file];
        let disclosed: Disclosed = self.answer(&args).await?;
        Ok(disclosed.lines.join(""))
    }

    /// `exposures`
    pub async fn exposures(&self) -> Result<Exposures, ProcessError> {
        self.answer(&["exposures"]).await
    }

    /// `report CODE --yes`, leaving out what `leave_out` names.
    pub async fn report(&self, code: &str, leave_out: &[&str]) -> Result<Reported, ProcessError> {
        let leave_out = leave_out.iter().flat_map(|period| ["--leave-out", *period]);
        let args: Vec<&str> = ["report", code, "--yes"].into_iter().chain(leave_out).collect();
        self.answer(&args).await
    }
}

/// Recognises lines with this event.
fn is(event: &str) -> impl FnMut(&str) -> Option<Event> {
    move |line| Event::from_line(line).filter(|found| found.event == event)
}

fn not_running(id: &str) -> ProcessError {
    ProcessError::Ended { name: id.into(), status: "no start".into(), said: String::new() }
}
