//! Matching: which diagnosis keys made identifiers that this device has heard.
//!
//! The interface is narrow on purpose: sightings in once, keys in as a stream, matches out.
//! [`Assessment`] goes one step further, from encounters and keys to believed scans.
//!
//! Inside, sightings are indexed by UTC day (`index`), keys are put together by day in batches and
//! dropped where nothing was heard near them (`batch`), the rest are derived and looked up on the
//! best instructions of the machine (`kernel`).

mod assessment;
mod batch;
mod index;
mod kernel;
mod matcher;

pub use assessment::{Assessment, Assessor, RefusedMatch};
pub use kernel::Kernel;
pub use matcher::{MAX_CLOCK_TOLERANCE, Match, Matcher, Sighted};
