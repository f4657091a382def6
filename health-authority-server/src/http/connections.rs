//! Connections: how many at a time, and for how long one may keep its place.
//!
//! Clients that connect and send nothing, send slowly, or never read the answer would otherwise hold
//! memory for as long as they like. Beyond the bound new connections wait in the system's queue.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use prometheus_client::metrics::gauge::Gauge;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::measured::Counted;

/// The head of a request is complete after this time. A connection that waits for its next request
/// is closed after it, too.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(20);
/// A connection on which not a byte moves for this time is closed.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest head of a request, in bytes. So much may be held for each connection.
const MAX_HEAD_BYTES: usize = 16 * 1_024;
/// A server that was asked to stop goes on for so long: who was connecting is taken.
const LAST_CONNECTIONS: Duration = Duration::from_millis(100);
/// Then connections have this long to begin a request: who has just connected is answered.
const LAST_REQUESTS: Duration = Duration::from_millis(500);
/// After an error that is not one connection's own, such as too many open files.
const PAUSE: Duration = Duration::from_millis(500);

/// How connections are bounded.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// The most connections at a time.
    pub connections: u32,
    /// For the head of a request.
    pub header_timeout: Duration,
    /// Without a byte in either direction.
    pub idle_timeout: Duration,
}

impl Bounds {
    /// As many connections, with the usual times.
    pub const fn new(connections: u32) -> Self {
        Self { connections, header_timeout: HEADER_TIMEOUT, idle_timeout: IDLE_TIMEOUT }
    }
}

/// Serves until `stopped` says true and the requests that were begun by then are answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    stopped: watch::Receiver<bool>,
) {
    serve_counted(listener, router, bounds, &Gauge::default(), stopped).await;
}

/// The same; `open` counts the connections.
pub async fn serve_counted(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    open: &Gauge,
    mut stopped: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(bounds.connections as usize));
    let mut full = FullNotice::default();
    while let Some((place, stream)) = next(&listener, &places, &mut full, &mut stopped).await {
        let (router, stopped) = (router.clone(), stopped.clone());
        let counted = Counted::in_(open);
        tokio::spawn(async move {
            serve_one(stream, router, bounds, stopped).await;
            drop(counted);
            drop(place);
        });
    }
    drop(listener);
    // All places are free when every connection has ended.
    let _ = places.acquire_many(bounds.connections).await;
}

/// A place and the connection that takes it; `None` when the server stops.
async fn next(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
    full: &mut FullNotice,
    stopped: &mut watch::Receiver<bool>,
) -> Option<(OwnedSemaphorePermit, TcpStream)> {
    if places.available_permits() == 0 {
        full.log();
    }
    let accept = async {
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, _)) => return Some((place, stream)),
                Err(error) if is_the_callers(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "a connection cannot be taken");
                    sleep(PAUSE).await;
                }
            }
        }
    };
    let closing = async {
        let _ = stopped.wait_for(|stop| *stop).await;
        sleep_until(*full.closing_at.get_or_insert_with(|| Instant::now() + LAST_CONNECTIONS))
            .await;
    };
    tokio::select! {
        biased;
        () = closing => None,
        taken = accept => taken,
    }
}

/// Says that every place is taken, at most once a minute; and knows when no more are taken.
#[derive(Default)]
struct FullNotice {
    last: Option<Instant>,
    closing_at: Option<Instant>,
}

impl FullNotice {
    fn log(&mut self) {
        let now = Instant::now();
        if self.last.is_none_or(|last| now - last >= Duration::from_secs(60)) {
            self.last = Some(now);
            tracing::warn!("every connection that server.max_connections allows is in use");
        }
    }
}

/// The connection broke before it was taken.
fn is_the_callers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

async fn serve_one(
    stream: TcpStream,
    router: Router,
    bounds: Bounds,
    mut stopped: watch::Receiver<bool>,
) {
    // Answers are written whole; waiting for more would only delay them.
    let _ = stream.set_nodelay(true);
    let io = TokioIo::new(Moving::new(stream, bounds.idle_timeout));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header_timeout)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(io, TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|stop| *stop) => {}
    }
    tokio::select! {
        _ = connection.as_mut() => return,
        () = sleep(LAST_CONNECTIONS + LAST_REQUESTS) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// A stream that fails when nothing has moved on it for some time.
struct Moving<S> {
    stream: S,
    limit: Duration,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Moving<S> {
    fn new(stream: S, limit: Duration) -> Self {
        Self { stream, limit, deadline: Box::pin(sleep(limit)) }
    }

    /// `result`, unless it is pending for too long.
    fn watched<T>(
        &mut self,
        result: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.deadline.as_mut().reset(Instant::now() + self.limit);
            return result;
        }
        ready!(self.deadline.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Moving<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.watched(read, context)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Moving<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.watched(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.watched(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
