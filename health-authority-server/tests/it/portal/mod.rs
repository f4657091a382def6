//! Pages of venues and of the authority's staff.

mod access;
mod accounts;
mod api_keys;
mod audit;
mod authority_batches;
mod authority_document;
mod authority_keys;
mod code_lists;
mod code_programs;
mod codes;
mod displays;
mod first_start;
mod forms;
mod keys;
mod messages;
mod recovery;
mod registration;
mod resets;
mod staff_accounts;
mod statistics;
mod units;
mod venue_changes;
mod venue_search;
