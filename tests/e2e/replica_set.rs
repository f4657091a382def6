//! Several servers of one authority as processes, people who publish at any of them, and a reader who never
//! stops reading.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use health_authority_server::domain::certificate::{Claims, Parties};
use health_authority_server::storage::leases::LEASE_MILLISECONDS;
use p256::ecdsa::SigningKey;
use p256::pkcs8::DecodePrivateKey;
use rand::RngExt;
use tokio::task::JoinHandle;
use vungxanh_protocol::api::{PUBLISH_REQUEST_BYTES, PublishRequest, PublishedKey, to_padded_json};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::export::{ExportFile, Limits};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::publish::{TransmissionRisk, tek_hmac};
use vungxanh_tests::harness::authority::{Authority, free_port};
use vungxanh_tests::harness::process::Running;
use vungxanh_tests::harness::stage::{DemoError, Stage};
use vungxanh_tests::postgres::Cluster;

use crate::town::{NOON, executable};

/// Periods of batches and of warnings, in scaled seconds; time is scaled by [`ACTING`].
///
/// [`ACTING`]: vungxanh_tests::harness::stage::ACTING
pub const PERIOD: u64 = 60;
pub const WARNING_PERIOD: u64 = 120;
const KEYS_OF_ONE: u32 = 8;
/// A certificate is used for so many scaled seconds; it is valid for longer.
const CERTIFICATE_USED: u64 = 600;
/// Longer than a lease.
const STALL: Duration = Duration::from_millis(LEASE_MILLISECONDS.unsigned_abs() + 2_000);
const PAUSE: Duration = Duration::from_millis(20);

/// Servers of one authority on one folder and one database.
pub struct ReplicaSet {
    pub stage: Stage,
    pub authority: Authority,
    addresses: Vec<String>,
    running: Vec<Option<Running>>,
    /// Outlives the servers.
    _cluster: Option<Cluster>,
}

/// Where the servers' database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

impl ReplicaSet {
    pub async fn start(count: usize, database: Database) -> Result<Self, DemoError> {
        Self::start_of(executable(), count, database).await
    }

    /// The servers are those of `program`: this one's, or an older one's.
    pub async fn start_of(
        program: PathBuf,
        count: usize,
        database: Database,
    ) -> Result<Self, DemoError> {
        let cluster = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(Cluster::start().map_err(DemoError::files("PostgreSQL"))?),
        };
        let url = match &cluster {
            None => None,
            Some(cluster) => {
                let name = cluster.database().map_err(DemoError::files("a database"))?;
                Some(cluster.url(&name))
            }
        };
        let stage = Stage::set_up(program, NOON, 7, "en").await?;
        let folder = stage.folder().join("authority");
        let mut addresses = Vec::new();
        for _ in 0..count {
            addresses.push(format!("127.0.0.1:{}", free_port()?));
        }
        let options: Vec<&str> = url.iter().flat_map(|url| ["--database", url]).collect();
        let authority =
            Authority::init_with(stage.host(), &folder, &addresses[0], &options).await?;
        authority.configure(&[
            ("period_seconds = 3600", &format!("period_seconds = {PERIOD}")),
            ("period_seconds = 7200", &format!("period_seconds = {WARNING_PERIOD}")),
            ("synthetic_persons = 3.0", "synthetic_persons = 0.0"),
        ])?;
        let running = addresses.iter().map(|_| None).collect();
        let mut set = Self { stage, authority, addresses, running, _cluster: cluster };
        set.start_stopped().await?;
        Ok(set)
    }

    /// Starts those that do not run, all at once.
    pub async fn start_stopped(&mut self) -> Result<(), DemoError> {
        let mut started = Vec::new();
        for (number, server) in self.running.iter_mut().enumerate() {
            if server.is_none() {
                let name = format!("replica-{number}");
                *server = Some(self.authority.start_replica(&name, &self.addresses[number])?);
                started.push(number);
            }
        }
        for number in started {
            if let Some(server) = &mut self.running[number] {
                Authority::await_listening(server).await?;
            }
        }
        Ok(())
    }

    /// Servers that start from now on are of this program.
    pub fn upgrade_to(&mut self, program: PathBuf) {
        self.authority.set_program(program);
    }

    pub const fn count(&self) -> usize {
        self.running.len()
    }

    /// As a power cut would end it; the others run on.
    pub fn kill(&mut self, number: usize) {
        if let Some(server) = self.running[number].take() {
            server.kill();
        }
    }

    /// It stands still for longer than a lease lasts and goes on where it was.
    pub async fn stall(&mut self, number: usize) {
        let Some(server) = &mut self.running[number] else { return };
        server.stand_still();
        tokio::time::sleep(STALL).await;
        server.go_on();
    }

    /// Asks it to stop and waits until it has; says whether it ended well.
    pub async fn stop(&mut self, number: usize) -> Result<bool, DemoError> {
        match self.running[number].take() {
            Some(server) => Ok(server.stop().await?.success()),
            None => Ok(false),
        }
    }

    pub fn urls(&self) -> Vec<String> {
        self.addresses.iter().map(|address| format!("http://{address}")).collect()
    }

    /// All of a server's log, those of its earlier lives included.
    pub fn logs(&self) -> String {
        let of = |number| {
            let path = self.stage.host().logs.join(format!("replica-{number}.log"));
            std::fs::read_to_string(path).unwrap_or_default()
        };
        (0..self.count()).map(of).collect()
    }

    /// The folder of published files of keys, or of warnings.
    pub fn published(&self, kind: &str) -> PathBuf {
        self.authority.folder().join(kind).join("VN")
    }
}

/// What people have published so far.
#[derive(Debug, Default)]
pub struct Publications {
    /// Keys of publications that were answered: they must be published, once.
    pub acknowledged: BTreeSet<[u8; 16]>,
    /// Keys of all that were sent.
    pub sent: BTreeSet<[u8; 16]>,
    /// Requests by what became of them: a status, or how the connection failed.
    pub outcomes: BTreeMap<String, u64>,
}

impl Publications {
    /// Whether these keys were acknowledged by what came of sending them.
    ///
    /// Who got no answer and asks again when the keys are published already is refused: anybody could know
    /// them by then. It shows that they were taken.
    fn note(&mut self, outcome: String, keys: &[[u8; 16]], asked_before: bool) -> bool {
        let acknowledged = outcome == "200" || (outcome == "400" && asked_before);
        if acknowledged {
            self.acknowledged.extend(keys);
        }
        *self.outcomes.entry(outcome).or_default() += 1;
        acknowledged
    }
}

/// People who publish at servers chosen at random, each again and again until it is answered.
pub struct Publishers {
    stop: Arc<AtomicBool>,
    all: Arc<Mutex<Publications>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Publishers {
    pub fn start(set: &ReplicaSet, clients: usize) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (stop, all) = (Arc::new(AtomicBool::new(false)), Arc::default());
        let pem = set.authority.folder().join("keys/certificate.pem");
        let key = SigningKey::from_pkcs8_pem(&std::fs::read_to_string(pem).unwrap()).unwrap();
        let tasks = (0..clients).map(|_| {
            let client = Client {
                clock: set.stage.clock(),
                key: key.clone(),
                urls: set.urls(),
                // A connection of its own for each request, as behind a balancer that lost a server.
                http: reqwest::Client::builder()
                    .no_proxy()
                    .pool_max_idle_per_host(0)
                    .timeout(Duration::from_secs(60))
                    .build()
                    .unwrap(),
            };
            tokio::spawn(client.publish_until(Arc::clone(&stop), Arc::clone(&all)))
        });
        let tasks = tasks.collect();
        Self { stop, all, tasks }
    }

    /// Publications that were answered until now, in keys.
    pub fn acknowledged(&self) -> usize {
        self.all.lock().unwrap().acknowledged.len()
    }

    /// Lets everyone finish what they have begun.
    pub async fn finish(self) -> Publications {
        self.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.unwrap();
        }
        std::mem::take(&mut self.all.lock().unwrap())
    }
}

struct Client {
    clock: Arc<dyn Clock>,
    key: SigningKey,
    urls: Vec<String>,
    http: reqwest::Client,
}

impl Client {
    async fn publish_until(self, stop: Arc<AtomicBool>, all: Arc<Mutex<Publications>>) {
        while !stop.load(Ordering::Relaxed) {
            let begun = self.clock.now();
            let (keys, body) = publication(&self.key, &self.urls[0], begun);
            all.lock().unwrap().sent.extend(&keys);
            let mut asked_before = false;
            while self.clock.now() < begun.plus(CERTIFICATE_USED) {
                let outcome = self.send(&body).await;
                let unanswered = ["cut off", "timeout"].contains(&outcome.as_str());
                if all.lock().unwrap().note(outcome, &keys, asked_before) {
                    break;
                }
                asked_before |= unanswered;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn send(&self, body: &[u8]) -> String {
        let url = &self.urls[rand::rng().random_range(0..self.urls.len())];
        let request = self.http.post(format!("{url}/v1/publish")).body(body.to_vec());
        match request.send().await {
            Ok(response) => response.status().as_u16().to_string(),
            Err(error) if error.is_connect() => "refused".into(),
            Err(error) if error.is_timeout() => "timeout".into(),
            Err(_) => "cut off".into(),
        }
    }
}

/// Keys of the last days with a certificate for them.
fn publication(key: &SigningKey, url: &str, now: UnixTime) -> (Vec<[u8; 16]>, Vec<u8>) {
    let running = now.interval().number() / 36 * 36;
    // All have ended for so long that they are due in the next batch.
    let secret: Vec<[u8; 16]> = (0..KEYS_OF_ONE).map(|_| rand::rng().random()).collect();
    let published: Vec<PublishedKey> = (2..)
        .zip(&secret)
        .map(|(back, key)| PublishedKey {
            key: BASE64_STANDARD.encode(key),
            rolling_start_number: i64::from(running - 36 * back),
            rolling_period: 36,
            transmission_risk: 0,
        })
        .collect();
    let hmac_key: [u8; 16] = rand::rng().random();
    let hmac = tek_hmac(&published, TransmissionRisk::Included, &hmac_key);
    let parties = Parties { issuer: "vn.demo".into(), audience: url.into() };
    let claims = Claims::new(&parties, BASE64_STANDARD.encode(hmac), "confirmed", 0, now);
    let mut request = PublishRequest {
        temporary_exposure_keys: published,
        health_authority_id: "vn.demo".into(),
        verification_payload: claims.sign("v1", key).unwrap(),
        hmac_key: BASE64_STANDARD.encode(hmac_key),
        ..Default::default()
    };
    (secret, to_padded_json(&mut request, PUBLISH_REQUEST_BYTES).unwrap())
}

/// Reads a list of published files all the time: it must name files that are there, and never become
/// an older one.
pub struct Reader {
    stop: Arc<AtomicBool>,
    reads: Arc<AtomicU64>,
    thread: std::thread::JoinHandle<Result<(), String>>,
}

impl Reader {
    /// Of the published files in a folder `REGION` of `folder`.
    pub fn start(folder: &Path) -> Self {
        let (stop, reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (until, count, folder) = (Arc::clone(&stop), Arc::clone(&reads), folder.to_owned());
        let thread = std::thread::spawn(move || {
            let mut before = BTreeSet::new();
            while !until.load(Ordering::Relaxed) {
                if let Some(named) = index(&folder) {
                    if let Some(missing) = named.iter().find(|name| !folder.join(name).exists()) {
                        return Err(format!("the index names {missing}, which is not there"));
                    }
                    if let Some(gone) = before.difference(&named).next() {
                        return Err(format!("the index does not name {gone} any more"));
                    }
                    before = named;
                    count.fetch_add(1, Ordering::Relaxed);
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(())
        });
        Self { stop, reads, thread }
    }

    /// How often it has read the list, if nothing was ever wrong with it.
    pub fn finish(self) -> Result<u64, String> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()?;
        Ok(self.reads.load(Ordering::Relaxed))
    }
}

/// The names that the list has, without their region; none before there is a list.
pub fn index(folder: &Path) -> Option<BTreeSet<String>> {
    let text = std::fs::read_to_string(folder.join("index.txt")).ok()?;
    let name = |line: &str| line.strip_prefix("VN/").unwrap().to_owned();
    Some(text.lines().map(name).collect())
}

/// The keys of a published file, which is whole.
pub fn keys_of(path: &Path) -> Vec<[u8; 16]> {
    let file = std::fs::File::open(path).unwrap();
    let mut file = ExportFile::open(file, &Limits::default()).unwrap();
    let mut keys = Vec::new();
    file.without_verification().for_each_key(|entry| keys.push(entry.key.key)).unwrap();
    keys
}

/// Start, end and number of a published file.
pub fn period_of(name: &str) -> (u64, u64, u64) {
    let stem = name.split('.').next().unwrap();
    let parts: Vec<u64> = stem.split('-').map(|part| part.parse().unwrap()).collect();
    (parts[0], parts[1], parts[2])
}

/// Waits, in real time, until every acknowledged key is in a published file.
pub async fn await_published(folder: &Path, acknowledged: &BTreeSet<[u8; 16]>) -> bool {
    let deadline = Instant::now() + crate::town::TIMEOUT;
    loop {
        let names = index(folder).unwrap_or_default();
        let published: BTreeSet<[u8; 16]> =
            names.iter().flat_map(|name| keys_of(&folder.join(name))).collect();
        if acknowledged.is_subset(&published) {
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
