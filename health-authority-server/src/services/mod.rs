//! What happens, without HTTP: handlers and commands parse, call one service, render.

pub mod app;
pub mod sms;
pub mod venue_sms;
pub mod venue_warnings;
