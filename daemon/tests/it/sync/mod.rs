//! The exchange with the authority, against a small server that can misbehave.

mod command;
mod enrolment;
mod fetching;
mod reporting;
