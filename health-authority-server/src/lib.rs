//! The health authority's server: confirms cases and publishes their keys in signed batches,
//! without learning who met whom, and without keeping which person published which keys.
//!
//! ```text
//! main -> cli -> http -> services -> publication -> storage, poster, charts -> authority -> i18n -> domain -> platform
//! ```
//!
//! `docs/floors.toml` says so for every file, and a test holds the source to it. Public is what the
//! crate's tests, benchmarks and the program itself use.

pub mod authority;
pub mod charts;
mod cli;
pub mod domain;
pub mod http;
mod i18n;
pub mod platform;
pub mod poster;
pub mod publication;
pub mod services;
pub mod storage;

pub use cli::run;
