//! Browsers on a slow processor.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Gives the pages of browsers a quarter of the time, their workers included, until it is dropped.
pub struct Slowness {
    goes_on: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Slowness {
    /// Of all browsers below a process. DevTools' rate slows a page's own thread only; here every thread of the
    /// processes that draw pages is stopped for three of four milliseconds.
    pub fn of_browsers_below(root: u32) -> Self {
        let goes_on = Arc::new(AtomicBool::new(true));
        let flag = Arc::clone(&goes_on);
        let pages = renderers(root);
        assert!(!pages.is_empty(), "no process draws pages");
        let thread = std::thread::spawn(move || {
            let all = |signal| {
                for page in &pages {
                    let _ = kill_process(*page, signal);
                }
            };
            while flag.load(Ordering::Relaxed) {
                all(Signal::STOP);
                std::thread::sleep(Duration::from_millis(3));
                all(Signal::CONT);
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        Self { goes_on, thread: Some(thread) }
    }
}

impl Drop for Slowness {
    fn drop(&mut self) {
        self.goes_on.store(false, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The processes below `root` that draw pages.
fn renderers(root: u32) -> Vec<Pid> {
    let mut found = Vec::new();
    let mut below = vec![root];
    while let Some(process) = below.pop() {
        let tasks = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten();
        for task in tasks.flatten() {
            let children = std::fs::read_to_string(task.path().join("children"));
            let children = children.unwrap_or_default();
            below.extend(children.split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
        }
        let words = std::fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
        if words.contains("--type=renderer") {
            found.extend(i32::try_from(process).ok().and_then(Pid::from_raw));
        }
    }
    found
}
