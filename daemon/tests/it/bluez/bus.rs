//! A private system bus for each test.
//!
//! Which bus libdbus takes for the system's is decided by the environment, which a test cannot
//! change for itself: so each test runs in a process of its own, begun by the test.

use std::future::Future;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Names the system bus for libdbus.
const ADDRESS: &str = "DBUS_SYSTEM_BUS_ADDRESS";
/// Says that this process is the one for the test.
const INSIDE: &str = "VUNGXANH_TEST_PRIVATE_BUS";

const CONFIGURATION: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>custom</type>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <servicedir>FOLDER</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// The bus starts this when somebody calls `org.bluez` and nobody is it.
const SERVICE: &str =
    "[D-BUS Service]\nName=org.bluez\nExec=/usr/bin/touch FOLDER/bluetoothd-was-started\n";

/// Whether somebody made the bus start a bluetoothd. Within a test.
pub(super) fn bluetoothd_was_started() -> bool {
    let address = std::env::var(ADDRESS).unwrap();
    let socket = Path::new(address.strip_prefix("unix:path=").unwrap());
    socket.with_file_name("bluetoothd-was-started").exists()
}

/// A running dbus-daemon, stopped when dropped.
struct PrivateBus(Child);

impl PrivateBus {
    fn start(folder: &Path) -> Self {
        let socket = folder.join("bus");
        let file = folder.join("bus.conf");
        let folder_name = folder.to_str().unwrap();
        let configuration = CONFIGURATION
            .replace("SOCKET", socket.to_str().unwrap())
            .replace("FOLDER", folder_name);
        let service = SERVICE.replace("FOLDER", folder_name);
        std::fs::write(folder.join("org.bluez.service"), service).unwrap();
        std::fs::write(&file, configuration).unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--nosyslog", "--print-address"])
            .arg(format!("--config-file={}", file.display()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is not installed");
        // It tells its address once it listens.
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(address.starts_with("unix:"), "dbus-daemon did not start: {address:?}");
        Self(daemon)
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs `test`, the body of the test called `name` in this module, on a bus of its own.
pub(super) fn on_a_private_bus<F: Future<Output = ()>>(name: &str, test: impl FnOnce() -> F) {
    if std::env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        return runtime.block_on(test());
    }
    let folder = tempfile::tempdir().unwrap();
    let _bus = PrivateBus::start(folder.path());
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("bluez::{name}"), "--ignored", "--nocapture"])
        .env(ADDRESS, format!("unix:path={}", folder.path().join("bus").display()))
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
