//! The exchange with the authority, against a small server that can misbehave.

pub mod authority;
pub mod bench;
mod command;
mod enrolment;
mod fetching;
mod reporting;
