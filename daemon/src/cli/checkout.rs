//! `vungxanh checkout`: ends the open visit.

use super::{Context, Failure};
use crate::control_api::CheckedOut;
use crate::platform::time_format::local_time;

/// Arguments of `vungxanh checkout`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let closed: CheckedOut = context.daemon()?.post("/v1/checkout", &())?;
    context.output.result(&closed, |output| {
        let id = if closed.automatic { "checkout-automatic" } else { "checkout-done" };
        output.line(
            id,
            &[("time", local_time(closed.until).into()), ("days", closed.kept_days.into())],
        );
    });
    Ok(())
}
