//! The authority's folder: its configuration, keys, disease profile and signed document.

pub(crate) mod config;
pub(crate) mod database;
pub(crate) mod database_url;
pub mod disease_profile;
pub mod document;
pub(crate) mod door_keys;
pub mod emblem;
pub(crate) mod enforcing;
pub(crate) mod error;
pub mod export_keys;
pub mod folder;
pub mod founding;
pub mod intake;
mod key_files;
pub(crate) mod keys;
pub(crate) mod place;
#[cfg(feature = "s3")]
pub(crate) mod s3_credentials;
pub(crate) mod terms;
pub(crate) mod venue_keys;

pub use config::Authority;
