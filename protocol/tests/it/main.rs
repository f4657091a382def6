//! The crate's integration tests, one binary.

mod advertisement;
mod matching;
mod metadata;
mod oracle;
mod rotation;
mod vectors;
