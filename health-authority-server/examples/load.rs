//! Measures publications a second on SQLite over HTTP on loopback, and, in a process of its own, the time and
//! memory of a batch: `cargo run --release --example load [-- PEOPLE CLIENTS]`. With `codes` as a third argument
//! it measures exchanges of codes, as dummy uploads make them, instead. `DATABASE_URL` names an empty
//! PostgreSQL database to use.
//!
//! Each person publishes 56 keys; 1,786 people (the default) make 100,016. Every reply comes after
//! the disk has synced, so the figure is mostly the disk's: set `TMPDIR` to the disk to measure.

use std::net::SocketAddr;
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
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use vungxanh_protocol::api::{
    PUBLISH_REQUEST_BYTES, PublishRequest, PublishedKey, TOKEN_REQUEST_BYTES, VerifyRequest,
    to_padded_json,
};
use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::publish::{TransmissionRisk, tek_hmac};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const PUBLISH: &str = "/v1/publish";
const VERIFY: &str = "/api/verify";

/// Name of the clients' thread.
const CLIENTS: &str = "clients";

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
    let runtime = tokio::runtime::Runtime::new()?;
    if let (Some("batch"), Some(dir)) =
        (std::env::args().nth(1).as_deref(), std::env::args().nth(2))
    {
        return runtime.block_on(measure_batch(dir.as_ref()));
    }
    let codes = std::env::args().nth(3).as_deref() == Some("codes");
    let mut numbers = std::env::args().skip(1).take(2).map(|text| text.parse());
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
    let database = std::env::var_os("DATABASE_URL").map(|url| ["--database".into(), url]);
    let arguments = arguments
        .iter()
        .map(Into::into)
        .chain([dir.clone().into_os_string()])
        .chain(database.into_iter().flatten());
    health_authority_server::run(arguments, Arc::new(SystemClock));
    runtime.block_on(measure(&dir, people, clients, codes))?;
    if codes {
        return Ok(());
    }
    std::process::Command::new(std::env::current_exe()?).arg("batch").arg(&dir).status()?;
    Ok(())
}

async fn measure(dir: &std::path::Path, people: usize, clients: usize, codes: bool) -> Outcome<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let app = Arc::new(App::open(dir, Arc::new(SystemClock)).await?);
    let (path, body) = if codes {
        (VERIFY, code as fn(&App) -> Outcome<Vec<u8>>)
    } else {
        (PUBLISH, publication as fn(&App) -> Outcome<Vec<u8>>)
    };
    let bodies: Vec<Vec<u8>> = (0..people).map(|_| body(&app)).collect::<Outcome<_>>()?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(axum::serve(listener, router(app.clone())).into_future());

    // Clients have a thread of their own, so that the time that they take is known apart.
    let clients_runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name(CLIENTS)
        .enable_all()
        .build()?;
    let (bodies, next) = (Arc::new(bodies), Arc::new(AtomicUsize::new(0)));
    let (started, cpu) = (Instant::now(), server_cpu_ms()?);
    let tasks: Vec<_> = (0..clients)
        .map(|_| clients_runtime.spawn(post_all(address, path, bodies.clone(), next.clone())))
        .collect();
    let mut times = Vec::with_capacity(people);
    for task in tasks {
        times.extend(task.await?.map_err(|error| error.to_string())?);
    }
    let seconds = started.elapsed().as_secs_f64();
    let cpu = (server_cpu_ms()? - cpu) as f64;
    clients_runtime.shutdown_background();
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 1_000).map_or(0, Duration::as_millis);
    println!(
        "{people} times {path} by {clients} clients: {seconds:.1} s, {:.0} a second, \
         {:.2} ms of the server's CPU each; median {} ms, p99 {} ms, slowest {} ms",
        people as f64 / seconds,
        cpu / people as f64,
        at(500),
        at(990),
        times.last().map_or(0, Duration::as_millis)
    );
    Ok(())
}

async fn measure_batch(dir: &std::path::Path) -> Outcome<()> {
    let later = App::open(dir, Arc::new(Ahead(12 * 3_600))).await?;
    let started = Instant::now();
    let outcome = later.batcher().run_once(later.clock.now()).await?;
    println!(
        "batch of {} keys: {:.2} s, the process {} kB at most",
        outcome.keys,
        started.elapsed().as_secs_f64(),
        memory("VmHWM:")?
    );
    for file in outcome.files {
        let bytes = std::fs::metadata(dir.join("exports").join(&file))?.len();
        println!("{file}: {bytes} bytes");
    }
    if let Ok(file) = std::fs::metadata(dir.join("server.db")) {
        println!("database: {} bytes", file.len());
    }
    Ok(())
}

/// How long each reply took.
async fn post_all(
    address: SocketAddr,
    path: &'static str,
    bodies: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
) -> std::io::Result<Vec<Duration>> {
    let mut connection = BufReader::new(TcpStream::connect(address).await?);
    connection.get_ref().set_nodelay(true)?;
    let mut times = Vec::new();
    while let Some(body) = bodies.get(next.fetch_add(1, Ordering::Relaxed)) {
        let started = Instant::now();
        post(&mut connection, path, body).await?;
        times.push(started.elapsed());
    }
    Ok(times)
}

/// One request over a connection that stays open: as little of HTTP as costs the clients little time.
async fn post(
    connection: &mut BufReader<TcpStream>,
    path: &str,
    body: &[u8],
) -> std::io::Result<()> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    connection.get_mut().write_all(&[head.as_bytes(), body].concat()).await?;
    let (mut line, mut length) = (String::new(), 0);
    connection.read_line(&mut line).await?;
    if !line.starts_with("HTTP/1.1 200") {
        return Err(std::io::Error::other(line));
    }
    loop {
        line.clear();
        connection.read_line(&mut line).await?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(std::io::Error::other)?;
        }
    }
    connection.read_exact(&mut vec![0; length]).await?;
    Ok(())
}

/// A request for a token that is a dummy: it writes as much as a real one.
fn code(_: &App) -> Outcome<Vec<u8>> {
    let code = format!("{:08}", rand::rng().random_range(0..100_000_000));
    let mut request = VerifyRequest { code, look_alike: true, ..Default::default() };
    Ok(to_padded_json(&mut request, TOKEN_REQUEST_BYTES)?)
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

/// Time of all threads but the clients', in milliseconds, to the hundredth of a second for each.
fn server_cpu_ms() -> Outcome<u64> {
    let mut ticks = 0;
    for task in std::fs::read_dir("/proc/self/task")? {
        let stat = std::fs::read_to_string(task?.path().join("stat"))?;
        let (name, numbers) = stat.rsplit_once(')').ok_or("no such line")?;
        if !name.ends_with(CLIENTS) {
            let of_thread = numbers.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
            ticks += of_thread.sum::<Result<u64, _>>()?;
        }
    }
    Ok(ticks * 10)
}

/// A line of `/proc/self/status`, in kB.
fn memory(name: &str) -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
