//! Text in lines of a width: wrapped between words, aligned in columns, as narrow as the terminal is.

use ratatui::text::Span;
use vungxanh_protocol::text::printable;

/// Cells between two columns.
const GAP: usize = 2;

/// What a line is; colour only repeats what the words say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Good,
    Bad,
    Heading,
    Faint,
}

/// Lines of a pane, each with what it is.
pub(super) type Lines = Vec<(Tone, String)>;

/// How many cells a text takes.
pub(super) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// A text of others or of ours in lines of at most `room` cells; lines after the first are indented.
pub(super) fn wrapped(text: &str, room: usize, indent: usize) -> Vec<String> {
    let text = printable(text);
    text.split('\n').flat_map(|line| wrapped_line(line, room.max(1), indent)).collect()
}

fn wrapped_line(text: &str, room: usize, indent: usize) -> Vec<String> {
    // On a terminal of a few cells an indent would leave no room.
    let indent = if indent * 2 < room { indent } else { 0 };
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut is_begun = false;
    for word in text.split(' ') {
        if is_begun && width(&line) + 1 + width(word) > room {
            lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            is_begun = false;
        }
        if is_begun {
            line.push(' ');
        }
        is_begun = true;
        for character in word.chars() {
            let cells = width(character.encode_utf8(&mut [0; 4]));
            if width(&line) + cells > room {
                lines.push(std::mem::replace(&mut line, " ".repeat(indent)));
            }
            line.push(character);
        }
    }
    lines.push(line);
    lines
}

/// As much of a text as fits, with a sign that there is more.
pub(super) fn cut(text: &str, room: usize) -> String {
    let text = printable(text);
    if width(&text) <= room {
        return text.into_owned();
    }
    let mut shown = String::new();
    for character in text.chars() {
        if width(&shown) + width(character.encode_utf8(&mut [0; 4])) + 1 > room {
            break;
        }
        shown.push(character);
    }
    shown.push('…');
    shown
}

/// `text` filled up with blanks.
pub(super) fn padded(text: &str, room: usize) -> String {
    format!("{text}{}", " ".repeat(room.saturating_sub(width(text))))
}

/// Names with what they are: in two columns where all fit, else one below the other.
pub(super) fn pairs(rows: &[[String; 2]], room: usize) -> Vec<String> {
    let widest = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0)
    };
    let (label, value) = (widest(0), widest(1));
    let is_aligned = label + GAP + value <= room;
    rows.iter()
        .flat_map(|[name, value]| {
            if is_aligned {
                let line = format!("{}{}{value}", padded(name, label), " ".repeat(GAP));
                vec![printable(&line).into_owned()]
            } else {
                wrapped(&format!("{name}: {value}"), room, GAP)
            }
        })
        .collect()
}

/// A table's lines, its header first. While it is too wide, the second column is left out.
pub(super) fn table(header: &[String], rows: &[Vec<String>], room: usize) -> Vec<String> {
    let mut all: Vec<Vec<String>> =
        std::iter::once(header.to_vec()).chain(rows.iter().cloned()).collect();
    loop {
        let columns = all.first().map_or(0, Vec::len);
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                all.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max()
            })
            .map(Option::unwrap_or_default)
            .collect();
        let needed = widths.iter().sum::<usize>() + GAP * columns.saturating_sub(1);
        if needed > room && columns > 2 {
            for row in &mut all {
                row.remove(1);
            }
            continue;
        }
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| padded(cell, *width));
            cut(cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end(), room)
        };
        return all.iter().map(line).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_whole_where_they_fit() {
        let text = "Không phát hiện máy nào ở gần.";
        assert_eq!(wrapped(text, 12, 2), ["Không phát", "  hiện máy", "  nào ở gần."]);
        assert_eq!(wrapped("https://yte.example", 8, 2), ["https://", "  yte.ex", "  ample"]);
        assert_eq!(wrapped("a\nb c", 80, 2), ["a", "b c"]);
        assert_eq!(wrapped("", 10, 2), [""]);
        for room in 1..40 {
            for line in wrapped(text, room, 2) {
                assert!(width(&line) <= room, "{room}: {line:?}");
            }
        }
    }

    #[test]
    fn what_steers_a_terminal_is_taken_out() {
        assert_eq!(wrapped("a\u{1b}[2Jb\u{202e}c", 80, 0), ["a\u{fffd}[2Jb\u{fffd}c"]);
        assert_eq!(cut("a\u{1b}b", 80), "a\u{fffd}b");
        let rows = [["Name".to_owned(), "x\u{1b}y".to_owned()]];
        assert_eq!(pairs(&rows, 40), ["Name  x\u{fffd}y"]);
    }

    #[test]
    fn columns_that_do_not_fit_are_left_out_or_set_below_each_other() {
        let rows = [["Radio", "ready"], ["Last scan", "never"]].map(|row| row.map(str::to_owned));
        assert_eq!(pairs(&rows, 16), ["Radio      ready", "Last scan  never"]);
        assert_eq!(pairs(&rows, 15), ["Radio: ready", "Last scan:", "  never"]);
        let header = ["Device", "Since", "Signal"].map(str::to_owned);
        let row = ["0a1b2c3d", "14:05", "-61"].map(str::to_owned).to_vec();
        let table = |room| table(&header, std::slice::from_ref(&row), room);
        assert_eq!(table(23), ["Device    Since  Signal", "0a1b2c3d  14:05  -61"]);
        assert_eq!(table(22), ["Device    Signal", "0a1b2c3d  -61"]);
        assert_eq!(table(12), ["Device    S…", "0a1b2c3d  -…"]);
    }
}
