//! The health authority's server: confirms cases and publishes their keys in signed batches,
//! without learning who met whom, and without keeping which person published which keys.
//!
//! ```text
//! http (thin handlers) -> domain (rules) -> storage (named transactions)
//!                                               |
//! publication (batcher -> padding -> signer -> object store)
//! ```

pub mod authority;
pub mod cli;
pub mod domain;
pub mod http;
pub mod i18n;
pub mod platform;
pub mod poster;
pub mod publication;
pub mod services;
pub mod storage;

pub use cli::run;
