//! The crate's integration tests, one binary.

// clippy.toml allows these in test functions only; helpers of tests fail the test as well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod advertisement;
mod authority;
mod declaration;
mod document;
mod door;
mod encounter;
mod kernels;
mod matching;
mod metadata;
mod pass;
mod phone;
mod publish;
mod risk;
mod rotation;
mod secrets;
mod support;
mod vectors;
mod venue;
