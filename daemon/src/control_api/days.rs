//! Answers by the person's own days, for the command line and the page alike.

use std::collections::BTreeMap;

use serde::Serialize;
use vungxanh_protocol::interval::UnixTime;

use super::{Exposures, History, TimeSpan};
use crate::platform::time_format::{local_date, whole_local_days};

/// What is stored of one of the person's days.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct HistoryDay {
    /// `2026-03-01`, in the person's time zone.
    pub(crate) day: String,
    /// A moment of it.
    #[serde(skip)]
    pub(crate) start: UnixTime,
    pub(crate) scan_instances: u64,
    pub(crate) bytes: u64,
    /// Own rolling periods with a key that begin on it.
    pub(crate) own_keys: u32,
}

impl History {
    /// By day, oldest first.
    pub(crate) fn by_local_day(&self) -> Vec<HistoryDay> {
        let mut days: BTreeMap<String, HistoryDay> = BTreeMap::new();
        for interval in &self.intervals {
            let date = local_date(interval.start);
            let day = days.entry(date.clone()).or_insert(HistoryDay {
                day: date,
                start: interval.start,
                scan_instances: 0,
                bytes: 0,
                own_keys: 0,
            });
            day.scan_instances += interval.scan_instances;
            day.bytes += interval.bytes;
        }
        for start in &self.own_keys {
            if let Some(day) = days.get_mut(&local_date(*start)) {
                day.own_keys += 1;
            }
        }
        days.into_values().collect()
    }
}

impl Exposures {
    /// Says which days these are to the person, but not at which hours a case was near.
    pub(crate) fn without_hours(mut self) -> Self {
        for day in &mut self.days {
            let days = whole_local_days(&day.times.range());
            day.times = TimeSpan { from: days.start, until: days.end };
        }
        self
    }
}
