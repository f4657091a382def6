//! What tests of every part use: an authority with its clock and its people, and a browser.

pub mod at_once;
pub mod authority;
pub mod browser;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../../../tests/src/postgres.rs"]
pub mod postgres;
