//! `vungxanh report`: publishes the own keys after a positive test.

use std::collections::BTreeSet;
use std::ops::Range;

use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::verification_code::read_code;

use super::{Context, Output};
use crate::control_api::{Period, PeriodsRequest, ReportRequest, ReportablePeriods, Reported};
use crate::failure::{Exit, Failure};
use crate::platform::time_format::{local_time, parse_stretch};
use crate::sync::{CodeError, SyncError};

/// Arguments of `vungxanh report`.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// help-report-code
    #[arg(value_name = "CODE")]
    code: String,
    /// help-report-leave-out
    #[arg(long, value_name = "DATE|TIME")]
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
    let now = context.clock.now();
    let ranges =
        arguments
            .leave_out
            .iter()
            .map(|text| match parse_stretch(text, now) {
                Some(range) => Ok((text.as_str(), range)),
                None => Err(Failure::new(Exit::BadInput, "failure-bad-leave-out")
                    .with("text", text.to_owned())),
            })
            .collect::<Result<Vec<_>, Failure>>()?;
    if !arguments.yes && !output.can_ask() {
        return Err(Failure::new(Exit::Usage, "failure-report-needs-yes"));
    }
    let client = context.daemon()?;
    let ReportablePeriods { periods, .. } = client.send(&PeriodsRequest)?;
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
        choose(&periods, &mut chosen, output)?;
    }
    if !arguments.yes && !confirm(&periods, &chosen, output) {
        return Err(Failure::new(Exit::Negative, "failure-declined"));
    }
    let leave_out = chosen.iter().filter_map(|index| periods.get(*index).copied()).collect();
    output.note("report-sending", &[]);
    let shown_until = periods.iter().map(|period| period.end).max();
    let request = ReportRequest { code: arguments.code, leave_out, shown_until };
    let reported: Reported = client.send(&request)?;
    output.result(&reported, |output| {
        output.line(
            "reported",
            &[
                ("published", reported.published.into()),
                ("left_out", reported.left_out.into()),
                ("expected", local_time(reported.expected_by).into()),
            ],
        );
    });
    Ok(())
}

/// Lets the person choose periods by their numbers in a table.
fn choose(
    periods: &[Period],
    chosen: &mut BTreeSet<usize>,
    output: &Output,
) -> Result<(), Failure> {
    let rows = periods.iter().enumerate().map(|(index, period)| {
        let mark = if chosen.contains(&index) {
            output.texts().get("report-left-out")
        } else {
            String::new()
        };
        vec![(index + 1).to_string(), local_time(period.start), local_time(period.end), mark]
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

#[cfg(test)]
mod tests {
    use super::*;

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
