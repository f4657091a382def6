//! Check-ins at venues: the visit that is open, those that are sealed, and what warnings say of
//! them. What a closed visit was, this device itself can no longer read.
//!
//! ```text
//! poster --check in--> open visit (runtime folder: memory, gone with a reboot)
//!                         | each hour that has ended, and the rest at check-out: sealed
//!                         v
//!                      waiting (runtime folder), until the hour is over
//!                         | rewritten every hour, visit or not, under a fresh key
//!                         v
//!                      cell file: four cells an hour, visits among decoys
//!                      diary, if there is one: the same, under the person's passphrase
//! ```

mod cell_file;
mod check_ins;
mod diary;
mod diary_file;
mod error;
mod open_visit;
mod pending;
mod runtime;

pub use self::cell_file::Damaged;
pub use self::check_ins::{CheckIns, CheckedIn, OpenReport, TimedEvent};
pub use self::diary::DiaryEntry;
pub use self::error::CheckInError;
pub use self::open_visit::{ClosedVisit, OpenVisit};
pub use self::runtime::Runtime;
