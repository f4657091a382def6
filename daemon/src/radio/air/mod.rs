//! The simulated radio: devices on one machine hear each other over a local socket, as loudly as
//! distance, walls and chance allow.
//!
//! An [`AirHub`] owns the space (who is where, which walls stand, whose adapter is off) and
//! decides what is received. Each daemon is a client ([`AirRadio`]). They speak JSON lines, see
//! `wire`. The hub has its own clock, so that scan windows last in the time that the devices
//! live in.

pub mod channel;
mod client;
mod hub;
mod space;
#[cfg(test)]
mod tests;
pub(crate) mod wire;

pub use client::AirRadio;
pub use hub::{AirError, AirHub, AirSettings, AirWatcher};
pub use space::{Activity, Person, Point, Wall, walls_between};
pub use wire::is_valid_name;
