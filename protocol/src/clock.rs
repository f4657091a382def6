//! The clock that the programs hand in. This crate only names what it needs of one.

use std::time::Duration;

use crate::interval::UnixTime;

/// Where a program's time comes from. Release programs use the system's clock; simulations and
/// the demo hand in one that runs faster.
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> UnixTime;

    /// Time since some fixed moment, not moved when somebody sets the clock: comparing it with
    /// [`Clock::now`] shows that the clock was set. Runs on while the machine sleeps.
    ///
    /// The default is for clocks that cannot be set.
    fn uptime(&self) -> Duration {
        Duration::from_secs(self.now().as_secs())
    }

    /// The part of [`Clock::uptime`] in which the machine slept and no program ran.
    ///
    /// The default is for machines that never sleep.
    fn slept(&self) -> Duration {
        Duration::ZERO
    }

    /// How long to really sleep, at most, before asking again whether `until` has come.
    ///
    /// Callers loop: `while clock.now() < until { sleep(clock.poll_interval(until)) }`. A clock whose speed
    /// can change returns short intervals.
    fn poll_interval(&self, until: UnixTime) -> Duration;
}
