//! What tests of several parts stand on: clocks that are set by hand, a radio that does what it is asked, an engine in a
//! profile of its own, an enrolled authority.

mod authority;
mod clock;
mod document;
mod engine;
mod radio;

pub(crate) use self::authority::{answer, enrol, enrol_at};
pub(crate) use self::clock::{NOON, SettableClock};
pub(crate) use self::document::{TRACING, document};
pub(crate) use self::engine::EngineFixture;
