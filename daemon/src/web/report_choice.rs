//! Which periods a person leaves out of a publication: ticked one by one, or a day at a time.

use std::collections::BTreeSet;

use super::page::Page;
use crate::control_api::Period;
use crate::platform::time_format::local_date;

/// What the person has typed and ticked so far.
#[derive(Default)]
pub(super) struct Choice {
    pub(super) code: String,
    /// The end of the newest period that was shown, in Unix seconds.
    pub(super) shown_until: u64,
    /// They have answered the question.
    pub(super) is_sure: bool,
    /// Beginnings of periods, in Unix seconds.
    periods: BTreeSet<u64>,
    /// `2026-03-01`
    days: BTreeSet<String>,
}

/// Periods that begin on one of the person's days.
pub(super) struct Day {
    /// `2026-03-01`
    pub(super) value: String,
    /// As people read it.
    pub(super) date: String,
    pub(super) periods: Vec<PeriodView>,
    /// All of it is left out.
    pub(super) is_left_out: bool,
}

pub(super) struct PeriodView {
    period: Period,
    /// `13:00–19:00`
    pub(super) times: String,
    pub(super) is_left_out: bool,
}

impl PeriodView {
    /// By what forms name it.
    pub(super) fn value(&self) -> u64 {
        self.period.start.as_secs()
    }
}

impl Choice {
    /// From the fields of a form; those that it does not know are left.
    pub(super) fn of(fields: Vec<(String, String)>) -> Self {
        let mut choice = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "code" => choice.code = value,
                "shown_until" => choice.shown_until = value.parse().unwrap_or(0),
                "sure" => choice.is_sure = value == "yes",
                "leave" => choice.periods.extend(value.parse::<u64>()),
                "day" => choice.days.extend([value]),
                _ => {}
            }
        }
        choice
    }

    pub(super) fn leaves_out(&self, period: &Period) -> bool {
        self.periods.contains(&period.start.as_secs())
            || self.days.contains(&local_date(period.start))
    }

    /// Marks what is left out.
    pub(super) fn mark(&self, days: &mut [Day]) {
        for day in days {
            day.is_left_out = self.days.contains(&day.value);
            for view in &mut day.periods {
                view.is_left_out = self.leaves_out(&view.period);
            }
        }
    }
}

/// By the days on which they begin: of periods from the newest on, the newest day first, and within a day the oldest.
pub(super) fn by_day(page: &Page, periods: &[Period]) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for period in periods {
        let value = local_date(period.start);
        if days.last().is_none_or(|day| day.value != value) {
            let date = page.date(&period.start);
            days.push(Day { value, date, periods: Vec::new(), is_left_out: false });
        }
        let times =
            format!("{}–{}", page.time_of_day(&period.start), page.time_of_day(&period.end));
        if let Some(day) = days.last_mut() {
            day.periods.insert(0, PeriodView { period: *period, times, is_left_out: false });
        }
    }
    days
}
