//! `vungxanh report`: publishes the own keys after a positive test.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::verification_code::read_code;

use super::{Context, Output};
use crate::control_api::{Period, PeriodsRequest, ReportRequest, ReportablePeriods, Reported};
use crate::failure::{Exit, Failure};
use crate::sync::{CodeError, SyncError};

/// Arguments of `vungxanh report`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// help-report-code
    #[arg(value_name = "CODE")]
    code: String,
    /// help-report-leave-out
    #[arg(long, value_name = "DATE[THH]")]
    leave_out: Vec<String>,
    /// help-report-yes
    #[arg(long)]
    yes: bool,
}

/// Without the code: it is worth a publication.
impl std::fmt::Debug for Arguments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arguments").field("leave_out", &self.leave_out).finish_non_exhaustive()
    }
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let output = &context.output;
    // Before anything is asked or sent.
    if read_code(&arguments.code).is_none() {
        return Err(SyncError::Code(CodeError::Malformed).into());
    }
    let zone = TimeZone::system();
    let ranges = arguments
        .leave_out
        .iter()
        .map(|text| parse_leave_out(text, &zone).map(|range| (text.as_str(), range)))
        .collect::<Result<Vec<_>, Failure>>()?;
    if !arguments.yes && !output.can_ask() {
        return Err(Failure::new(Exit::Usage, "failure-report-needs-yes"));
    }
    let client = context.daemon()?;
    let ReportablePeriods { periods } = client.send(&PeriodsRequest)?;
    let mut chosen = BTreeSet::new();
    for (text, range) in ranges {
        let touched = touched(&periods, &range);
        if touched.is_empty() {
            return Err(Failure::new(Exit::BadInput, "failure-leave-out-nothing")
                .with("date", text.to_owned()));
        }
        chosen.extend(touched);
    }
    if !arguments.yes {
        choose(&periods, &mut chosen, &zone, output)?;
    }
    if !arguments.yes && !confirm(&periods, &chosen, output) {
        return Err(Failure::new(Exit::Negative, "failure-declined"));
    }
    let leave_out = chosen.iter().filter_map(|index| periods.get(*index).copied()).collect();
    output.note("report-sending", &[]);
    let reported: Reported = client.send(&ReportRequest { code: arguments.code, leave_out })?;
    output.result(&reported, |output| {
        output.line(
            "reported",
            &[
                ("published", reported.published.into()),
                ("left_out", reported.left_out.into()),
                ("expected", local(reported.expected_by, &zone).into()),
            ],
        );
    });
    Ok(())
}

/// Lets the person choose periods by their numbers in a table.
fn choose(
    periods: &[Period],
    chosen: &mut BTreeSet<usize>,
    zone: &TimeZone,
    output: &Output,
) -> Result<(), Failure> {
    let rows = periods.iter().enumerate().map(|(index, period)| {
        let mark = if chosen.contains(&index) {
            output.texts().get("report-left-out")
        } else {
            String::new()
        };
        vec![(index + 1).to_string(), local(period.start, zone), local(period.end, zone), mark]
    });
    output.table(&["column-number", "column-from", "column-to", "column-choice"], rows);
    let answer = output.ask("report-choose", &[]);
    chosen.extend(parse_numbers(&answer, periods.len())?);
    Ok(())
}

fn confirm(periods: &[Period], chosen: &BTreeSet<usize>, output: &Output) -> bool {
    let published = periods.len() - chosen.len();
    output.confirm(
        "report-confirm",
        &[("published", published.into()), ("left_out", chosen.len().into())],
    )
}

/// Indices of the periods that touch a range.
fn touched(periods: &[Period], range: &Range<UnixTime>) -> Vec<usize> {
    let touches = |period: &Period| period.start < range.end && range.start < period.end;
    periods.iter().enumerate().filter(|(_, period)| touches(period)).map(|(i, _)| i).collect()
}

/// `1 3 5-7`: indices from numbers as they stand in the table.
fn parse_numbers(text: &str, length: usize) -> Result<Vec<usize>, Failure> {
    let mut indices = Vec::new();
    for part in text.split([' ', ',', ';']).filter(|part| !part.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| {
            text.parse().ok().filter(|number| (1..=length).contains(number)).ok_or_else(|| {
                Failure::new(Exit::BadInput, "failure-bad-number").with("text", part.to_owned())
            })
        };
        indices.extend(number(first)? - 1..number(last)?);
    }
    Ok(indices)
}

/// `2026-03-01` (that day) or `2026-03-01T14` (that hour) in the person's time zone.
fn parse_leave_out(text: &str, zone: &TimeZone) -> Result<Range<UnixTime>, Failure> {
    let bad =
        || Failure::new(Exit::BadInput, "failure-bad-leave-out").with("text", text.to_owned());
    let range = match text.split_once('T') {
        None => text.parse().ok().and_then(|date: Date| {
            let next = date.tomorrow().ok()?;
            Some(start_of(date.at(0, 0, 0, 0), zone)?..start_of(next.at(0, 0, 0, 0), zone)?)
        }),
        Some((date, hour)) => date.parse().ok().and_then(|date: Date| {
            let hour = hour.parse().ok().filter(|hour: &i8| (0..24).contains(hour))?;
            let start = zone.to_zoned(date.at(hour, 0, 0, 0)).ok()?;
            let end = start.checked_add(1.hour()).ok()?;
            Some(unix_time(&start)?..unix_time(&end)?)
        }),
    };
    range.ok_or_else(bad)
}

fn start_of(moment: DateTime, zone: &TimeZone) -> Option<UnixTime> {
    unix_time(&zone.to_zoned(moment).ok()?)
}

fn unix_time(moment: &Zoned) -> Option<UnixTime> {
    u64::try_from(moment.timestamp().as_second()).ok().map(UnixTime::from_secs)
}

fn local(time: UnixTime, zone: &TimeZone) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map(|moment| moment.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn range(text: &str, name: &str) -> (u64, u64) {
        let range = parse_leave_out(text, &zone(name)).unwrap();
        (range.start.as_secs(), range.end.as_secs())
    }

    #[test]
    fn days_and_hours_are_those_of_the_person() {
        // 2026-03-01T00:00+07:00
        let midnight = 1_772_298_000;
        assert_eq!(range("2026-03-01", "Asia/Ho_Chi_Minh"), (midnight, midnight + 86_400));
        let afternoon = midnight + 14 * 3_600;
        assert_eq!(range("2026-03-01T14", "Asia/Ho_Chi_Minh"), (afternoon, afternoon + 3_600));
        // The day on which clocks go forward has 23 hours.
        let (start, end) = range("2026-03-29", "Europe/Paris");
        assert_eq!(end - start, 23 * 3_600);
    }

    #[test]
    fn what_is_no_day_or_hour() {
        for bad in ["", "T", "2026-02-30", "2026-03-01T", "2026-03-01T24", "2026-03-01T-1", "now"] {
            let failure = parse_leave_out(bad, &TimeZone::UTC).unwrap_err();
            assert_eq!(failure.exit(), Exit::BadInput, "{bad}");
        }
    }

    #[test]
    fn periods_that_touch_a_range() {
        let at = UnixTime::from_secs;
        let periods: Vec<Period> =
            (0..4).map(|i| Period { start: at(i * 100), end: at(i * 100 + 100) }).collect();
        assert_eq!(touched(&periods, &(at(150)..at(200))), [1]);
        assert_eq!(touched(&periods, &(at(99)..at(201))), [0, 1, 2]);
        assert!(touched(&periods, &(at(400)..at(500))).is_empty());
    }

    #[test]
    fn numbers_from_the_table() {
        assert!(parse_numbers("", 5).unwrap().is_empty());
        assert_eq!(parse_numbers("1, 3-5", 5).unwrap(), [0, 2, 3, 4]);
        for bad in ["0", "6", "3-9", "x", "1-", "-1"] {
            assert!(parse_numbers(bad, 5).is_err(), "{bad}");
        }
    }
}
