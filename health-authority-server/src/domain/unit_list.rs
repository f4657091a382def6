//! Lists of units from a spreadsheet: CSV with a name and a stay in minutes on each line.
//!
//! Commas, semicolons (as Vietnamese spreadsheets write) or tabs; a byte-order mark; a header in
//! Vietnamese or English, or none. All of it is taken or nothing.

use std::collections::BTreeSet;

use super::venues::{Field, USUAL_STAY, UnitForm};

/// The longest list, in bytes.
pub const MAX_LIST_BYTES: usize = 128 * 1_024;
/// The most units in one list.
pub const MAX_UNITS: usize = 500;
/// The most faults that are reported at once.
const MAX_FAULTS: usize = 20;

const NAME_HEADERS: [&str; 8] =
    ["name", "unit", "tên", "ten", "tên đơn vị", "ten đon vi", "đơn vị", "đon vi"];
const STAY_HEADERS: [&str; 8] =
    ["minutes", "stay", "phút", "phut", "số phút", "so phut", "thời gian", "thoi gian"];

/// What is wrong with a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListFault {
    /// Longer than [`MAX_LIST_BYTES`].
    TooLong,
    /// Not UTF-8.
    NotUtf8,
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
        /// Which of them.
        field: Field,
    },
    /// A name that stands before.
    Twice {
        /// From 1.
        line: u64,
        /// The name.
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
    let text = std::str::from_utf8(bytes).map_err(|_| vec![ListFault::NotUtf8])?;
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut names: BTreeSet<String> = existing.into_iter().map(fold).collect();
    let (mut units, mut faults) = (Vec::new(), Vec::new());
    for (index, record) in reader.records().enumerate() {
        if faults.len() >= MAX_FAULTS {
            break;
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                faults.push(ListFault::Unreadable { line });
                break;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().all(|value| value.trim().is_empty()) || (index == 0 && is_header(&record))
        {
            continue;
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
        let value = fold(record.get(column).unwrap_or_default());
        names.iter().any(|name| fold(name) == value)
    };
    has(0, &NAME_HEADERS) && (record.len() < 2 || has(1, &STAY_HEADERS) || record.len() > 2)
}

/// The one of the three that the first line has most of.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |wanted: u8| first.bytes().filter(|byte| *byte == wanted).count();
    // Of several that are as frequent, the last: a comma may stand inside of a name.
    [b',', b'\t', b';'].into_iter().max_by_key(|wanted| count(*wanted)).unwrap_or(b';')
}

/// For comparing names: small letters, single spaces, without marks that stand apart from their
/// letters, as some programs write them.
fn fold(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    joined.chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).collect()
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
