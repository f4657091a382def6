//! A dbus-daemon for one test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

const CONFIGURATION: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>custom</type>
  <listen>unix:path=FOLDER/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>FOLDER</servicedir>
  RULES
</busconfig>
"#;
const FILE: &str = "bus.conf";
/// Everybody may do everything.
const OPEN: &str = r#"<policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>"#;

/// A running dbus-daemon, stopped when dropped. It starts what the `.service` files in its folder name.
pub struct PrivateBus {
    folder: TempDir,
    daemon: Child,
}

impl PrivateBus {
    pub fn start() -> Self {
        Self::start_with(OPEN, None)
    }

    /// With `rules` for who may do what, and after them a policy file with more.
    pub fn start_with(rules: &str, policy: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut rules = rules.to_owned();
        if let Some(policy) = policy {
            std::fs::write(folder.path().join("policy.conf"), policy).unwrap();
            rules.push_str("<include>FOLDER/policy.conf</include>");
        }
        let configuration = CONFIGURATION.replace("RULES", &rules);
        let configuration = configuration.replace("FOLDER", folder.path().to_str().unwrap());
        std::fs::write(folder.path().join(FILE), configuration).unwrap();
        let daemon = begin(folder.path());
        Self { folder, daemon }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn address(&self) -> String {
        format!("unix:path={}", self.folder.path().join("bus").display())
    }

    /// Ends with everything on it, and begins again at the same address.
    pub fn restart(&mut self) {
        self.stop();
        std::fs::remove_file(self.folder.path().join("bus")).unwrap();
        self.daemon = begin(self.folder.path());
    }

    fn stop(&mut self) {
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        self.stop();
    }
}

fn begin(folder: &Path) -> Child {
    let mut daemon = Command::new("dbus-daemon")
        .args(["--nofork", "--nopidfile", "--nosyslog", "--print-address"])
        .arg(format!("--config-file={}", folder.join(FILE).display()))
        .stdout(Stdio::piped())
        .spawn()
        .expect("dbus-daemon is not installed");
    // It prints its address once it listens.
    let mut address = String::new();
    BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
    assert!(address.starts_with("unix:"), "dbus-daemon did not start: {address:?}");
    daemon
}
