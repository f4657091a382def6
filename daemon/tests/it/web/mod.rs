//! The person's own page: the real program, asked over HTTP as a browser does, and as one must not.

mod access;
mod another_user;
mod declarations;
mod deeds;
mod pages;
mod report;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use crate::support::person::Person;

const FORM: &str = "application/x-www-form-urlencoded";

/// What the page answered.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// Sends a request as it stands; an answer that is cut off is an empty one.
pub fn exchange(port: u16, request: &str) -> Answer {
    exchange_bytes(port, request.as_bytes())
}

pub fn exchange_bytes(port: u16, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // Who sends too much is cut off.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let _ = stream.shutdown(Shutdown::Both);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// A browser that was opened by `vungxanh open`.
pub struct Browser {
    pub port: u16,
    pub cookie: String,
}

/// Port and path of the address that `vungxanh open` gives.
pub fn address(person: &Person) -> (u16, String) {
    let opened = person.json(&["open"]);
    let address = opened["address"].as_str().unwrap().to_owned();
    let (host, path) = address.strip_prefix("http://127.0.0.1:").unwrap().split_once('/').unwrap();
    (host.parse().unwrap(), format!("/{path}"))
}

impl Browser {
    pub fn open(person: &Person) -> Self {
        let (port, path) = address(person);
        let answer = exchange(port, &request("GET", &path, port, &[], ""));
        assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
        let cookie = answer.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
        Self { port, cookie }
    }

    pub fn get(&self, path: &str) -> Answer {
        let cookie = format!("Cookie: {}", self.cookie);
        let site = "Sec-Fetch-Site: same-origin";
        exchange(self.port, &request("GET", path, self.port, &[&cookie, site], ""))
    }

    /// A page, which must be there.
    pub fn page(&self, path: &str) -> String {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// The token of this browser's forms.
    pub fn csrf(&self) -> String {
        let body = self.page("/settings");
        let (_, rest) = body.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    /// Posts a form of this browser's page.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf();
        let fields = [&[("csrf", csrf.as_str())], fields].concat();
        let origin = format!("Origin: http://127.0.0.1:{}", self.port);
        self.post_with(path, &[&origin, "Sec-Fetch-Site: same-origin"], &encoded(&fields))
    }

    /// Posts with headers of the test's choice.
    pub fn post_with(&self, path: &str, headers: &[&str], body: &str) -> Answer {
        let (cookie, kind) = (format!("Cookie: {}", self.cookie), format!("Content-Type: {FORM}"));
        let headers = [&[cookie.as_str(), &kind], headers].concat();
        exchange(self.port, &request("POST", path, self.port, &headers, body))
    }

    /// Posts, and returns the page that the browser is sent to.
    pub fn posted(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.post(path, fields);
        assert_eq!(answer.status, 303, "{path}: {}", answer.body);
        self.page(answer.header("location").unwrap())
    }
}

/// A request to the page by its own name; the connection ends with the answer.
pub fn request(method: &str, path: &str, port: u16, headers: &[&str], body: &str) -> String {
    request_to(&format!("127.0.0.1:{port}"), method, path, headers, body)
}

/// A request to a host of the test's choice.
pub fn request_to(host: &str, method: &str, path: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
         Content-Length: {length}\r\n{headers}\r\n{body}"
    )
}

pub fn encoded(fields: &[(&str, &str)]) -> String {
    let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name), escaped(value)))
        .collect();
    pairs.join("&")
}
