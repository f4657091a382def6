//! `vungxanh open`: shows the person's own page in their browser. The daemon serves it, on this machine alone.

use std::env;
use std::io;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::Context;
use crate::control_api::OpenRequest;
use crate::failure::Failure;

/// Opens an address in the browser that the person has chosen (xdg-utils).
const OPENER: &str = "xdg-open";
/// What has not failed by then shows the page; where no desktop runs, the opener is the browser itself and goes on.
const OPENER_TIMEOUT: Duration = Duration::from_secs(5);

/// Arguments of `vungxanh open`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-open-print
    #[arg(long)]
    print: bool,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), Failure> {
    let opened = context.daemon()?.send(&OpenRequest)?;
    let output = &context.output;
    if output.is_json() || arguments.print {
        output.result(&opened, |output| {
            output.line("note", &[("text", opened.address.as_str().into())])
        });
        return Ok(());
    }
    if has_desktop() && is_shown(&opened.address) {
        output.line("open-done", &[]);
    } else {
        output.note("open-by-hand", &[]);
        output.line("note", &[("text", opened.address.as_str().into())]);
    }
    Ok(())
}

/// Without one, the opener would begin a browser for terminals where the person does not see it.
fn has_desktop() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    is_set("WAYLAND_DISPLAY") || is_set("DISPLAY")
}

fn is_shown(address: &str) -> bool {
    let mut opener = Command::new(OPENER);
    opener.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut opener) = opener.spawn() else { return false };
    let (sender, ended) = mpsc::channel::<io::Result<bool>>();
    std::thread::spawn(move || {
        let status = opener.wait().map(|status| status.success());
        // Nobody waits any more: the browser was closed later.
        let _ = sender.send(status);
    });
    match ended.recv_timeout(OPENER_TIMEOUT) {
        Ok(status) => status.unwrap_or(false),
        Err(_) => true,
    }
}
