//! A server in the test: HTTP/1.1 over loopback, small enough to break a reply anywhere.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;

use super::fixture::TestClock;

/// How a reply goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection ends after so many bytes of the body.
    CutAfter(usize),
    /// The request has its effect, but nothing is answered.
    NoAnswer,
    /// So many bytes of the body, then silence.
    StallAfter(usize),
    /// Only this status.
    Status(u16),
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    pub at: UnixTime,
}

impl Request {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What the server holds and has seen.
#[derive(Default)]
pub struct Content {
    /// The server's time, where it is not the device's.
    pub now: Option<UnixTime>,
    /// Replies to `GET` by path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What goes wrong next, by path.
    pub faults: BTreeMap<String, VecDeque<Fault>>,
    pub requests: Vec<Request>,
    /// Codes that are good, with whether they have been used up.
    pub codes: BTreeMap<String, bool>,
    /// The nonce with which a code was used.
    pub exchanged: BTreeMap<String, String>,
    /// HMAC of the list for which each token was turned into a certificate.
    pub certified: BTreeMap<String, String>,
    pub published: Vec<Value>,
    /// Certificates are refused once.
    pub certificate_expired: bool,
    pub answers_ranges: bool,
}

/// The server, until dropped.
pub struct Authority {
    pub url: String,
    content: Arc<Mutex<Content>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Authority {
    pub async fn start(clock: Arc<TestClock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let content = Arc::new(Mutex::new(Content { answers_ranges: true, ..Content::default() }));
        let shared = Arc::clone(&content);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&shared), Arc::clone(&clock)));
            }
        });
        Self { url, content, task }
    }

    pub fn with<T>(&self, look: impl FnOnce(&mut Content) -> T) -> T {
        look(&mut self.content.lock().unwrap())
    }

    pub fn fault(&self, path: &str, fault: Fault) {
        self.with(|content| {
            content.faults.entry(path.into()).or_default().push_back(fault);
        });
    }

    pub fn requests(&self, path: &str) -> Vec<Request> {
        self.with(|content| {
            content.requests.iter().filter(|request| request.path == path).cloned().collect()
        })
    }

    pub fn posts(&self) -> Vec<Request> {
        self.with(|content| {
            content.requests.iter().filter(|request| request.method == "POST").cloned().collect()
        })
    }
}

async fn serve(mut stream: TcpStream, content: Arc<Mutex<Content>>, clock: Arc<TestClock>) {
    let Some(request) = read_request(&mut stream, clock.now()).await else { return };
    let (now, status, extra, body, fault) = {
        let mut content = content.lock().unwrap();
        content.requests.push(request.clone());
        let now = content.now.unwrap_or_else(|| clock.now());
        let fault = content.faults.get_mut(&request.path).and_then(VecDeque::pop_front);
        if let Some(Fault::Status(status)) = fault {
            (now, status, String::new(), Vec::new(), None)
        } else {
            let (status, extra, body) = answer(&mut content, &request);
            (now, status, extra, body, fault)
        }
    };
    let date = jiff::Timestamp::from_second(now.as_secs() as i64).unwrap();
    let date = date.strftime("%a, %d %b %Y %H:%M:%S GMT");
    let head = format!(
        "HTTP/1.1 {status} X\r\nDate: {date}\r\nContent-Length: {}\r\n{extra}Connection: close\r\n\r\n",
        body.len()
    );
    let sent = match fault {
        Some(Fault::NoAnswer) => return,
        Some(Fault::CutAfter(bytes) | Fault::StallAfter(bytes)) => &body[..bytes.min(body.len())],
        _ => &body[..],
    };
    let _ = stream.write_all(head.as_bytes()).await;
    let _ = stream.write_all(sent).await;
    let _ = stream.flush().await;
    if matches!(fault, Some(Fault::StallAfter(_))) {
        // Until the client gives up.
        let _ = stream.read(&mut [0]).await;
    }
}

async fn read_request(stream: &mut TcpStream, at: UnixTime) -> Option<Request> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4_096];
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&buffer[..read]),
            _ => return None,
        }
    };
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = bytes[end + 4..].to_vec();
    while body.len() < length {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => body.extend_from_slice(&buffer[..read]),
            _ => return None,
        }
    }
    Some(Request { method, path, headers, body, at })
}

fn answer(content: &mut Content, request: &Request) -> (u16, String, Vec<u8>) {
    if request.method == "POST" {
        let (status, body) = post(content, &request.path, &request.json());
        return (status, String::new(), body.to_string().into_bytes());
    }
    let Some(file) = content.files.get(&request.path) else {
        return (404, String::new(), Vec::new());
    };
    let start =
        request.headers.get("range").filter(|_| content.answers_ranges).and_then(|range| {
            range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok()
        });
    match start {
        Some(start) if start >= file.len() => (416, String::new(), Vec::new()),
        Some(start) => {
            let range =
                format!("Content-Range: bytes {start}-{}/{}\r\n", file.len() - 1, file.len());
            (206, range, file[start..].to_vec())
        }
        None => (200, String::new(), file.clone()),
    }
}

/// The three endpoints: a code is good once, or again with the same nonce, a certificate
/// is given again for the same list, keys are taken once.
fn post(content: &mut Content, path: &str, body: &Value) -> (u16, Value) {
    let look_alike = body["lookAlike"] == true;
    let text = |field: &str| body[field].as_str().unwrap_or_default().to_owned();
    match path {
        "/api/verify" if look_alike => (200, json!({"testtype": "confirmed", "token": "fake"})),
        "/api/verify" => match content.codes.get(&text("code")) {
            None => (400, json!({"error": "no", "errorCode": "code_not_found"})),
            Some(true) if content.exchanged.get(&text("code")) != Some(&text("nonce")) => {
                (400, json!({"error": "no", "errorCode": "code_invalid"}))
            }
            Some(_) => {
                content.codes.insert(text("code"), true);
                content.exchanged.insert(text("code"), text("nonce"));
                let token = format!("token-{}", text("code"));
                let body =
                    json!({"testtype": "confirmed", "symptomDate": "2026-03-01", "token": token});
                (200, body)
            }
        },
        "/api/certificate" if look_alike => (200, json!({"certificate": "fake"})),
        "/api/certificate" => {
            let (token, hmac) = (text("token"), text("ekeyhmac"));
            let known = content.certified.entry(token).or_insert_with(|| hmac.clone());
            if *known != hmac {
                return (400, json!({"error": "no", "errorCode": "token_invalid"}));
            }
            (200, json!({"certificate": format!("certificate-{hmac}")}))
        }
        "/v1/publish" if look_alike => (200, json!({"insertedExposures": 0})),
        "/v1/publish" => {
            if std::mem::take(&mut content.certificate_expired) {
                let code = "health_authority_verification_certificate_invalid";
                return (401, json!({"error": "no", "code": code}));
            }
            let keys = &body["temporaryExposureKeys"];
            if content.published.iter().any(|known| known["temporaryExposureKeys"] == *keys) {
                return (400, json!({"error": "no", "code": "missing_revision_token"}));
            }
            content.published.push(body.clone());
            (200, json!({"revisionToken": "r", "insertedExposures": 1}))
        }
        _ => (404, json!({})),
    }
}
