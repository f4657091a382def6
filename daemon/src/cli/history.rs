//! `vungxanh history`: how much is kept for each day; never whom.

use super::Context;
use crate::control_api::HistoryRequest;
use crate::failure::Failure;
use crate::platform::time_format::utc_day;

/// Arguments of `vungxanh history`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {}

pub(super) fn run(_arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let history = context.daemon()?.send(&HistoryRequest)?;
    context.output.result(&history, |output| {
        if history.days.is_empty() {
            return output.line("history-empty", &[]);
        }
        let rows = history.days.iter().map(|day| {
            vec![
                utc_day(day.day),
                day.scan_instances.to_string(),
                day.bytes.to_string(),
                day.own_keys.to_string(),
            ]
        });
        output.table(&["history-day", "history-scans", "history-bytes", "history-own-keys"], rows);
    });
    Ok(())
}
