//! Where a command's results and messages go: results to stdout, messages to stderr; with
//! `--json`, stdout holds exactly one JSON value.

use std::io::{IsTerminal, Write};
use std::sync::Arc;

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use vungxanh_command_line::{output as stdout, question};
use vungxanh_protocol::text::{printable, printable_json};

use crate::failure::Failure;
use crate::platform::i18n::{Arguments, Texts};

/// Tables with nothing but a line below the header.
const RULED_HEADER: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// A table where it fits, else each row as lines `label: value`: no date or word is broken in its
/// middle, however narrow the terminal is.
fn layout(header: &[String], rows: &[Vec<String>], width: Option<u16>) -> String {
    let mut table = Table::new();
    table.load_style(RULED_HEADER);
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    let needed: usize =
        table.column_max_content_widths().iter().map(|column| usize::from(*column) + 2).sum();
    let room = width.map_or(usize::MAX, usize::from);
    // A line between columns.
    if needed + header.len().saturating_sub(1) <= room {
        return table.to_string();
    }
    let card = |row: &Vec<String>| {
        let lines = header.iter().zip(row).filter(|(_, value)| !value.is_empty());
        lines.map(|(label, value)| format!("{label}: {value}")).collect::<Vec<_>>().join("\n")
    };
    rows.iter().map(card).collect::<Vec<_>>().join("\n\n")
}

/// Standard output and error in the person's language.
#[derive(Debug)]
pub struct Output {
    texts: Arc<Texts>,
    json: bool,
}

impl Output {
    /// Writes texts of one language, or JSON.
    pub fn new(texts: Texts, json: bool) -> Self {
        Self { texts: Arc::new(texts), json }
    }

    /// The texts in the person's language.
    pub const fn texts(&self) -> &Arc<Texts> {
        &self.texts
    }

    /// Whether `--json` was given.
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether a person sits before the terminal and can be asked.
    pub fn can_ask(&self) -> bool {
        !self.json && question::can_ask()
    }

    /// The result: `value` as JSON with `--json`, else what `people` writes.
    pub fn result(&self, value: &impl Serialize, people: impl FnOnce(&Self)) {
        if self.json {
            json_line(&serde_json::to_string_pretty(value).unwrap_or_default());
        } else {
            people(self);
        }
    }

    /// One line of a result for people.
    pub fn line(&self, id: &str, arguments: Arguments<'_>) {
        text_line(&self.texts.with(id, arguments));
    }

    /// A table for people.
    pub fn table(&self, header_ids: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let header: Vec<String> = header_ids.iter().map(|id| self.texts.get(id)).collect();
        let rows: Vec<Vec<String>> = rows.into_iter().collect();
        // Known only where standard output is a terminal.
        let width = Table::new().width();
        text_line(&layout(&header, &rows, width));
    }

    /// A message on stderr: a warning, a step, a question's context.
    pub fn note(&self, id: &str, arguments: Arguments<'_>) {
        write_line(&mut std::io::stderr(), &printable(&self.texts.with(id, arguments)));
    }

    /// Why the command failed, on stderr; with `--json` as an object with `error` and `message`.
    pub fn failure(&self, failure: &Failure) {
        let message = self.texts.with(failure.id(), failure.arguments());
        if self.json {
            let json = serde_json::json!({"error": failure.id(), "message": message}).to_string();
            write_line(&mut std::io::stderr(), &printable_json(&json));
        } else {
            write_line(&mut std::io::stderr(), &printable(&message));
        }
    }

    /// Asks for a line of text; empty when the input has ended.
    pub fn ask(&self, id: &str, arguments: Arguments<'_>) -> String {
        question::ask(&printable(&self.texts.with(id, arguments)))
    }

    /// Asks for a line of text; none when the input has ended.
    pub fn ask_unless_ended(&self, id: &str, arguments: Arguments<'_>) -> Option<String> {
        question::ask_unless_ended(&printable(&self.texts.with(id, arguments)))
    }

    /// Asks a yes-or-no question; no is the default.
    pub fn confirm(&self, id: &str, arguments: Arguments<'_>) -> bool {
        question::is_yes(&self.ask(id, arguments))
    }

    /// A progress bar of `length` steps where a person waits; invisible otherwise.
    pub fn progress(&self, length: u64) -> ProgressBar {
        if self.json || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{bar:32} {pos}/{len} {msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(length).with_style(style)
    }
}

/// A line of text on stdout, as [`Output::line`] writes it.
pub(super) fn text_line(text: &str) {
    stdout::line(&printable(text));
}

/// A line of JSON on stdout, as [`Output::result`] writes it.
pub(super) fn json_line(json: &str) {
    stdout::line(&printable_json(json));
}

/// Everything that the program prints for people or as JSON passes here, filtered by `printable` or
/// `printable_json`: texts of authorities, venues, files and servers stand in it. What
/// cannot be written to stderr is lost.
fn write_line(target: &mut impl Write, filtered: &str) {
    let _ = writeln!(target, "{filtered}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_narrow_terminals_no_date_and_no_word_is_broken() {
        let header = ["Ngày", "Số lần quét có người ở gần", "Khóa của mình"].map(str::to_owned);
        let rows = [
            ["2026-03-01 07:00 - 03-02 07:00", "1234", "5"].map(str::to_owned).to_vec(),
            ["2026-03-02 07:00 - 03-03 07:00", "7", "5"].map(str::to_owned).to_vec(),
        ];
        for width in (30..=120).map(Some).chain([None]) {
            let shown = layout(&header, &rows, width);
            for whole in header.iter().chain(rows.iter().flatten()) {
                assert!(shown.contains(whole.as_str()), "{width:?}: {whole} is broken in\n{shown}");
            }
            if let Some(width) = width {
                let longest = shown.lines().map(|line| line.chars().count()).max().unwrap();
                assert!(longest <= usize::from(width).max(40), "{width}: {longest}\n{shown}");
            }
        }
        assert!(layout(&header, &rows, Some(120)).contains('─'), "a table where there is room");
    }
}
