//! `vungxanh forget`: destroys what is stored, for good.

use super::Context;
use crate::control_api::{ForgetRequest, TimeSpan};
use crate::failure::{Exit, Failure};
use crate::platform::time_format::{local_dates, parse_day};

/// Arguments of `vungxanh forget`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-forget-day
    #[arg(long, value_name = "DATE", conflicts_with = "all")]
    day: Option<String>,
    /// help-forget-all
    #[arg(long)]
    all: bool,
    /// help-yes
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let day = arguments.day.as_deref().map(read_day).transpose()?;
    if day.is_none() && !arguments.all {
        return Err(Failure::new(Exit::Usage, "failure-forget-what"));
    }
    let daemon = context.daemon()?;
    if !arguments.yes {
        if !context.output.can_ask() {
            return Err(Failure::new(Exit::Usage, "failure-needs-yes"));
        }
        if !context.output.confirm("forget-confirm", &[]) {
            return Err(Failure::new(Exit::Negative, "failure-declined"));
        }
    }
    let forgotten = daemon.send(&ForgetRequest { times: day })?;
    context.output.result(&forgotten, |output| match day {
        None => output.line("forget-done-all", &[]),
        Some(day) => output.line("forget-done-day", &[("day", local_dates(&day.range()).into())]),
    });
    Ok(())
}

/// A day of the person.
fn read_day(text: &str) -> Result<TimeSpan, Failure> {
    let day = parse_day(text).ok_or_else(|| {
        Failure::new(Exit::BadInput, "failure-bad-date").with("date", text.to_owned())
    })?;
    Ok(TimeSpan { from: day.start, until: day.end })
}
