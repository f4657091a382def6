//! What to broadcast now and when to change it: a state machine without clock or radio.
//!
//! In the second half of interval j, at a random moment, the device changes to the identifier of
//! interval j+1 (the next key's, if one starts then). There is no other change. An observer
//! cannot see from the moment of change where the interval's edge is on the device's clock.
//!
//! While time only grows, no identifier comes back after its successor, which would link the two:
//! not even after a restart, if the device remembers the last interval shown.
//!
//! ```
//! use vungxanh_protocol::interval::{RollingPeriod, UnixTime};
//! use vungxanh_protocol::metadata::{CalibrationConfidence, Metadata};
//! use vungxanh_protocol::own_keys::OwnKeys;
//! use vungxanh_protocol::rotation::Rotation;
//!
//! let (mut rotation, mut keys) = (Rotation::new(), OwnKeys::default());
//! let metadata = Metadata { confidence: CalibrationConfidence::Medium, tx_power: -10 };
//! let mut step = |now| {
//!     let changed =
//!         rotation.step(now, metadata, &mut keys, RollingPeriod::SIX_HOURS, &mut rand::rng());
//!     (changed, rotation.next_change().unwrap())
//! };
//!
//! let start = UnixTime::from_secs(1_784_160_000);
//! let (first, change) = step(start);
//! assert!((300..600).contains(&change.since(start)));
//! assert_eq!(step(change.minus(1)).0, None);
//! let (second, _) = step(change);
//! assert_ne!(first.unwrap().identifier, second.unwrap().identifier);
//! assert_eq!(keys.iter().count(), 1, "one key makes the identifiers of six hours");
//! ```

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
    /// Whose identifier was shown last, in earlier runs too.
    last_shown: Option<Interval>,
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
    /// Nothing was ever broadcast.
    pub const fn new() -> Self {
        Self::resume(None)
    }

    /// Nothing is broadcast yet; in earlier runs it was the identifier of `last_shown` at last.
    pub const fn resume(last_shown: Option<Interval>) -> Self {
        Self { showing: None, last_shown }
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
        self.last_shown = Some(interval);
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

    /// The interval whose identifier was shown last: to be stored for [`Rotation::resume`].
    pub const fn last_shown(&self) -> Option<Interval> {
        self.last_shown
    }

    /// Forgets what is broadcast, not which interval's it was: the next step starts afresh, with a new key if the keys were
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
        // The next one's turn has come before; unless the clock was set back since.
        if let Some(last_shown) = self.last_shown
            && last_shown > current
            && now >= first_moment(last_shown)
        {
            return last_shown;
        }
        // At the start, after a pause or a clock change: as if it had been running all along.
        if now < change_within(current, current.start(), rng) { current } else { current.plus(1) }
    }
}

impl Showing {
    /// Whether this is still what `now` should show.
    fn is_due_at(&self, now: UnixTime) -> bool {
        now < self.until && now >= first_moment(self.interval)
    }
}

/// The earliest moment at which `interval`'s identifier may be shown.
const fn first_moment(interval: Interval) -> UnixTime {
    interval.start().minus(HALF)
}

/// A random moment in the second half of `interval`, after `now`.
fn change_within(interval: Interval, now: UnixTime, rng: &mut impl rand::CryptoRng) -> UnixTime {
    let earliest = interval.start().plus(HALF).max(now.plus(1)).min(interval.end().minus(1));
    UnixTime::from_secs(rng.random_range(earliest.as_secs()..interval.end().as_secs()))
}
