//! Measures publications a second on SQLite over HTTP on loopback, and the time and memory of a
//! batch: `cargo run --release --example load [-- PEOPLE CLIENTS]`.
//!
//! Each person publishes 56 keys; 1,786 people (the default) make 100,016. Every reply comes after
//! the disk has synced, so the figure is mostly the disk's: set `TMPDIR` to the disk to measure.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use health_authority_server::domain::certificate::Claims;
use health_authority_server::http::router;
use health_authority_server::platform::clock::SystemClock;
use health_authority_server::services::app::App;
use rand::RngExt;
use vungxanh_protocol::api::{PUBLISH_REQUEST_BYTES, PublishRequest, PublishedKey, to_padded_json};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::publish::{TransmissionRisk, tek_hmac};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Ahead of the system's clock, so that everything published is due.
struct Ahead(u64);

impl Clock for Ahead {
    fn now(&self) -> UnixTime {
        SystemClock.now().plus(self.0)
    }

    fn poll_interval(&self, _: UnixTime) -> Duration {
        Duration::from_secs(1)
    }
}

fn main() -> Outcome<()> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse());
    let people = numbers.next().transpose()?.unwrap_or(1_786);
    let clients = numbers.next().transpose()?.unwrap_or(16);
    let folder = tempfile::tempdir()?;
    let dir = folder.path().join("authority");
    let arguments = [
        "load",
        "init",
        "--json",
        "--profile",
        "covid-19",
        "--id",
        "load",
        "--name-vi",
        "load",
        "--name-en",
        "load",
        "--url",
        "http://127.0.0.1",
        "--dir",
    ];
    let arguments = arguments.iter().map(Into::into).chain([dir.clone().into_os_string()]);
    health_authority_server::run(arguments, Arc::new(SystemClock));
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measure(&dir, people, clients))
}

async fn measure(dir: &std::path::Path, people: usize, clients: usize) -> Outcome<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let app = Arc::new(App::open(dir, Arc::new(SystemClock)).await?);
    let bodies: Vec<Vec<u8>> = (0..people).map(|_| publication(&app)).collect::<Outcome<_>>()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/v1/publish", listener.local_addr()?);
    tokio::spawn(axum::serve(listener, router(app.clone())).into_future());

    let (bodies, next) = (Arc::new(bodies), Arc::new(AtomicUsize::new(0)));
    let started = Instant::now();
    let tasks: Vec<_> = (0..clients)
        .map(|_| tokio::spawn(publish_all(url.clone(), bodies.clone(), next.clone())))
        .collect();
    let mut longest = Duration::ZERO;
    for task in tasks {
        longest = longest.max(task.await?.map_err(|error| error.to_string())?);
    }
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{people} publications of 56 keys by {clients} clients: {seconds:.1} s, {:.0} a second, \
         slowest {} ms",
        people as f64 / seconds,
        longest.as_millis()
    );
    drop(bodies);

    let later = App::open(dir, Arc::new(Ahead(12 * 3_600))).await?;
    std::fs::write("/proc/self/clear_refs", "5")?;
    let (before, started) = (memory("VmRSS:")?, Instant::now());
    let outcome = later.batcher().run_once(later.clock.now()).await?;
    println!(
        "batch of {} keys: {:.2} s, memory {} kB before, {} kB at most",
        outcome.keys,
        started.elapsed().as_secs_f64(),
        before,
        memory("VmHWM:")?
    );
    for file in outcome.files {
        let bytes = std::fs::metadata(dir.join("exports").join(&file))?.len();
        println!("{file}: {bytes} bytes, {:.1} a key", bytes as f64 / outcome.keys as f64);
    }
    println!("database: {} bytes", std::fs::metadata(dir.join("server.db"))?.len());
    Ok(())
}

/// The slowest reply of this client.
async fn publish_all(
    url: String,
    bodies: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
) -> Result<Duration, reqwest::Error> {
    let client = reqwest::Client::new();
    let mut slowest = Duration::ZERO;
    while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
        let started = Instant::now();
        client.post(&url).body(body.clone()).send().await?.error_for_status()?.bytes().await?;
        slowest = slowest.max(started.elapsed());
    }
    Ok(slowest)
}

/// 14 days of keys with a certificate for them, as our clients send them.
fn publication(app: &App) -> Outcome<Vec<u8>> {
    let now = app.clock.now();
    let running = now.interval().number() / 36 * 36;
    let keys: Vec<PublishedKey> = (0..56)
        .map(|back| PublishedKey {
            key: BASE64_STANDARD.encode(rand::rng().random::<[u8; 16]>()),
            rolling_start_number: i64::from(running - 36 * back),
            rolling_period: 36,
            transmission_risk: 0,
        })
        .collect();
    let hmac_key: [u8; 16] = rand::rng().random();
    let tekmac = BASE64_STANDARD.encode(tek_hmac(&keys, TransmissionRisk::Included, &hmac_key));
    let claims = Claims::new(&app.parties(), tekmac, "confirmed", 0, now);
    let mut request = PublishRequest {
        temporary_exposure_keys: keys,
        health_authority_id: app.config.authority.id.clone(),
        verification_payload: claims.sign("v1", &app.keys.certificate)?,
        hmac_key: BASE64_STANDARD.encode(hmac_key),
        ..Default::default()
    };
    Ok(to_padded_json(&mut request, PUBLISH_REQUEST_BYTES)?)
}

/// A line of `/proc/self/status`, in kB.
fn memory(name: &str) -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
