//! Integration tests of the daemon.

// clippy.toml allows these in test functions only; helpers of tests fail the test as well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bluez;
mod commands;
mod desktop;
mod files;
mod kept_profile;
mod nearby;
mod notify;
mod store;
mod support;
mod sync;
mod terminal;
mod top;
mod venue;
mod web;
