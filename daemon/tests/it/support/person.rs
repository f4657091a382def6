//! A person who uses the real program.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use serde_json::Value;
use vungxanh_daemon::platform::profile::Profile;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::keys::VenueKey;

use super::fixture::{Bench, DOCUMENT, document, fingerprint, sign};

/// A profile with a daemon, and a runtime folder in memory.
pub struct Person {
    pub profile: Profile,
    pub runtime: PathBuf,
    environment: Vec<(&'static str, String)>,
    _folders: [tempfile::TempDir; 2],
    daemon: Option<Child>,
}

impl Drop for Person {
    fn drop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

impl Person {
    /// Without a daemon and notifications.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let memory = tempfile::tempdir_in("/dev/shm").unwrap();
        let (profile, runtime) =
            (Profile::at(folder.path().join("profile")), memory.path().to_owned());
        let environment = vec![("VUNGXANH_NO_NOTIFICATIONS", "1".to_owned())];
        Self { profile, runtime, environment, _folders: [folder, memory], daemon: None }
    }

    /// Enrolled with an authority whose document counts for a long time.
    pub async fn enrolled(venue_keys: Vec<VenueKey>) -> (Bench, Self) {
        let bench = Bench::start().await;
        let mut document = document(5);
        document.expires_at = UnixTime::from_secs(4_102_444_800);
        document.venue_keys = venue_keys;
        bench.authority.with(|content| content.files.insert(DOCUMENT.into(), sign(&document)));
        let person = Self::new();
        let enrolment = format!("{}#sha256={}", bench.authority.url, fingerprint(1));
        let mut enroll = person.command(&["enroll", &enrolment]);
        let output = tokio::task::spawn_blocking(move || enroll.output().unwrap()).await.unwrap();
        assert!(output.status.success(), "{output:?}");
        (bench, person)
    }

    /// Sets a variable of the environment for what is run from now on.
    pub fn set(&mut self, name: &'static str, value: &str) {
        self.environment.push((name, value.to_owned()));
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_vungxanh"));
        command
            .args(["--lang", "vi", "--profile"])
            .arg(self.profile.root())
            .args(arguments)
            .env("XDG_RUNTIME_DIR", &self.runtime)
            .env_remove("JOURNAL_STREAM")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// A command that succeeds, as JSON.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// `status`, which has an exit code of its own while there is a problem.
    pub fn status(&self) -> Value {
        serde_json::from_slice(&self.run(&["status", "--json"]).stdout).unwrap()
    }

    pub fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Exit code and id of a command that fails.
    pub fn refused(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(&[arguments, &["--json"]].concat());
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        (output.status.code().unwrap(), last["error"].as_str().unwrap().to_owned())
    }

    /// Starts the daemon; returns what it reports after it answers.
    pub fn start(&mut self, arguments: &[&str]) -> impl Iterator<Item = Value> + use<> {
        let radio = ["--json", "run", "--radio", "air:/nonexistent/air.sock#lan"];
        let mut command = self.command(&[&radio, arguments].concat());
        let mut daemon = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(daemon.stdout.take().unwrap()).lines();
        self.daemon = Some(daemon);
        let mut events = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        assert_eq!(events.next().unwrap()["event"], "started");
        events
    }

    /// Ends the daemon by a signal.
    pub fn signal(&mut self, signal: &str) -> ExitStatus {
        let mut daemon = self.daemon.take().unwrap();
        let pid = daemon.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        daemon.wait().unwrap()
    }

    /// Stops the daemon, which ends as it should.
    pub fn stop(&mut self) {
        assert!(self.signal("-TERM").success());
    }
}
