//! What strangers send to public paths of the real program does not fill its memory, whatever the
//! environment says of the allocator.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use health_authority_server::platform::open_files;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::program::{PROGRAM, init, url_of};

/// The most memory that the program may have had resident at any time.
const MOST_KIB: u64 = 300 * 1_024;
/// As many heaps as the allocator makes on a machine with 8 processors.
const ARENAS: &str = "64";

/// Ended with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    fn start(dir: &Path) -> (Self, String) {
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
            .arg(dir)
            .env("MALLOC_ARENA_MAX", ARENAS)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let url = url_of(&mut child);
        (Self(child), url.strip_prefix("http://").unwrap().to_owned())
    }

    /// The most that was resident so far, in KiB.
    fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

/// A connection on which `sent` was written, as far as the server takes it.
async fn connect(address: String, sent: String) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let write = stream.write_all(sent.as_bytes());
    let _ = tokio::time::timeout(std::time::Duration::from_secs(2), write).await;
    Some(stream)
}

/// So many connections at a time, all held.
async fn hold(address: &str, many: usize, sent: String) -> Vec<Option<TcpStream>> {
    let each = (0..many).map(|_| tokio::spawn(connect(address.to_owned(), sent.clone())));
    let held: Vec<_> = each.collect();
    let mut streams = Vec::new();
    for stream in held {
        streams.push(stream.await.unwrap());
    }
    streams
}

fn post(address: &str, path: &str, length: usize, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\nsec-fetch-site: same-origin\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
}

/// A login that fails; says whether it was answered. On a busy machine it may take longer than a
/// connection may be silent.
async fn fail_login(address: &str, login: &str) -> bool {
    let body = format!("login={login}&password=tre+xanh+nobody+has");
    let sent = post(address, "/staff/login", body.len(), &body);
    let Some(mut stream) = connect(address.to_owned(), sent).await else { return false };
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"), "{answer:?}");
    !answer.is_empty()
}

/// So many answered logins from each of `at_a_time` connections at once.
async fn fail_logins(address: &str, at_a_time: usize, each: usize) {
    let attempts = (0..at_a_time).map(|connection| {
        let address = address.to_owned();
        tokio::spawn(async move {
            for round in 0..each {
                let login = match round % 2 {
                    0 => "!".to_owned(),
                    _ => format!("nobody{connection}x{round}"),
                };
                let mut tries = 1;
                while !fail_login(&address, &login).await {
                    tries += 1;
                    assert!(tries < 20, "the server answers nobody");
                }
            }
        })
    });
    let attempts: Vec<_> = attempts.collect();
    for attempt in attempts {
        attempt.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_do_not_fill_the_memory() {
    open_files::allow(12_000);
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    assert!(init(&dir).status.success());
    let (server, address) = Server::start(&dir);
    std::fs::create_dir_all(dir.join("exports/VN")).unwrap();
    std::fs::write(dir.join("exports/VN/large.zip"), vec![7; 24 << 20]).unwrap();

    fail_logins(&address, 64, 4).await;
    let get = format!("GET /v1/exports/VN/large.zip HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let slow_readers = hold(&address, 100, get).await;
    let body = "x".repeat(60 << 10);
    let slow_senders =
        hold(&address, 900, post(&address, "/api/verify", (60 << 10) + 9, &body)).await;
    let forms = hold(&address, 500, post(&address, "/venue/login", (60 << 10) + 9, &body)).await;
    let head = format!("GET / HTTP/1.1\r\nhost: {address}\r\nx: {}", "y".repeat(12 << 10));
    let half_heads = hold(&address, 2_900, head).await;

    let kinds = [&slow_readers, &slow_senders, &forms, &half_heads];
    let held: usize = kinds.iter().map(|kind| kind.iter().flatten().count()).sum();
    assert_eq!(held, 4_400, "more than it takes at a time");
    let peak = server.peak_kib();
    println!("peak resident memory: {} MiB", peak / 1_024);
    assert!(peak < MOST_KIB, "{} MiB", peak / 1_024);
}
