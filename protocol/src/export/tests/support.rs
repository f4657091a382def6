//! What the tests are made of.

use std::io::{Cursor, Write};

use p256::ecdsa::SigningKey;
use p256::pkcs8::EncodePublicKey;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::super::wire::MessageWriter;
use super::super::*;
use crate::diagnosis_key::{DiagnosisKey, ReportType};
use crate::interval::{Interval, RollingPeriod, UnixTime};

pub(super) type File<'a> = ExportFile<Cursor<&'a [u8]>>;

pub(super) fn signer() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).unwrap()
}

pub(super) fn public_pem(key: &SigningKey) -> String {
    key.verifying_key().to_public_key_pem(p256::pkcs8::LineEnding::LF).unwrap()
}

pub(super) fn public_key() -> VerificationKey {
    VerificationKey::from_pem(&public_pem(&signer())).unwrap()
}

pub(super) fn info() -> SignatureInfo {
    SignatureInfo::new("452", "v1")
}

pub(super) fn header() -> ExportHeader {
    ExportHeader::single(
        UnixTime::from_secs(1_600_000_000),
        UnixTime::from_secs(1_600_003_600),
        "VN",
    )
}

pub(super) fn key(first_byte: u8) -> DiagnosisKey {
    let mut key = [0x5a; 16];
    key[0] = first_byte;
    DiagnosisKey {
        key,
        rolling_start: Interval::new(2_666_664),
        rolling_period: RollingPeriod::SIX_HOURS,
        report_type: ReportType::ConfirmedTest,
        days_since_onset: Some(-2),
        transmission_risk: 0,
    }
}

/// A signed file with three new keys and one revised key.
pub(super) fn signed_file() -> Vec<u8> {
    let keys = [key(3), key(1), key(2)];
    write_export(&header(), &keys, &[key(9)], &signer(), &info()).unwrap()
}

pub(super) fn open(bytes: &[u8]) -> Result<File<'_>, ExportError> {
    ExportFile::open(Cursor::new(bytes), &Limits::default())
}

/// All keys of a file that no one vouches for.
pub(super) fn unverified_keys(bytes: &[u8]) -> (Vec<KeyEntry>, KeyCounts) {
    let mut file = open(bytes).unwrap();
    let mut entries = Vec::new();
    let counts = file.without_verification().for_each_key(|entry| entries.push(entry)).unwrap();
    (entries, counts)
}

/// Header and keys of a file that verifies under [`public_key`].
pub(super) fn read_verified(bytes: &[u8]) -> Result<(ExportHeader, Vec<KeyEntry>), ExportError> {
    let mut file = open(bytes)?;
    let header = file.header().clone();
    let mut entries = Vec::new();
    file.verify(&[public_key()])?.for_each_key(|entry| entries.push(entry))?;
    Ok((header, entries))
}

pub(super) fn zip_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The content of both entries of a file.
pub(super) fn entries_of(file: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut zip = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut content = |name| {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut zip.by_name(name).unwrap(), &mut bytes).unwrap();
        bytes
    };
    (content(EXPORT_ENTRY), content(SIGNATURE_ENTRY))
}

/// An unsigned `export.bin` of raw fields after the 16 bytes.
pub(super) fn bare(message: &[u8]) -> Vec<u8> {
    [&EXPORT_MAGIC[..], message].concat()
}

/// One entry of `export.sig`.
pub(super) fn signature(info: &SignatureInfo, batch: Option<(i32, i32)>, der: &[u8]) -> Vec<u8> {
    let mut message = MessageWriter::default();
    message.bytes(1, &info.encode());
    if let Some((num, size)) = batch {
        message.int32(2, num);
        message.int32(3, size);
    }
    message.bytes(4, der);
    message.into_bytes()
}

pub(super) fn list(signatures: &[Vec<u8>]) -> Vec<u8> {
    let mut list = MessageWriter::default();
    for signature in signatures {
        list.bytes(1, signature);
    }
    list.into_bytes()
}

pub(super) fn signed(export: &[u8], signatures: &[Vec<u8>]) -> Vec<u8> {
    zip_of(&[(EXPORT_ENTRY, export), (SIGNATURE_ENTRY, &list(signatures))])
}
