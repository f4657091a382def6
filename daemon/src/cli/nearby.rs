//! `vungxanh nearby`: who is heard now, under hashes that mean nothing outside this run of the
//! daemon. On a terminal it is shown again after each scan window.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use super::{Context, Output};
use crate::control_api::{Nearby, NearbyRequest};
use crate::failure::Failure;
use crate::platform::time_format::{local_time, time_of_day};

/// How often the daemon is asked for a new window.
const ASK_EVERY: Duration = Duration::from_secs(2);
/// Clears the terminal and moves to its beginning.
const CLEAR: &str = "\x1b[2J\x1b[H";

/// Arguments of `vungxanh nearby`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-nearby-once
    #[arg(long)]
    once: bool,
    /// help-detail
    #[arg(long)]
    detail: bool,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let daemon = context.daemon()?;
    let live = !arguments.once && !context.output.is_json() && std::io::stdout().is_terminal();
    let mut shown = None;
    loop {
        let nearby = daemon.send(&NearbyRequest)?;
        if !live {
            context.output.result(&nearby, |output| show(output, &nearby, arguments.detail));
            return Ok(());
        }
        // Also when nothing was scanned, so that those who have left disappear.
        let state =
            (nearby.tracing, nearby.problems.clone(), nearby.last_scan, nearby.devices.len());
        if shown.as_ref() != Some(&state) {
            let _ = write!(std::io::stdout(), "{CLEAR}");
            show(&context.output, &nearby, arguments.detail);
            shown = Some(state);
        }
        std::thread::sleep(ASK_EVERY);
    }
}

fn show(output: &Output, nearby: &Nearby, detail: bool) {
    if !nearby.tracing {
        output.line("status-not-tracing", &[]);
        for problem in &nearby.problems {
            output.line(&problem.id, &[("detail", problem.detail.as_str().into())]);
        }
    }
    let last = nearby.last_scan.map_or_else(|| output.texts().get("never"), local_time);
    output.line("nearby-last-scan", &[("time", last.into())]);
    if nearby.devices.is_empty() {
        output.line("nearby-nobody", &[]);
        return;
    }
    let columns = [
        "nearby-hash",
        "nearby-since",
        "nearby-last",
        "nearby-rssi",
        "nearby-strongest",
        "nearby-attenuation",
    ];
    let rows = nearby.devices.iter().map(|device| {
        // Devices are shown for minutes: the day says nothing.
        let mut row =
            vec![device.hash.clone(), time_of_day(device.since), time_of_day(device.last)];
        row.push(device.rssi.to_string());
        if detail {
            row.extend([device.strongest_rssi.to_string(), device.attenuation_db.to_string()]);
        }
        row
    });
    output.table(if detail { &columns } else { &columns[..4] }, rows);
    output.line(if detail { "nearby-note-detail" } else { "nearby-note" }, &[]);
}
