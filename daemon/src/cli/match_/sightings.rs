//! Recorded sightings as a CSV file: `time,identifier,metadata,rssi` (Unix seconds, hex, hex, dBm).

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use vungxanh_protocol::advertisement::Advertisement;
use vungxanh_protocol::encounter::{Encounter, MAX_SECONDS_SINCE_LAST_SCAN, ScanInstance};
use vungxanh_protocol::identifier::RollingProximityIdentifier;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::metadata::EncryptedMetadata;

use crate::cli::export_files::{name, unreadable};
use crate::failure::{Exit, Failure};

/// The columns, in this order.
const HEADER: [&str; 4] = ["time", "identifier", "metadata", "rssi"];
/// The largest file that is read, in bytes.
const MAX_BYTES: u64 = 512 * 1024 * 1024;
/// The most rows that are held.
const MAX_ROWS: usize = 5_000_000;
/// The longest line that is looked at, in bytes. A good one has about 65.
const MAX_LINE_BYTES: u64 = 1_024;
/// The last second of the year 9999: later times are milliseconds by mistake.
const LAST_TIME: u64 = 253_402_300_799;
/// Signal strengths that a radio reports, in dBm. 127 means "not known".
const RSSI: std::ops::RangeInclusive<i8> = -127..=20;

/// What a file of sightings holds.
#[derive(Debug)]
pub(super) struct Sightings {
    /// One for each identifier and metadata, with one scan instance for each row.
    pub(super) encounters: Vec<Encounter>,
    /// Rows that were read.
    pub(super) rows: usize,
    /// Rows that were skipped.
    pub(super) damaged: Vec<DamagedRow>,
}

/// A row that was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DamagedRow {
    /// Its line in the file, from 1.
    pub(super) line: u64,
    /// The text that says why.
    pub(super) reason: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row {
    time: UnixTime,
    identifier: RollingProximityIdentifier,
    metadata: EncryptedMetadata,
    rssi: i8,
}

/// Reads a file. Damaged rows are skipped; a file without the right header, or without any row,
/// is bad input.
pub(super) fn read(path: &Path) -> Result<Sightings, Failure> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let size = file.metadata().map_err(|error| unreadable(path, &error))?.len();
    if size > MAX_BYTES {
        let failure = Failure::new(Exit::BadInput, "files-too-large");
        return Err(failure.with("file", name(path)).with("limit", MAX_BYTES as f64));
    }
    parse(file.take(MAX_BYTES), path)
}

fn parse(file: impl Read, path: &Path) -> Result<Sightings, Failure> {
    let bad = |id| Failure::new(Exit::BadInput, id).with("file", name(path));
    let broken = |error: io::Error| bad("files-unreadable").because(error);
    let mut lines = Lines { reader: BufReader::new(file), number: 0, bytes: Vec::new() };
    let Some((_, first)) = lines.next().map_err(broken)? else {
        return Err(bad("sightings-empty"));
    };
    // A mark that some spreadsheet programs put before the first byte.
    let first = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
    if !columns(first).eq(HEADER.map(str::as_bytes)) {
        let found = String::from_utf8_lossy(first);
        let found: String = found.chars().filter(|c| !c.is_control()).take(120).collect();
        return Err(bad("sightings-header").with("found", found));
    }
    let (mut rows, mut damaged) = (Vec::new(), Vec::new());
    while let Some((line, bytes)) = lines.next().map_err(broken)? {
        match parse_row(bytes) {
            Ok(row) => rows.push(row),
            Err(reason) => damaged.push(DamagedRow { line, reason }),
        }
        if rows.len() + damaged.len() > MAX_ROWS {
            return Err(bad("sightings-too-many").with("limit", MAX_ROWS as f64));
        }
    }
    if rows.is_empty() && damaged.is_empty() {
        return Err(bad("sightings-empty"));
    }
    Ok(Sightings { encounters: encounters(&rows), rows: rows.len(), damaged })
}

/// The lines of a file with their numbers, empty ones left out, over-long ones cut off. Quotes
/// have no meaning: no column needs them, and a stray one must not swallow the rows after it.
struct Lines<R> {
    reader: BufReader<R>,
    number: u64,
    bytes: Vec<u8>,
}

impl<R: Read> Lines<R> {
    fn next(&mut self) -> io::Result<Option<(u64, &[u8])>> {
        loop {
            self.bytes.clear();
            self.number += 1;
            let reader = self.reader.by_ref();
            if reader.take(MAX_LINE_BYTES).read_until(b'\n', &mut self.bytes)? == 0 {
                return Ok(None);
            }
            if !self.bytes.ends_with(b"\n") {
                self.reader.skip_until(b'\n')?;
            }
            if !self.bytes.trim_ascii().is_empty() {
                return Ok(Some((self.number, self.bytes.trim_ascii())));
            }
        }
    }
}

fn columns(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// A row, or the text that says what is wrong with it.
fn parse_row(line: &[u8]) -> Result<Row, &'static str> {
    let columns: Vec<&[u8]> = columns(line).collect();
    let [time, identifier, metadata, rssi] = columns[..] else {
        return Err("row-columns");
    };
    let text = |column| std::str::from_utf8(column).ok();
    let time = text(time).and_then(parse_time).ok_or("row-time")?;
    let identifier = parse_hex(identifier).ok_or("row-identifier")?;
    let metadata = parse_hex(metadata).ok_or("row-metadata")?;
    let rssi = text(rssi)
        .and_then(|text| text.parse().ok())
        .filter(|rssi| RSSI.contains(rssi))
        .ok_or("row-rssi")?;
    Ok(Row {
        time,
        identifier: RollingProximityIdentifier(identifier),
        metadata: EncryptedMetadata(metadata),
        rssi,
    })
}

/// Unix seconds; a fraction is cut off.
fn parse_time(text: &str) -> Option<UnixTime> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(seconds) || !digits(fraction) {
        return None;
    }
    seconds.parse().ok().filter(|seconds| *seconds <= LAST_TIME).map(UnixTime::from_secs)
}

fn parse_hex<const N: usize>(field: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(field, &mut bytes).ok().map(|()| bytes)
}

/// One scan instance for each row. A scan speaks for the time since the previous moment at which
/// anything was heard, as far as a scan can.
fn encounters(rows: &[Row]) -> Vec<Encounter> {
    let times: BTreeSet<UnixTime> = rows.iter().map(|row| row.time).collect();
    let mut since_last = BTreeMap::new();
    let mut previous = None;
    for time in times {
        let seconds = previous.map_or(0, |previous| time.since(previous));
        since_last.insert(time, seconds.min(MAX_SECONDS_SINCE_LAST_SCAN) as u16);
        previous = Some(time);
    }
    let mut by_advertisement: BTreeMap<_, Vec<ScanInstance>> = BTreeMap::new();
    for row in rows {
        by_advertisement.entry((row.identifier, row.metadata)).or_default().push(ScanInstance {
            time: row.time,
            typical_rssi: row.rssi,
            strongest_rssi: row.rssi,
            count: 1,
            seconds_since_last_scan: since_last.get(&row.time).copied().unwrap_or(0),
            clock_trusted: true,
        });
    }
    by_advertisement
        .into_iter()
        .map(|((identifier, metadata), mut scans)| {
            scans.sort_by_key(|scan| scan.time);
            Encounter { advertisement: Advertisement { identifier, metadata }, scans }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "3d37caf51d1bf4ba54e758e0ac74c892";

    fn read_text(text: &str) -> Result<Sightings, Failure> {
        parse(text.as_bytes(), Path::new("test.csv"))
    }

    fn error_id(text: &str) -> String {
        let failure = read_text(text).unwrap_err();
        assert_eq!(failure.exit(), Exit::BadInput);
        failure.id().to_owned()
    }

    #[test]
    fn rows_of_one_advertisement_are_one_encounter() {
        let text = format!(
            "time,identifier,metadata,rssi\n1000,{ID},00112233,-60\r\n\
             1100.9, {ID} ,00112233, -61\n1000,{ID},ffffffff,-62\n9000,{ID},00112233,-63\n"
        );
        let sightings = read_text(&text).unwrap();
        assert_eq!((sightings.rows, sightings.damaged.len()), (4, 0));
        let [plain, other] = &sightings.encounters[..] else { panic!("two encounters") };
        assert_eq!(plain.advertisement.metadata, EncryptedMetadata([0, 0x11, 0x22, 0x33]));
        let scans: Vec<_> = plain
            .scans
            .iter()
            .map(|scan| (scan.time.as_secs(), scan.typical_rssi, scan.seconds_since_last_scan))
            .collect();
        assert_eq!(scans, [(1_000, -60, 0), (1_100, -61, 100), (9_000, -63, 300)]);
        assert_eq!(other.scans.len(), 1);
    }

    #[test]
    fn damaged_rows_are_told_by_line() {
        let good = format!("1000,{ID},00112233,-60");
        let text = format!(
            "time,identifier,metadata,rssi\n{good}\nx,{ID},00112233,-60\n1000,{ID}0,00112233,-60\n\
             1000,zz37caf51d1bf4ba54e758e0ac74c892,00112233,-60\n\n1000,{ID},001122,-60\n\
             1000,{ID},00112233,-4294967292\n1000,{ID},00112233,127\n1000,{ID}\n\"{good}\n\
             1588139637000,{ID},00112233,-60\n-5,{ID},00112233,-60\n{good},x\n{good}\n"
        );
        let sightings = read_text(&text).unwrap();
        assert_eq!(sightings.rows, 2);
        let damaged: Vec<_> =
            sightings.damaged.iter().map(|damaged| (damaged.line, damaged.reason)).collect();
        let expected = [
            (3, "row-time"),
            (4, "row-identifier"),
            (5, "row-identifier"),
            (7, "row-metadata"),
            (8, "row-rssi"),
            (9, "row-rssi"),
            (10, "row-columns"),
            (11, "row-time"),
            (12, "row-time"),
            (13, "row-time"),
            (14, "row-columns"),
        ];
        assert_eq!(damaged, expected);
    }

    #[test]
    fn without_header_or_rows_it_is_bad_input() {
        assert_eq!(error_id(""), "sightings-empty");
        assert_eq!(error_id("time,identifier,metadata,rssi\n"), "sightings-empty");
        assert_eq!(error_id("Timestamp,MAC,RSSI,UUID,RPI\n1,2,3,4,5\n"), "sightings-header");
        assert_eq!(error_id(&format!("1000,{ID},00112233,-60\n")), "sightings-header");
    }

    #[test]
    fn endless_line_is_one_damaged_row() {
        let long = "9".repeat(100_000);
        let text = format!("time,identifier,metadata,rssi\n{long}\n1000,{ID},00112233,-60");
        let sightings = read_text(&text).unwrap();
        assert_eq!(sightings.rows, 1);
        assert_eq!(sightings.damaged, [DamagedRow { line: 2, reason: "row-columns" }]);
    }

    #[test]
    fn only_damaged_rows_still_count() {
        let sightings = read_text("time,identifier,metadata,rssi\n1\n2\n").unwrap();
        assert_eq!((sightings.rows, sightings.damaged.len()), (0, 2));
    }
}
