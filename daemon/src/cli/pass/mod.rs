//! `vungxanh pass`: a pass for a door, as a QR code.

mod code;

use super::Context;
use crate::control_api::{PassRequest, ShownPass};
use crate::failure::Failure;
use crate::platform::time_format::time_of_day;

/// Arguments of `vungxanh pass`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-pass-next
    #[arg(long)]
    next: bool,
    /// help-pass-for
    #[arg(long = "for", value_name = "NAME")]
    name: Option<String>,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let request = PassRequest { next: arguments.next, name: arguments.name };
    let shown = context.daemon()?.send(&request)?;
    let drawn = code::drawn(&shown.code)?;
    context.output.result(&shown, |output| {
        vungxanh_command_line::output::write(&drawn);
        say(&shown, output);
    });
    Ok(())
}

fn say(shown: &ShownPass, output: &super::Output) {
    output.line(
        "pass-shown",
        &[
            ("time", time_of_day(shown.shown_at).into()),
            ("until", super::declarations::last_day(shown.until).into()),
            ("unused", shown.unused.into()),
        ],
    );
}
