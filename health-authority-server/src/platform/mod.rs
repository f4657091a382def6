//! What knows nothing of health authorities: the system's clock, files replaced whole.

pub mod atomic_file;
pub mod clock;
