//! Pages of venues and of the authority's staff.

mod access;
mod registration;
