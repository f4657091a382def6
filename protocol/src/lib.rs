//! The protocol of Vung Xanh, for encounters and for venues, pure: no network, no files, no clock
//! and no global randomness.
//!
//! Time and random generators are arguments; everything that has a course of its own
//! ([`rotation`], [`encounter`]) is a state machine that the daemon and the simulator step alike.
//! The normative description is `docs/protocol.md`.
//!
//! A sighting's way through this crate:
//!
//! ```text
//! radio -> advertisement -> encounter (scan window -> scan instances -> encounters)
//!                                                        |
//! export (verified keys) -> matching (keys in, matches out) -> metadata check
//!                                                        |
//!                                       exposure_window -> risk (daily summaries)
//! ```
//!
//! A visit's way, from a poster to a warning about its hour, is drawn in [`venue`]; exposures there
//! join the same daily summaries.

#![deny(missing_docs)]

pub mod advertisement;
pub mod api;
pub mod authority;
pub mod clock;
mod code;
pub mod declaration;
pub mod diagnosis_key;
pub mod door;
pub mod encounter;
pub mod export;
pub mod exposure_key;
pub mod exposure_window;
mod full_ident;
pub mod identifier;
pub mod intake;
pub mod interval;
pub mod key_file;
pub mod local_day;
pub mod mac;
pub mod matching;
pub mod metadata;
pub mod national_qr;
pub mod own_keys;
pub mod pass;
pub mod passphrase;
pub mod phone;
pub mod publish;
mod read;
pub mod recently_heard;
pub mod risk;
pub mod rotation;
pub mod scan_schedule;
pub mod seal;
pub mod sealed_box;
pub mod secret;
pub mod signed;
pub mod text;
pub mod units;
pub mod venue;
pub mod verification_code;

pub use read::FormatError;
