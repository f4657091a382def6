//! A country's day in small: a bounded load generator that starts real servers on this machine, plays what
//! devices, caches, browsers and staff ask of them in a day, and measures what that costs.
//!
//! Only loopback addresses are spoken to. At a scale of 1:1,000 and 1,000 times the speed the rates are
//! those of the whole country, and the totals a thousandth.

mod actor;
mod bodies;
mod cost;
mod error;
mod full;
mod pages;
mod plan;
mod player;
mod rates;
mod report;
mod schedule;
mod servers;
mod session;
mod tally;
mod wire;

pub use self::error::CountryError;
pub use self::full::{Search, Step};
pub use self::plan::Play;
pub use self::player::Bounds;
pub use self::rates::Country;
pub use self::report::Report;
pub use self::schedule::Act;
pub use self::servers::{Database, Settings};
pub use self::session::Session;
