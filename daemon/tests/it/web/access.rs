//! Who gets to the page, and who does not.

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;

use super::{Browser, address, encoded, exchange, request, request_to};
use crate::support::person::Person;

async fn person() -> (crate::support::fixture::Bench, Person) {
    Person::enrolled(Vec::new()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_address_works_once_and_nothing_works_without_it() {
    let (_authority, mut person) = person().await;
    assert_eq!(person.refused(&["open"]), (4, "failure-not-running".into()));
    let _events = person.start(&[]);
    let (port, path) = address(&person);
    let get =
        |path: &str, headers: &[&str]| exchange(port, &request("GET", path, port, headers, ""));
    for path in ["/", "/data", "/exposures", "/nowhere", "/open/", "/open/AAAA"] {
        let answer = get(path, &[]);
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.body.contains("vungxanh open"), "{path} says what to do");
        assert!(!answer.body.contains("Sở Y tế") && answer.header("set-cookie").is_none());
    }
    // The first character of a secret; in the last, one of 16 would be right by chance.
    let altered = |text: &str, secret: usize| {
        let other = if text.as_bytes()[secret] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &text[..secret], &text[secret + 1..])
    };
    let wrong = altered(&path, "/open/".len());
    assert_eq!(get(&wrong, &[]).status, 401);
    let opened = get(&path, &["Sec-Fetch-Site: none"]);
    assert_eq!((opened.status, opened.header("location")), (303, Some("/")));
    assert_eq!(opened.header("cache-control"), Some("no-store"));
    let set = opened.header("set-cookie").unwrap();
    let (cookie, attributes) = set.split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict");
    assert_eq!(get(&path, &[]).status, 401, "used up");
    let cookie = format!("Cookie: other=1; {cookie}");
    assert_eq!(get("/", &[&cookie]).status, 200);
    let wrong = altered(&cookie, cookie.rfind('=').unwrap() + 1);
    assert_eq!(get("/", &[&wrong]).status, 401);
    // A second browser does not end the first.
    let second = Browser::open(&person);
    assert_eq!(second.port, port, "the same page");
    assert_eq!((get("/", &[&cookie]).status, second.get("/").status), (200, 200));
    // With the daemon, all of it ends.
    person.stop();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_sites_and_other_names_get_nothing() {
    let (_authority, mut person) = person().await;
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    let port = browser.port;
    let cookie = format!("Cookie: {}", browser.cookie);
    let by_host =
        |host: &str, path: &str| exchange(port, &request_to(host, "GET", path, &[&cookie], ""));
    for host in [
        "evil.example",
        "127.0.0.1",
        "localhost",
        &format!("evil.example:{port}"),
        &format!("127.0.0.1.evil.example:{port}"),
        &format!("127.0.0.2:{port}"),
        &format!("[::1]:{port}"),
        &format!("127.0.0.1:{}", port ^ 1),
        &format!("127.0.0.1:0{port}"),
        "",
    ] {
        for path in ["/", "/assets/icon.svg", "/open/AAAA"] {
            let answer = by_host(host, path);
            assert!(matches!(answer.status, 400 | 421), "{host}: {}", answer.status);
            assert_eq!(answer.body, "", "{host} is told nothing");
        }
    }
    assert_eq!(by_host(&format!("localhost:{port}"), "/").status, 200);
    let twice = format!("127.0.0.1:{port}\r\nHost: 127.0.0.1:{port}");
    assert!(matches!(by_host(&twice, "/").status, 400 | 421));
    let absolute = format!("http://evil.example:{port}/");
    assert!(matches!(by_host(&format!("127.0.0.1:{port}"), &absolute).status, 400 | 421));

    let get_from = |site: &str| {
        let site = format!("Sec-Fetch-Site: {site}");
        exchange(port, &request("GET", "/data", port, &[&cookie, &site], "")).status
    };
    assert_eq!(["none", "same-origin"].map(get_from), [200, 200]);
    // Another port of this machine is the same site to browsers, and sends the cookie.
    assert_eq!(["same-site", "cross-site", "x"].map(get_from), [403, 403, 403]);

    let csrf = browser.csrf();
    let body = encoded(&[("csrf", &csrf), ("sure", "yes")]);
    let own = format!("Origin: http://127.0.0.1:{port}");
    let refused = |headers: &[&str], body: &str| {
        let answer = browser.post_with("/data/erase", headers, body);
        assert_eq!(answer.status, 403, "{headers:?}");
        assert!(answer.header("location").is_none());
    };
    refused(&[], &body);
    refused(&["Origin: null"], &body);
    refused(&["Origin: https://evil.example"], &body);
    refused(&[&format!("Origin: http://127.0.0.1:{}", port ^ 1)], &body);
    refused(&[&format!("Origin: http://localhost:{port}")], &body);
    refused(&[&own, &own], &body);
    refused(&["Sec-Fetch-Site: same-site"], &body);
    refused(&["Sec-Fetch-Site: none"], &body);
    refused(&[&own, "Sec-Fetch-Site: cross-site"], &body);
    for csrf in ["", "AAAA", &"A".repeat(43)] {
        refused(&[&own], &encoded(&[("csrf", csrf), ("sure", "yes")]));
    }
    let other = Browser::open(&person).csrf();
    refused(&[&own], &encoded(&[("csrf", &other), ("sure", "yes")]));
    // What is right goes through: by either header.
    assert_eq!(browser.post_with("/data/erase", &[&own], &body).status, 303);
    let site = "Sec-Fetch-Site: same-origin";
    assert_eq!(browser.post_with("/data/erase", &[site], &body).status, 303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_too_long_or_unreadable_changes_nothing() {
    let (_authority, mut person) = person().await;
    let _events = person.start(&[]);
    let browser = Browser::open(&person);
    let long = "x".repeat(70_000);
    let post = |fields: &[(&str, &str)]| browser.post("/checkin", fields).status;
    assert_eq!(post(&[("poster", &long)]), 413);
    assert_eq!(post(&[("poster", "a\0b")]), 400);
    let own = format!("Origin: http://127.0.0.1:{}", browser.port);
    let csrf = browser.csrf();
    let raw = |body: &str| browser.post_with("/settings/authority", &[&own], body).status;
    assert_eq!(raw(&format!("csrf={csrf}")), 400, "a field is missing");
    assert_eq!(raw(&format!("csrf={csrf}&csrf={csrf}&address=x")), 400);
    assert_eq!(raw("%ff=%ff"), 403, "no token");
    let cookie = format!("Cookie: {}", browser.cookie);
    let kind = "Content-Type: text/plain";
    let body = format!("csrf={csrf}");
    let plain = request("POST", "/checkout", browser.port, &[&cookie, &own, kind], &body);
    assert_eq!(exchange(browser.port, &plain).status, 400);
    for method in ["PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"] {
        let asked = request(method, "/data", browser.port, &[&cookie, &own], "");
        assert_eq!(exchange(browser.port, &asked).status, 405, "{method}");
    }
    let heading = format!("X-Long: {long}{long}{long}{long}{long}{long}{long}");
    let asked = request("GET", "/", browser.port, &[&cookie, &heading], "");
    assert!(matches!(exchange(browser.port, &asked).status, 431 | 0));
    assert_eq!(browser.get("/").status, 200, "the page goes on");
}

/// What the program does with the address, by a program that takes the place of the desktop's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_browser_is_opened_where_there_is_a_desktop() {
    let (_authority, mut person) = person().await;
    let _events = person.start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let (opener, said) = (folder.path().join("xdg-open"), folder.path().join("said"));
    let script = |exit: u8| {
        let script = format!("#!/bin/sh\necho \"$@\" > {}\nexit {exit}\n", said.display());
        std::fs::write(&opener, script).unwrap();
        std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    let path = format!("{}:/usr/bin:/bin", folder.path().display());
    let open = |display: &str, arguments: &[&str]| {
        let mut command = person.command(&[&["open"], arguments].concat());
        command.env("PATH", &path).env("DISPLAY", display).env_remove("WAYLAND_DISPLAY");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    script(0);
    assert!(!open(":0", &[]).contains("http"), "nobody has to copy it");
    let given = std::fs::read_to_string(&said).unwrap();
    assert!(given.starts_with("http://127.0.0.1:") && given.contains("/open/"), "{given}");
    std::fs::remove_file(&said).unwrap();
    assert!(open(":0", &["--print"]).starts_with("http://127.0.0.1:"));
    assert!(open("", &[]).starts_with("http://127.0.0.1:"), "no desktop");
    assert!(!said.exists(), "the opener was not asked");
    script(3);
    assert!(open(":0", &[]).starts_with("http://127.0.0.1:"), "it found no browser");
}
