//! Points in time: Unix seconds, 10-minute intervals (ENIntervalNumber, GAEN cryptography
//! specification v1.2, "ENIntervalNumber") and UTC days.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// Seconds in one interval.
pub const INTERVAL_SECONDS: u64 = 600;
/// Intervals in one UTC day.
pub const INTERVALS_PER_DAY: u32 = 144;
/// Seconds in one UTC day.
pub const DAY_SECONDS: u64 = 86_400;

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct UnixTime(u64);

impl UnixTime {
    /// From seconds since the Unix epoch.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds)
    }

    /// Seconds since the Unix epoch.
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// The interval that contains this moment (saturating in the year 83,000).
    pub fn interval(self) -> Interval {
        Interval(u32::try_from(self.0 / INTERVAL_SECONDS).unwrap_or(u32::MAX))
    }

    /// The UTC day that contains this moment.
    pub fn day(self) -> UtcDay {
        UtcDay(u32::try_from(self.0 / DAY_SECONDS).unwrap_or(u32::MAX))
    }

    /// This moment plus `seconds`, saturating.
    pub const fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// This moment minus `seconds`, not before the epoch.
    pub const fn minus(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// Seconds from `earlier` to this moment; 0 when `earlier` is later.
    pub const fn since(self, earlier: UnixTime) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The last multiple of `seconds` at or before this moment.
    pub const fn floor_to(self, seconds: u64) -> Self {
        Self(self.0 - self.0 % seconds)
    }

    /// The first multiple of `seconds` at or after this moment.
    pub const fn ceil_to(self, seconds: u64) -> Self {
        Self(self.0.div_ceil(seconds).saturating_mul(seconds))
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A 10-minute interval, counted from the Unix epoch.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct Interval(u32);

impl Interval {
    /// From an interval number.
    pub const fn new(number: u32) -> Self {
        Self(number)
    }

    /// The interval number.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// The first second of this interval.
    pub const fn start(self) -> UnixTime {
        UnixTime(self.0 as u64 * INTERVAL_SECONDS)
    }

    /// The first second after this interval.
    pub const fn end(self) -> UnixTime {
        UnixTime((self.0 as u64 + 1) * INTERVAL_SECONDS)
    }

    /// The interval `count` after this one, saturating.
    pub const fn plus(self, count: u32) -> Self {
        Self(self.0.saturating_add(count))
    }

    /// The interval `count` before this one, not before the epoch.
    pub const fn minus(self, count: u32) -> Self {
        Self(self.0.saturating_sub(count))
    }

    /// How many intervals lie between the two, whichever is later.
    pub const fn distance(self, other: Interval) -> u32 {
        self.0.abs_diff(other.0)
    }

    /// The UTC day of this interval.
    pub const fn day(self) -> UtcDay {
        UtcDay(self.0 / INTERVALS_PER_DAY)
    }

    /// The start of the rolling period of `period` intervals that this interval belongs to, when
    /// periods are laid end to end from the epoch (GAEN v1.2, "Temporary Exposure Key": with 144
    /// this is UTC midnight).
    pub const fn period_start(self, period: RollingPeriod) -> Self {
        Self(self.0 - self.0 % period.intervals())
    }
}

/// A UTC calendar day, counted from 1970-01-01.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default,
)]
#[serde(transparent)]
pub struct UtcDay(u32);

impl UtcDay {
    /// From days since 1970-01-01.
    pub const fn new(days: u32) -> Self {
        Self(days)
    }

    /// Days since 1970-01-01.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Midnight, the first second of the day.
    pub const fn start(self) -> UnixTime {
        UnixTime(self.0 as u64 * DAY_SECONDS)
    }

    /// The first interval of the day.
    pub const fn first_interval(self) -> Interval {
        Interval(self.0.saturating_mul(INTERVALS_PER_DAY))
    }

    /// The day `count` days later.
    pub const fn plus(self, count: u32) -> Self {
        Self(self.0.saturating_add(count))
    }

    /// The day `count` days earlier, not before the epoch.
    pub const fn minus(self, count: u32) -> Self {
        Self(self.0.saturating_sub(count))
    }
}

/// For how many intervals a temporary exposure key is valid: 1..=144.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RollingPeriod(u16);

/// A rolling period outside 1..=144.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("rolling period {0} is outside 1..=144 intervals")]
pub struct InvalidRollingPeriod(pub i64);

impl RollingPeriod {
    /// GAEN's classic period: one UTC day.
    pub const DAY: Self = Self(144);
    /// Our default: 6 hours.
    pub const SIX_HOURS: Self = Self(36);
    /// The values that are valid.
    pub const VALID: RangeInclusive<i64> = 1..=144;

    /// Checks that `intervals` is in 1..=144.
    pub fn new(intervals: i64) -> Result<Self, InvalidRollingPeriod> {
        match u16::try_from(intervals) {
            Ok(n) if Self::VALID.contains(&intervals) => Ok(Self(n)),
            _ => Err(InvalidRollingPeriod(intervals)),
        }
    }

    /// The number of intervals, 1..=144.
    pub const fn intervals(self) -> u32 {
        self.0 as u32
    }
}

impl<'de> Deserialize<'de> for RollingPeriod {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interval_of_the_published_vector() {
        // GAEN v1.2 test vectors: keys generated at 1585785600 start at interval 2642976.
        let time = UnixTime::from_secs(1_585_785_600);
        assert_eq!(time.interval(), Interval::new(2_642_976));
        assert_eq!(time.interval().period_start(RollingPeriod::DAY), Interval::new(2_642_976));
        assert_eq!(time.plus(599).interval(), Interval::new(2_642_976));
        assert_eq!(time.plus(600).interval(), Interval::new(2_642_977));
        assert_eq!(time.day().start(), time);
    }

    #[test]
    fn rolling_period_bounds() {
        assert!(RollingPeriod::new(0).is_err());
        assert!(RollingPeriod::new(145).is_err());
        assert!(RollingPeriod::new(-1).is_err());
        assert!(RollingPeriod::new(65_537).is_err());
        assert_eq!(RollingPeriod::new(1).unwrap().intervals(), 1);
        assert_eq!(RollingPeriod::new(144).unwrap(), RollingPeriod::DAY);
        assert!(serde_json::from_str::<RollingPeriod>("0").is_err());
        assert_eq!(serde_json::from_str::<RollingPeriod>("36").unwrap(), RollingPeriod::SIX_HOURS);
    }

    #[test]
    fn rounding_of_times() {
        let t = UnixTime::from_secs(7_201);
        assert_eq!(t.floor_to(3_600).as_secs(), 7_200);
        assert_eq!(t.ceil_to(3_600).as_secs(), 10_800);
        assert_eq!(UnixTime::from_secs(7_200).ceil_to(3_600).as_secs(), 7_200);
    }
}
