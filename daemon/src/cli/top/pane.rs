//! What stands in each pane, in the words of the commands that show the same.

use super::lines::{Lines, Tone, pairs, table, wrapped};
use super::state::{Pane, State};
use crate::cli::{occurrence, status};
use crate::control_api::{History, HistoryDay, Nearby, Problem, RecentEvents, Status};
use crate::platform::i18n::Texts;
use crate::platform::time_format::{local_time, time_of_day};

/// The longest bar, in cells.
const LONGEST_BAR: usize = 30;
/// Below this width, what belongs to a time stands indented below it, not beside it.
const WIDE: usize = 60;
const NEARNESS: [&str; 4] =
    ["web-near-immediate", "web-near-near", "web-near-medium", "web-near-other"];

/// The lines of the pane that is shown, for a screen of `room` cells.
pub(super) fn lines(state: &State, texts: &Texts, room: usize) -> Lines {
    let mut lines = Writer { texts, room, lines: Vec::new() };
    if let Some(why) = &state.away {
        lines.text(Tone::Bad, why);
        lines.get(Tone::Plain, "top-tried-again");
        let Some(time) = state.as_of() else { return lines.lines };
        let as_of = texts.with("top-last-known", &[("time", local_time(time).into())]);
        lines.text(Tone::Plain, &as_of);
        lines.blank();
    } else if let Some(failure) = &state.failure {
        lines.text(Tone::Bad, failure);
        lines.blank();
    }
    match state.pane {
        Pane::Status => state.status.as_ref().map(|status| lines.status(status)),
        Pane::Nearby => state.nearby.as_ref().map(|nearby| lines.nearby(nearby)),
        Pane::History => state.history.as_ref().map(|history| lines.history(history)),
        Pane::Log => state.log.as_ref().map(|log| lines.log(log)),
    };
    lines.lines
}

struct Writer<'a> {
    texts: &'a Texts,
    room: usize,
    lines: Lines,
}

impl Writer<'_> {
    fn text(&mut self, tone: Tone, text: &str) {
        let wrapped = wrapped(text, self.room, 2);
        self.lines.extend(wrapped.into_iter().map(|line| (tone, line)));
    }

    fn get(&mut self, tone: Tone, id: &str) {
        self.text(tone, &self.texts.get(id));
    }

    fn blank(&mut self) {
        self.lines.push((Tone::Plain, String::new()));
    }

    fn plain(&mut self, lines: Vec<String>) {
        self.lines.extend(lines.into_iter().map(|line| (Tone::Plain, line)));
    }

    /// A table with its header.
    fn table(&mut self, header: &[&str], rows: &[Vec<String>]) {
        let header: Vec<String> = header.iter().map(|id| self.texts.get(id)).collect();
        let lines = table(&header, rows, self.room);
        let tones = std::iter::once(Tone::Heading).chain(std::iter::repeat(Tone::Plain));
        self.lines.extend(tones.zip(lines));
    }

    fn problems(&mut self, problems: &[Problem]) {
        for problem in problems {
            let text = format!("! {}", occurrence::problem_text(self.texts, problem));
            self.text(Tone::Bad, &text);
        }
    }

    fn status(&mut self, status: &Status) {
        if !status.problems.is_empty() {
            self.problems(&status.problems);
            self.blank();
        }
        let rows: Vec<[String; 2]> = status::rows(self.texts, status, false).collect();
        self.plain(pairs(&rows, self.room));
    }

    fn nearby(&mut self, nearby: &Nearby) {
        self.problems(&nearby.problems);
        let last = nearby.last_scan.map_or_else(|| self.texts.get("never"), local_time);
        let last = self.texts.with("nearby-last-scan", &[("time", last.into())]);
        self.text(Tone::Plain, &last);
        if nearby.devices.is_empty() {
            return self.get(Tone::Heading, "nearby-nobody");
        }
        let devices = nearby.devices.len();
        let count = self.texts.with("web-nearby-count", &[("devices", devices.into())]);
        self.text(Tone::Heading, &count);
        let rows: Vec<[String; 2]> = NEARNESS
            .iter()
            .zip(nearby.by_nearness)
            .map(|(id, count)| [self.texts.get(id), counted(count, devices, self.room / 3)])
            .collect();
        self.plain(pairs(&rows, self.room));
        self.blank();
        let rows = nearby.devices.iter().map(|device| {
            let times = [time_of_day(device.since), time_of_day(device.last)];
            let [since, last] = times;
            vec![device.hash.clone(), since, last, device.rssi.to_string()]
        });
        let header = ["nearby-hash", "nearby-since", "nearby-last", "nearby-rssi"];
        self.table(&header, &rows.collect::<Vec<_>>());
        self.get(Tone::Faint, "nearby-note");
    }

    fn history(&mut self, history: &History) {
        let scans = |day: &HistoryDay| usize::try_from(day.scan_instances).unwrap_or(usize::MAX);
        let days = history.by_local_day();
        if days.is_empty() {
            return self.get(Tone::Plain, "history-empty");
        }
        let most = days.iter().map(scans).max().unwrap_or(0);
        // The newest first: it is what changes.
        let rows = days.iter().rev();
        let rows = rows.map(|day| vec![day.day.clone(), counted(scans(day), most, self.room / 3)]);
        self.table(&["history-day", "history-scans"], &rows.collect::<Vec<_>>());
    }

    fn log(&mut self, log: &RecentEvents) {
        if log.events.is_empty() {
            return self.get(Tone::Plain, "top-log-empty");
        }
        for event in &log.events {
            let text = occurrence::text(self.texts, &event.what);
            let line = format!("{}  {text}", local_time(event.at));
            let indent = if self.room < WIDE { 2 } else { 18 };
            self.plain(wrapped(&line, self.room, indent));
        }
    }
}

/// A number, and a bar as long as its part of `most`; what is not nothing has a bar.
fn counted(number: usize, most: usize, room: usize) -> String {
    let longest = room.min(LONGEST_BAR);
    let cells = number.saturating_mul(longest).div_ceil(most.max(1)).min(longest);
    format!("{number:>6} {}", "█".repeat(cells)).trim_end().to_owned()
}
