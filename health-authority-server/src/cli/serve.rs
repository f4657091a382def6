//! `serve`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::failure::Failure;
use super::stdio::complain;
use super::{Context, next_steps, start_log};
use crate::authority::document;
use crate::http::connections::{Bounds, serve};
use crate::http::router;
use crate::platform::open_files;
use crate::services::app::App;
use crate::services::backup::lock_shared;
use crate::services::declarations::run_expiry;

/// Requests that are being answered when the server is asked to stop get this long.
const GRACE: Duration = Duration::from_secs(10);
/// Files that are open beside connections: the database, keys, batches being made.
const OTHER_FILES: u64 = 128;

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// help-dir
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
    /// help-serve-listen
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub(super) async fn handle(self, context: &Context) -> Result<(), Failure> {
        start_log();
        let app = App::open(&self.dir, context.clock.clone()).await?;
        let _in_use = lock_shared(&app.folder)?;
        check_document(&app)?;
        let listener = listen(self.listen.unwrap_or(app.config.server.listen)).await?;
        let address = listener.local_addr().map_err(Failure::Serve)?;
        for step in next_steps::missing(context, &app, address).await? {
            complain(&format!("{step}\n"));
        }
        let (store, batcher) = (app.store.clone(), app.batcher());
        let (stop, stopped) = watch::channel(false);
        let warnings = tokio::spawn(app.warning_batcher().run(stopped.clone()));
        let batches = tokio::spawn(batcher.run(stopped.clone()));
        let bounds = Bounds::new(connections_allowed(app.config.server.max_connections));
        let app = Arc::new(app);
        let expiry = tokio::spawn(run_expiry(Arc::clone(&app), stopped.clone()));
        let server = tokio::spawn(serve(listener, router(app), bounds, stopped));
        let signals = Signals::listen()?;
        announce(address);
        let result = run_until_signal(server, signals, &stop).await;
        let _ = stop.send(true);
        let _ = tokio::join!(batches, warnings, expiry);
        store.close().await;
        result
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

/// The one line on stdout, for the operator or program that started the server.
fn announce(address: SocketAddr) {
    let mut stdout = std::io::stdout();
    let _ = writeln!(stdout, "listening on http://{address}");
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
    stop: &watch::Sender<bool>,
) -> Result<(), Failure> {
    tokio::select! {
        ended = &mut server => {
            return ended.map_err(|error| Failure::Serve(std::io::Error::other(error)));
        }
        _ = signals.terminate.recv() => {}
        _ = signals.interrupt.recv() => {}
    }
    tracing::info!("stopping: finishing the requests that are being answered");
    let _ = stop.send(true);
    match tokio::time::timeout(GRACE, server).await {
        Ok(ended) => ended.map_err(|error| Failure::Serve(std::io::Error::other(error))),
        // Someone keeps a connection open; nothing is lost by closing it.
        Err(_) => Ok(()),
    }
}
