//! What those who run the server see of it: readiness, metrics, log, how it stops.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use health_authority_server::http::operations_router;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::program::{PROGRAM, init};
use crate::support::authority::{Authority, Person, local_client};

/// The real program, with its log in a file.
pub struct Served {
    pub child: Child,
    pub url: String,
    pub ops: String,
    log: tempfile::NamedTempFile,
    _stdout: BufReader<ChildStdout>,
}

impl Served {
    pub fn start(dir: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let log = tempfile::NamedTempFile::new().unwrap();
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--listen", "127.0.0.1:0", "--dir"])
            .arg(dir)
            .args(arguments)
            .env("LC_ALL", "C")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log.reopen().unwrap())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut address = |before: &str| {
            let mut line = String::new();
            stdout.read_line(&mut line).unwrap();
            line.trim().strip_prefix(before).unwrap().to_owned()
        };
        let (url, ops) = (address("listening on "), address("operations on "));
        Self { child, url, ops, log, _stdout: stdout }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log.path()).unwrap()
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }

    /// The most that was resident so far, in MiB.
    pub fn peak_mib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1_024
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The operations of a server in this process.
async fn operations(authority: &Authority) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = operations_router(authority.app.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// Status and body of `/readyz`.
pub async fn ready(ops: &str, query: &str) -> (u16, Value) {
    let answer = local_client().get(format!("{ops}/readyz{query}")).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// `/readyz` once the check is in this state; it looks at most once a second.
pub async fn once(ops: &str, check: &str, state: &str) -> (u16, Value) {
    for _ in 0..600 {
        let (status, body) = ready(ops, "").await;
        if body["checks"][check]["state"] == state {
            return (status, body);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{check} is not {state}: {:?}", ready(ops, "").await);
}

/// Every figure by its name with its labels.
async fn metrics(ops: &str) -> BTreeMap<String, f64> {
    let answer = local_client().get(format!("{ops}/metrics")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let text = answer.text().await.unwrap();
    assert!(text.ends_with("# EOF\n"));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

fn requests(route: &str, status: &str) -> String {
    format!("vungxanh_requests_total{{route=\"{route}\",status=\"{status}\"}}")
}

#[tokio::test]
async fn metrics_are_what_was_asked() {
    let authority = Authority::start().await;
    let ops = operations(&authority).await;
    for n in 0..102 {
        authority.post("api/verify", &json!({"code": format!("{:08}", 7 + n)})).await;
    }
    for path in ["v1/authority", "v1/authority", "health", "nowhere", "staff/login"] {
        authority.get(path, &[]).await;
    }
    authority.get("v1/exports/VN/none.zip", &[]).await;
    let code = authority.code("confirmed").await;
    assert_eq!(authority.post("api/verify", &json!({"code": code})).await.status, 200);

    let found = metrics(&ops).await;
    let is = |name: &str, value: f64| assert_eq!(found.get(name), Some(&value), "{name}");
    is(&requests("/api/verify", "answered"), 103.0);
    is("vungxanh_request_seconds_count{route=\"/api/verify\"}", 103.0);
    is(&requests("/v1/authority", "2xx"), 2.0);
    is(&requests("/health", "2xx"), 1.0);
    is(&requests("/v1/exports/{region}/{file}", "4xx"), 1.0);
    is(&requests("none", "4xx"), 1.0);
    // The page and the code that was issued, together.
    is(&requests("/staff", "2xx"), 2.0);
    is("vungxanh_limit_reached_total{limit=\"short-codes\"}", 1.0);
    is("vungxanh_requests_in_progress", 0.0);
    for queue in ["requests", "forms", "uploads", "passwords", "messages"] {
        is(&format!("vungxanh_queue_waiting{{queue=\"{queue}\"}}"), 0.0);
    }
    is("vungxanh_connections_limit", 4_096.0);
    is("vungxanh_database_failures_total", 0.0);
    is("vungxanh_ready{check=\"database\"}", 1.0);
    is("vungxanh_ready{check=\"batches\"}", 0.0);
    is("vungxanh_document_end_seconds", (authority.now().as_secs() + 90 * 86_400) as f64);
    // Each wrong code was a write, and each had a turn.
    let writes = found["vungxanh_database_write_seconds_count"];
    assert!(writes >= 100.0 && found["vungxanh_database_wait_seconds_count"] >= writes);
    assert!(found["process_resident_memory_bytes"] > 1e6);
    assert!(found["process_cpu_seconds_total"] > 0.0);
    assert!(found["process_open_fds"] > 5.0 && found["process_max_fds"] > 5.0);

    authority.batch().await;
    authority.app.store.close().await;
    authority.post("api/verify", &json!({"code": "aaaabbbbccccdddd"})).await;
    once(&ops, "database", "down").await;
    let found = metrics(&ops).await;
    assert_eq!(found[&requests("/api/verify", "503")], 1.0);
    assert!(found["vungxanh_database_failures_total"] >= 1.0);
    assert_eq!(found["vungxanh_ready{check=\"database\"}"], 0.0);
}

#[tokio::test]
async fn metrics_do_not_tell_a_dummy_from_a_case() {
    let authority = Authority::start().await;
    let ops = operations(&authority).await;
    let person = Person::new(authority.now(), 4);
    let certificate = authority.certificate("confirmed", &person).await;
    let real = person.publication(&certificate);
    let mut refused = person.publication("a.b.c");
    refused["healthAuthorityID"] = "vn.hue".into();
    let mut dummy = Person::new(authority.now(), 4).publication("a.b.c");
    dummy["lookAlike"] = true.into();
    let counts = async || -> BTreeMap<String, f64> {
        let of_requests = |name: &String| {
            name.starts_with("vungxanh_requests") || name.contains("_seconds_count{route")
        };
        metrics(&ops).await.into_iter().filter(|(name, _)| of_requests(name)).collect()
    };
    authority.post("v1/publish", &dummy).await;
    let mut changes = Vec::new();
    for (request, status) in [(&real, 200), (&refused, 401), (&dummy, 200)] {
        let before = counts().await;
        assert_eq!(authority.post("v1/publish", request).await.status, status);
        let after = counts().await;
        assert_eq!(before.len(), after.len());
        let change = |(name, value): (&String, &f64)| (name.clone(), value - before[name]);
        changes.push(after.iter().map(change).collect::<Vec<_>>());
    }
    assert_eq!(changes[0], changes[1]);
    assert_eq!(changes[0], changes[2]);
    let all = metrics(&ops).await;
    let of_people = |name: &&String| {
        ["publication", "dumm", "look", "code", "key", "case"]
            .iter()
            .any(|word| name.contains(word))
    };
    let names: Vec<_> = all.keys().filter(|name| !name.contains("limit=")).collect();
    assert!(
        !names.iter().any(|name| of_people(name) && !name.contains("check=\"keys\"")),
        "{names:?}"
    );
}

#[tokio::test]
async fn readiness_says_what_is_missing_and_what_to_do() {
    let authority = Authority::start().await;
    let ops = operations(&authority).await;
    let alive = local_client().get(format!("{ops}/healthz")).send().await.unwrap();
    assert_eq!((alive.status().as_u16(), alive.text().await.unwrap().as_str()), (200, "ok\n"));
    let batches = async || {
        authority.batch().await;
        authority.app.warning_batcher().run_once(authority.now()).await.unwrap();
    };
    batches().await;
    let (status, body) = once(&ops, "batches", "ok").await;
    assert_eq!((status, &body["ready"]), (200, &true.into()), "{body}");
    let names: Vec<_> = body["checks"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["batches", "database", "disk", "document", "files", "keys", "queues"]);

    authority.pass(3_600 + 599);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(ready(&ops, "").await.1["checks"]["batches"]["state"], "ok", "not so late yet");
    authority.pass(3_600);
    let (status, body) = once(&ops, "batches", "down").await;
    assert_eq!((status, &body["ready"]), (503, &false.into()));
    let said = &body["checks"]["batches"];
    assert!(said["en"].as_str().unwrap().contains("late"), "{said}");
    assert!(said["vi"].as_str().unwrap().contains("trễ"), "{said}");
    assert_eq!(ready(&ops, "?exclude=files,batches").await.0, 200, "for what spreads requests");
    authority.batch().await;
    once(&ops, "batches", "ok").await;
    authority.pass(7_200);
    authority.batch().await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let (_, body) = ready(&ops, "").await;
    assert_eq!(body["checks"]["batches"]["state"], "down", "those of warnings are late still");
    batches().await;
    once(&ops, "batches", "ok").await;

    let export_key = authority.dir().join("keys/export.pem");
    let aside = export_key.with_extension("aside");
    std::fs::rename(&export_key, &aside).unwrap();
    assert_eq!(once(&ops, "keys", "down").await.0, 503);
    std::fs::rename(&aside, &export_key).unwrap();
    assert_eq!(once(&ops, "keys", "ok").await.0, 200);
    authority.pass(80 * 86_400);
    batches().await;
    assert_eq!(once(&ops, "document", "warning").await.0, 200);
    authority.pass(10 * 86_400);
    assert_eq!(once(&ops, "document", "down").await.0, 503);
    authority.app.store.close().await;
    assert_eq!(once(&ops, "database", "down").await.0, 503);
}

#[tokio::test]
async fn a_batch_whose_file_cannot_be_written_is_said_until_it_is() {
    let authority = Authority::start().await;
    let ops = operations(&authority).await;
    authority.batch().await;
    assert_eq!(authority.publish("confirmed", &Person::new(authority.now(), 40)).await.status, 200);
    authority.pass(3_600);
    let exports = authority.dir().join("exports");
    let aside = exports.with_extension("aside");
    std::fs::rename(&exports, &aside).unwrap();
    std::fs::write(&exports, "no folder").unwrap();
    assert!(authority.app.batcher().run_once(authority.now()).await.is_err());
    authority.pass(601);
    let (status, body) = once(&ops, "files", "down").await;
    assert_eq!(status, 503, "{body}");
    std::fs::remove_file(&exports).unwrap();
    std::fs::rename(&aside, &exports).unwrap();
    authority.batch().await;
    once(&ops, "files", "ok").await;
}

#[tokio::test]
async fn the_log_as_json_has_a_line_a_request_and_nothing_of_people() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    assert!(init(&dir).status.success());
    let log = [("RUST_LOG", "debug,sqlx=warn,hyper=warn,hyper_util=warn,reqwest=warn")];
    let mut served = Served::start(&dir, &["--log-format", "json"], &log);
    let http = local_client();
    let url = served.url.clone();
    let code = json!({"code": "72727272"});
    http.post(format!("{url}/api/verify")).json(&code).send().await.unwrap();
    http.get(format!("{url}/v1/authority")).send().await.unwrap();
    http.get(format!("{url}/units/secret-name?who=minh")).send().await.unwrap();
    let form = [("login", "minh.nguyen"), ("password", "tre xanh")];
    let body = serde_urlencoded::to_string(form).unwrap();
    let kind = "application/x-www-form-urlencoded";
    let login = http.post(format!("{url}/staff/login")).header("content-type", kind);
    login.header("sec-fetch-site", "same-origin").body(body).send().await.unwrap();
    served.signal("-TERM");
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
    let log = served.log();
    let lines: Vec<Value> =
        log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let answered: Vec<_> = lines
        .iter()
        .filter(|line| line["message"] == "answered")
        .map(|line| (line["route"].as_str().unwrap(), line["status"].as_str().unwrap()))
        .collect();
    let expected = [
        ("/api/verify", "answered"),
        ("/v1/authority", "2xx"),
        ("/units/{file}", "4xx"),
        ("/staff", "4xx"),
    ];
    assert_eq!(answered, expected);
    for line in &lines {
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
    for secret in ["72727272", "127.0.0.1", "secret-name", "minh"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[tokio::test]
async fn a_server_that_is_asked_to_stop_answers_what_was_begun_and_takes_nothing_new() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    assert!(init(&dir).status.success());
    let mut served = Served::start(&dir, &[], &[]);
    let address = served.url.strip_prefix("http://").unwrap().to_owned();
    let body = json!({"code": "12345678"}).to_string();
    let mut begun = TcpStream::connect(&address).await.unwrap();
    let head =
        format!("POST /api/verify HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n\r\n", body.len());
    begun.write_all(head.as_bytes()).await.unwrap();
    begun.write_all(&body.as_bytes()[..4]).await.unwrap();
    // Only what the server has begun to read is finished.
    let in_progress = "vungxanh_requests_in_progress";
    while metrics(&served.ops).await[in_progress] < 1.0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    served.signal("-TERM");
    while TcpStream::connect(&address).await.is_ok() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (status, report) = ready(&served.ops, "").await;
    assert_eq!((status, &report["stopping"]), (503, &true.into()));
    begun.write_all(&body.as_bytes()[4..]).await.unwrap();
    let mut answer = String::new();
    begun.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("code_not_found"), "{answer}");
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
}

#[test]
fn systemd_hears_that_the_server_is_ready_alive_and_stopping() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("authority");
    assert!(init(&dir).status.success());
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let environment = [("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "300000")];
    let mut served = Served::start(&dir, &[], &environment);
    let heard = || {
        let mut message = [0; 256];
        let length = socket.recv(&mut message).unwrap();
        String::from_utf8_lossy(&message[..length]).trim().to_owned()
    };
    assert_eq!(heard(), "READY=1");
    assert_eq!([heard(), heard()], ["WATCHDOG=1", "WATCHDOG=1"]);
    served.signal("-INT");
    assert!((0..1_000).map(|_| heard()).any(|message| message == "STOPPING=1"));
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
}
