//! The daemon's control interface: HTTP and JSON over a Unix socket in the profile, mode 0600.
//! One set of handlers; the command line is their first client.

pub mod client;
pub mod server;

mod handlers;
