//! A server that runs: what it listens on, what it does, and how it ends, by a signal or to begin again with a newer
//! document.

use std::net::{self, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use super::failure::Failure;
use super::systemd::Notifier;
use crate::authority::document;
use crate::http::connections::{Bounds, serve, serve_counted};
use crate::http::{operations_router, router};
use crate::platform::open_files;
use crate::services::app::App;
use crate::services::declarations::run_expiry;
use crate::services::readiness;

/// Requests that are being answered when the server is asked to stop get this long.
const GRACE: Duration = Duration::from_secs(30);
/// What is being written into database and files then gets this long in addition; what is not done is
/// finished at the next start. Both together are less than `TimeoutStopSec` of the unit.
const LAST_WORK: Duration = Duration::from_secs(15);
/// Files that are open beside connections: the database, keys, batches being made.
const OTHER_FILES: u64 = 128;
/// Connections of monitoring at a time.
const OPS_CONNECTIONS: u32 = 32;
/// How often the document in force is looked at.
const DOCUMENT_EVERY: Duration = Duration::from_secs(5);

/// Addresses that stay taken while a server begins again: who connects then waits.
pub(super) struct Listeners {
    /// Of requests; closed when the server is asked to stop, so that nobody waits in vain.
    requests: Option<net::TcpListener>,
    operations: net::TcpListener,
}

impl Listeners {
    pub(super) async fn bind(
        requests: SocketAddr,
        operations: SocketAddr,
    ) -> Result<Self, Failure> {
        let requests = Some(bind(requests).await?);
        Ok(Self { requests, operations: bind(operations).await? })
    }

    /// Of requests, and of operations.
    pub(super) fn addresses(&self) -> Result<(SocketAddr, SocketAddr), Failure> {
        let requests = self.requests()?.local_addr();
        Ok((
            requests.map_err(Failure::Serve)?,
            self.operations.local_addr().map_err(Failure::Serve)?,
        ))
    }

    fn requests(&self) -> Result<&net::TcpListener, Failure> {
        let closed = || Failure::Serve(std::io::ErrorKind::NotConnected.into());
        self.requests.as_ref().ok_or_else(closed)
    }
}

async fn bind(address: SocketAddr) -> Result<net::TcpListener, Failure> {
    let failed = |source| Failure::Listen { address: address.to_string(), source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    listener.into_std().map_err(Failure::Serve)
}

fn share(listener: &net::TcpListener) -> Result<TcpListener, Failure> {
    listener.try_clone().and_then(TcpListener::from_std).map_err(Failure::Serve)
}

/// Why a server ends.
pub(super) enum End {
    /// It was asked to.
    Signal,
    /// A newer document is in force; the authority, opened with it.
    NewDocument(Box<App>),
}

impl End {
    /// What becomes of connections that are open after [`GRACE`]: each is served by a task of its own, which only the
    /// end of the program ends before its time.
    const fn of_open_connections(&self) -> &'static str {
        match self {
            Self::Signal => "connections that are still open are closed",
            Self::NewDocument(_) => {
                "connections that are still open go on until they end or nothing moves on them"
            }
        }
    }
}

/// A server that answers requests and does what happens without being asked for.
pub(super) struct Running {
    app: Arc<App>,
    server: JoinHandle<()>,
    /// Answers until everything else has ended.
    operations: JoinHandle<()>,
    /// Until the server ends; monitoring goes on.
    _operations_stop: watch::Sender<bool>,
    work: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Running {
    pub(super) fn start(app: Arc<App>, listeners: &Listeners) -> Result<Self, Failure> {
        let (listener, ops_listener) =
            (share(listeners.requests()?)?, share(&listeners.operations)?);
        let (stop, stopped) = watch::channel(false);
        let work = tokio::spawn(work(Arc::clone(&app), stopped.clone()));
        let bounds = Bounds::new(connections_allowed(app.config.server.max_connections));
        let served = Arc::clone(&app);
        let server = tokio::spawn(async move {
            let open = served.metrics.connections.clone();
            serve_counted(listener, router(served), bounds, &open, stopped).await;
        });
        let operations = operations_router(Arc::clone(&app));
        let bounds = Bounds::new(OPS_CONNECTIONS);
        let (operations_stop, operations_stopped) = watch::channel(false);
        let operations = tokio::spawn(serve(ops_listener, operations, bounds, operations_stopped));
        Ok(Self { app, server, operations, _operations_stop: operations_stop, work, stop })
    }

    /// Runs until one of the two comes; then finishes what was begun.
    pub(super) async fn until(
        mut self,
        signal: impl Future<Output = ()>,
        document: impl Future<Output = App>,
        listeners: &mut Listeners,
    ) -> Result<End, Failure> {
        let failed = |error| Failure::Serve(std::io::Error::other(error));
        let end = tokio::select! {
            ended = &mut self.server => {
                ended.map_err(failed)?;
                return Ok(End::Signal);
            }
            () = signal => {
                listeners.requests = None;
                self.app.readiness.stop();
                Notifier::stopping();
                tracing::info!("stopping: finishing the requests that are being answered");
                End::Signal
            }
            next = document => {
                tracing::info!(serial = next.document_serial, "beginning again with a newer document");
                End::NewDocument(Box::new(next))
            }
        };
        let _ = self.stop.send(true);
        match tokio::time::timeout(GRACE, &mut self.server).await {
            Ok(ended) => ended.map_err(failed)?,
            Err(_) => {
                self.server.abort();
                tracing::warn!(seconds = GRACE.as_secs(), "{}", end.of_open_connections());
            }
        }
        if tokio::time::timeout(LAST_WORK, &mut self.work).await.is_err() {
            self.work.abort();
            tracing::warn!("stopping in the middle of work; the next start finishes it");
        }
        self.operations.abort();
        let _ = tokio::time::timeout(LAST_WORK, self.app.store.close()).await;
        Ok(end)
    }
}

/// What happens without being asked for, until `stopped` says true.
async fn work(app: Arc<App>, stopped: watch::Receiver<bool>) {
    let mut all = JoinSet::new();
    all.spawn(app.warning_batcher().run(stopped.clone()));
    all.spawn(app.batcher().run(stopped.clone()));
    all.spawn(run_expiry(Arc::clone(&app), stopped.clone()));
    all.spawn(readiness::run(Arc::clone(&app), stopped));
    while all.join_next().await.is_some() {}
}

/// The authority, opened once more, when a newer document than `app` works by is in force. While that cannot be opened
/// the server goes on as it is.
pub(super) async fn newer_document(app: &App, dir: &Path) -> App {
    let mut refused = None;
    loop {
        tokio::time::sleep(DOCUMENT_EVERY).await;
        let Ok(signed) = document::read(&app.folder) else { continue };
        let serial = signed.document.serial;
        if serial <= app.document_serial {
            continue;
        }
        match App::open(dir, app.clock.clone()).await {
            Ok(next) => return next,
            // Said once; tried again.
            Err(error) if refused.replace(serial) != Some(serial) => {
                tracing::error!(%error, serial, "going on without the newer document");
            }
            Err(_) => {}
        }
    }
}

/// As many connections as wanted, or fewer where the system gives fewer files: each connection may
/// have one open.
fn connections_allowed(wanted: u32) -> u32 {
    let files = open_files::allow(2 * u64::from(wanted) + OTHER_FILES);
    let possible = u32::try_from(files.saturating_sub(OTHER_FILES) / 2).unwrap_or(u32::MAX).max(1);
    if possible < wanted {
        tracing::warn!(
            wanted,
            possible,
            "fewer connections than server.max_connections: raise the limit of open files"
        );
    }
    wanted.min(possible)
}
