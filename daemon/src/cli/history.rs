//! `vungxanh history`: how much is stored for each of the person's days; never who was met.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Context;
use crate::control_api::{History, HistoryRequest};
use crate::failure::Failure;
use crate::platform::time_format::local_date;

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
    days: Vec<Day>,
}

#[derive(Default, Serialize)]
struct Day {
    /// `2026-03-01`, in the person's time zone.
    day: String,
    scan_instances: u64,
    bytes: u64,
    /// Own rolling periods with a key that begin on it.
    own_keys: u32,
}

pub(super) fn run(arguments: Arguments, context: &Context) -> Result<(), Failure> {
    let history = Days::of(&context.daemon()?.send(&HistoryRequest)?);
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

impl Days {
    fn of(history: &History) -> Self {
        let mut days: BTreeMap<String, Day> = BTreeMap::new();
        for interval in &history.intervals {
            let day = days.entry(local_date(interval.start)).or_default();
            day.scan_instances += interval.scan_instances;
            day.bytes += interval.bytes;
        }
        for start in &history.own_keys {
            if let Some(day) = days.get_mut(&local_date(*start)) {
                day.own_keys += 1;
            }
        }
        let days = days.into_iter().map(|(date, day)| Day { day: date, ..day });
        Self { days: days.collect() }
    }
}
