//! What the end-to-end tests and the demo are made of: a simulated world and a scaled clock.

pub mod scaled_clock;
pub mod world;
