//! Guests of the lab: one run of one script.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use serde::de::DeserializeOwned;
use vungxanh_protocol::interval::UnixTime;

/// The kind of Bluetooth controller that a guest has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Controller {
    /// Bluetooth 5: extended advertising, an address for each set.
    Extended,
    /// Bluetooth 4: one advertisement, one random address.
    Legacy,
}

/// How time passes in a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// The clock jumps over idle time; what programs compute costs the time that it takes.
    Virtual,
    /// The same, and computing costs no time. A program that spins stops the clock.
    Exact,
}

/// A run to be.
#[derive(Debug)]
pub struct Guest {
    adapters: u32,
    controller: Controller,
    time: Time,
    timeout_seconds: u32,
}

/// What a run left behind.
#[derive(Debug)]
pub struct Outcome {
    folder: PathBuf,
}

/// What `run.sh` ends with when the guest's kernel aborts, as User-mode Linux did once on a busy machine: that says
/// nothing of what is tested.
const KERNEL_GAVE_UP: i32 = 71;

impl Guest {
    /// A guest with so many adapters, Bluetooth 5 each.
    pub fn with_adapters(adapters: u32) -> Self {
        Self {
            adapters,
            controller: Controller::Extended,
            time: Time::Virtual,
            timeout_seconds: 900,
        }
    }

    /// The same with other controllers.
    pub fn controller(self, controller: Controller) -> Self {
        Self { controller, ..self }
    }

    /// The same with time that passes otherwise.
    pub fn time(self, time: Time) -> Self {
        Self { time, ..self }
    }

    /// The same with the daemon and the server, built from the sources as they are now.
    pub fn with_programs(self) -> Self {
        static BUILT: Once = Once::new();
        BUILT.call_once(|| {
            let built = Command::new(env!("CARGO"))
                .args(["build", "--locked", "--workspace", "--bins"])
                .status();
            assert!(built.unwrap().success(), "the programs are not built");
        });
        self
    }

    /// The same, given up after so many seconds of the host's time.
    pub fn timeout_seconds(self, timeout_seconds: u32) -> Self {
        Self { timeout_seconds, ..self }
    }

    /// Runs a script of `tests/lab/scripts` in virtual time; panics with its output unless it
    /// ends with 0.
    pub fn run(&self, script: &str, arguments: &[&str]) -> Outcome {
        let folder = self.output_folder(script);
        let mut ended = self.command(&folder, script, arguments).output().unwrap();
        if ended.status.code() == Some(KERNEL_GAVE_UP) {
            eprintln!("{script}: the guest's kernel gave up; once more");
            self.output_folder(script);
            ended = self.command(&folder, script, arguments).output().unwrap();
        }
        assert!(
            ended.status.success(),
            "{script} ended with {}; see {}\n{}{}",
            ended.status,
            folder.display(),
            String::from_utf8_lossy(&ended.stdout),
            String::from_utf8_lossy(&ended.stderr),
        );
        Outcome { folder }
    }

    /// The exit code with which a script ends.
    pub fn exit_code(&self, script: &str, arguments: &[&str]) -> Option<i32> {
        let folder = tempfile::tempdir().unwrap();
        self.command(folder.path(), script, arguments).status().unwrap().code()
    }

    /// Where the script leaves what it has to say; it stays there until the next run.
    fn output_folder(&self, script: &str) -> PathBuf {
        let name = format!("lab-{script}-{}-{:?}", self.adapters, self.controller);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        folder
    }

    fn command(&self, output: &Path, script: &str, arguments: &[&str]) -> Command {
        let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("lab");
        let controller = match self.controller {
            Controller::Extended => "extended",
            Controller::Legacy => "legacy",
        };
        let time = match self.time {
            Time::Virtual => "virtual",
            Time::Exact => "exact",
        };
        let mut command = Command::new(lab.join("run.sh"));
        command
            .args(["--adapters", &self.adapters.to_string(), "--controller", controller])
            .args(["--time", time])
            .args(["--memory", &format!("{}M", 320 + 96 * self.adapters)])
            .args(["--timeout", &self.timeout_seconds.to_string()])
            .arg("--programs")
            .arg(programs())
            .arg("--output")
            .arg(output)
            .arg(lab.join("scripts").join(script))
            .args(arguments);
        command
    }
}

impl Outcome {
    /// Where a file or folder is that the script left in `/output`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What the script wrote into `/output` as JSON.
    pub fn json<T: DeserializeOwned>(&self, name: &str) -> T {
        let text = self.text(name);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"))
    }

    /// A text file that the script wrote into `/output`.
    pub fn text(&self, name: &str) -> String {
        let read = std::fs::read(self.path(name));
        String::from_utf8_lossy(&read.unwrap_or_else(|error| panic!("{name}: {error}"))).into()
    }

    /// The moment that the script noted under this name, by the guest's clock.
    pub fn moment(&self, name: &str) -> UnixTime {
        let text = self.text("moments.txt");
        let seconds = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        UnixTime::from_secs(seconds.unwrap_or_else(|| panic!("no {name}: {text}")).parse().unwrap())
    }
}

/// Where cargo put the programs: the folder above this test's.
fn programs() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().to_owned()
}
