//! `vungxanh air`: the hub of the simulated radio, to try without Bluetooth.

use std::path::PathBuf;

use tokio::signal::unix::{SignalKind, signal};

use super::Context;
use crate::failure::{Exit, Failure};
use crate::radio::air::{AirHub, AirSettings};

/// Arguments of `vungxanh air`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-air-socket
    #[arg(value_name = "SOCKET")]
    socket: PathBuf,
    /// help-air-seed
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::new(Exit::Store, "failure-runtime").because(error);
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    runtime.block_on(async {
        let settings = AirSettings { seed: arguments.seed, ..AirSettings::default() };
        let _hub = AirHub::start(&arguments.socket, settings, context.clock.clone())
            .await
            .map_err(|error| Failure::new(Exit::BadInput, "failure-air").because(error))?;
        let socket = arguments.socket.display().to_string();
        context.output.note("air-ready", &[("socket", socket.into())]);
        let mut terminated = signal(SignalKind::terminate()).map_err(failed)?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted.map_err(failed),
            _ = terminated.recv() => Ok(()),
        }
    })
}
