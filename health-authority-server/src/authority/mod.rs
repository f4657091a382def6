//! The authority's folder: its configuration, keys, disease profile and signed document.

pub mod config;
pub mod disease_profile;
pub mod document;
pub mod folder;
pub mod keys;
pub mod venue_keys;
