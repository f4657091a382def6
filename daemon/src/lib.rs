//! The citizen's side of Vung Xanh: a background daemon and the command line that talks to it.
//!
//! `vungxanh run` starts the [`engine`], which drives the protocol's state machines over a
//! [`radio`], keeps encounters in the [`store`] and talks to the authority through [`sync`]. The
//! other commands reach it through the `control` socket; `cli` says which need no daemon. `web` is the person's own page,
//! which a browser on the same machine looks at.

pub(crate) mod cli;
pub(crate) mod control;
pub mod control_api;
pub mod declarations;
pub mod desktop;
pub mod engine;
pub(crate) mod failure;
pub mod platform;
pub mod radio;
pub mod store;
pub mod sync;
pub(crate) mod systemd;
pub mod venue;
pub(crate) mod web;

#[cfg(test)]
mod test_support;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use vungxanh_protocol::clock::Clock;

/// Runs the command line `args` (the program's name first) under `clock`.
pub fn run(args: impl IntoIterator<Item = OsString>, clock: Arc<dyn Clock>) -> ExitCode {
    // The one TLS provider; fails only if somebody installed one before, which then serves.
    let _ = rustls::crypto::ring::default_provider().install_default();
    cli::main(args, clock)
}
