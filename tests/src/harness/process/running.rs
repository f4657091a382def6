//! A child that runs on, and what it prints.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::sync::Notify;

use super::{POLL, ProcessError, STOP_TIMEOUT, shortened};

/// Lines of a child's output that are held.
const MAX_LINES: usize = 100_000;

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
    /// Takes over a child just started, whose output also goes into `log`, the file at `log_path`.
    pub(super) fn new(name: &str, mut child: Child, log: File, log_path: PathBuf) -> Self {
        let lines = Arc::new(Lines::default());
        if let Some(stdout) = child.stdout.take() {
            let lines = Arc::clone(&lines);
            std::thread::spawn(move || lines.take_from(stdout, log));
        }
        Self { name: name.into(), child, lines, log_path }
    }

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

    /// Asks it to stop (SIGTERM) without waiting.
    pub fn tell_to_stop(&mut self) {
        self.signal(Signal::TERM);
    }

    /// Asks it to stop as Ctrl-C does (SIGINT) without waiting.
    pub fn interrupt(&mut self) {
        self.signal(Signal::INT);
    }

    /// Lets it stand still (SIGSTOP), as on a machine that stalls, until it may go on.
    pub fn stand_still(&mut self) {
        self.signal(Signal::STOP);
    }

    pub fn go_on(&mut self) {
        self.signal(Signal::CONT);
    }

    /// Asks it to stop and waits until it has. Killed if it does not.
    pub async fn stop(mut self) -> Result<ExitStatus, ProcessError> {
        self.tell_to_stop();
        self.ended(STOP_TIMEOUT).await
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
