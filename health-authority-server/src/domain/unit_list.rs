//! Lists of units from a spreadsheet: CSV with a name and a stay in minutes on each line.
//!
//! Commas, semicolons (as Vietnamese spreadsheets write) or tabs; a byte-order mark; a header in
//! Vietnamese or English, or none. All of it is taken or nothing.

use std::borrow::Cow;
use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::venues::{Field, USUAL_STAY, UnitForm};

/// The longest list, in bytes.
pub const MAX_LIST_BYTES: usize = 128 * 1_024;
/// The most units in one list.
pub const MAX_UNITS: usize = 500;
/// The most faults that are reported at once.
const MAX_FAULTS: usize = 20;

/// Headers as [`without_marks`] writes them.
const NAME_HEADERS: [&str; 8] =
    ["name", "unit", "unit name", "ten", "ten don vi", "don vi", "ten gian hang", "gian hang"];
const STAY_HEADERS: [&str; 8] = [
    "minutes",
    "stay",
    "stay in minutes",
    "phut",
    "so phut",
    "thoi gian",
    "thoi gian luu lai",
    "thoi gian (phut)",
];

/// What is wrong with a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListFault {
    /// Longer than [`MAX_LIST_BYTES`].
    TooLong,
    /// Not UTF-8.
    NotUtf8,
    /// A page, a picture, a document of another program.
    NotAList,
    /// The first line has a header that is not known.
    Header {
        /// From 1.
        line: u64,
        text: String,
    },
    /// No unit in it.
    Empty,
    /// More than [`MAX_UNITS`].
    TooMany,
    /// Quotes that do not close, or similar.
    Unreadable {
        /// From 1.
        line: u64,
    },
    /// More than two columns hold something.
    Columns {
        /// From 1.
        line: u64,
    },
    /// The name or the stay cannot be taken.
    Value {
        /// From 1.
        line: u64,
        field: Field,
    },
    /// A name that stands before.
    Twice {
        /// From 1.
        line: u64,
        name: String,
    },
}

/// Reads a list; `existing` names count as standing before.
pub fn read<'a>(
    bytes: &[u8],
    existing: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<UnitForm>, Vec<ListFault>> {
    if bytes.len() > MAX_LIST_BYTES {
        return Err(vec![ListFault::TooLong]);
    }
    // What old and new spreadsheets, PDF and pictures begin with.
    if [&b"PK\x03\x04"[..], b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG"]
        .iter()
        .any(|m| bytes.starts_with(m))
    {
        return Err(vec![ListFault::NotAList]);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| vec![ListFault::NotUtf8])?;
    // One kind of line ends, so that lines are counted rightly.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    if text.trim_start().starts_with('<') {
        return Err(vec![ListFault::NotAList]);
    }
    let (delimiter, text) = delimiter(&text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut names: BTreeSet<String> = existing.into_iter().map(fold).collect();
    let (mut units, mut faults) = (Vec::new(), Vec::new());
    let mut first = true;
    for record in reader.records() {
        if faults.len() >= MAX_FAULTS {
            break;
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, |position| line_at(&text, position));
                faults.push(ListFault::Unreadable { line });
                break;
            }
        };
        let line = record.position().map_or(0, |position| line_at(&text, position));
        if record.iter().all(|value| value.trim().is_empty()) {
            continue;
        }
        let is_first = std::mem::replace(&mut first, false);
        if is_first && is_header(&record) {
            continue;
        }
        if is_first && is_unknown_header(&record) {
            let text = record.iter().map(str::trim).collect::<Vec<_>>().join("; ");
            faults.push(ListFault::Header { line, text });
            break;
        }
        match unit(&record, line) {
            Ok(unit) if !names.insert(fold(&unit.name)) => {
                faults.push(ListFault::Twice { line, name: unit.name });
            }
            Ok(unit) => units.push(unit),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() && units.is_empty() {
        faults.push(ListFault::Empty);
    }
    if units.len() > MAX_UNITS {
        faults = vec![ListFault::TooMany];
    }
    if faults.is_empty() { Ok(units) } else { Err(faults) }
}

fn unit(record: &csv::StringRecord, line: u64) -> Result<UnitForm, ListFault> {
    if record.iter().skip(2).any(|value| !value.trim().is_empty()) {
        return Err(ListFault::Columns { line });
    }
    let name = record.get(0).unwrap_or_default();
    let minutes = record.get(1).map(str::trim).unwrap_or_default();
    let usual = (u32::from(USUAL_STAY) * super::venues::STAY_STEP_MINUTES).to_string();
    let minutes = if minutes.is_empty() { usual.as_str() } else { minutes };
    UnitForm::read(name, minutes).map_err(|field| ListFault::Value { line, field })
}

fn is_header(record: &csv::StringRecord) -> bool {
    let has = |column, names: &[&str]| {
        let value = without_marks(record.get(column).unwrap_or_default());
        names.contains(&value.as_str())
    };
    has(0, &NAME_HEADERS) && (record.len() < 2 || has(1, &STAY_HEADERS) || record.len() > 2)
}

/// Whether the first line names columns, but not ours: where a stay would stand, is a word.
fn is_unknown_header(record: &csv::StringRecord) -> bool {
    let stay = record.get(1).unwrap_or_default().trim();
    !stay.is_empty() && !stay.contains(|c: char| c.is_ascii_digit())
}

/// The line of a record's beginning, from 1. The reader's own count stops before lines that are empty.
fn line_at(text: &str, position: &csv::Position) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX).min(text.len());
    let (before, after) = text.as_bytes().split_at(start);
    let skipped = after.iter().take_while(|byte| **byte == b'\n').count();
    1 + (before.iter().filter(|byte| **byte == b'\n').count() + skipped) as u64
}

/// What separates columns: as `sep=` in the first line says, which is taken out, or the one of the
/// three that the first line has most of.
fn delimiter(text: &str) -> (u8, Cow<'_, str>) {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    if let (Some(said), Some((_, rest))) = (said_delimiter(first), text.split_once(first)) {
        let lines_before = "\n".repeat(text.len() - text.trim_start_matches('\n').len());
        return (said, Cow::Owned(format!("{lines_before}{rest}")));
    }
    let count = |wanted: u8| first.bytes().filter(|byte| *byte == wanted).count();
    // Of several that are as frequent, the last: a comma may stand inside of a name.
    let most = [b',', b'\t', b';'].into_iter().max_by_key(|wanted| count(*wanted)).unwrap_or(b';');
    (most, Cow::Borrowed(text))
}

/// `sep=;`, as some programs write before the list, with or without quotes.
fn said_delimiter(line: &str) -> Option<u8> {
    let line = line.trim_matches([' ', '"']);
    let said = line.get(..4).filter(|name| name.eq_ignore_ascii_case("sep="))?;
    match &line.as_bytes()[said.len()..] {
        [one @ (b',' | b';' | b'\t' | b'|')] => Some(*one),
        _ => None,
    }
}

/// For comparing names: small letters, single spaces, letters and marks joined.
fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase().nfc().collect()
}

/// For comparing headers: also without marks.
fn without_marks(text: &str) -> String {
    let apart: String = fold(text).nfd().collect();
    apart
        .chars()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| if c == 'đ' { 'd' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(text: &str) -> Vec<(String, u8)> {
        let units = read(text.as_bytes(), []).unwrap();
        units.into_iter().map(|unit| (unit.name, unit.default_stay)).collect()
    }

    #[test]
    fn what_spreadsheets_write() {
        let expected = [("Tầng 1, khu A".to_owned(), 12), ("Khoa Nhi".to_owned(), 24)];
        for text in [
            "Tên,Số phút\n\"Tầng 1, khu A\",60\nKhoa Nhi,120\n",
            "\u{feff}tên đơn vị;thời gian\r\nTầng 1, khu A;60\r\n\r\nKhoa Nhi;\r\n",
            "name\tminutes\nTầng 1, khu A\t60\nKhoa Nhi\t120",
            "Te\u{302}n;So\u{302}\u{301} phu\u{301}t;\nTầng 1, khu A;60;\nKhoa Nhi;120;",
            "\"Tầng 1, khu A\",60\nKhoa Nhi",
        ] {
            assert_eq!(names(text), expected, "{text:?}");
        }
    }

    #[test]
    fn every_fault_with_its_line() {
        let text = "name,minutes\nA,60\n,60\nB,61\na,60\nC,60,x\n";
        let faults = read(text.as_bytes(), []).unwrap_err();
        assert_eq!(
            faults,
            [
                ListFault::Value { line: 3, field: Field::Unit },
                ListFault::Value { line: 4, field: Field::Stay },
                ListFault::Twice { line: 5, name: "a".into() },
                ListFault::Columns { line: 6 },
            ]
        );
        let twice = read(b"Hall,60", ["hall"]).unwrap_err();
        assert_eq!(twice, [ListFault::Twice { line: 1, name: "Hall".into() }]);
        assert_eq!(read(b"", []), Err(vec![ListFault::Empty]));
        assert_eq!(read(b"name,minutes\n", []), Err(vec![ListFault::Empty]));
        assert_eq!(read(b"T\xe2ng", []), Err(vec![ListFault::NotUtf8]));
        assert_eq!(read(&vec![b'a'; MAX_LIST_BYTES + 1], []), Err(vec![ListFault::TooLong]));
        let many: String = (0..=MAX_UNITS).map(|n| format!("Unit {n}\n")).collect();
        assert_eq!(read(many.as_bytes(), []), Err(vec![ListFault::TooMany]));
    }

    #[test]
    fn names_are_compared_and_kept_with_letters_and_marks_joined() {
        let apart = |text: &str| text.nfd().collect::<String>();
        let twice = format!("Phòng 5;60\n{};60\n", apart("Phòng 5"));
        let faults = read(twice.as_bytes(), []).unwrap_err();
        assert_eq!(faults, [ListFault::Twice { line: 2, name: "Phòng 5".into() }]);
        let text = format!("{};60\n{};60\n", apart("Sạp má"), apart("Sạp mà"));
        let both = names(&text);
        assert_eq!(both, [("Sạp má".to_owned(), 12), ("Sạp mà".to_owned(), 12)]);
        assert!(read(apart("Quầy Lê").as_bytes(), ["quầy lê"]).is_err());
    }

    #[test]
    fn a_line_that_says_the_delimiter_is_no_unit() {
        for text in
            ["sep=;\r\nTên;Số phút\r\nQuầy 1;60\r\n", "\"sep=,\"\nname,minutes\nQuầy 1,60\n"]
        {
            assert_eq!(names(text), [("Quầy 1".to_owned(), 12)], "{text:?}");
        }
    }

    #[test]
    fn an_unknown_header_is_named_and_what_is_no_list_is_said_to_be_none() {
        let faults = read("Mã sạp;Ngành hàng\nA1;60\n".as_bytes(), []).unwrap_err();
        assert_eq!(faults, [ListFault::Header { line: 1, text: "Mã sạp; Ngành hàng".into() }]);
        for bytes in
            [&b"<!DOCTYPE html>\n<p>Login</p>"[..], b" <html>", b"PK\x03\x04xx", b"%PDF-1.7"]
        {
            assert_eq!(read(bytes, []), Err(vec![ListFault::NotAList]));
        }
    }

    #[test]
    fn lines_are_counted_as_a_person_counts_them() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["name,minutes", "", "A,60", "", "", "B,61", "\"C\nD\",60", ",5"].join(end);
            let faults = read(text.as_bytes(), []).unwrap_err();
            assert_eq!(
                faults,
                [
                    ListFault::Value { line: 6, field: Field::Stay },
                    ListFault::Value { line: 9, field: Field::Unit },
                ],
                "{end:?}"
            );
        }
        let said = read(b"sep=,\r\nname,minutes\r\nA,61\r\n", []).unwrap_err();
        assert_eq!(said, [ListFault::Value { line: 3, field: Field::Stay }]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_units_within_bounds_or_faults(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            match read(&bytes, []) {
                Ok(units) => {
                    prop_assert!((1..=MAX_UNITS).contains(&units.len()));
                    prop_assert!(units.iter().all(|unit| unit.default_stay > 0 && !unit.name.is_empty()));
                }
                Err(faults) => prop_assert!((1..=MAX_FAULTS).contains(&faults.len())),
            }
        }

        #[test]
        fn what_is_written_as_csv_is_read(names in proptest::collection::btree_set("[a-zàđươ]{1,12}", 1..20)) {
            let text: String = names.iter().map(|name| format!("\"{name}\";45\n")).collect();
            let header = format!("tên;phút\n{text}");
            let read: BTreeSet<String> =
                read(header.as_bytes(), []).unwrap().into_iter().map(|unit| unit.name).collect();
            prop_assert_eq!(read, names);
        }
    }
}
