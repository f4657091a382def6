//! Days as browsers send them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use vungxanh_protocol::interval::{UnixTime, UtcDay};

/// `YYYY-MM-DD`.
pub(super) fn date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

/// The first second of a day in a time zone.
pub(super) fn midnight(day: Date, zone: &TimeZone) -> Option<UnixTime> {
    let seconds = day.to_zoned(zone.clone()).ok()?.timestamp().as_second();
    u64::try_from(seconds).ok().map(UnixTime::from_secs)
}

/// The UTC day of this date.
pub(super) fn utc_day(day: Date) -> Option<UtcDay> {
    midnight(day, &TimeZone::UTC).map(UnixTime::day)
}

/// As [`date`] reads it.
pub(super) fn text_of(day: UtcDay) -> String {
    i64::try_from(day.start().as_secs())
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map(|time| time.to_zoned(TimeZone::UTC).date().to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_local_midnight() {
        let day = date("2021-09-01").unwrap();
        let hanoi = TimeZone::get("Asia/Ho_Chi_Minh").unwrap();
        assert_eq!(midnight(day, &hanoi), Some(UnixTime::from_secs(1_630_429_200)));
        let utc = utc_day(day).unwrap();
        assert_eq!((utc.number(), text_of(utc)), (18_871, "2021-09-01".into()));
        for wrong in ["", "2021-9-1", "2021-02-30", "1.9.2021", "2021-09-01T00", "x021-09-01"] {
            assert_eq!(date(wrong), None, "{wrong}");
        }
        assert_eq!(utc_day(date("1969-12-31").unwrap()), None);
    }
}
