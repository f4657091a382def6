//! What happens, without HTTP: handlers and commands parse, call one service, render.

pub(crate) mod account_reset;
pub mod app;
pub(crate) mod audit_log;
pub mod backup;
pub mod codes;
pub mod declarations;
pub mod doors;
pub mod intake_list;
pub(crate) mod key_upload;
pub mod limits;
pub(crate) mod login;
pub mod new_password;
pub(crate) mod overview;
pub(crate) mod password_hashing;
pub(crate) mod places;
pub(crate) mod published_keys;
pub(crate) mod refusal;
pub(crate) mod registration;
pub(crate) mod response_timing;
pub mod sms;
pub(crate) mod staff_accounts;
pub(crate) mod staff_phones;
pub(crate) mod units;
pub(crate) mod venue_sms;
pub(crate) mod venue_warnings;
pub(crate) mod venues;
