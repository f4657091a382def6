//! What tests of every part use: a device with its store, clock and authority, and a bus of their own.

pub mod authority;
#[path = "../../../src/test_support/document.rs"]
mod document;
pub mod fixture;
pub mod intake;
pub mod person;
pub mod private_bus;
