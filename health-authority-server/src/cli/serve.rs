//! `serve`.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::failure::Failure;
use super::stdio::{LogFormat, complain, start_log};
use super::systemd::Notifier;
use super::{Context, next_steps};
use crate::authority::document;
use crate::http::connections::{Bounds, serve, serve_counted};
use crate::http::{operations_router, router};
use crate::platform::open_files;
use crate::services::app::App;
use crate::services::backup::lock_shared;
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

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// help-dir
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// help-serve-listen
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// help-serve-ops-listen
    #[arg(long, value_name = "ADDR")]
    ops_listen: Option<SocketAddr>,
    /// help-serve-log-format
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    log_format: LogFormat,
}

impl Serve {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        start_log(self.log_format);
        let app = App::open(&self.dir, context.clock.clone()).await?;
        let _in_use = lock_shared(&app.folder)?;
        check_document(&app)?;
        let listener = listen(self.listen.unwrap_or(app.config.server.listen)).await?;
        let address = listener.local_addr().map_err(Failure::Serve)?;
        let ops_listener = listen(self.ops_address(&app)).await?;
        let ops_address = ops_listener.local_addr().map_err(Failure::Serve)?;
        let is_collected = matches!(self.log_format, LogFormat::Json);
        for step in next_steps::missing(context, &app, address, is_collected).await? {
            match self.log_format {
                LogFormat::Text => complain(&format!("{step}\n")),
                LogFormat::Json => tracing::warn!(step, "something is not set up yet"),
            }
        }
        let signals = Signals::listen()?;
        let (stop, stopped) = watch::channel(false);
        let app = Arc::new(app);
        let work = start_work(&app, &stopped);
        let bounds = Bounds::new(connections_allowed(app.config.server.max_connections));
        let (served, until) = (Arc::clone(&app), stopped.clone());
        let server = tokio::spawn(async move {
            let open = served.metrics.connections.clone();
            serve_counted(listener, router(served), bounds, &open, until).await;
        });
        // It answers until everything else has ended.
        let operations = operations_router(Arc::clone(&app));
        let bounds = Bounds::new(OPS_CONNECTIONS);
        let (_ops_stop, ops_stopped) = watch::channel(false);
        let operations = tokio::spawn(serve(ops_listener, operations, bounds, ops_stopped));
        announce(address, ops_address);
        let notifier = Notifier::ready();
        let result = run_until_signal(server, signals, &app, &stop).await;
        let _ = stop.send(true);
        if tokio::time::timeout(LAST_WORK, work).await.is_err() {
            tracing::warn!("stopping in the middle of work; the next start finishes it");
        }
        operations.abort();
        let _ = tokio::time::timeout(LAST_WORK, app.store.close()).await;
        drop(notifier);
        result
    }

    /// As configured, but a second server that is started by hand takes no port from the first.
    fn ops_address(&self, app: &App) -> SocketAddr {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let configured = app.config.server.ops_listen;
        self.ops_listen.unwrap_or(if self.listen.is_some() { any } else { configured })
    }
}

/// What happens without being asked for, until `stopped` says true.
fn start_work(app: &Arc<App>, stopped: &watch::Receiver<bool>) -> impl Future<Output = ()> + use<> {
    let warnings = tokio::spawn(app.warning_batcher().run(stopped.clone()));
    let batches = tokio::spawn(app.batcher().run(stopped.clone()));
    let expiry = tokio::spawn(run_expiry(Arc::clone(app), stopped.clone()));
    let health = tokio::spawn(readiness::run(Arc::clone(app), stopped.clone()));
    async move {
        let _ = tokio::join!(batches, warnings, expiry, health);
    }
}

/// A document that devices refuse is of no use.
fn check_document(app: &App) -> Result<(), Failure> {
    let document = document::read(&app.folder)?.document;
    let left = document.expires_at.since(app.clock.now()) / 86_400;
    if left < 14 {
        tracing::warn!(days = left, "the authority document expires soon; run `resign`");
    }
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|source| Failure::Listen { address: address.to_string(), source })
}

/// The lines on stdout, for the operator or program that started the server.
fn announce(address: SocketAddr, operations: SocketAddr) {
    let mut stdout = std::io::stdout();
    let _ = writeln!(stdout, "listening on http://{address}\noperations on http://{operations}");
    let _ = stdout.flush();
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

/// The two signals that ask the server to stop.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(Failure::Serve);
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }
}

async fn run_until_signal(
    mut server: tokio::task::JoinHandle<()>,
    mut signals: Signals,
    app: &App,
    stop: &watch::Sender<bool>,
) -> Result<(), Failure> {
    tokio::select! {
        ended = &mut server => {
            return ended.map_err(|error| Failure::Serve(std::io::Error::other(error)));
        }
        _ = signals.terminate.recv() => {}
        _ = signals.interrupt.recv() => {}
    }
    app.readiness.stop();
    Notifier::stopping();
    tracing::info!("stopping: finishing the requests that are being answered");
    let _ = stop.send(true);
    match tokio::time::timeout(GRACE, server).await {
        Ok(ended) => ended.map_err(|error| Failure::Serve(std::io::Error::other(error))),
        Err(_) => {
            tracing::warn!(seconds = GRACE.as_secs(), "connections that are still open are closed");
            Ok(())
        }
    }
}
