//! What stories with real programs are made with: a stage in scaled time, an authority, people with
//! their devices, all as child processes. The demo and the end-to-end tests use it alike.

pub mod authority;
pub mod browser;
pub mod code_picture;
pub mod moment;
pub mod person;
pub mod process;
pub mod search;
pub mod stage;
pub mod time_keeper;
pub mod widest;
