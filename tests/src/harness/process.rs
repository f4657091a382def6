//! The daemon and the server as child processes: this very program is started again with a hidden
//! first argument, and then is one of them, under the demo's clock. One `cargo run` builds all.
//!
//! A child that is to run on holds a leash: its standard input is a pipe from its parent. When the
//! parent is gone, however it went, the pipe ends, and the child stops as if it were asked to.

mod running;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Signal, kill_process};
use tokio::io::{AsyncRead, AsyncReadExt};
use vungxanh_daemon::platform::clock::SystemClock;
use vungxanh_protocol::clock::Clock;

pub use self::running::Running;
use crate::scaled_clock::{CLOCK_FILE_VARIABLE, ScaledClock};

/// Set for children that end with their parent.
const LEASH_VARIABLE: &str = "VUNGXANH_DEMO_LEASH";
/// How long a command may take before it is ended and counted as failed.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(600);
/// How long a program may take to stop when asked to: longer than the server waits for requests that
/// still run.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(300);
/// How long a child may take to stop when its parent is gone.
const ORPHAN_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a child is looked at while its end is awaited.
const POLL: Duration = Duration::from_millis(10);

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
    Start { name: String, source: std::io::Error },
    /// It ended although it should run.
    #[error("{name} ended with {status}: {said}")]
    Ended {
        name: String,
        status: String,
        /// The end of its standard error.
        said: String,
    },
    /// It did not say or do in time what was awaited.
    #[error("{name} kept us waiting for more than {seconds} s for {awaited}")]
    Late { name: String, awaited: String, seconds: u64 },
    /// A command ended with another exit code than expected.
    #[error("`{command}` ended with {found} instead of {expected}: {said}")]
    ExitCode {
        command: String,
        /// Its exit code, or what ended it.
        found: String,
        expected: i32,
        /// What it wrote on standard error.
        said: String,
    },
    /// A command's output is not what it should be.
    #[error("`{command}` printed something else than {expected}: {printed}")]
    Output { command: String, expected: &'static str, printed: String },
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
        std::thread::sleep(ORPHAN_TIMEOUT);
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
    /// Where children's output is stored.
    pub logs: PathBuf,
}

/// A command that has ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// What was asked, for messages.
    pub command: String,
    /// Its exit code; none if a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
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
            seconds: COMMAND_TIMEOUT.as_secs(),
        };
        let mut child = EndedOnDrop(command.spawn().map_err(failed)?);
        let output = tokio::time::timeout(COMMAND_TIMEOUT, child.output())
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
        let child = command.spawn().map_err(failed)?;
        Ok(Running::new(name, child, log, log_path))
    }
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

/// Whether a process of this number exists.
pub fn is_alive(pid: u32) -> bool {
    Path::new("/proc").join(pid.to_string()).exists()
}
