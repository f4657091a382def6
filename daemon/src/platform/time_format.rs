//! Times as people read and write them, in their time zone.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use vungxanh_protocol::interval::{UnixTime, UtcDay};

/// `2026-03-01 14:05` in the person's time zone.
pub(crate) fn local_time(time: UnixTime) -> String {
    timestamp(time).to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// `14:05` in the person's time zone.
pub(crate) fn time_of_day(time: UnixTime) -> String {
    timestamp(time).to_zoned(TimeZone::system()).strftime("%H:%M").to_string()
}

/// RFC 3339 with the person's offset.
pub(crate) fn rfc3339(time: UnixTime) -> String {
    timestamp(time).to_zoned(TimeZone::system()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// `2026-03-01`, a UTC day, for those who compare it with files of an authority.
pub(crate) fn utc_day(day: UtcDay) -> String {
    timestamp(day.start()).to_zoned(TimeZone::UTC).date().to_string()
}

/// The hours of a UTC day, by which records are kept, in the person's time zone.
pub(crate) fn local_day(day: UtcDay) -> String {
    day_in(day, &TimeZone::system())
}

/// `2026-03-01` where the zone's days are those of UTC, else from when to when:
/// `2026-03-01 07:00 - 03-02 07:00`.
fn day_in(day: UtcDay, zone: &TimeZone) -> String {
    let local = |day: UtcDay| timestamp(day.start()).to_zoned(zone.clone());
    let (start, end) = (local(day), local(day.plus(1)));
    if start.time() == jiff::civil::Time::midnight() && end.time() == start.time() {
        return start.date().to_string();
    }
    format!("{} - {}", start.strftime("%Y-%m-%d %H:%M"), end.strftime("%m-%d %H:%M"))
}

/// Reads `2026-03-01` as a UTC day.
pub(crate) fn parse_utc_day(text: &str) -> Option<UtcDay> {
    let date: Date = text.parse().ok()?;
    let start = date.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    Some(UnixTime::from_secs(u64::try_from(start).ok()?).day())
}

/// `1 h 05 min`, `12 min`, `40 s`.
pub(crate) fn duration(seconds: u32) -> String {
    match (seconds / 3_600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}

fn timestamp(time: UnixTime) -> Timestamp {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_round_trip() {
        let day = parse_utc_day("2026-03-01").unwrap();
        assert_eq!(day.number(), 20_513);
        assert_eq!(day_in(day, &TimeZone::UTC), "2026-03-01");
        assert!(parse_utc_day("2026-02-30").is_none());
        assert!(parse_utc_day("yesterday").is_none());
    }

    #[test]
    fn a_utc_day_is_shown_by_the_clock_on_the_persons_wall() {
        let day = parse_utc_day("2026-03-01").unwrap();
        let shown = |zone| day_in(day, &TimeZone::get(zone).unwrap());
        assert_eq!(shown("Asia/Ho_Chi_Minh"), "2026-03-01 07:00 - 03-02 07:00");
        assert_eq!(shown("America/New_York"), "2026-02-28 19:00 - 03-01 19:00");
    }

    #[test]
    fn durations() {
        assert_eq!(duration(40), "40 s");
        assert_eq!(duration(720), "12 min");
        assert_eq!(duration(3_900), "1 h 05 min");
    }
}
