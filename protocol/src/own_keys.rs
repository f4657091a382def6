//! A device's own temporary exposure keys: made when needed, published once, dropped when old.

use crate::exposure_key::TemporaryExposureKey;
use crate::interval::{DAY_SECONDS, Interval, RollingPeriod, UnixTime};
use crate::secret::SecretBytes;

/// Keys that ended longer ago are not published: no one was infected by them, and servers of this
/// protocol refuse them (exposure-notifications-server: 15 days).
pub const PUBLISHED_DAYS: u32 = 14;

/// An own key, whether it has been published, after which it is never broadcast again, and whether it
/// came from another device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnKey {
    /// The key.
    pub key: TemporaryExposureKey,
    /// Published: identifiers derived from it are known to everyone.
    pub retired: bool,
    /// Taken over from a file: it can be published, and is never broadcast. Two devices under one key
    /// would link their owner's places, and whose key it is, a file does not prove.
    pub imported: bool,
}

impl OwnKey {
    /// A key of this device that has not been published.
    pub const fn new(key: TemporaryExposureKey) -> Self {
        Self { key, retired: false, imported: false }
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.key.rolling_start() < other.key.rolling_end()
            && other.key.rolling_start() < self.key.rolling_end()
    }
}

/// All own keys that are still stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnKeys(Vec<OwnKey>);

impl OwnKeys {
    /// From storage.
    pub fn new(mut keys: Vec<OwnKey>) -> Self {
        keys.sort_by_key(|own| own.key.rolling_start());
        Self(keys)
    }

    /// All of them by start.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &OwnKey> {
        self.0.iter()
    }

    /// The key to broadcast in `interval`, if there is one.
    pub fn current(&self, interval: Interval) -> Option<&TemporaryExposureKey> {
        let mut of_this_device = self.0.iter().rev().filter(|own| !own.retired && !own.imported);
        of_this_device.find(|own| own.key.covers(interval)).map(|own| &own.key)
    }

    /// The key to broadcast in `interval`; makes one for its rolling period if there is none.
    ///
    /// A new key never overlaps another one that can be published, since servers refuse such a
    /// list: after the authority has changed the rolling period, the first key is shorter.
    pub fn for_interval(
        &mut self,
        interval: Interval,
        rolling_period: RollingPeriod,
        rng: &mut impl rand::CryptoRng,
    ) -> TemporaryExposureKey {
        if let Some(key) = self.current(interval) {
            return key.clone();
        }
        let (start, period) = self.free_period(interval, rolling_period);
        let key = TemporaryExposureKey::new(SecretBytes::generate(rng), start, period);
        self.0.push(OwnKey::new(key.clone()));
        self.0.sort_by_key(|own| own.key.rolling_start());
        key
    }

    /// The part of the rolling period around `interval` that no unretired key covers. `interval`
    /// itself is not covered.
    fn free_period(
        &self,
        interval: Interval,
        rolling_period: RollingPeriod,
    ) -> (Interval, RollingPeriod) {
        let mut start = interval.period_start(rolling_period);
        let mut end = start.plus(rolling_period.intervals());
        for own in self.0.iter().filter(|own| !own.retired) {
            if own.key.rolling_end() <= interval {
                start = start.max(own.key.rolling_end());
            } else {
                end = end.min(own.key.rolling_start());
            }
        }
        let intervals = end.number().saturating_sub(start.number());
        (start, RollingPeriod::new(intervals.into()).unwrap_or(rolling_period))
    }

    /// The keys that have begun by `now`, ended within the last [`PUBLISHED_DAYS`] and are not
    /// retired: what a positive person can publish, newest first. Of keys that overlap, which no
    /// server takes together, those of this device go before imported ones.
    pub fn publishable(&self, now: UnixTime) -> Vec<&TemporaryExposureKey> {
        let oldest = now.minus(u64::from(PUBLISHED_DAYS) * DAY_SECONDS).interval();
        let candidates = || {
            (self.0.iter())
                .filter(|own| !own.retired && own.key.rolling_start() <= now.interval())
                .filter(|own| own.key.rolling_end() > oldest)
        };
        let mut chosen: Vec<&OwnKey> = candidates().filter(|own| !own.imported).collect();
        for own in candidates().filter(|own| own.imported) {
            if !chosen.iter().any(|other| other.overlaps(own)) {
                chosen.push(own);
            }
        }
        chosen.sort_by_key(|own| std::cmp::Reverse(own.key.rolling_start()));
        chosen.into_iter().map(|own| &own.key).collect()
    }

    /// Marks every key that has begun by `now` as published. The running key's nominal period
    /// stays; the device continues with a fresh key of the same period.
    pub fn retire(&mut self, now: UnixTime) {
        for own in &mut self.0 {
            own.retired |= own.key.rolling_start() <= now.interval();
        }
    }

    /// Drops the keys whose validity ended before `oldest`.
    pub fn expire(&mut self, oldest: Interval) {
        self.0.retain(|own| own.key.rolling_end() > oldest);
    }
}
