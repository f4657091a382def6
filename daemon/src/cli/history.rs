//! `vungxanh history`: how much is stored for each of the person's days; never who was met.

use serde::Serialize;

use super::Context;
use crate::control_api::{HistoryDay, HistoryRequest};
use crate::failure::Failure;

/// Arguments of `vungxanh history`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-detail
    #[arg(long)]
    detail: bool,
}

#[derive(Serialize)]
struct Days {
    /// By day, oldest first.
    days: Vec<HistoryDay>,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let history = Days { days: context.daemon()?.send(&HistoryRequest)?.by_local_day() };
    context.output.result(&history, |output| {
        if history.days.is_empty() {
            return output.line("history-empty", &[]);
        }
        let rows = history.days.iter().map(|day| {
            let mut row = vec![day.day.clone(), day.scan_instances.to_string()];
            if arguments.detail {
                row.extend([day.bytes.to_string(), day.own_keys.to_string()]);
            }
            row
        });
        let columns = ["history-day", "history-scans", "history-bytes", "history-own-keys"];
        output.table(if arguments.detail { &columns } else { &columns[..2] }, rows);
    });
    Ok(())
}
