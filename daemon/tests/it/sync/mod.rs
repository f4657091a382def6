//! The exchange with the authority, against a small server that can misbehave.

pub mod authority;
mod command;
mod enrolment;
mod fetching;
pub mod fixture;
mod reporting;
