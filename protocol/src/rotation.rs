//! What to broadcast now and when to change it: a state machine without clock or radio.
//!
//! In the second half of interval j, at a random moment, the device changes to the identifier of
//! interval j+1 (the next key's, if one starts then). There is no other change. Whoever watches
//! cannot tell from the moment of change where the interval's edge is on the device's clock.

use rand::RngExt;

use crate::advertisement::Advertisement;
use crate::interval::{INTERVAL_SECONDS, Interval, RollingPeriod, UnixTime};
use crate::metadata::Metadata;
use crate::own_keys::OwnKeys;

const HALF: u64 = INTERVAL_SECONDS / 2;

/// The broadcast's state.
#[derive(Debug, Clone, Copy)]
pub struct Rotation {
    showing: Option<Showing>,
}

#[derive(Debug, Clone, Copy)]
struct Showing {
    /// Whose identifier.
    interval: Interval,
    /// When the next one's turn comes: in the second half of `interval`.
    until: UnixTime,
    advertisement: Advertisement,
}

impl Default for Rotation {
    fn default() -> Self {
        Self::new()
    }
}

impl Rotation {
    /// Nothing is broadcast yet.
    pub const fn new() -> Self {
        Self { showing: None }
    }

    /// Steps to `now`. Returns the advertisement to broadcast from now on if it has changed;
    /// makes a key in `keys` when a new rolling period begins.
    pub fn step(
        &mut self,
        now: UnixTime,
        metadata: Metadata,
        keys: &mut OwnKeys,
        rolling_period: RollingPeriod,
        rng: &mut impl rand::CryptoRng,
    ) -> Option<Advertisement> {
        if self.showing.is_some_and(|showing| showing.is_due_at(now)) {
            return None;
        }
        let interval = self.next_interval(now, rng);
        let until = change_within(interval, now, rng);
        let derived = keys.for_interval(interval, rolling_period, rng).derive();
        let identifier = derived.identifiers.identifier(interval);
        let advertisement =
            Advertisement { identifier, metadata: derived.metadata.seal(&identifier, metadata) };
        self.showing = Some(Showing { interval, until, advertisement });
        Some(advertisement)
    }

    /// When [`Rotation::step`] should be called next; `None` before the first call.
    pub fn next_change(&self) -> Option<UnixTime> {
        self.showing.map(|showing| showing.until)
    }

    /// What is broadcast now.
    pub fn advertisement(&self) -> Option<Advertisement> {
        self.showing.map(|showing| showing.advertisement)
    }

    /// Forgets what is broadcast: the next step starts afresh, with a new key if the keys were
    /// retired. Called after a publication and when tracing stops.
    pub fn reset(&mut self) {
        self.showing = None;
    }

    fn next_interval(&self, now: UnixTime, rng: &mut impl rand::CryptoRng) -> Interval {
        let current = now.interval();
        if let Some(showing) = self.showing
            && showing.interval == current
        {
            return current.plus(1);
        }
        // At the start, after a pause or a clock change: as if it had been running all along.
        if now < change_within(current, current.start(), rng) { current } else { current.plus(1) }
    }
}

impl Showing {
    /// Whether this is still what `now` should show.
    fn is_due_at(&self, now: UnixTime) -> bool {
        now < self.until && now >= self.interval.start().minus(HALF)
    }
}

/// A random moment in the second half of `interval`, after `now`.
fn change_within(interval: Interval, now: UnixTime, rng: &mut impl rand::CryptoRng) -> UnixTime {
    let earliest = interval.start().plus(HALF).max(now.plus(1)).min(interval.end().minus(1));
    UnixTime::from_secs(rng.random_range(earliest.as_secs()..interval.end().as_secs()))
}
