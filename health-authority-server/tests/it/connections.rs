//! Connections are bounded in number and in time.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::routing::get;
use health_authority_server::http::connections::{Bounds, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(3_600);
/// No connection stays open for so long, on a slow machine neither.
const GIVE_UP: Duration = Duration::from_secs(60);
/// More than the system keeps for a reader that takes nothing.
const LARGE: usize = 64 << 20;

struct Served {
    address: std::net::SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

async fn start(bounds: Bounds) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/", get(async || "here"))
        .route("/slow", get(async || tokio::time::sleep(SHORT).await))
        .route("/large", get(async || Body::from(vec![0; LARGE])));
    let (stop, stopped) = watch::channel(false);
    let server = tokio::spawn(serve(listener, router, bounds, stopped));
    Served { address, stop, server }
}

async fn send(served: &Served, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// All that comes until the other side closes, which it does.
async fn rest(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    // What was sent and not read makes the system answer with a reset.
    let closed = tokio::time::timeout(GIVE_UP, stream.read_to_end(&mut bytes)).await;
    assert!(closed.is_ok(), "the connection stays open");
    String::from_utf8_lossy(&bytes).into_owned()
}

const WHOLE: &str = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn half_sent_headers_and_silence_lose_their_place_to_those_who_wait() {
    let bounds = Bounds { connections: 2, header_timeout: SHORT, idle_timeout: LONG };
    let served = start(bounds).await;
    let half = send(&served, "GET / HTTP/1.1\r\nhost: a\r\nx-never-ends: ").await;
    let silent = send(&served, "").await;
    let waits = send(&served, WHOLE).await;
    assert!(rest(waits).await.ends_with("here"));
    assert_eq!(rest(half).await, "");
    assert_eq!(rest(silent).await, "");
}

#[tokio::test]
async fn more_connections_than_there_are_places_wait_for_one() {
    let served = start(Bounds { connections: 2, header_timeout: LONG, idle_timeout: LONG }).await;
    let silent = [send(&served, "").await, send(&served, "").await];
    let mut waiting = Vec::new();
    for _ in 0..3 {
        waiting.push(tokio::spawn(rest(send(&served, WHOLE).await)));
    }
    // Time in which the answers would come, if they were not waiting.
    tokio::time::sleep(SHORT).await;
    assert!(waiting.iter().all(|answer| !answer.is_finished()));
    drop(silent);
    for answer in waiting {
        assert!(answer.await.unwrap().ends_with("here"));
    }
}

#[tokio::test]
async fn a_connection_that_is_kept_for_a_next_request_is_closed_in_time() {
    let bounds = Bounds { connections: 2, header_timeout: SHORT, idle_timeout: LONG };
    let served = start(bounds).await;
    let kept = send(&served, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(rest(kept).await.ends_with("here"));
}

#[tokio::test]
async fn a_reader_that_takes_nothing_loses_its_place() {
    let bounds = Bounds { connections: 1, header_timeout: LONG, idle_timeout: SHORT };
    let served = start(bounds).await;
    let _stuck = send(&served, "GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(rest(send(&served, WHOLE).await).await.ends_with("here"));
}

#[tokio::test]
async fn a_head_longer_than_16_kib_is_refused() {
    let served = start(Bounds::new(2)).await;
    let long = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(20 << 10));
    let answer = rest(send(&served, &long).await).await;
    assert!(!answer.contains("here"), "{answer}");
}

#[tokio::test]
async fn stopping_answers_what_was_begun_and_waits_for_nothing_else() {
    let served = start(Bounds { connections: 3, header_timeout: LONG, idle_timeout: LONG }).await;
    let begun = send(&served, "GET /slow HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let _silent = send(&served, "").await;
    let kept = send(&served, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    kept.readable().await.unwrap();
    served.stop.send(true).unwrap();
    served.server.await.unwrap();
    assert!(rest(begun).await.starts_with("HTTP/1.1 200"));
    assert!(rest(kept).await.ends_with("here"));
}

#[tokio::test]
async fn who_has_just_connected_when_the_server_stops_is_answered() {
    let served = start(Bounds { connections: 4, header_timeout: LONG, idle_timeout: LONG }).await;
    let mut silent = send(&served, "").await;
    let answered = send(&served, "GET / HTTP/1.1\r\nhost: a\r\n\r\n").await;
    served.stop.send(true).unwrap();
    // In the system's queue, or not even there.
    let new = send(&served, WHOLE).await;
    silent.write_all(WHOLE.as_bytes()).await.unwrap();
    for stream in [silent, answered, new] {
        assert!(rest(stream).await.ends_with("here"));
    }
    served.server.await.unwrap();
    assert!(TcpStream::connect(served.address).await.is_err());
}
