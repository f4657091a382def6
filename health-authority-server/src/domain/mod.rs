//! The rules: codes, certificates, cases and revision; accounts, venues and posters. No HTTP and no
//! SQL.

pub mod accounts;
pub mod base64_any;
pub mod certificate;
pub mod codes;
pub mod diagnosis;
pub mod lenient_json;
pub mod password_strength;
pub mod phone;
pub mod place_search;
pub mod posters;
pub mod release;
pub mod revision;
pub mod sessions;
pub mod share_requests;
pub mod throttle;
pub mod totp;
pub mod typed;
pub mod unit_list;
pub mod upload_check;
pub mod upload_shape;
pub mod venue_secrets;
pub mod venues;
pub mod warnings;
