//! What the real program reports to systemd.

use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn systemd_is_told_ready_alive_and_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let address = folder.path().join("notify");
    let socket = UnixDatagram::bind(&address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut daemon = Command::new(env!("CARGO_BIN_EXE_vungxanh"))
        .arg("--profile")
        .arg(folder.path().join("profile"))
        .args(["run", "--radio", "air:/nonexistent/air.sock#lan"])
        .env("VUNGXANH_NO_NOTIFICATIONS", "1")
        .env("NOTIFY_SOCKET", &address)
        .env("WATCHDOG_USEC", "300000")
        .env_remove("WATCHDOG_PID")
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let next = || {
        let mut buffer = [0; 256];
        let length = socket.recv(&mut buffer).unwrap();
        String::from_utf8_lossy(&buffer[..length]).trim().to_owned()
    };
    assert_eq!(next(), "READY=1");
    assert_eq!([next(), next()], ["WATCHDOG=1", "WATCHDOG=1"]);
    let stopped = Command::new("kill").arg(daemon.id().to_string()).status().unwrap();
    assert!(stopped.success());
    let last = std::iter::repeat_with(next).find(|told| told != "WATCHDOG=1");
    assert_eq!(last.as_deref(), Some("STOPPING=1"));
    // Until its end it says that it is alive, and would wait for somebody to read that.
    drop(socket);
    assert!(daemon.wait().unwrap().success());
}
