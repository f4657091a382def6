//! The exchange with the authority, against a small server that can misbehave.

mod authority;
mod bench;
mod command;
mod enrolment;
mod fetching;
mod reporting;
