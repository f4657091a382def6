//! What tests of every part use: a device with its store, clock and authority, and a bus of their own.

pub mod authority;
pub mod fixture;
pub mod person;
pub mod private_bus;
