//! `vungxanh extend`: stays longer.

use super::Context;
use crate::control_api::ExtendRequest;
use crate::failure::Failure;
use crate::platform::time_format::local_time;

/// The longest extension at a time: a visit is recorded for 24 hours at most.
const MAX_MINUTES: i64 = 24 * 60;

/// Arguments of `vungxanh extend`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-extend-minutes
    #[arg(value_name = "MINUTES", value_parser = clap::value_parser!(u16).range(1..=MAX_MINUTES))]
    minutes: Option<u16>,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let request = ExtendRequest { minutes: arguments.minutes };
    let visit = context.daemon()?.send(&request)?;
    context.output.result(&visit, |output| {
        output.line("extend-done", &[("time", local_time(visit.until).into())]);
    });
    Ok(())
}
