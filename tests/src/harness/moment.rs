//! Moments of a story, in the time of Viet Nam (UTC+7, no summer time).

use vungxanh_protocol::interval::UnixTime;

/// Seconds by which Viet Nam's clocks are ahead of UTC.
const VIETNAM_AHEAD: u64 = 7 * 3_600;
/// Monday, 2 March 2026, in days since 1970-01-01.
const FIRST_DAY: u64 = 20_514;
/// The first day as a command line takes it.
pub const FIRST_DATE: &str = "2026-03-02";
const DAY: u64 = 86_400;

/// A moment of the story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// 0 is the first day.
    pub day: u64,
    /// Hour in Viet Nam.
    pub hour: u64,
    /// Minute.
    pub minute: u64,
}

/// `at(0, 9, 30)`: the first day, half past nine.
pub const fn at(day: u64, hour: u64, minute: u64) -> Moment {
    Moment { day, hour, minute }
}

impl Moment {
    /// The same for programs.
    pub const fn time(self) -> UnixTime {
        let days = FIRST_DAY + self.day;
        UnixTime::from_secs(days * DAY + self.hour * 3_600 + self.minute * 60 - VIETNAM_AHEAD)
    }

    pub const fn of(time: UnixTime) -> Self {
        let local = time.as_secs() + VIETNAM_AHEAD;
        let days = local / DAY;
        Self {
            day: days.saturating_sub(FIRST_DAY),
            hour: local / 3_600 % 24,
            minute: local / 60 % 60,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_vietnamese() {
        assert_eq!(at(0, 7, 0).time().as_secs(), FIRST_DAY * DAY);
        for moment in [at(0, 0, 0), at(0, 23, 59), at(3, 6, 30)] {
            assert_eq!(Moment::of(moment.time()), moment);
        }
        assert!(at(0, 23, 59).time() < at(1, 0, 0).time());
    }
}
