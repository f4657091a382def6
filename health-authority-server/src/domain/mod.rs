//! The rules: codes, certificates, cases and revision; accounts, venues and posters. No HTTP and no
//! SQL.

pub mod accounts;
pub(crate) mod base64_any;
pub mod certificate;
pub mod codes;
pub mod diagnosis;
pub(crate) mod door_secrets;
pub mod doors;
pub(crate) mod file_shares;
pub mod intake_register;
pub(crate) mod key_block;
pub(crate) mod known_keys;
pub(crate) mod lenient_json;
pub mod password_strength;
pub mod phone;
pub(crate) mod place_search;
pub(crate) mod posters;
pub mod quarter;
pub mod release;
pub mod revision;
pub mod sessions;
pub mod share_requests;
pub(crate) mod spreadsheet;
pub mod throttle;
pub mod totp;
pub(crate) mod typed;
pub(crate) mod unit_list;
pub(crate) mod units;
pub mod upload_check;
pub mod upload_shape;
pub mod venue_secrets;
pub mod venues;
pub mod warnings;
