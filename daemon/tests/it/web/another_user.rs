//! Another user of this machine, who knows everything that one can come to know.

use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use super::{Browser, address, exchange, request};
use crate::support::person::Person;

/// `nobody`
const ANOTHER: u32 = 65_534;

/// What a user of this machine gets as an answer; without one the user of this test.
fn asked_by(user: Option<u32>, port: u16, request: &str) -> String {
    let script = "exec 3<>/dev/tcp/127.0.0.1/$0 && printf %s \"$1\" >&3 && exec timeout 20 cat <&3";
    let mut shell = Command::new("bash");
    shell.args(["-c", script, &port.to_string(), request]).current_dir("/").stderr(Stdio::null());
    if let Some(user) = user {
        shell.uid(user).gid(user);
    }
    String::from_utf8_lossy(&shell.output().unwrap().stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs root, to run a program as another user"]
async fn another_user_gets_nothing_even_with_the_token_and_the_cookie() {
    assert!(rustix::process::geteuid().is_root(), "NOT RUN: only root can become another user");
    let (_authority, mut person) = Person::enrolled(Vec::new()).await;
    let _events = person.start(&[]);
    let (port, path) = address(&person);
    // The token stands on the browser's command line, which everybody can read.
    let open = request("GET", &path, port, &[], "");
    assert_eq!(asked_by(Some(ANOTHER), port, &open), "");
    let opened = asked_by(None, port, &open);
    assert!(opened.starts_with("HTTP/1.1 303"), "the same by the person, and it was not used up");
    let browser = Browser::open(&person);
    assert_eq!(browser.port, port);
    // The browser sends it to whatever listens on another port of this machine.
    let cookie = format!("Cookie: {}", browser.cookie);
    for path in ["/", "/data", "/assets/icon.svg", "/nowhere"] {
        let look = request("GET", path, port, &[&cookie], "");
        assert_eq!(asked_by(Some(ANOTHER), port, &look), "", "{path}");
        assert!(asked_by(None, port, &look).starts_with("HTTP/1.1 "), "{path}");
    }
    // So many of them keep no place from the person.
    for _ in 0..100 {
        assert_eq!(asked_by(Some(ANOTHER), port, &open), "");
    }
    assert_eq!(exchange(port, &request("GET", "/", port, &[&cookie], "")).status, 200);
}
