//! What knows nothing of health authorities: the system's clock, limits on open files.

pub(crate) mod atomic_file;
pub mod clock;
pub mod open_files;
pub mod process;
