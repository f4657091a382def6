//! Damaged files are refused, damaged entries skipped.

use std::cell::Cell;
use std::io::{Cursor, Read, Seek, SeekFrom};

use super::super::wire::MessageWriter;
use super::super::*;
use super::support::*;

#[test]
fn every_truncation_is_refused() {
    let file = signed_file();
    for length in 0..file.len() {
        assert!(read_verified(&file[..length]).is_err(), "the first {length} bytes verify");
    }
}

/// Nothing that is read from a file with one flipped bit differs from what was signed. Most flips
/// are refused; those that are not lie in what a zip says about versions and permissions.
#[test]
fn every_flipped_bit_is_refused_or_changes_nothing() {
    let file = signed_file();
    let original = read_verified(&file).unwrap();
    let mut unnoticed = 0;
    for bit in 0..file.len() * 8 {
        let mut flipped = file.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        if let Ok(read) = read_verified(&flipped) {
            assert_eq!(read, original, "bit {bit}");
            unnoticed += 1;
        }
    }
    assert!(unnoticed < file.len(), "{unnoticed} of {} bits", file.len() * 8);
}

#[test]
fn every_truncation_and_flip_of_a_bare_export_does_not_panic() {
    let (export, _) = entries_of(&signed_file());
    let read = |bytes: &[u8]| {
        if let Ok(mut file) = open(bytes) {
            file.without_verification().for_each_key(|_| {}).unwrap();
        }
    };
    for length in 0..export.len() {
        read(&export[..length]);
    }
    for bit in 0..export.len() * 8 {
        let mut flipped = export.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        read(&flipped);
    }
}

#[test]
fn what_is_no_export_is_told() {
    let error = |bytes: &[u8]| open(bytes).unwrap_err();
    assert!(matches!(error(b""), ExportError::NotAnExport));
    assert!(matches!(error(b"time,identifier"), ExportError::NotAnExport));
    assert!(matches!(error(b"EK Export v2    rest"), ExportError::WrongMagic { .. }));
    assert!(matches!(error(&zip_of(&[("other", b"x")])), ExportError::NoExportEntry));
    assert!(matches!(error(&zip_of(&[])), ExportError::NoExportEntry));
    let (export, signature) = entries_of(&signed_file());
    let mut wrong = export.clone();
    wrong[11] = b'2';
    let zip = zip_of(&[(EXPORT_ENTRY, &wrong), (SIGNATURE_ENTRY, &signature)]);
    match error(&zip) {
        ExportError::WrongMagic { found } => assert_eq!(found, "EK Export v2    "),
        other => panic!("{other}"),
    }
    let short = zip_of(&[(EXPORT_ENTRY, &export[..15]), (SIGNATURE_ENTRY, &signature)]);
    assert!(matches!(error(&short), ExportError::Damaged(_)));
}

#[test]
fn third_entry_is_accepted_and_named() {
    let (export, signature) = entries_of(&signed_file());
    let file = zip_of(&[
        ("content.sig", b"something"),
        (EXPORT_ENTRY, &export),
        (SIGNATURE_ENTRY, &signature),
        ("bad\nname", b""),
    ]);
    assert_eq!(read_verified(&file).unwrap().1.len(), 4);
    assert_eq!(open(&file).unwrap().extra_entries(), ["content.sig", "bad?name"]);
}

/// Fields of a key: key bytes, start, period, report type.
fn raw_key(key: &[u8], start: Option<i32>, period: i32, report_type: i32) -> Vec<u8> {
    let mut message = MessageWriter::default();
    message.bytes(1, key);
    if let Some(start) = start {
        message.int32(3, start);
    }
    message.int32(4, period);
    message.int32(5, report_type);
    message.into_bytes()
}

fn export_of(keys: &[Vec<u8>]) -> Vec<u8> {
    let mut message = MessageWriter::with_prefix(EXPORT_MAGIC, 0);
    for key in keys {
        message.bytes(7, key);
    }
    message.into_bytes()
}

#[test]
fn damaged_entries_are_skipped_and_counted() {
    let good = raw_key(&[1; 16], Some(2_666_664), 144, 1);
    let defects = [
        (raw_key(&[1; 15], Some(1), 1, 1), KeyDefect::KeyLength(15)),
        (raw_key(&[], Some(1), 1, 1), KeyDefect::KeyLength(0)),
        (raw_key(&[1; 17], Some(1), 1, 1), KeyDefect::KeyLength(17)),
        (raw_key(&[1; 16], Some(1), 0, 1), KeyDefect::RollingPeriod(0)),
        (raw_key(&[1; 16], Some(1), 145, 1), KeyDefect::RollingPeriod(145)),
        (raw_key(&[1; 16], Some(1), -1, 1), KeyDefect::RollingPeriod(-1)),
        (raw_key(&[1; 16], Some(-1), 1, 1), KeyDefect::RollingStart),
        (raw_key(&[1; 16], None, 1, 1), KeyDefect::RollingStart),
        (raw_key(&[1; 16], Some(1), 1, 6), KeyDefect::ReportType(6)),
        (raw_key(&[1; 16], Some(1), 1, -1), KeyDefect::ReportType(-1)),
        (vec![0x0a, 16, 1], KeyDefect::Malformed),
        (vec![0xff; 12], KeyDefect::Malformed),
        (raw_key(&[1; 1_100], Some(1), 1, 1), KeyDefect::Malformed),
        (raw_key(&[1; 100_000], Some(1), 1, 1), KeyDefect::Malformed),
    ];
    for (entry, defect) in &defects {
        let (entries, counts) =
            unverified_keys(&export_of(&[good.clone(), entry.clone(), good.clone()]));
        assert_eq!(entries.len(), 2, "{defect}");
        assert_eq!(counts.keys, 2);
        assert_eq!(counts.invalid, InvalidKeys { count: 1, first: Some(*defect) });
    }
    let all: Vec<_> = defects.iter().map(|(entry, _)| entry.clone()).collect();
    let counts = unverified_keys(&export_of(&all)).1;
    let first = Some(KeyDefect::KeyLength(15));
    assert_eq!(counts.invalid, InvalidKeys { count: defects.len() as u64, first });
}

#[test]
fn unknown_fields_of_every_wire_type_are_skipped() {
    // Fields 20..: varint, fixed64, bytes, fixed32, and a group with a group and bytes in it.
    let unknown = [
        &[0xa0, 1, 0xff, 1][..],
        &[0xa9, 1, 1, 2, 3, 4, 5, 6, 7, 8],
        &[0xb2, 1, 3, 1, 2, 3],
        &[0xbd, 1, 1, 2, 3, 4],
        &[0xc3, 1, 0xcb, 1, 0x08, 7, 0xcc, 1, 0x12, 1, 0, 0xc4, 1],
    ]
    .concat();
    let mut entry = unknown.clone();
    entry.extend(raw_key(&[1; 16], Some(5), 6, 1));
    entry.extend(&unknown);
    let mut message = unknown.clone();
    // A known field with another wire type is an unknown field: start_timestamp as bytes.
    message.extend([0x0a, 2, 0, 0]);
    message.extend([0x3a, entry.len() as u8]);
    message.extend(&entry);
    message.extend(&unknown);
    let (entries, counts) = unverified_keys(&bare(&message));
    assert_eq!(counts, KeyCounts { keys: 1, ..KeyCounts::default() });
    assert_eq!(entries[0].key.rolling_start.number(), 5);
}

#[test]
fn what_cannot_be_skipped_is_damage() {
    let damaged: [&[u8]; 9] = [
        &[0xa6, 1, 0],                                                       // wire type 6
        &[0xa7, 1, 0],                                                       // wire type 7
        &[0x00, 0],                                                          // field 0
        &[0xa4, 1],                                                          // end of no group
        &[0xc3, 1, 0xcc, 1],                                                 // end of another group
        &[0xc3, 1],                                                          // group without end
        &[0xa0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2], // 65 bits
        &[0x1a, 5, b'V', b'N'],                                              // string cut off
        &[0x1a, 2, 0xff, 0xfe],                                              // region is no text
    ];
    for message in damaged {
        let error = open(&bare(message)).unwrap_err();
        assert!(matches!(error, ExportError::Damaged(_)), "{message:?}: {error}");
    }
    let deep = bare(&[0xc3, 1].repeat(10_000));
    assert!(matches!(open(&deep).unwrap_err(), ExportError::Damaged(_)));
}

#[test]
fn impossible_chunks_are_refused() {
    let with = |num: Option<i32>, size: Option<i32>| {
        let mut message = MessageWriter::with_prefix(EXPORT_MAGIC, 0);
        num.into_iter().for_each(|num| message.int32(4, num));
        size.into_iter().for_each(|size| message.int32(5, size));
        let bytes = message.into_bytes();
        open(&bytes).map(|file| (file.header().batch_num, file.header().batch_size))
    };
    assert_eq!(with(None, None).unwrap(), (1, 1));
    assert_eq!(with(Some(1), None).unwrap(), (1, 1));
    assert_eq!(with(Some(2), Some(2)).unwrap(), (2, 2));
    assert_eq!(with(Some(1), Some(1_000_000)).unwrap(), (1, 1_000_000));
    let impossible = [
        (Some(0), Some(1)),
        (Some(2), Some(1)),
        (Some(-1), Some(1)),
        (Some(1), Some(-1)),
        (None, Some(1)),
        (Some(1), Some(1_000_001)),
    ];
    for (num, size) in impossible {
        let error = with(num, size).unwrap_err();
        assert!(matches!(error, ExportError::InvalidBatch { .. }), "{num:?} {size:?}: {error}");
    }
}

/// Becomes another file on request.
struct Changing<'a> {
    files: [Cursor<&'a [u8]>; 2],
    now: &'a Cell<usize>,
}

impl Read for Changing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.files[self.now.get()].read(buffer)
    }
}

impl Seek for Changing<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.files[self.now.get()].seek(to)
    }
}

#[test]
fn file_that_changes_after_verification_is_noticed() {
    let (export, signature) = entries_of(&signed_file());
    let mut forged = export.clone();
    *forged.last_mut().unwrap() ^= 2;
    // Stored, so that both have one layout; the checksum that the zip was opened with stays.
    let store = |export: &[u8]| {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        for (name, content) in [(EXPORT_ENTRY, export), (SIGNATURE_ENTRY, &signature)] {
            zip.start_file(name, options).unwrap();
            std::io::Write::write_all(&mut zip, content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    for (honest, forged) in [(store(&export), store(&forged)), (export, forged)] {
        let now = Cell::new(0);
        let reader = Changing { files: [Cursor::new(&honest), Cursor::new(&forged)], now: &now };
        let read_twice = Limits { kept_entries: 0, ..Limits::default() };
        let mut file = ExportFile::open(reader, &read_twice).unwrap();
        now.set(1);
        let result = file.without_verification().for_each_key(|_| {});
        assert!(matches!(result, Err(ExportError::ChangedWhileReading | ExportError::Damaged(_))));

        now.set(0);
        let reader = Changing { files: [Cursor::new(&honest), Cursor::new(&forged)], now: &now };
        let mut file = ExportFile::open(reader, &Limits::default()).unwrap();
        now.set(1);
        let mut kept = Vec::new();
        file.without_verification().for_each_key(|entry| kept.push(entry)).unwrap();
        assert_eq!(kept, entries_with(&honest, usize::MAX).0, "what was hashed is handed out");
    }
}

fn entries_with(file: &[u8], kept_entries: usize) -> (Vec<KeyEntry>, KeyCounts) {
    let limits = Limits { kept_entries, ..Limits::default() };
    let mut file = ExportFile::open(Cursor::new(file), &limits).unwrap();
    let mut entries = Vec::new();
    let counts = file.without_verification().for_each_key(|entry| entries.push(entry)).unwrap();
    (entries, counts)
}

#[test]
fn keys_are_the_same_whether_kept_or_read_again() {
    let file = signed_file();
    let kept = entries_with(&file, usize::MAX);
    let all = kept.0.len();
    assert!(all > 1);
    for kept_entries in [0, 1, all - 1, all, all + 1] {
        assert_eq!(entries_with(&file, kept_entries), kept, "{kept_entries}");
    }
}
