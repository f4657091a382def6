//! Real servers that speak S3, as processes on this machine.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::authority::{Authority, configure, local_client};

pub(super) const SECRET: &str = "a-secret-that-must-not-be-printed";
const KEY_ID: &str = "vungxanh";

/// A server with the bucket `vx-files`; it ends with the test.
pub(super) struct S3Server {
    pub(super) port: u16,
    /// Where the server has its objects.
    _folder: TempDir,
    process: Child,
}

impl S3Server {
    /// s3s-fs: checks signatures and conditions.
    pub(super) fn s3s() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("vx-files")).unwrap();
        let program = program("VUNGXANH_S3S_FS", ".cache/vungxanh/tools/bin/s3s-fs");
        let port = free_port();
        let mut command = Command::new(program);
        command.args(["--host", "127.0.0.1", "--access-key", KEY_ID, "--secret-key", SECRET]);
        command.args(["--port", &port.to_string()]).arg(folder.path());
        Self::started(command, folder, port)
    }

    /// moto: in memory; takes any secret.
    pub(super) async fn moto() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = program("VUNGXANH_MOTO_SERVER", ".cache/vungxanh/s3-server/bin/moto_server");
        let port = free_port();
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let server = Self::started(command, folder, port);
        let made = local_client().put(format!("http://127.0.0.1:{port}/vx-files")).send().await;
        assert!(made.unwrap().status().is_success());
        server
    }

    fn started(mut command: Command, folder: TempDir, port: u16) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        let server = Self { port, _folder: folder, process };
        let since = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(since.elapsed() < Duration::from_secs(60), "the server does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// An authority whose published files are in the bucket, reached at `port`.
    pub(super) async fn authority(&self, port: u16) -> Authority {
        Authority::start_prepared(|dir| publish_to(dir, port, SECRET)).await
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Configures a folder that `init` made.
pub(super) fn publish_to(dir: &Path, port: u16, secret: &str) {
    let endpoint = format!("endpoint = \"http://127.0.0.1:{port}\"");
    configure(
        dir,
        &[
            ("exports = \"exports\"", "exports = \"s3://vx-files/hanoi/exports\""),
            ("warnings = \"warnings\"", "warnings = \"s3://vx-files/hanoi/warnings\""),
            ("endpoint = \"\"", &endpoint),
            ("timeout_seconds = 30", "timeout_seconds = 1"),
            ("synthetic_persons = 3.0", "synthetic_persons = 0.0"),
        ],
    );
    std::fs::write(dir.join("keys/s3-credentials"), format!("{KEY_ID}\n{secret}\n")).unwrap();
}

fn program(variable: &str, cached: &str) -> std::path::PathBuf {
    match std::env::var_os(variable) {
        Some(path) => path.into(),
        None => Path::new(&std::env::var_os("HOME").unwrap()).join(cached),
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
