//! `vungxanh exposures`: days near a case, how long, how near, and what to do.

use vungxanh_protocol::risk::RiskLevel;

use super::{Context, Output};
use crate::control::client::Client;
use crate::control_api::{
    AcknowledgeRequest, ExposureDay, ExposureNotice, Exposures, ExposuresRequest, VenueTime,
};
use crate::failure::Failure;
use crate::platform::time_format::{duration, local_dates, local_time};

/// Arguments of `vungxanh exposures`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-detail
    #[arg(long)]
    detail: bool,
}

/// The last one only under `--detail`.
const COLUMNS: [&str; 7] = [
    "exposures-day",
    "exposures-level",
    "exposures-near",
    "exposures-medium",
    "exposures-far",
    "exposures-venue",
    "exposures-score",
];

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let daemon = context.daemon()?;
    let exposures = daemon.send(&ExposuresRequest)?.without_hours();
    context.output.result(&exposures, |output| {
        // What the authority's rules do not count is no exposure to a person.
        let counted = |day: &&ExposureDay| arguments.detail || day.summary.level > RiskLevel::None;
        let days: Vec<&ExposureDay> = exposures.days.iter().filter(counted).collect();
        if days.is_empty() {
            return output.line("exposures-none", &[]);
        }
        let rows = days.iter().map(|day| {
            let [immediate, near, medium, other] = day.summary.seconds_by_nearness;
            let mut row = vec![
                local_dates(&day.times.range()),
                output.texts().get(level_id(day.summary.level)),
                duration(immediate + near),
                duration(medium),
                duration(other),
                duration(day.summary.venue_seconds),
            ];
            if arguments.detail {
                row.push(format!("{:.0}", day.summary.total.score_sum / 60.0));
            }
            row
        });
        output.table(if arguments.detail { &COLUMNS } else { &COLUMNS[..6] }, rows);
        days.iter().flat_map(|day| &day.venues).for_each(|time| show(time, output));
        if let Some(advice) = exposures.advice.get(output.texts().language().tag()) {
            output.line("exposures-advice", &[("advice", advice.as_str().into())]);
        }
    });
    if !context.output.is_json() {
        acknowledge(&daemon, &exposures);
    }
    Ok(())
}

/// Ends the notification of what is now on the person's screen; a program that reads JSON is no
/// person. If that fails, they are reminded once more.
fn acknowledge(daemon: &Client, exposures: &Exposures) {
    let days = exposures.days.iter().map(|day| &day.summary);
    let days =
        days.map(|summary| ExposureNotice { day: summary.day, level: summary.level }).collect();
    let _: Result<(), Failure> = daemon.send(&AcknowledgeRequest { days });
}

/// Where and when, and the authority's words about it.
fn show(time: &VenueTime, output: &Output) {
    let seconds = u32::try_from(time.until.since(time.from)).unwrap_or(u32::MAX);
    output.line(
        "exposures-at-venue",
        &[
            ("venue", time.venue.as_str().into()),
            ("from", local_time(time.from).into()),
            ("until", local_time(time.until).into()),
            ("duration", duration(seconds).into()),
        ],
    );
    if time.companions > 0 {
        output.line("exposures-companions", &[("companions", time.companions.into())]);
    }
    for text in &time.texts {
        output.line("exposures-words", &[("text", text.as_str().into())]);
    }
}

/// The text of a level.
pub(in crate::cli) const fn level_id(level: RiskLevel) -> &'static str {
    match level {
        RiskLevel::None => "level-none",
        RiskLevel::Low => "level-low",
        RiskLevel::High => "level-high",
    }
}
