//! Local days: what people mean by a day, from midnight to midnight of the authority's time.

use crate::interval::{DAY_SECONDS, UnixTime};
use crate::read::{FormatError, Reader};

/// How far the authority's time is ahead of UTC. Without daylight saving: Viet Nam has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalTime(i16);

impl LocalTime {
    /// The time of Viet Nam, UTC+7.
    pub const VIET_NAM: Self = Self(7 * 60);
    /// The offsets in use, in minutes.
    pub const VALID: std::ops::RangeInclusive<i16> = -720..=840;

    /// From minutes ahead of UTC; none outside -720..=840.
    pub fn new(minutes_ahead: i16) -> Option<Self> {
        Self::VALID.contains(&minutes_ahead).then_some(Self(minutes_ahead))
    }

    /// Minutes ahead of UTC.
    pub const fn minutes_ahead(self) -> i16 {
        self.0
    }

    /// The local day at `time`, counted from 1970-01-01, at most that of the year 2149.
    pub fn day(self, time: UnixTime) -> u16 {
        let ahead = i64::from(self.0) * 60;
        let local = time.as_secs().saturating_add_signed(ahead);
        u16::try_from(local / DAY_SECONDS).unwrap_or(u16::MAX)
    }

    /// The first second of a local day.
    pub fn start(self, day: u16) -> UnixTime {
        let seconds = u64::from(day) * DAY_SECONDS;
        UnixTime::from_secs(seconds.saturating_add_signed(-i64::from(self.0) * 60))
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let minutes = i16::from_be_bytes(reader.array()?);
        Self::new(minutes).ok_or(reader.malformed("its local time is no offset in use"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_viet_nam_begins_seven_hours_before_utc() {
        let midnight = UnixTime::from_secs(20_786 * DAY_SECONDS);
        let local = LocalTime::VIET_NAM;
        assert_eq!(local.day(midnight), 20_786);
        assert_eq!(local.day(midnight.plus(17 * 3_600)), 20_787);
        assert_eq!(local.day(midnight.plus(17 * 3_600 - 1)), 20_786);
        assert_eq!(local.start(20_786), midnight.minus(7 * 3_600));
        assert_eq!(local.day(local.start(20_786)), 20_786);
        assert_eq!(local.day(local.start(20_786).minus(1)), 20_785);
    }

    #[test]
    fn offsets_have_bounds() {
        assert_eq!(LocalTime::new(-721), None);
        assert_eq!(LocalTime::new(841), None);
        let behind = LocalTime::new(-720).unwrap();
        assert_eq!(behind.day(behind.start(20_786)), 20_786);
        assert_eq!(behind.day(UnixTime::from_secs(0)), 0);
    }
}
