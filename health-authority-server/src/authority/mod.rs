//! The authority's folder: its configuration, keys, disease profile and signed document.

pub mod config;
pub mod disease_profile;
pub mod document;
pub mod emblem;
pub mod error;
pub mod export_keys;
pub mod folder;
pub mod founding;
mod key_files;
pub mod keys;
pub mod venue_keys;
