//! What the end-to-end tests and the demo are made of: a simulated world, a scaled clock, and real
//! programs as child processes.

pub mod country;
pub mod demo;
pub mod harness;
pub mod postgres;
pub mod scaled_clock;
pub mod world;
