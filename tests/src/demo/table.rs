//! The closing table: what was expected, what was found.

use comfy_table::{Cell, Color, ContentArrangement, Table, presets};
use vungxanh_daemon::platform::i18n::Texts;

/// One promise and whether it was fulfilled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is about.
    pub what: String,
    pub expected: String,
    pub found: String,
    pub holds: bool,
}

impl Row {
    /// A row that holds when both texts are the same.
    pub fn same(
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        let (expected, found) = (expected.into(), found.into());
        Self { what: what.into(), holds: expected == found, expected, found }
    }

    /// A row that holds when `holds`.
    pub fn check(
        what: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
        holds: bool,
    ) -> Self {
        Self { what: what.into(), expected: expected.into(), found: found.into(), holds }
    }
}

/// Whether every row holds; not without any.
pub fn all_hold(rows: &[Row]) -> bool {
    !rows.is_empty() && rows.iter().all(|row| row.holds)
}

/// The table for people.
pub fn render(rows: &[Row], texts: &Texts, colour: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    if colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let header = ["table-what", "table-expected", "table-found", "table-verdict"];
    table.set_header(header.map(|id| texts.get(id)));
    for row in rows {
        let (verdict, shade) =
            if row.holds { ("table-yes", Color::Green) } else { ("table-no", Color::Red) };
        let mut cell = Cell::new(texts.get(verdict));
        if colour {
            cell = cell.fg(shade);
        }
        let texts = [&row.what, &row.expected, &row.found].map(Cell::new);
        table.add_row(texts.into_iter().chain([cell]));
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_broken_promise_breaks_all() {
        assert!(!all_hold(&[]));
        let good = Row::same("a", "1", "1");
        assert!(all_hold(std::slice::from_ref(&good)));
        assert!(!all_hold(&[good.clone(), Row::same("b", "1", "2")]));
        assert!(!all_hold(&[good, Row::check("c", "1", "1", false)]));
    }
}
