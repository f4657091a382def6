//! `vungxanh visits`: the visit that is open. What is closed is sealed.

use super::{Context, Output};
use crate::control_api::{VisitStatus, VisitsRequest};
use crate::failure::Failure;
use crate::platform::time_format::local_time;

/// Arguments of `vungxanh visits`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let visits = context.daemon()?.send(&VisitsRequest)?;
    context.output.result(&visits, |output| {
        match &visits.open {
            Some(visit) => show(visit, output),
            None => output.line("visits-none-open", &[]),
        }
        output.line("visits-sealed", &[("days", visits.kept_days.into())]);
        if visits.diary.kept {
            output.line(if visits.diary.on { "visits-diary-on" } else { "visits-diary-off" }, &[]);
        }
    });
    Ok(())
}

/// The open visit, for people.
pub(in crate::cli) fn show(visit: &VisitStatus, output: &Output) {
    output.line("visit-open", &[("venue", place(visit).into())]);
    output.line(
        "visit-times",
        &[("since", local_time(visit.since).into()), ("until", local_time(visit.until).into())],
    );
    if visit.companions > 0 {
        output.line("visit-companions", &[("companions", visit.companions.into())]);
    }
    if visit.shares_in_advance {
        output.line("visit-shares-in-advance", &[]);
    }
}

/// Name, unit and street, as far as the poster has them.
fn place(visit: &VisitStatus) -> String {
    let parts = [&visit.venue, &visit.unit, &visit.street];
    let parts: Vec<&str> =
        parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}
