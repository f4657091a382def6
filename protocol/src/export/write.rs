//! Writing, as exposure-notifications-server does it.

use std::io::{Cursor, Write};

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::error::ExportError;
use super::header::{ExportHeader, SignatureInfo};
use super::key_entry;
use super::wire::MessageWriter;
use super::{ECDSA_SHA256, EXPORT_ENTRY, EXPORT_MAGIC, Limits, MAX_BATCH_SIZE, SIGNATURE_ENTRY};
use crate::diagnosis_key::DiagnosisKey;

/// About how many bytes a key takes.
const BYTES_PER_KEY: usize = 40;

/// Writes a signed export file. Keys are put in the order of their bytes, so that a file does not
/// show who uploaded together. The same arguments give the same bytes: the signature is
/// deterministic (RFC 6979) and the zip carries no time.
///
/// `header.signature_infos` is not used: the one signature info is `info`, whose algorithm must be
/// [`ECDSA_SHA256`]. What our own reader would refuse is refused here.
pub fn write_export(
    header: &ExportHeader,
    keys: &[DiagnosisKey],
    revised: &[DiagnosisKey],
    signer: &SigningKey,
    info: &SignatureInfo,
) -> Result<Vec<u8>, ExportError> {
    check(header, keys.len() + revised.len(), info)?;
    let export = export_message(header, keys, revised, info);
    let signature: DerSignature =
        signer.try_sign(&export).map_err(|error| ExportError::Signing(error.to_string()))?;
    let signatures = signature_message(header, info, signature.as_bytes());
    zip_up(&export, &signatures)
}

fn check(header: &ExportHeader, keys: usize, info: &SignatureInfo) -> Result<(), ExportError> {
    let limits = Limits::default();
    if !(1..=header.batch_size).contains(&header.batch_num) || header.batch_size > MAX_BATCH_SIZE {
        let (num, size) = (header.batch_num.into(), header.batch_size.into());
        return Err(ExportError::InvalidBatch { num, size });
    }
    if info.algorithm != ECDSA_SHA256 {
        return Err(ExportError::UnknownAlgorithm(info.algorithm.clone()));
    }
    if keys as u64 > limits.keys {
        return Err(ExportError::TooLarge { what: EXPORT_ENTRY, limit: limits.keys, unit: "keys" });
    }
    let texts = [
        ("the region", &header.region),
        ("the key id", &info.key_id),
        ("the key version", &info.key_version),
    ];
    match texts.into_iter().find(|(_, text)| text.len() > limits.string_bytes) {
        Some((what, _)) => Err(ExportError::too_many_bytes(what, limits.string_bytes as u64)),
        None => Ok(()),
    }
}

fn export_message(
    header: &ExportHeader,
    keys: &[DiagnosisKey],
    revised: &[DiagnosisKey],
    info: &SignatureInfo,
) -> Vec<u8> {
    let capacity = 256 + BYTES_PER_KEY * (keys.len() + revised.len());
    let mut message = MessageWriter::with_prefix(EXPORT_MAGIC, capacity);
    message.fixed64(1, header.start.as_secs());
    message.fixed64(2, header.end.as_secs());
    message.bytes(3, header.region.as_bytes());
    message.int32(4, header.batch_num as i32);
    message.int32(5, header.batch_size as i32);
    message.bytes(6, &info.encode());
    let mut entry = MessageWriter::default();
    for (field, keys) in [(7, keys), (8, revised)] {
        let mut sorted: Vec<&DiagnosisKey> = keys.iter().collect();
        sorted.sort_by_key(|key| (key.key, key.rolling_start));
        for key in sorted {
            entry.clear();
            key_entry::encode(key, &mut entry);
            message.bytes(field, entry.as_bytes());
        }
    }
    message.into_bytes()
}

fn signature_message(header: &ExportHeader, info: &SignatureInfo, signature: &[u8]) -> Vec<u8> {
    let mut message = MessageWriter::default();
    message.bytes(1, &info.encode());
    message.int32(2, header.batch_num as i32);
    message.int32(3, header.batch_size as i32);
    message.bytes(4, signature);
    let mut list = MessageWriter::default();
    list.bytes(1, message.as_bytes());
    list.into_bytes()
}

fn zip_up(export: &[u8], signatures: &[u8]) -> Result<Vec<u8>, ExportError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::with_capacity(export.len() / 2 + 1_024)));
    for (name, content) in [(EXPORT_ENTRY, export), (SIGNATURE_ENTRY, signatures)] {
        zip.start_file(name, options)?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}
