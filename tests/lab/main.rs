//! Tests in the Bluetooth lab: a real kernel and BlueZ with virtual controllers, in virtual time.
//! `tests/lab/README.md` says how it is built and used by hand.
#![allow(clippy::unwrap_used, clippy::panic, reason = "functions that tests share may fail them")]

mod air;
mod btmon;
mod encounters;
mod guest;
mod meeting;
mod people;
mod troubles;
