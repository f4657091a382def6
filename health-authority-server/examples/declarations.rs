//! Measures declarations a second on SQLite over HTTP on loopback, each answered with 24 passes after the disk
//! has synced, and their bytes at rest:
//! `cargo run --release --example declarations [-- DECLARATIONS CLIENTS AT_REST]`.
//!
//! After the measured ones the database is filled with random rows of the same lengths until it has
//! `AT_REST` (a million). Set `TMPDIR` to the disk to measure.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use health_authority_server::authority::folder::Folder;
use health_authority_server::authority::intake::{self, KeyOrder};
use health_authority_server::http::router;
use health_authority_server::platform::clock::SystemClock;
use health_authority_server::services::app::App;
use rand::RngExt;
use sqlx::Connection;
use vungxanh_protocol::api::to_padded_json;
use vungxanh_protocol::declaration::{
    DECLARE_REQUEST_BYTES, DeclareRequest, Envelope, Form, FormKind, SealedForm,
};
use vungxanh_protocol::intake::IntakeKey;
use vungxanh_protocol::pass::{BUNDLE_PASSES, DayKey, PassKind, PassRequest};
use vungxanh_protocol::sealed_box::OpeningKey;
use vungxanh_protocol::secret::SecretBytes;

/// Rows of one transaction, so that the journal stays small.
const ROWS_AT_ONCE: i64 = 50_000;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<i64>());
    let declarations = numbers.next().transpose()?.map_or(Ok(4_000), usize::try_from)?;
    let clients = numbers.next().transpose()?.map_or(Ok(16), usize::try_from)?;
    let at_rest: i64 = numbers.next().transpose()?.unwrap_or(1_000_000);
    let folder = tempfile::tempdir()?;
    let dir = folder.path().join("authority");
    let arguments = "measured init --json --profile covid-19 --id measured --name-vi m --name-en m \
                     --url http://127.0.0.1 --dir";
    let arguments = arguments.split_whitespace().map(Into::into);
    let arguments = arguments.chain([dir.clone().into_os_string()]);
    health_authority_server::run(arguments, Arc::new(SystemClock));
    let config = dir.join("config.toml");
    let text = std::fs::read_to_string(&config)?;
    std::fs::write(&config, text.replace("per_hour = 50000", "per_hour = 1000000"))?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(measure(&dir, declarations, clients))?;
    runtime.block_on(fill(&dir, at_rest))
}

async fn measure(dir: &Path, declarations: usize, clients: usize) -> Outcome<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let app = Arc::new(App::open(dir, Arc::new(SystemClock)).await?);
    let (folder, now) = (Folder::new(dir), app.clock.now());
    let officer = OpeningKey::generate(&mut rand::rng()).public_key();
    intake::add_officer(&folder, "officer", officer, [0].into(), now)?;
    intake::make_keys(&folder, KeyOrder::new(&app.config, 1, now), now)?;
    let published = app.published.get(&folder)?.ok_or("no keys")?;
    let day = app.config.local_time(now).day(now);
    let key = *published.intake.key_for(day, 1)?;
    let pass_key = *published.passes.key_for(day, PassKind::Live)?;
    let authority = app.config.authority.id.clone();
    let bodies: Vec<Vec<u8>> = (0..declarations)
        .map(|_| request(day, &key, &pass_key, &authority))
        .collect::<Outcome<_>>()?;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/v1/declare", listener.local_addr()?);
    tokio::spawn(axum::serve(listener, router(app.clone())).into_future());
    let (bodies, next) = (Arc::new(bodies), Arc::new(AtomicUsize::new(0)));
    let (started, used) = (Instant::now(), processor_time()?);
    let tasks: Vec<_> = (0..clients)
        .map(|_| tokio::spawn(send_all(url.clone(), bodies.clone(), next.clone())))
        .collect();
    let mut slowest = Duration::ZERO;
    for task in tasks {
        slowest = slowest.max(task.await?.map_err(|error| error.to_string())?);
    }
    let seconds = started.elapsed().as_secs_f64();
    let used = (processor_time()? - used).as_secs_f64();
    println!(
        "{declarations} declarations with {BUNDLE_PASSES} passes each by {clients} clients: {:.0} a second, \
         slowest {} ms, {:.1} ms of processor time each, the clients' included",
        declarations as f64 / seconds,
        slowest.as_millis(),
        used * 1_000.0 / declarations as f64,
    );
    Ok(())
}

fn request(day: u16, key: &IntakeKey, pass_key: &DayKey, authority: &str) -> Outcome<Vec<u8>> {
    let rng = &mut rand::rng();
    let form = Form {
        name: "Nguyễn Văn An".into(),
        born: Some(1990),
        phone: "0912345678".into(),
        ward: Some(4),
        symptoms: Some(Vec::new()),
        consent: Some(1),
        ..Form::new(FormKind::Daily, day)
    }
    .normalised();
    let envelope = Envelope::of(&form, rng.random());
    let sealed = SealedForm::seal(&form, &envelope, authority, key, rng)?;
    let passes = (0..BUNDLE_PASSES)
        .map(|_| Ok(PassRequest::new(pass_key, rng)?.blinded()))
        .collect::<Outcome<Vec<_>>>()?;
    let receipt = SecretBytes::generate(rng);
    let mut request = DeclareRequest::new(&envelope, key.id, &sealed, &receipt, &passes, 0);
    Ok(to_padded_json(&mut request, DECLARE_REQUEST_BYTES)?)
}

/// The slowest answer of this client.
async fn send_all(
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

/// Random rows of the lengths of one that is there, until there are `rows`.
async fn fill(dir: &Path, rows: i64) -> Outcome<()> {
    let file = dir.join("server.db");
    let mut database =
        sqlx::SqliteConnection::connect(&format!("sqlite://{}", file.display())).await?;
    let fill = "WITH RECURSIVE n(i) AS (SELECT COUNT(*) FROM declarations \
                UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1) \
                INSERT INTO declarations SELECT randomblob(16), day, intake_group, key_id, kind, ward, \
                randomblob(length(sealed)), randomblob(32), randomblob(32) \
                FROM n, (SELECT * FROM declarations LIMIT 1)";
    let mut count: i64 = 0;
    while count < rows {
        let step = (count + ROWS_AT_ONCE).min(rows);
        sqlx::query(fill).bind(step).execute(&mut database).await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut database).await?;
        let counted = sqlx::query_scalar("SELECT COUNT(*) FROM declarations");
        count = counted.fetch_one(&mut database).await?;
    }
    let bytes = std::fs::metadata(&file)?.len();
    println!("{count} declarations at rest: {bytes} bytes, {} each", bytes / count.unsigned_abs());
    Ok(())
}

/// What this process has used of all processors.
fn processor_time() -> Outcome<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> =
        stat.rsplit(')').next().ok_or("no fields")?.split_whitespace().collect();
    let ticks: u64 = fields
        .get(11..13)
        .ok_or("no times")?
        .iter()
        .map(|field| field.parse::<u64>())
        .sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}
