//! Venues: signed posters, sealed check-ins that two parties together can open, and warnings that
//! neither of them can make alone. Two-party Boneh-Franklin encryption on BLS12-381; the normative
//! description is `docs/protocol.md` section 14.
//!
//! ```text
//! poster (QR), display (QR of the hour) -> slot identity, notify key (an hour each)
//!                    |
//! visit -> sealed cell (192 B) under venue key + authority key -> CellBook, among decoys
//!                    |
//! venue's share + authority's share = slot key -> warning -> signed batch, among decoys
//!                    |
//! CellBook x WarningBatch -> VenueExposure -> risk (daily summaries, with encounters)
//! ```

pub mod batch;
pub mod cells;
pub mod disclosure;
pub mod display;
pub mod exposure;
pub mod key_file;
pub mod keys;
pub mod party;
pub mod poster;
pub mod recovery;
pub mod rules;
pub mod sealed;
pub mod slot;
pub mod slot_key;
pub mod sources;
pub mod warning;

pub use error::VenueError;

mod error;
mod shown;
