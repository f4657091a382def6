//! Whether the device's clock can be believed. Sightings made while it cannot are stored but not
//! scored: a wrong time would match the wrong intervals, and setting a victim's clock back is how
//! old identifiers are replayed.

use std::time::Duration;

use vungxanh_protocol::clock::Clock;
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};

use super::Engine;
use super::problems::ProblemKind;
use crate::platform::clock::EARLIEST_PLAUSIBLE;

/// A set clock is noticed from this many seconds on.
const JUMP_SECONDS: u64 = 60;
/// How far the authority's time may be from ours to confirm it, in seconds.
const AGREEMENT_SECONDS: u64 = 300;
/// A device that was off for longer than a week waits for the authority to confirm its clock.
const LONGEST_PAUSE_SECONDS: u64 = 7 * DAY_SECONDS;
/// Time and uptime belong together when they were read within this.
const READ_WITHIN: Duration = Duration::from_secs(10);

/// What is wrong with the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClockFault {
    /// It was set while the daemon ran, or stood before the last time known.
    #[error("the clock was set")]
    Jumped,
    /// It differs from the authority's by this many seconds.
    #[error("{0} s off the authority's time")]
    OffBy(u64),
    /// It shows a time before this program existed.
    #[error("the clock is not set")]
    Implausible,
}

/// Compares the clock with the uptime, with the last time known, and with the authority's time.
#[derive(Debug)]
pub struct ClockWatch {
    last: Option<(UnixTime, Duration)>,
    latest_known: UnixTime,
    fault: Option<ClockFault>,
    /// A fault has been found, and the authority has not been asked since.
    unasked: bool,
}

impl ClockWatch {
    /// `latest_known` is the latest time that the store has seen in earlier runs.
    pub const fn new(latest_known: UnixTime) -> Self {
        Self { last: None, latest_known, fault: None, unasked: false }
    }

    /// Looks at the clock. Call before anything that the time decides.
    pub fn look(&mut self, now: UnixTime, uptime: Duration) {
        let jumped = match self.last {
            Some((last_now, last_uptime)) => {
                let expected = last_now.plus(uptime.saturating_sub(last_uptime).as_secs());
                expected.as_secs().abs_diff(now.as_secs()) > JUMP_SECONDS
            }
            None => self.is_far_from_latest_known(now),
        };
        let believed = self.is_trusted();
        if jumped {
            self.fault = Some(ClockFault::Jumped);
        }
        if now < EARLIEST_PLAUSIBLE {
            self.fault = Some(ClockFault::Implausible);
        }
        self.unasked |= jumped || (believed && !self.is_trusted());
        self.last = Some((now, uptime));
        self.latest_known = self.latest_known.max(now);
    }

    /// Whether a fault was found since this was asked last: the authority should be asked.
    pub fn take_pending_confirmation(&mut self) -> bool {
        std::mem::take(&mut self.unasked)
    }

    /// At the start: before the last time known, or so long after it that only somebody else's
    /// clock can show whether the device was off for so long or its clock is wrong. Believing it
    /// would destroy everything that is stored.
    fn is_far_from_latest_known(&self, now: UnixTime) -> bool {
        let known = self.latest_known > UnixTime::default();
        known
            && (now.plus(JUMP_SECONDS) < self.latest_known
                || now.since(self.latest_known) > LONGEST_PAUSE_SECONDS)
    }

    /// Compares with what the authority's time is `now`, received over an authenticated connection.
    pub fn compare(&mut self, now: UnixTime, authority: UnixTime) {
        let difference = now.as_secs().abs_diff(authority.as_secs());
        self.fault = (difference > AGREEMENT_SECONDS).then_some(ClockFault::OffBy(difference));
        self.latest_known = now;
        self.unasked = false;
    }

    /// What is wrong, if anything.
    pub const fn fault(&self) -> Option<ClockFault> {
        self.fault
    }

    /// Whether sightings made now may be scored.
    pub const fn is_trusted(&self) -> bool {
        self.fault.is_none()
    }
}

impl Engine {
    /// Looks whether the clock was set, and says what it shows. Code that scores, destroys or
    /// expires by the time looks first: the last look may be from before the clock was set.
    pub(super) fn look_at_clock(&self) -> UnixTime {
        let (now, fault, found) = {
            let mut runtime_state = self.runtime_state();
            let (now, uptime) = time_and_uptime(self.clock.as_ref());
            let asked = !runtime_state.clock_watch.unasked;
            runtime_state.clock_watch.look(now, uptime);
            (now, runtime_state.clock_watch.fault(), asked && runtime_state.clock_watch.unasked)
        };
        self.note_clock(fault);
        if found {
            // The exchange is to confirm it.
            self.wake();
        }
        now
    }

    /// What the last look found.
    pub(super) fn clock_is_trusted(&self) -> bool {
        self.runtime_state().clock_watch.is_trusted()
    }

    /// Turns a clock fault into a problem, or its absence into relief.
    pub(super) fn note_clock(&self, fault: Option<ClockFault>) {
        match fault {
            None => self.resolved(ProblemKind::Clock),
            Some(fault) => self.problem(ProblemKind::Clock, fault),
        }
    }
}

/// The time and the uptime of one moment: a pause between the two readings, for which the machine
/// may have slept, must not look like a clock that was set.
pub(super) fn time_and_uptime(clock: &dyn Clock) -> (UnixTime, Duration) {
    let mut before = clock.uptime();
    let mut read = (clock.now(), clock.uptime());
    for _ in 0..8 {
        if read.1.saturating_sub(before) <= READ_WITHIN {
            break;
        }
        before = clock.uptime();
        read = (clock.now(), clock.uptime());
    }
    read
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

    fn at(offset: u64) -> Duration {
        Duration::from_secs(5_000 + offset)
    }

    #[test]
    fn time_that_passes_is_trusted() {
        let mut watch = ClockWatch::new(NOW.minus(3_600));
        for seconds in [0, 240, 500, 90_000] {
            watch.look(NOW.plus(seconds), at(seconds));
            assert!(watch.is_trusted());
        }
    }

    #[test]
    fn a_clock_set_back_or_forward_is_not_until_the_authority_agrees() {
        for moved in [NOW.minus(7_200), NOW.plus(7_200)] {
            let mut watch = ClockWatch::new(NOW);
            watch.look(NOW, at(0));
            watch.look(moved, at(60));
            assert_eq!(watch.fault(), Some(ClockFault::Jumped));
            watch.look(moved.plus(240), at(300));
            assert!(!watch.is_trusted(), "time passing does not make it right");
            watch.compare(moved.plus(250), moved.plus(250 + 7_200));
            assert_eq!(watch.fault(), Some(ClockFault::OffBy(7_200)));
            watch.compare(moved.plus(260), moved.plus(250));
            assert!(watch.is_trusted());
        }
    }

    #[test]
    fn each_jump_is_to_be_confirmed_once() {
        let mut watch = ClockWatch::new(NOW);
        watch.look(NOW, at(0));
        assert!(!watch.take_pending_confirmation());
        watch.look(NOW.minus(7_200), at(60));
        watch.look(NOW.minus(7_140), at(120));
        assert!(watch.take_pending_confirmation());
        watch.look(NOW.minus(7_080), at(180));
        assert!(!watch.take_pending_confirmation(), "the fault lasts, the question was taken");
        watch.look(NOW, at(240));
        watch.compare(NOW, NOW);
        assert!(!watch.take_pending_confirmation(), "answered");
        let mut unset = ClockWatch::new(UnixTime::default());
        unset.look(UnixTime::from_secs(100), at(0));
        assert!(unset.take_pending_confirmation());
        unset.look(UnixTime::from_secs(160), at(60));
        assert!(!unset.take_pending_confirmation());
    }

    #[test]
    fn a_start_far_from_the_last_known_time_is_noticed() {
        let mut watch = ClockWatch::new(NOW);
        watch.look(NOW.minus(86_400), at(0));
        assert_eq!(watch.fault(), Some(ClockFault::Jumped));
        let mut ahead = ClockWatch::new(NOW);
        ahead.look(NOW.plus(8 * DAY_SECONDS), at(0));
        assert_eq!(ahead.fault(), Some(ClockFault::Jumped));
        let mut first_start = ClockWatch::new(UnixTime::default());
        first_start.look(NOW, at(0));
        assert!(first_start.is_trusted());
        let mut unset = ClockWatch::new(UnixTime::default());
        unset.look(UnixTime::from_secs(100), at(0));
        assert_eq!(unset.fault(), Some(ClockFault::Implausible));
    }
}
