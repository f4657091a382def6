//! A private system bus for each test.
//!
//! Which bus libdbus takes for the system's is decided by the environment, which a test cannot
//! change for itself: so each test runs in a process of its own, begun by the test.

use std::future::Future;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::support::private_bus::PrivateBus;

/// No test waits longer for what does not come.
const TIMEOUT: Duration = Duration::from_secs(300);
/// Names the system bus for libdbus.
const ADDRESS: &str = "DBUS_SYSTEM_BUS_ADDRESS";
/// Says that this process is the one for the test.
const INSIDE: &str = "VUNGXANH_TEST_PRIVATE_BUS";

/// The bus starts this when `org.bluez` is called and no one owns it.
const SERVICE: &str =
    "[D-BUS Service]\nName=org.bluez\nExec=/usr/bin/touch FOLDER/bluetoothd-was-started\n";

/// Whether somebody made the bus start a bluetoothd. Within a test.
pub(super) fn bluetoothd_was_started() -> bool {
    let address = std::env::var(ADDRESS).unwrap();
    let socket = Path::new(address.strip_prefix("unix:path=").unwrap());
    socket.with_file_name("bluetoothd-was-started").exists()
}

/// Runs `test`, the body of the test called `name` in this module, on a bus of its own.
pub(super) fn on_a_private_bus<F: Future<Output = ()>>(name: &str, test: impl FnOnce() -> F) {
    on_a_bus(PrivateBus::start, name, test);
}

/// The same on a bus that `start` starts.
pub(super) fn on_a_bus<F: Future<Output = ()>>(
    start: impl FnOnce() -> PrivateBus,
    name: &str,
    test: impl FnOnce() -> F,
) {
    if std::env::var_os(INSIDE).is_some() {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let ended = runtime.block_on(async { tokio::time::timeout(TIMEOUT, test()).await });
        return assert!(ended.is_ok(), "waits in vain for more than {TIMEOUT:?}");
    }
    let bus = start();
    let folder = bus.folder();
    let service = SERVICE.replace("FOLDER", folder.to_str().unwrap());
    std::fs::write(folder.join("org.bluez.service"), service).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("bluez::{name}"), "--ignored", "--nocapture"])
        .env(ADDRESS, bus.address())
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
