//! `vungxanh history`: how much is kept for each day; never whom.

use super::Context;
use crate::control_api::HistoryRequest;
use crate::failure::Failure;
use crate::platform::time_format::local_day;

/// Arguments of `vungxanh history`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// help-detail
    #[arg(long)]
    detail: bool,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let history = context.daemon()?.send(&HistoryRequest)?;
    context.output.result(&history, |output| {
        if history.days.is_empty() {
            return output.line("history-empty", &[]);
        }
        let rows = history.days.iter().map(|day| {
            let mut row = vec![local_day(day.day), day.scan_instances.to_string()];
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
