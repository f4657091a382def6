//! What is written is read.

use super::super::*;
use super::support::*;
use crate::diagnosis_key::ReportType;
use crate::interval::{Interval, RollingPeriod, UnixTime};

#[test]
fn header_keys_and_signature() {
    let (read, entries) = read_verified(&signed_file()).unwrap();
    assert_eq!(read, ExportHeader { signature_infos: vec![info()], ..header() });
    let expected: Vec<_> = [(1, false), (2, false), (3, false), (9, true)]
        .map(|(byte, revised)| KeyEntry { key: key(byte), revised })
        .into();
    assert_eq!(entries, expected);
    assert_eq!(open(&signed_file()).unwrap().warnings(), []);
}

#[test]
fn same_input_same_bytes() {
    assert_eq!(signed_file(), signed_file());
    let other_order =
        write_export(&header(), &[key(1), key(2), key(3)], &[key(9)], &signer(), &info());
    assert_eq!(other_order.unwrap(), signed_file());
}

#[test]
fn day_long_period_is_left_out_and_read_back() {
    let mut day = key(1);
    day.rolling_period = RollingPeriod::DAY;
    let size = |key| {
        let file = write_export(&header(), &[key], &[], &signer(), &info()).unwrap();
        (entries_of(&file).0.len(), unverified_keys(&file).0[0].key)
    };
    let (with_period, _) = size(key(1));
    let (without_period, read) = size(day);
    assert_eq!(read, day);
    assert_eq!(with_period - without_period, 2);
}

#[test]
fn no_keys_at_all() {
    let file = write_export(&header(), &[], &[], &signer(), &info()).unwrap();
    assert_eq!(read_verified(&file).unwrap().1, []);
}

#[test]
fn bare_export_reads_but_is_not_signed() {
    let (export, _) = entries_of(&signed_file());
    let (entries, counts) = unverified_keys(&export);
    assert_eq!((entries.len(), counts.keys, counts.revised), (4, 3, 1));
    let error = open(&export).unwrap().verify(&[public_key()]).unwrap_err();
    assert!(matches!(error, ExportError::NotSigned));
}

/// Larger than the reader's buffer, so that entries lie across its edge.
#[test]
fn many_keys() {
    let keys: Vec<_> = (0..20_000u32)
        .map(|i| {
            let mut key = key(0);
            key.key[..4].copy_from_slice(&i.to_be_bytes());
            key.rolling_start = Interval::new(2_600_000 + i);
            key.rolling_period = RollingPeriod::new(i64::from(i % 144) + 1).unwrap();
            key.days_since_onset = Some((i % 29) as i32 - 14).filter(|_| i % 3 > 0);
            key.report_type = ReportType::from_number(i64::from(i % 6)).unwrap();
            key.transmission_risk = (i % 9) as i32;
            key
        })
        .collect();
    let file = write_export(&header(), &keys, &[], &signer(), &info()).unwrap();
    let read: Vec<_> = read_verified(&file).unwrap().1.iter().map(|entry| entry.key).collect();
    assert_eq!(read, keys);
}

#[test]
fn writer_refuses_what_readers_refuse() {
    let write = |header: &ExportHeader, info: &SignatureInfo| {
        write_export(header, &[key(1)], &[], &signer(), info).unwrap_err()
    };
    let chunk = ExportHeader { batch_num: 3, batch_size: 2, ..header() };
    assert!(matches!(write(&chunk, &info()), ExportError::InvalidBatch { num: 3, size: 2 }));
    let region = ExportHeader { region: "x".repeat(257), ..header() };
    assert!(matches!(write(&region, &info()), ExportError::TooLarge { .. }));
    let algorithm = SignatureInfo { algorithm: ECDSA_SHA512.into(), ..info() };
    assert!(matches!(write(&header(), &algorithm), ExportError::UnknownAlgorithm(_)));
}

#[test]
fn missing_chunks_are_found() {
    let chunk = |num, size, start| ExportHeader {
        batch_num: num,
        batch_size: size,
        start: UnixTime::from_secs(start),
        ..header()
    };
    let complete = [chunk(1, 1, 5), chunk(2, 2, 6), chunk(1, 2, 6), chunk(1, 2, 6)];
    assert_eq!(check_batches(&complete), []);
    let headers = [chunk(3, 9, 7), chunk(4, 9, 7), chunk(8, 9, 7), chunk(1, 1, 5)];
    let incomplete = check_batches(&headers);
    assert_eq!(incomplete.len(), 1);
    assert_eq!(incomplete[0].missing, [1..=2, 5..=7, 9..=9]);
    assert_eq!(
        incomplete[0].to_string(),
        "batch 7-1600003600 of region \"VN\" has 9 files; missing: 1 to 2, 5 to 7, 9"
    );
}
