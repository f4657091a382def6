//! The server over real HTTP on loopback: in this process with a clock that the test sets, and as
//! the real program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod audit_command;
mod batches;
mod cards;
mod checkin;
mod concurrency;
mod connections;
mod declaration_codes;
mod declarations;
mod declare_page;
mod errors;
mod flood;
mod flow;
mod help_pages;
mod intake_officers;
mod kept_folder;
mod key_blocks;
mod leases;
mod limits;
mod look_alikes;
mod lost_replies;
mod migrations;
mod moved;
mod newer_document;
mod objects;
mod padding;
mod portal;
mod posters;
mod postgres;
mod privacy;
mod program;
mod properties;
mod requests;
mod restored;
mod revision;
mod shared_commits;
mod start;
mod support;
mod venue_keys;
mod venue_tools;
mod warnings;

mod operations;
mod outages;
