//! The health authority's server: confirms cases and publishes their keys in signed batches,
//! without learning who met whom, and without keeping which person published which keys.
//!
//! ```text
//! http (thin handlers) -> domain (rules) -> storage (named transactions)
//!                                               |
//! publication (batcher -> padding -> signer -> object store)
//! ```

pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod document;
pub mod domain;
pub mod error;
pub mod folder;
pub mod http;
pub mod i18n;
pub mod keys;
pub mod poster;
pub mod profiles;
pub mod publication;
pub mod sms;
pub mod storage;
pub mod venue_keys;
pub mod venue_texts;
pub mod warning_desk;

pub use cli::run;
