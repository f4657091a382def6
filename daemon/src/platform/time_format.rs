//! Times as people read and write them, in their time zone.

use std::ops::Range;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
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

/// `2026-03-01`, a day of the authority's calendar, counted from 1970-01-01: the same wherever it is read.
pub(crate) fn calendar_day(day: u16) -> String {
    utc_day(UtcDay::new(day.into()))
}

/// `2026-03-01`: the day on which it is `time` for the person.
pub(crate) fn local_date(time: UnixTime) -> String {
    date_in(time, &TimeZone::system()).to_string()
}

/// A moment in the person's time zone, in another form (strftime).
pub(crate) fn local(time: UnixTime, form: &str) -> String {
    timestamp(time).to_zoned(TimeZone::system()).strftime(form).to_string()
}

/// The day that is so many days after that of a moment, by the person's calendar.
pub(crate) fn local_after(time: UnixTime, days: u16, form: &str) -> String {
    date_after(time, days, &TimeZone::system()).strftime(form).to_string()
}

fn date_after(time: UnixTime, days: u16, zone: &TimeZone) -> Date {
    let later = SignedDuration::from_hours(24 * i64::from(days));
    date_in(time, zone).saturating_add(later)
}

/// A day of the authority's calendar, counted from 1970-01-01, in another form (strftime).
pub(crate) fn calendar(day: u16, form: &str) -> String {
    let start = timestamp(UtcDay::new(day.into()).start());
    start.to_zoned(TimeZone::UTC).strftime(form).to_string()
}

/// The days that a stretch of time touches, by the person's calendar: `2026-03-01`, or
/// `2026-03-01 - 2026-03-02`.
pub(crate) fn local_dates(times: &Range<UnixTime>) -> String {
    dates_in(times, &TimeZone::system())
}

fn dates_in(times: &Range<UnixTime>, zone: &TimeZone) -> String {
    let last = times.end.minus(1).max(times.start);
    let (first, last) = (date_in(times.start, zone), date_in(last, zone));
    if first == last { first.to_string() } else { format!("{first} - {last}") }
}

fn date_in(time: UnixTime, zone: &TimeZone) -> Date {
    timestamp(time).to_zoned(zone.clone()).date()
}

/// The days that a stretch of time touches, whole: says no hour.
pub(crate) fn whole_local_days(times: &Range<UnixTime>) -> Range<UnixTime> {
    whole_days_in(times, &TimeZone::system()).unwrap_or_else(|| times.clone())
}

fn whole_days_in(times: &Range<UnixTime>, zone: &TimeZone) -> Option<Range<UnixTime>> {
    let last = times.end.minus(1).max(times.start);
    let start = day_in(date_in(times.start, zone), zone)?.start;
    Some(start..day_in(date_in(last, zone), zone)?.end)
}

/// Reads a day as people write it, `2026-03-01` or `01/03/2026`: from its first moment for the
/// person to that of the next day.
pub(crate) fn parse_day(text: &str) -> Option<Range<UnixTime>> {
    day_in(parse_date(text.trim())?, &TimeZone::system())
}

/// Reads a day, or a time on a day, or a time of today: `2026-03-01`, `01/03/2026`,
/// `2026-03-01T14` (that hour), `2026-03-01 14:30`, `01/03/2026 14:30`, `14:30` (that minute).
/// `14h30` and `14h` are times, too.
pub(crate) fn parse_stretch(text: &str, now: UnixTime) -> Option<Range<UnixTime>> {
    stretch_in(text, now, &TimeZone::system())
}

fn stretch_in(text: &str, now: UnixTime, zone: &TimeZone) -> Option<Range<UnixTime>> {
    let text = text.trim();
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (parse_date(date)?, time.trim()),
        None => match parse_date(text) {
            Some(date) => return day_in(date, zone),
            // A number alone is a time only behind a date.
            None if number::<u64>(text).is_some() => return None,
            None => (date_in(now, zone), text),
        },
    };
    let (time, seconds) = parse_time(time)?;
    let start = zone.to_zoned(date.to_datetime(time)).ok()?;
    let end = start.checked_add(SignedDuration::from_secs(seconds)).ok()?;
    Some(unix_time(start.timestamp())?..unix_time(end.timestamp())?)
}

fn day_in(date: Date, zone: &TimeZone) -> Option<Range<UnixTime>> {
    let start = |date: Date| unix_time(date.to_zoned(zone.clone()).ok()?.timestamp());
    Some(start(date)?..start(date.tomorrow().ok()?)?)
}

/// Year, month, day; or day, month, year, as in Viet Nam.
fn parse_date(text: &str) -> Option<Date> {
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    let [first, month, last] = parts[..] else { return None };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    if year.len() != 4 {
        return None;
    }
    Date::new(number(year)?, number(month)?, number(day)?).ok()
}

/// A time of day, and for how many seconds it stands: an hour where no minute is said.
fn parse_time(text: &str) -> Option<(Time, i64)> {
    let (hour, minute) = text.split_once([':', 'h', 'H']).unwrap_or((text, ""));
    let seconds = if minute.is_empty() { 3_600 } else { 60 };
    if text.ends_with(':') {
        return None;
    }
    let minute = if minute.is_empty() { 0 } else { number(minute)? };
    Some((Time::new(number(hour)?, minute, 0, 0).ok()?, seconds))
}

/// Digits only: no sign.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

fn unix_time(time: Timestamp) -> Option<UnixTime> {
    u64::try_from(time.as_second()).ok().map(UnixTime::from_secs)
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

    /// 2026-03-01, 00:00 in Viet Nam.
    const MIDNIGHT: u64 = 1_772_298_000;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(seconds)
    }

    #[test]
    fn a_day_that_a_person_types_is_theirs() {
        let day = |text| day_in(parse_date(text).unwrap(), &zone("Asia/Ho_Chi_Minh")).unwrap();
        let first_of_march = at(MIDNIGHT)..at(MIDNIGHT + 86_400);
        for text in ["2026-03-01", "01/03/2026", "1/3/2026", "01-03-2026", "1.3.2026"] {
            assert_eq!(day(text), first_of_march, "{text}");
        }
        for bad in ["", "2026-02-30", "30/02/2026", "01/03/26", "03/2026", "-1/3/2026", "yesterday"]
        {
            assert!(parse_date(bad).is_none(), "{bad}");
        }
        // The day on which clocks go forward has 23 hours.
        let short = day_in(parse_date("2026-03-29").unwrap(), &zone("Europe/Paris")).unwrap();
        assert_eq!(short.end.since(short.start), 23 * 3_600);
    }

    #[test]
    fn days_are_shown_by_the_calendar_on_the_persons_wall() {
        let shown = |from, until| {
            dates_in(&(at(MIDNIGHT + from)..at(MIDNIGHT + until)), &zone("Asia/Ho_Chi_Minh"))
        };
        assert_eq!(shown(0, 86_400), "2026-03-01");
        // 06:00, which is still the last of February in UTC.
        assert_eq!(shown(6 * 3_600, 7 * 3_600), "2026-03-01");
        assert_eq!(shown(80_000, 90_000), "2026-03-01 - 2026-03-02");
        assert_eq!(shown(0, 0), "2026-03-01");
        let whole = |from, until| {
            let times = at(MIDNIGHT + from)..at(MIDNIGHT + until);
            let days = whole_days_in(&times, &zone("Asia/Ho_Chi_Minh")).unwrap();
            (days.start.since(at(MIDNIGHT)), days.end.since(at(MIDNIGHT)))
        };
        assert_eq!(whole(6 * 3_600, 86_400), (0, 86_400));
        assert_eq!(whole(80_000, 90_000), (0, 2 * 86_400));
    }

    #[test]
    fn days_are_counted_by_the_calendar_not_by_hours() {
        let after = |zone_name, hours: u64, days| {
            date_after(at(MIDNIGHT + hours * 3_600), days, &zone(zone_name)).to_string()
        };
        assert_eq!(after("Asia/Ho_Chi_Minh", 0, 0), "2026-03-01");
        assert_eq!(after("Asia/Ho_Chi_Minh", 23, 14), "2026-03-15");
        // Over the night on which clocks go forward.
        assert_eq!(after("Europe/Paris", 27 * 24 + 6, 1), "2026-03-29");
        assert_eq!(after("Europe/Paris", 27 * 24 + 6, 2), "2026-03-30");
        assert_eq!(calendar(20_786, "%d/%m/%Y"), "29/11/2026");
    }

    #[test]
    fn times_as_people_write_them() {
        let vietnam = zone("Asia/Ho_Chi_Minh");
        let read = |text| {
            let now = at(MIDNIGHT + 20 * 3_600);
            let range = stretch_in(text, now, &vietnam)?;
            Some((range.start.as_secs() - MIDNIGHT, range.end.since(range.start)))
        };
        assert_eq!(read("2026-03-01"), Some((0, 86_400)));
        assert_eq!(read("2026-03-01T14"), Some((14 * 3_600, 3_600)));
        assert_eq!(read("01/03/2026 14h"), Some((14 * 3_600, 3_600)));
        let half_past_two = Some((14 * 3_600 + 1_800, 60));
        for text in [
            "14:30",
            "14h30",
            "2026-03-01 14:30",
            "2026-03-01T14:30",
            "01/03/2026 14:30",
            " 14:30 ",
        ] {
            assert_eq!(read(text), half_past_two, "{text}");
        }
        assert_eq!(read("9:05"), Some((9 * 3_600 + 300, 60)));
        for bad in [
            "",
            "T",
            "14",
            "14:",
            "24:00",
            "14:60",
            "2026-02-30",
            "2026-03-01T",
            "2026-03-01T24",
            "2026-03-01T-1",
            "2026-03-01 14:30 x",
            "now",
            "+9:05",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations() {
        assert_eq!(duration(40), "40 s");
        assert_eq!(duration(720), "12 min");
        assert_eq!(duration(3_900), "1 h 05 min");
    }
}
