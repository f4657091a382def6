//! What happens, without HTTP: handlers and commands parse, call one service, render.

pub mod account_reset;
pub mod app;
pub mod backup;
pub mod codes;
pub mod key_upload;
pub mod limits;
pub mod login;
pub mod new_password;
pub mod password_hashing;
pub mod refusal;
pub mod registration;
pub mod response_timing;
pub mod sms;
pub mod staff_accounts;
pub mod staff_phones;
pub mod units;
pub mod venue_sms;
pub mod venue_warnings;
pub mod venues;
