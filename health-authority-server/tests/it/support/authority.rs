//! An authority for tests: its folder, its clock, its server, and people who publish.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use health_authority_server::authority::Authority as Founder;
use health_authority_server::authority::disease_profile::ReadyMade;
use health_authority_server::authority::folder::Folder;
use health_authority_server::authority::founding::found;
use health_authority_server::http::router;
use health_authority_server::publication::batcher::Outcome;
use health_authority_server::services::app::App;
use rand::RngExt;
use serde_json::{Value, json};
use sqlx::Connection;
use tempfile::TempDir;
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::export::{ExportFile, KeyEntry, Limits, VerificationKey};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::mac::hmac_sha256;

use crate::support::browser::Inbox;

/// 2021-09-01T06:00:00Z, the start of a rolling period.
pub const START: UnixTime = UnixTime::from_secs(1_630_476_000);

/// Stands still until the test moves it.
#[derive(Debug)]
pub struct TestClock(AtomicU64);

impl Clock for TestClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.0.load(Ordering::SeqCst))
    }

    fn poll_interval(&self, _: UnixTime) -> Duration {
        Duration::from_millis(5)
    }
}

pub struct Authority {
    pub folder: TempDir,
    pub clock: Arc<TestClock>,
    pub staff_key: String,
    pub app: Arc<App>,
    pub inbox: Inbox,
    url: String,
    http: reqwest::Client,
    server: tokio::task::JoinHandle<()>,
}

/// Status, body, and the body's size in bytes.
pub struct Reply {
    pub status: u16,
    pub body: Value,
    pub bytes: usize,
}

impl Authority {
    /// Without padding, so that batches hold exactly what the test published.
    pub async fn start() -> Self {
        Self::start_with("synthetic_persons = 3.0", "synthetic_persons = 0.0").await
    }

    /// With one change to the configuration that `init` writes.
    pub async fn start_with(from: &str, to: &str) -> Self {
        Self::start_prepared(|dir| configure(dir, &[(from, to)])).await
    }

    /// In a folder that `prepare` changed after `init`.
    pub async fn start_prepared(prepare: impl FnOnce(&Path)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicU64::new(START.as_secs())));
        let staff_key = init(&folder.path().join("authority"), &clock);
        prepare(&folder.path().join("authority"));
        let database = format!("database = {:?}", new_database().await);
        configure(&folder.path().join("authority"), &[("database = \"server.db\"", &database)]);
        Self::serve(folder, clock, staff_key).await
    }

    /// The folder that is there already, at this time.
    pub async fn open(folder: TempDir, now: UnixTime, staff_key: String) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clock = Arc::new(TestClock(AtomicU64::new(now.as_secs())));
        Self::serve(folder, clock, staff_key).await
    }

    async fn serve(folder: TempDir, clock: Arc<TestClock>, staff_key: String) -> Self {
        let inbox = Inbox::default();
        let dir = folder.path().join("authority");
        let (app, url, server) = serve(&dir, clock.clone(), inbox.clone()).await;
        let http = local_client();
        Self { folder, clock, staff_key, app, inbox, url, http, server }
    }

    /// Ends the server without any farewell and starts it again on the same folder.
    pub async fn restart(&mut self) {
        self.restart_after(|_| {}).await;
    }

    /// The same; meanwhile the folder is changed.
    pub async fn restart_after(&mut self, change: impl FnOnce(&Path)) {
        self.stop().await;
        change(&self.dir());
        self.start_again().await;
    }

    pub async fn stop(&self) {
        self.server.abort();
        self.app.store.close().await;
    }

    pub async fn start_again(&mut self) {
        (self.app, self.url, self.server) =
            serve(&self.dir(), self.clock.clone(), self.inbox.clone()).await;
    }

    pub fn dir(&self) -> std::path::PathBuf {
        self.folder.path().join("authority")
    }

    /// The server's database, opened a second time.
    pub async fn database(&self) -> sqlx::AnyPool {
        let config = std::fs::read_to_string(self.dir().join("config.toml")).unwrap();
        let mut lines = config.lines();
        let database = lines.find_map(|line| line.strip_prefix("database = ")).unwrap();
        let url = match database.trim_matches('"') {
            url if url.contains("://") => url.to_owned(),
            file => format!("sqlite://{}", self.dir().join(file).display()),
        };
        sqlx::AnyPool::connect(&url).await.unwrap()
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn now(&self) -> UnixTime {
        self.clock.now()
    }

    pub fn pass(&self, seconds: u64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn set_back(&self, seconds: u64) {
        self.clock.0.fetch_sub(seconds, Ordering::SeqCst);
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(self.http.post(format!("{}/{path}", self.url)).json(body)).await
    }

    pub async fn post_bytes(&self, path: &str, body: Vec<u8>) -> Reply {
        self.send(self.http.post(format!("{}/{path}", self.url)).body(body)).await
    }

    pub async fn post_with(&self, path: &str, header: (&str, &str), body: &Value) -> Reply {
        let request = self.http.post(format!("{}/{path}", self.url)).header(header.0, header.1);
        self.send(request.json(body)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.bytes().await.unwrap();
        Reply {
            status,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            bytes: bytes.len(),
        }
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let request = self.http.get(format!("{}/{path}", self.url));
        headers
            .iter()
            .fold(request, |r, (name, value)| r.header(*name, *value))
            .send()
            .await
            .unwrap()
    }

    pub async fn issue(&self, mut order: Value) -> Reply {
        order["padding"] = "ignored".into();
        self.post_with("api/issue", ("X-API-Key", &self.staff_key), &order).await
    }

    pub async fn code(&self, test_type: &str) -> String {
        let issued = self.issue(json!({"testType": test_type})).await;
        assert_eq!(issued.status, 200, "{}", issued.body);
        issued.body["code"].as_str().unwrap().to_owned()
    }

    pub async fn token(&self, test_type: &str) -> String {
        let code = self.code(test_type).await;
        let request = json!({"code": code, "accept": ["confirmed", "likely", "negative"]});
        let verified = self.post("api/verify", &request).await;
        assert_eq!(verified.status, 200, "{}", verified.body);
        verified.body["token"].as_str().unwrap().to_owned()
    }

    pub async fn certificate(&self, test_type: &str, person: &Person) -> String {
        let request = json!({"token": self.token(test_type).await, "ekeyhmac": person.hmac()});
        let certified = self.post("api/certificate", &request).await;
        assert_eq!(certified.status, 200, "{}", certified.body);
        certified.body["certificate"].as_str().unwrap().to_owned()
    }

    /// The whole way from code to publication.
    pub async fn publish(&self, test_type: &str, person: &Person) -> Reply {
        self.publish_with(test_type, person, |_| {}).await
    }

    pub async fn publish_with(
        &self,
        test_type: &str,
        person: &Person,
        change: impl FnOnce(&mut Value),
    ) -> Reply {
        let certificate = self.certificate(test_type, person).await;
        let mut request = person.publication(&certificate);
        change(&mut request);
        self.post("v1/publish", &request).await
    }

    pub async fn batch(&self) -> Outcome {
        self.app.batcher().run_once(self.now()).await.unwrap()
    }

    /// The names in the index.
    pub async fn index(&self) -> Vec<String> {
        let index = self.get("v1/exports/VN/index.txt", &[]).await.text().await.unwrap();
        index.lines().map(str::to_owned).collect()
    }

    /// Fetches a file and reads it as any client would: with the public key of the authority
    /// document.
    pub async fn export(&self, name: &str) -> Vec<KeyEntry> {
        let zip = self.get(&format!("v1/exports/{name}"), &[]).await.bytes().await.unwrap();
        let signed = self.get("v1/authority", &[]).await.bytes().await.unwrap();
        let authority =
            vungxanh_protocol::authority::VerifiedAuthority::first_contact(&signed, self.now())
                .unwrap();
        let keys: Vec<VerificationKey> = authority
            .document()
            .export_keys
            .iter()
            .map(|key| VerificationKey::from_authority(key, self.now()).unwrap())
            .collect();
        let mut file = ExportFile::open(std::io::Cursor::new(zip), &Limits::default()).unwrap();
        assert_eq!(file.warnings(), []);
        let mut entries = Vec::new();
        file.verify(&keys).unwrap().for_each_key(|entry| entries.push(entry)).unwrap();
        entries
    }

    /// All entries of all files.
    pub async fn published(&self) -> Vec<KeyEntry> {
        let mut entries = Vec::new();
        for name in self.index().await {
            entries.extend(self.export(&name).await);
        }
        entries
    }

    pub async fn total(&self, counter: &str) -> u64 {
        self.app.store.statistics().await.unwrap()[counter]
    }
}

/// Changes what `init` wrote to `config.toml`.
pub fn configure(dir: &Path, changes: &[(&str, &str)]) {
    let config = dir.join("config.toml");
    let mut text = std::fs::read_to_string(&config).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    std::fs::write(&config, text).unwrap();
}

/// The URL of a PostgreSQL database, when `postgres.rs` runs these tests on it.
pub const POSTGRES: &str = "VUNGXANH_TEST_POSTGRES";

/// A database as configurations name it: SQLite's file, or a schema of that database for itself.
pub async fn new_database() -> String {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let Ok(url) = std::env::var(POSTGRES) else { return "server.db".into() };
    let name = format!("authority_{}", MADE.fetch_add(1, Ordering::Relaxed));
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"));
    sqlx::raw_sql(create).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    format!("{url}&options=-c%20search_path%3D{name},public")
}

/// For servers on this machine, whatever proxy the environment names.
pub fn local_client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// What `init` makes, by the test's clock. Returns the staff's key.
fn init(dir: &Path, clock: &TestClock) -> String {
    let name = [("vi", "Sở Y tế Hà Nội"), ("en", "Hanoi Department of Health")];
    let founder = Founder {
        id: "vn.hanoi".into(),
        url: "https://hanoi.example.vn".into(),
        region: "VN".into(),
        name: name.map(|(language, name)| (language.into(), name.into())).into(),
    };
    let founded = found(&Folder::new(dir), &founder, ReadyMade::Covid19, clock.now()).unwrap();
    founded.staff_api_key.to_string()
}

async fn serve(
    dir: &Path,
    clock: Arc<TestClock>,
    inbox: Inbox,
) -> (Arc<App>, String, tokio::task::JoinHandle<()>) {
    let mut app = App::open(dir, clock).await.unwrap();
    app.sms = Box::new(inbox);
    let app = Arc::new(app);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = router(app.clone());
    let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (app, url, server)
}

/// A person with keys, who uses another client of the protocol.
#[derive(Clone)]
pub struct Person {
    pub keys: Vec<Value>,
    pub hmac_key: [u8; 16],
}

impl Person {
    /// One key of six hours for each of the last `periods` periods, the running one included.
    pub fn new(now: UnixTime, periods: u32) -> Self {
        let running = now.interval().number() / 36 * 36;
        let keys = (0..periods)
            .map(|back| {
                json!({
                    "key": BASE64_STANDARD.encode(rand::rng().random::<[u8; 16]>()),
                    "rollingStartNumber": running - 36 * back,
                    "rollingPeriod": 36,
                    "transmissionRisk": 0,
                })
            })
            .collect();
        Self { keys, hmac_key: rand::rng().random() }
    }

    /// The HMAC as the other protocol's documents describe it, written down again here.
    pub fn hmac(&self) -> String {
        let mut items: Vec<(String, String)> = self
            .keys
            .iter()
            .map(|key| {
                let text = key["key"].as_str().unwrap_or_default().to_owned();
                let item = format!(
                    "{text}.{}.{}.{}",
                    key["rollingStartNumber"], key["rollingPeriod"], key["transmissionRisk"]
                );
                (text, item)
            })
            .collect();
        items.sort();
        let text: Vec<String> = items.into_iter().map(|(_, item)| item).collect();
        BASE64_STANDARD.encode(hmac_sha256(&self.hmac_key, &[text.join(",").as_bytes()]))
    }

    pub fn publication(&self, certificate: &str) -> Value {
        json!({
            "temporaryExposureKeys": self.keys,
            "healthAuthorityID": "vn.hanoi",
            "verificationPayload": certificate,
            "hmacKey": BASE64_STANDARD.encode(self.hmac_key),
            "symptomOnsetInterval": 0,
            "traveler": false,
            "revisionToken": "",
            "padding": "AAAA",
        })
    }

    pub fn key_bytes(&self) -> Vec<[u8; 16]> {
        let decode = |key: &Value| BASE64_STANDARD.decode(key["key"].as_str().unwrap()).unwrap();
        let mut keys: Vec<[u8; 16]> =
            self.keys.iter().map(|key| decode(key).try_into().unwrap()).collect();
        keys.sort();
        keys
    }
}
