//! `vungxanh checkout`: ends the open visit.

use super::Context;
use crate::control_api::CheckOutRequest;
use crate::failure::Failure;
use crate::platform::time_format::local_time;

/// Arguments of `vungxanh checkout`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let closed = context.daemon()?.send(&CheckOutRequest)?;
    context.output.result(&closed, |output| {
        let id = if closed.automatic { "checkout-automatic" } else { "checkout-done" };
        output.line(
            id,
            &[("time", local_time(closed.until).into()), ("days", closed.kept_days.into())],
        );
    });
    Ok(())
}
