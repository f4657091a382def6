//! Pages of venues and of the authority's staff.

mod access;
mod accounts;
mod displays;
mod forms;
mod keys;
mod messages;
mod registration;
mod resets;
mod units;
