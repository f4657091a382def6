//! The clock that the programs hand in. This crate only names what it needs of one.

use std::time::Duration;

use crate::interval::UnixTime;

/// Where a program's time comes from. Release programs use the system's clock; simulations and
/// the demo hand in one that runs faster.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> UnixTime;

    /// How long to really sleep, at most, before asking again whether `until` has come.
    ///
    /// Callers loop: `while clock.now() < until { sleep(clock.nap(until)) }`. A clock whose speed
    /// can change returns short naps.
    fn nap(&self, until: UnixTime) -> Duration;
}
