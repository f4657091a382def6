//! What every other part stands on and that knows none of them: the clock, the profile's folder, texts, times as
//! people read them, HTTP clients, files that are replaced as a whole.

pub(crate) mod atomic_file;
pub mod clock;
pub mod http_client;
pub mod i18n;
pub mod profile;
pub(crate) mod threads;
pub(crate) mod time_format;
