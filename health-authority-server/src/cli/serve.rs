//! `serve`.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::failure::Failure;
use super::serving::{End, Listeners, Running, newer_document};
use super::stdio::{LogFormat, complain, start_log};
use super::systemd::Notifier;
use super::{Context, next_steps};
use crate::services::app::App;
use crate::services::backup::lock_shared;

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
        let requests = self.listen.unwrap_or(app.config.server.listen);
        let mut listeners = Listeners::bind(requests, self.ops_address(&app)).await?;
        let (address, ops_address) = listeners.addresses()?;
        let is_collected = matches!(self.log_format, LogFormat::Json);
        for step in next_steps::missing(context, &app, address, is_collected).await? {
            match self.log_format {
                LogFormat::Text => complain(&format!("{step}\n")),
                LogFormat::Json => tracing::warn!(step, "something is not set up yet"),
            }
        }
        let mut signals = Signals::listen()?;
        announce(address, ops_address);
        let notifier = Notifier::ready();
        let mut app = Arc::new(app);
        loop {
            warn_of_expiry(&app);
            let running = Running::start(Arc::clone(&app), &listeners)?;
            let newer = newer_document(&app, &self.dir);
            match running.until(signals.recv(), newer, &mut listeners).await? {
                End::Signal => break,
                End::NewDocument(next) => app = Arc::new(*next),
            }
        }
        drop(notifier);
        Ok(())
    }

    /// As configured, but a second server that is started by hand takes no port from the first.
    fn ops_address(&self, app: &App) -> SocketAddr {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let configured = app.config.server.ops_listen;
        self.ops_listen.unwrap_or(if self.listen.is_some() { any } else { configured })
    }
}

/// A document that devices refuse is of no use: said whenever the server begins to work by one.
fn warn_of_expiry(app: &App) {
    let left = app.document_expires_at.since(app.clock.now()) / 86_400;
    if left < 14 {
        tracing::warn!(days = left, "the authority document expires soon; run `resign`");
    }
}

/// The lines on stdout, for the operator or program that started the server.
fn announce(address: SocketAddr, operations: SocketAddr) {
    let mut stdout = std::io::stdout();
    let _ = writeln!(stdout, "listening on http://{address}\noperations on http://{operations}");
    let _ = stdout.flush();
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

    async fn recv(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
