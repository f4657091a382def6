//! `vungxanh nearby` as people call it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A daemon, until dropped.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn vungxanh(profile: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vungxanh"));
    command.arg("--profile").arg(profile).args(arguments).env("VUNGXANH_NO_NOTIFICATIONS", "1");
    command
}

#[test]
fn while_nothing_is_scanned_it_says_so_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("profile");
    let run = ["--json", "run", "--radio", "air:/nonexistent/air.sock#lan"];
    let mut daemon = Daemon(vungxanh(&profile, &run).stdout(Stdio::piped()).spawn().unwrap());
    let told = BufReader::new(daemon.0.stdout.take().unwrap()).lines();
    let mut told = told.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    // One of them may be shown well before the other.
    let mut expected = vec!["problem-not-enrolled", "problem-radio-missing"];
    while !expected.is_empty() {
        let event = told.next().unwrap();
        expected.retain(|id| event["id"] != *id);
    }
    let nearby = |arguments: &[&str]| {
        let arguments = [arguments, &["nearby", "--once"]].concat();
        let output = vungxanh(&profile, &arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    for (language, works_not, why) in [
        ("vi", "Truy vết không hoạt động.", "Chưa chọn cơ quan y tế."),
        ("en", "Tracing does not work.", "No health authority is chosen."),
    ] {
        let text = nearby(&["--lang", language]);
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some(works_not));
        assert!(lines.next().unwrap().starts_with(why), "{text}");
        assert!(text.contains("vungxanh doctor"), "what to do without a radio: {text}");
    }
    let answer: Value = serde_json::from_str(&nearby(&["--json"])).unwrap();
    assert_eq!(answer["tracing"], false);
    assert_eq!(answer["problems"][0]["id"], "problem-not-enrolled");
}
