//! The daemon and the server as child processes: this very program is started again with a hidden
//! first argument, and then is one of them, under the demo's clock. One `cargo run` builds all.
//!
//! A child that is to run on holds a leash: its standard input is a pipe from its parent. When the
//! parent is gone, however it went, the pipe ends, and the child stops as if it were told to.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::Notify;
use vungxanh_daemon::clock::SystemClock;
use vungxanh_protocol::clock::Clock;

use crate::scaled_clock::{CLOCK_FILE_VARIABLE, ScaledClock};

/// Set for children that end with their parent.
const LEASH_VARIABLE: &str = "VUNGXANH_DEMO_LEASH";
/// How long a command may take before it is ended and counted as failed.
const COMMAND_PATIENCE: Duration = Duration::from_secs(90);
/// How long a program may take to stop when told to: longer than the server waits for requests that
/// still run.
pub const STOP_PATIENCE: Duration = Duration::from_secs(60);
/// How long a child may take to stop when its parent is gone.
const ORPHAN_PATIENCE: Duration = Duration::from_secs(10);
/// How often a child is looked at while its end is awaited.
const POLL: Duration = Duration::from_millis(10);
/// Lines of a child's output that are kept.
const MAX_LINES: usize = 100_000;

/// Which program a child is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// `vungxanh`.
    Daemon,
    /// `health-authority-server`.
    Server,
}

impl Program {
    /// The hidden first argument.
    pub const fn hidden_argument(self) -> &'static str {
        match self {
            Self::Daemon => "as-vungxanh",
            Self::Server => "as-health-authority-server",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Daemon => "vungxanh",
            Self::Server => "health-authority-server",
        }
    }
}

/// What went wrong with a child.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// It did not start, or its files could not be made.
    #[error("{name} did not start: {source}")]
    Start {
        /// Which.
        name: String,
        /// Why.
        source: std::io::Error,
    },
    /// It ended although it should run.
    #[error("{name} ended with {status}: {said}")]
    Ended {
        /// Which.
        name: String,
        /// How.
        status: String,
        /// The end of its standard error.
        said: String,
    },
    /// It did not say or do in time what was awaited.
    #[error("{name} kept us waiting for more than {seconds} s for {awaited}")]
    Late {
        /// Which.
        name: String,
        /// For what.
        awaited: String,
        /// How long.
        seconds: u64,
    },
    /// A command ended with another exit code than expected.
    #[error("`{command}` ended with {found} instead of {expected}: {said}")]
    ExitCode {
        /// The command.
        command: String,
        /// Its exit code, or what ended it.
        found: String,
        /// What was expected.
        expected: i32,
        /// What it wrote on standard error.
        said: String,
    },
    /// A command's output is not what it should be.
    #[error("`{command}` printed something else than {expected}: {printed}")]
    Output {
        /// The command.
        command: String,
        /// What was expected.
        expected: &'static str,
        /// What came, shortened.
        printed: String,
    },
}

/// Becomes the daemon or the server if the first of `args` says so.
pub fn become_child(args: impl IntoIterator<Item = OsString>) -> Option<ExitCode> {
    let mut args = args.into_iter().skip(1);
    let first = args.next()?;
    let program = [Program::Daemon, Program::Server]
        .into_iter()
        .find(|program| first == program.hidden_argument())?;
    if std::env::var_os(LEASH_VARIABLE).is_some() {
        end_with_parent();
    }
    let clock: Arc<dyn Clock> = match ScaledClock::from_environment() {
        None => Arc::new(SystemClock),
        Some(Ok(clock)) => Arc::new(clock),
        Some(Err(error)) => {
            let _ = writeln!(std::io::stderr(), "{CLOCK_FILE_VARIABLE}: {error}");
            return Some(ExitCode::FAILURE);
        }
    };
    let args = std::iter::once(program.name().into()).chain(args);
    Some(match program {
        Program::Daemon => vungxanh_daemon::run(args, clock),
        Program::Server => health_authority_server::run(args, clock),
    })
}

/// Stops this process when its standard input ends.
fn end_with_parent() {
    std::thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = kill_process(rustix::process::getpid(), Signal::TERM);
        std::thread::sleep(ORPHAN_PATIENCE);
        std::process::exit(1);
    });
}

/// Where children come from and what they share.
#[derive(Debug, Clone)]
pub struct Host {
    /// The program to start: the demo's own.
    pub executable: PathBuf,
    /// The scaled clock's file; none means the system's clock.
    pub clock_file: Option<PathBuf>,
    /// The language of texts: `vi` or `en`.
    pub language: &'static str,
    /// Where children's output is kept.
    pub logs: PathBuf,
}

/// A command that has ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// What was asked, for messages.
    pub command: String,
    /// Its exit code; none if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Finished {
    /// This, if the exit code is `expected`.
    pub fn expect_code(self, expected: i32) -> Result<Self, ProcessError> {
        if self.code == Some(expected) {
            return Ok(self);
        }
        let found = self.code.map_or_else(|| "a signal".into(), |code| code.to_string());
        Err(ProcessError::ExitCode {
            found,
            expected,
            said: shortened(&self.stderr),
            command: self.command,
        })
    }

    /// Standard output read as JSON.
    pub fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, ProcessError> {
        serde_json::from_str(&self.stdout).map_err(|_| ProcessError::Output {
            command: self.command.clone(),
            expected: "the JSON that was expected",
            printed: shortened(&format!("{}\n{}", self.stdout, self.stderr)),
        })
    }
}

impl Host {
    /// The environment that all children have, whatever that of the demo is: Viet Nam's time,
    /// no proxies, no settings of the person who runs the demo.
    fn prepare(&self, program: Program, args: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(&self.executable);
        command.arg(program.hidden_argument()).args(args).env_clear();
        for kept in ["PATH", "HOME", "TMPDIR"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command.env("TZ", "Asia/Ho_Chi_Minh").env(
            "LANG",
            match self.language {
                "vi" => "vi_VN.UTF-8",
                _ => "en_US.UTF-8",
            },
        );
        if let Some(path) = &self.clock_file {
            command.env(CLOCK_FILE_VARIABLE, path);
        }
        // Ctrl-C on a terminal reaches this program only, which then stops its children in order.
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command
    }

    /// Runs a command to its end.
    pub async fn run(
        &self,
        program: Program,
        args: &[impl AsRef<OsStr>],
    ) -> Result<Finished, ProcessError> {
        let name = said(program, args);
        let mut command = tokio::process::Command::from(self.prepare(program, args));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let failed = |source| ProcessError::Start { name: name.clone(), source };
        let late = || ProcessError::Late {
            name: name.clone(),
            awaited: "its end".into(),
            seconds: COMMAND_PATIENCE.as_secs(),
        };
        let mut child = EndedOnDrop(command.spawn().map_err(failed)?);
        let output = tokio::time::timeout(COMMAND_PATIENCE, child.output())
            .await
            .map_err(|_| late())?
            .map_err(failed)?;
        Ok(Finished {
            command: name,
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Starts a program that runs until it is stopped. `name` is for people and its log.
    pub fn start(
        &self,
        name: &str,
        program: Program,
        args: &[impl AsRef<OsStr>],
        environment: &[(&str, &str)],
    ) -> Result<Running, ProcessError> {
        let failed = |source| ProcessError::Start { name: name.into(), source };
        let log_path = self.logs.join(format!("{name}.log"));
        let log = File::options().create(true).append(true).open(&log_path).map_err(failed)?;
        let mut command = self.prepare(program, args);
        command
            .envs(environment.iter().copied())
            .env(LEASH_VARIABLE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.try_clone().map_err(failed)?);
        let mut child = command.spawn().map_err(failed)?;
        let lines = Arc::new(Lines::default());
        if let Some(stdout) = child.stdout.take() {
            let lines = Arc::clone(&lines);
            std::thread::spawn(move || lines.take_from(stdout, log));
        }
        Ok(Running { name: name.into(), child, lines, log_path })
    }
}

/// A command that runs. Dropping it ends it and waits until it has: it writes nothing afterwards.
struct EndedOnDrop(tokio::process::Child);

impl EndedOnDrop {
    /// Waits for its end.
    async fn output(&mut self) -> std::io::Result<Output> {
        let (stdout, stderr) = (self.0.stdout.take(), self.0.stderr.take());
        let (stdout, stderr, status) =
            tokio::try_join!(read_all(stdout), read_all(stderr), self.0.wait())?;
        Ok(Output { status, stdout, stderr })
    }
}

impl Drop for EndedOnDrop {
    fn drop(&mut self) {
        let _ = self.0.start_kill();
        // Never long after that signal.
        while let Ok(None) = self.0.try_wait() {
            std::thread::sleep(POLL);
        }
    }
}

async fn read_all(source: Option<impl AsyncRead + Unpin>) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut source) = source {
        source.read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}

/// A command as a person would type it.
fn said(program: Program, args: &[impl AsRef<OsStr>]) -> String {
    args.iter().fold(program.name().to_owned(), |said, arg| {
        format!("{said} {}", arg.as_ref().to_string_lossy())
    })
}

/// The last few lines, for an error message.
fn shortened(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(6)..].join("\n")
}

/// A child's standard output, line by line as it comes.
#[derive(Debug, Default)]
struct Lines {
    state: Mutex<LinesState>,
    came: Notify,
}

#[derive(Debug, Default)]
struct LinesState {
    lines: Vec<String>,
    ended: bool,
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, LinesState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_from(&self, stdout: impl Read, mut log: File) {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            let _ = writeln!(log, "{line}");
            let mut state = self.lock();
            if state.lines.len() < MAX_LINES {
                state.lines.push(line);
            }
            drop(state);
            self.came.notify_waiters();
        }
        self.lock().ended = true;
        self.came.notify_waiters();
    }
}

/// A child that runs until it is stopped. Dropping it kills it.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    lines: Arc<Lines>,
    log_path: PathBuf,
}

impl Running {
    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its standard error and output.
    pub fn log_path(&self) -> &Path {
        &self.log_path
    }

    /// Everything that it has printed.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().lines.clone()
    }

    /// The first of its lines, from the `from`th on, that `wanted` makes something of; waits for
    /// it up to `patience`. `awaited` is for the message otherwise.
    pub async fn await_line<T>(
        &mut self,
        from: usize,
        awaited: &str,
        patience: Duration,
        mut wanted: impl FnMut(&str) -> Option<T>,
    ) -> Result<T, ProcessError> {
        let deadline = Instant::now() + patience;
        let lines = Arc::clone(&self.lines);
        let mut seen = from;
        loop {
            let came = lines.came.notified();
            tokio::pin!(came);
            came.as_mut().enable();
            let ended = {
                let state = lines.lock();
                let new = state.lines.get(seen..).unwrap_or_default();
                if let Some(found) = new.iter().find_map(|line| wanted(line)) {
                    return Ok(found);
                }
                seen = seen.max(state.lines.len());
                state.ended
            };
            if ended {
                return Err(self.why_ended());
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ProcessError::Late {
                    name: self.name.clone(),
                    awaited: awaited.into(),
                    seconds: patience.as_secs(),
                });
            }
            let _ = tokio::time::timeout(left, came).await;
        }
    }

    /// Fails if it has ended.
    pub fn require_alive(&mut self) -> Result<(), ProcessError> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            _ => Err(self.why_ended()),
        }
    }

    fn why_ended(&mut self) -> ProcessError {
        let status = match self.wait_blocking(Duration::from_secs(2)) {
            Some(status) => status.to_string(),
            None => "its output closed".into(),
        };
        let log = std::fs::read_to_string(&self.log_path).unwrap_or_default();
        ProcessError::Ended { name: self.name.clone(), status, said: shortened(&log) }
    }

    /// Tells it to stop (SIGTERM) without waiting.
    pub fn tell_to_stop(&mut self) {
        self.signal(Signal::TERM);
    }

    /// Tells it to stop as Ctrl-C does (SIGINT) without waiting.
    pub fn interrupt(&mut self) {
        self.signal(Signal::INT);
    }

    /// Tells it to stop and waits until it has. Killed if it does not.
    pub async fn stop(mut self) -> Result<ExitStatus, ProcessError> {
        self.tell_to_stop();
        self.ended(STOP_PATIENCE).await
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self, patience: Duration) -> Result<ExitStatus, ProcessError> {
        let deadline = Instant::now() + patience;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Ok(status);
            }
            if Instant::now() >= deadline {
                return Err(ProcessError::Late {
                    name: self.name.clone(),
                    awaited: "its end".into(),
                    seconds: patience.as_secs(),
                });
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Ends it as a power cut would: without any chance to put things in order.
    pub fn kill(mut self) {
        self.end();
    }

    fn signal(&mut self, signal: Signal) {
        // The process number is the child's as long as it has not been waited for.
        if let Ok(None) = self.child.try_wait()
            && let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
        {
            let _ = kill_process(pid, signal);
        }
    }

    fn wait_blocking(&mut self, patience: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + patience;
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < deadline => std::thread::sleep(POLL),
                _ => return None,
            }
        }
    }

    fn end(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Whether a process of this number exists.
pub fn is_alive(pid: u32) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
}
