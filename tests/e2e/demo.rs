//! The demo itself leaves nothing behind, however it ends.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use vungxanh_tests::harness::search::files_under;

const TIMEOUT: Duration = Duration::from_secs(120);

/// The demo with its temporary folder in `folder`, seen to have started a server and a device.
fn started(folder: &Path) -> Child {
    let demo = Command::new(crate::town::executable())
        .env("TMPDIR", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    await_that("the first daemons", || {
        files_under(folder).is_ok_and(|files| files.iter().any(|file| file.ends_with("lan/lock")))
    });
    demo
}

fn await_that(what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + TIMEOUT;
    while !done() {
        assert!(Instant::now() < deadline, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Processes that name something in `folder` on their command line.
fn processes_of(folder: &Path) -> Vec<String> {
    let folder = folder.to_string_lossy();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    processes
        .filter_map(|process| std::fs::read(process.path().join("cmdline")).ok())
        .map(|line| String::from_utf8_lossy(&line).replace('\0', " "))
        .filter(|line| line.contains(folder.as_ref()))
        .collect()
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

#[test]
fn interrupted_it_leaves_nothing_behind() {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let mut demo = started(folder.path());
    assert!(!processes_of(folder.path()).is_empty());
    signal(&demo, Signal::INT);
    assert_eq!(demo.wait().unwrap().code(), Some(130));
    assert_eq!(processes_of(folder.path()), Vec::<String>::new());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn killed_it_leaves_no_process_behind() {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let mut demo = started(folder.path());
    demo.kill().unwrap();
    demo.wait().unwrap();
    await_that("all processes to notice", || processes_of(folder.path()).is_empty());
}

#[test]
#[ignore = "takes a minute"]
fn the_whole_story_ends_as_expected_and_the_officer_calls_whose_card_was_there_alone() {
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let ended = Command::new(crate::town::executable())
        .args(["--lang", "vi"])
        .env("TMPDIR", folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(ended.stdout).unwrap();
    let complained = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(0), "{said}{complained}");
    // In the story, and expected and found in the table.
    assert_eq!(said.matches("Cụ Sáu (+84987654321)").count(), 3, "{said}");
    assert!(!said.contains("976543210"), "{said}");
    assert!(said.contains("thẻ mà cửa đã quét"), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
