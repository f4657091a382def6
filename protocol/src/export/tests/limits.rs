//! Everything from outside is limited.

use std::io::Cursor;

use super::super::wire::MessageWriter;
use super::super::*;
use super::support::*;

fn open_with(bytes: &[u8], limits: &Limits) -> ExportError {
    ExportFile::open(Cursor::new(bytes), limits).unwrap_err()
}

fn is_too_large(error: &ExportError, expected: u64) -> bool {
    matches!(error, ExportError::TooLarge { limit, .. } if *limit == expected)
}

/// One unknown field of zeros after a header that is right.
fn bomb(bytes: usize) -> Vec<u8> {
    let mut message = MessageWriter::with_prefix(EXPORT_MAGIC, 0);
    message.bytes(20, &vec![0; bytes]);
    message.into_bytes()
}

#[test]
fn zip_bomb_is_refused_while_inflating() {
    let limits = Limits { export_bytes: 1_000_000, ..Limits::default() };
    let mut file = zip_of(&[(EXPORT_ENTRY, &bomb(8_000_000))]);
    assert!(file.len() < 20_000);
    assert!(is_too_large(&open_with(&file, &limits), 1_000_000));
    // With both headers claiming 21 bytes, inflating stops there: the claim is wrong.
    let size = (bomb(8_000_000).len() as u32).to_le_bytes();
    while let Some(at) = file.windows(4).position(|bytes| bytes == size) {
        file[at..at + 4].copy_from_slice(&21u32.to_le_bytes());
    }
    assert!(matches!(open_with(&file, &limits), ExportError::Damaged(_)));
}

#[test]
fn signature_bomb_is_refused() {
    let file = zip_of(&[(EXPORT_ENTRY, &bomb(1)), (SIGNATURE_ENTRY, &vec![0; 70_000])]);
    assert!(is_too_large(&open_with(&file, &Limits::default()), 65_536));
}

#[test]
fn file_size() {
    let file = signed_file();
    let limit = file.len() as u64 - 1;
    let limits = Limits { file_bytes: limit, ..Limits::default() };
    assert!(is_too_large(&open_with(&file, &limits), limit));
}

#[test]
fn zip_entries() {
    let export = bomb(1);
    let names: Vec<_> = (0..16).map(|i| format!("extra-{i}")).collect();
    let mut entries: Vec<_> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    entries.push((EXPORT_ENTRY, &export));
    assert!(is_too_large(&open_with(&zip_of(&entries), &Limits::default()), 16));
    assert!(open(&zip_of(&entries[1..])).is_ok());
}

#[test]
fn two_entries_of_one_name() {
    let (export, _) = entries_of(&signed_file());
    let mut file = zip_of(&[(EXPORT_ENTRY, &export), ("export.bix", &bomb(1))]);
    while let Some(at) = file.windows(10).position(|bytes| bytes == b"export.bix") {
        file[at + 9] = b'n';
    }
    assert!(matches!(open(&file).unwrap_err(), ExportError::DuplicateEntry(EXPORT_ENTRY)));
}

#[test]
fn keys() {
    let file = signed_file();
    let limits = |keys| Limits { keys, ..Limits::default() };
    assert!(ExportFile::open(Cursor::new(&file), &limits(4)).is_ok());
    assert!(is_too_large(&open_with(&file, &limits(3)), 3));
}

#[test]
fn signatures_and_infos() {
    let mut message = MessageWriter::default();
    let mut list = MessageWriter::default();
    for _ in 0..17 {
        message.bytes(6, &info().encode());
        list.bytes(1, &[]);
    }
    assert!(is_too_large(&open(&bare(message.as_bytes())).unwrap_err(), 16));
    let file = zip_of(&[(EXPORT_ENTRY, &bomb(1)), (SIGNATURE_ENTRY, list.as_bytes())]);
    assert!(is_too_large(&open(&file).unwrap_err(), 16));
}

#[test]
fn strings() {
    let with = |field: u32, value: &[u8]| {
        let mut message = MessageWriter::default();
        message.bytes(field, value);
        bare(&message.into_bytes())
    };
    assert_eq!(open(&with(3, &[b'x'; 256])).unwrap().header().region.len(), 256);
    assert!(is_too_large(&open(&with(3, &[b'x'; 257])).unwrap_err(), 256));
    assert!(is_too_large(&open(&with(3, &[b'x'; 9_000])).unwrap_err(), 8_192));
    let long = SignatureInfo::new("x".repeat(257), "v1").encode();
    assert!(is_too_large(&open(&with(6, &long)).unwrap_err(), 256));
    // A length that no file has, in a field that would be stored and in one that is skipped.
    let endless = bare(&[0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    assert!(is_too_large(&open(&endless).unwrap_err(), 8_192));
    let endless = bare(&[0xa2, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    assert!(matches!(open(&endless).unwrap_err(), ExportError::Damaged(_)));
    let endless = bare(&[0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    assert!(matches!(open(&endless).unwrap_err(), ExportError::Damaged(_)));
}
