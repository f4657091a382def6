//! End-to-end tests: one binary, a module for each promise.
#![allow(clippy::unwrap_used, clippy::panic, reason = "functions that tests share may fail them")]

mod chain;
mod commands;
mod country;
mod declarations;
mod declared_on_the_page;
mod demo;
mod interruptions;
mod proxy;
mod replica_set;
mod replicas;
mod town;
mod world;
