//! Pages of venues and of the authority's staff.

mod access;
mod accounts;
mod messages;
mod registration;
mod units;
