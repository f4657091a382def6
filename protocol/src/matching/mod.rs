//! Matching: which diagnosis keys made identifiers that this device has heard.
//!
//! The interface is narrow on purpose: sightings in once, keys in as a stream, matches out.
//! [`Assessment`] goes one step further, from encounters and keys to believed scans.

mod assessment;
mod matcher;

pub use assessment::{Assessment, Assessor, RefusedMatch};
pub use matcher::{Match, Matcher, Sighted};
