//! All texts of the repository that people read, and what this crate says in their languages.

// clippy.toml allows these in test functions only; helpers of tests fail the test as well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod reasons;
mod support;
mod texts;
mod usage;
