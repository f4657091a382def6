//! What is to be played, and what it has come to.

use std::time::Duration;

use vungxanh_protocol::interval::DAY_SECONDS;

use super::cost::Cost;
use super::player::{Bounds, Played};
use super::rates::Country;
use super::schedule::Act;

/// What is played.
#[derive(Debug, Clone)]
pub struct Play {
    pub country: Country,
    /// These acts only; all when empty.
    pub only: Vec<Act>,
    /// How many times as fast as a real day the day passes.
    pub speed: u32,
    /// How fast the servers' clock runs meanwhile: as the day, or slower where codes and certificates
    /// must not expire because the machine is busy.
    pub clock_speed: u32,
    pub seed: u64,
    pub bounds: Bounds,
}

impl Play {
    pub(super) fn length(&self) -> Duration {
        Duration::from_secs(DAY_SECONDS) / self.speed.max(1)
    }
}

/// A run with what it cost.
pub(super) struct Measured {
    pub(super) played: Played,
    pub(super) servers: Cost,
    /// Of a database that is a server of its own.
    pub(super) database: Option<Cost>,
    pub(super) generator: Cost,
    /// The machine's load in the last minute.
    pub(super) load: f64,
}
