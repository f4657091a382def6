//! Measures whether the server's answering times distinguish dummy uploads from real ones:
//! `cargo run --release --example look_alikes [-- UPLOADS]`.
//!
//! As many real uploads as dummy ones, 3,000 by default, each of three requests on one connection of its
//! own to a server on loopback, in random order. Printed is, for each request and for the three
//! together, the area under the curve (AUC): the chance that of a real and a dummy one, drawn at random,
//! the real one took longer; 0.5 shows nothing, 1 everything. Every answer comes after the disk has
//! synced: set `TMPDIR` to the disk to measure.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use health_authority_server::http::router;
use health_authority_server::platform::clock::SystemClock;
use health_authority_server::services::app::App;
use health_authority_server::services::codes::{CodeOrder, issue};
use health_authority_server::storage::audit::Actor;
use rand::RngExt;
use vungxanh_protocol::api::{
    CertificateRequest, CertificateResponse, IssueRequest, PUBLISH_REQUEST_BYTES, Padded,
    PublishRequest, PublishResponse, PublishedKey, TOKEN_REQUEST_BYTES, VerifyRequest,
    VerifyResponse, to_padded_json,
};
use vungxanh_protocol::publish::{TransmissionRisk, tek_hmac};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const KEYS: u32 = 56;
const NAMES: [&str; 3] = ["verify", "certificate", "publish"];
/// The first uploads warm everything up and do not count.
const WARM_UP: usize = 50;

fn main() -> Outcome<()> {
    let uploads = std::env::args().nth(1).map(|text| text.parse()).transpose()?.unwrap_or(3_000);
    let folder = tempfile::tempdir()?;
    let dir = folder.path().join("authority");
    let arguments = [
        "look_alikes",
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
    let (app, address) = runtime.block_on(serve(&dir))?;

    let mut seconds: [[Vec<f64>; 3]; 2] = Default::default();
    for number in 0..uploads + WARM_UP {
        let real_first: bool = rand::rng().random();
        for is_dummy in [!real_first, real_first] {
            let code = runtime.block_on(code(&app))?;
            let took = upload(&app, address, code, is_dummy)?;
            for (seconds, took) in seconds[usize::from(is_dummy)].iter_mut().zip(took) {
                if number >= WARM_UP {
                    seconds.push(took.as_secs_f64());
                }
            }
        }
    }
    let [real, dummy] = &seconds;
    println!("{uploads} real uploads and as many dummy ones, {KEYS} keys each");
    for (name, (real, dummy)) in NAMES.iter().zip(real.iter().zip(dummy)) {
        report(name, real, dummy);
    }
    report("sum", &sums(real), &sums(dummy));
    Ok(())
}

async fn serve(dir: &Path) -> Outcome<(Arc<App>, SocketAddr)> {
    let app = Arc::new(App::open(dir, Arc::new(SystemClock)).await?);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(axum::serve(listener, router(app.clone())).into_future());
    Ok((app, address))
}

/// A code; dummy uploads need none, and one is made for them, too, so that both begin alike.
async fn code(app: &App) -> Outcome<String> {
    let now = app.clock.now();
    let request = IssueRequest { long: true, ..IssueRequest::default() };
    let order = CodeOrder::read(&request, app.config.today(now), now)?;
    Ok(issue(app, &order, &Actor::command_line()).await?.code)
}

/// How long the three answers of an upload took.
fn upload(app: &App, address: SocketAddr, code: String, is_dummy: bool) -> Outcome<[Duration; 3]> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let nonce = BASE64_STANDARD.encode(rand::rng().random::<[u8; 32]>());
    let verify = VerifyRequest {
        code,
        nonce,
        accept: vec!["confirmed".into()],
        look_alike: is_dummy,
        ..VerifyRequest::default()
    };
    let (first, body) = ask(&mut stream, "/api/verify", verify, TOKEN_REQUEST_BYTES)?;
    let token = serde_json::from_slice::<VerifyResponse>(&body)?.token;
    let mut publish = publication(app, is_dummy);
    let hmac_key = BASE64_STANDARD.decode(&publish.hmac_key)?;
    let keys = &publish.temporary_exposure_keys;
    let hmac = tek_hmac(keys, TransmissionRisk::Included, &hmac_key);
    let certificate = CertificateRequest {
        token,
        ekeyhmac: BASE64_STANDARD.encode(hmac),
        look_alike: is_dummy,
        ..CertificateRequest::default()
    };
    let (second, body) = ask(&mut stream, "/api/certificate", certificate, TOKEN_REQUEST_BYTES)?;
    publish.verification_payload =
        serde_json::from_slice::<CertificateResponse>(&body)?.certificate;
    let (third, body) = ask(&mut stream, "/v1/publish", publish, PUBLISH_REQUEST_BYTES)?;
    let taken = serde_json::from_slice::<PublishResponse>(&body)?.inserted_exposures;
    if taken == KEYS { Ok([first, second, third]) } else { Err("keys were not taken".into()) }
}

fn publication(app: &App, is_dummy: bool) -> PublishRequest {
    let running = app.clock.now().interval().number() / 36 * 36;
    let keys = (1..=KEYS).map(|back| PublishedKey {
        key: BASE64_STANDARD.encode(rand::rng().random::<[u8; 16]>()),
        rolling_start_number: i64::from(running - 36 * back),
        rolling_period: 36,
        transmission_risk: 0,
    });
    PublishRequest {
        temporary_exposure_keys: keys.collect(),
        health_authority_id: app.config.authority.id.clone(),
        hmac_key: BASE64_STANDARD.encode(rand::rng().random::<[u8; 16]>()),
        look_alike: is_dummy,
        ..PublishRequest::default()
    }
}

/// From the first byte sent to the last one received.
fn ask(
    stream: &mut TcpStream,
    path: &str,
    mut request: impl Padded,
    bytes: usize,
) -> Outcome<(Duration, Vec<u8>)> {
    let body = to_padded_json(&mut request, bytes)?;
    let mut sent = format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    sent.extend_from_slice(&body);
    let started = Instant::now();
    stream.write_all(&sent)?;
    let mut received = Vec::with_capacity(8_192);
    let mut piece = [0; 8_192];
    loop {
        let read = stream.read(&mut piece)?;
        if read == 0 {
            return Err("the connection ended".into());
        }
        received.extend_from_slice(&piece[..read]);
        if let Some(body) = whole_body(&received) {
            let took = started.elapsed();
            if !received.starts_with(b"HTTP/1.1 200") {
                return Err(String::from_utf8_lossy(&received).into());
            }
            return Ok((took, body.to_vec()));
        }
    }
}

/// The body of an answer, once all of it is there.
fn whole_body(received: &[u8]) -> Option<&[u8]> {
    let head = received.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&received[..head]).ok()?;
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    let body = &received[head..];
    (body.len() == length.trim().parse::<usize>().ok()?).then_some(body)
}

fn sums(seconds: &[Vec<f64>; 3]) -> Vec<f64> {
    let [first, second, third] = seconds;
    first
        .iter()
        .zip(second)
        .zip(third)
        .map(|((first, second), third)| first + second + third)
        .collect()
}

fn report(name: &str, real: &[f64], dummy: &[f64]) {
    let microseconds = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default() * 1e6
    };
    println!(
        "{name:11} AUC {:.3}; median {:.0} µs real, {:.0} µs dummy",
        auc(real, dummy),
        microseconds(real),
        microseconds(dummy)
    );
}

/// By ranks (Mann and Whitney); equal values share theirs.
fn auc(real: &[f64], dummy: &[f64]) -> f64 {
    let mut dummy = dummy.to_vec();
    dummy.sort_by(f64::total_cmp);
    let below = |value: f64| {
        let less = dummy.partition_point(|other| *other < value);
        let at_most = dummy.partition_point(|other| *other <= value);
        (less + at_most) as f64 / 2.0
    };
    real.iter().map(|value| below(*value)).sum::<f64>() / (real.len() * dummy.len()) as f64
}
