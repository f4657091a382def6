//! What an export file says about itself.

use super::error::ExportError;
use super::wire::{Fields, MessageWriter, Value, int32};
use super::{ECDSA_SHA256, Limits, MAX_BATCH_SIZE};
use crate::interval::UnixTime;

/// Who signed an export file, and how.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SignatureInfo {
    /// Version of the signing key, for example `v1`.
    pub key_version: String,
    /// Id of the signing key, for example a country's number.
    pub key_id: String,
    /// OID of the algorithm, for example [`ECDSA_SHA256`].
    pub algorithm: String,
}

impl SignatureInfo {
    /// For a key that signs with ECDSA and SHA-256.
    pub fn new(key_id: impl Into<String>, key_version: impl Into<String>) -> Self {
        Self {
            key_version: key_version.into(),
            key_id: key_id.into(),
            algorithm: ECDSA_SHA256.into(),
        }
    }

    /// From the message. The fields 1 and 2 of old files are skipped like unknown ones.
    pub(super) fn decode(message: &[u8], limits: &Limits) -> Result<Self, ExportError> {
        let mut info =
            Self { key_version: String::new(), key_id: String::new(), algorithm: String::new() };
        let mut fields = Fields::new(message);
        while let Some((field, value)) = fields.next()? {
            let (text, what) = match field {
                3 => (&mut info.key_version, "a key version"),
                4 => (&mut info.key_id, "a key id"),
                5 => (&mut info.algorithm, "an algorithm name"),
                _ => continue,
            };
            if let Value::Bytes(bytes) = value {
                *text = string(bytes, what, limits)?;
            }
        }
        Ok(info)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut message = MessageWriter::default();
        message.bytes(3, self.key_version.as_bytes());
        message.bytes(4, self.key_id.as_bytes());
        message.bytes(5, self.algorithm.as_bytes());
        message.into_bytes()
    }

    /// Id and version in one word, for messages.
    pub fn label(&self) -> String {
        match (self.key_id.as_str(), self.key_version.as_str()) {
            ("", "") => "(no id)".into(),
            (id, "") => id.into(),
            (id, version) => format!("{id} {version}"),
        }
    }
}

/// An export file's header: everything but the keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExportHeader {
    /// Begin of the time window in which the keys were published.
    pub start: UnixTime,
    /// End of that window.
    pub end: UnixTime,
    /// Region, for example a country code.
    pub region: String,
    /// Which chunk of the batch this file is, from 1.
    pub batch_num: u32,
    /// Chunks in the batch.
    pub batch_size: u32,
    /// One for each signature.
    pub signature_infos: Vec<SignatureInfo>,
}

impl ExportHeader {
    /// The header of a batch in one file.
    pub fn single(start: UnixTime, end: UnixTime, region: impl Into<String>) -> Self {
        let region = region.into();
        Self { start, end, region, batch_num: 1, batch_size: 1, signature_infos: Vec::new() }
    }
}

/// `batch_num` and `batch_size` as they stand in a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct RawBatch {
    pub(super) num: Option<i32>,
    pub(super) size: Option<i32>,
}

impl RawBatch {
    /// Chunk and chunks, 1 of 1 where nothing is said.
    fn check(self) -> Result<(u32, u32), ExportError> {
        let (num, size) = match (self.num, self.size) {
            (num, None) => (num.unwrap_or(1), 1),
            (None, Some(size)) => (0, size),
            (Some(num), Some(size)) => (num, size),
        };
        match (u32::try_from(num), u32::try_from(size)) {
            (Ok(chunk), Ok(chunks))
                if (1..=chunks).contains(&chunk) && chunks <= MAX_BATCH_SIZE =>
            {
                Ok((chunk, chunks))
            }
            _ => Err(ExportError::InvalidBatch { num: num.into(), size: size.into() }),
        }
    }
}

/// A header while its fields come in.
#[derive(Debug, Default)]
pub(super) struct HeaderBuilder {
    start: u64,
    end: u64,
    region: String,
    pub(super) batch: RawBatch,
    signature_infos: Vec<SignatureInfo>,
}

impl HeaderBuilder {
    pub(super) fn field(
        &mut self,
        field: u32,
        value: Value<'_>,
        limits: &Limits,
    ) -> Result<(), ExportError> {
        match (field, value) {
            (1, Value::Fixed64(seconds)) => self.start = seconds,
            (2, Value::Fixed64(seconds)) => self.end = seconds,
            (3, Value::Bytes(bytes)) => self.region = string(bytes, "the region", limits)?,
            (4, Value::Varint(num)) => self.batch.num = Some(int32(num)),
            (5, Value::Varint(size)) => self.batch.size = Some(int32(size)),
            (6, Value::Bytes(_)) if self.signature_infos.len() == limits.signatures => {
                return Err(ExportError::TooLarge {
                    what: "the list of signature infos",
                    limit: limits.signatures as u64,
                    unit: "entries",
                });
            }
            (6, Value::Bytes(message)) => {
                self.signature_infos.push(SignatureInfo::decode(message, limits)?);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<ExportHeader, ExportError> {
        let (batch_num, batch_size) = self.batch.check()?;
        Ok(ExportHeader {
            start: UnixTime::from_secs(self.start),
            end: UnixTime::from_secs(self.end),
            region: self.region,
            batch_num,
            batch_size,
            signature_infos: self.signature_infos,
        })
    }
}

/// A string of limited length.
fn string(bytes: &[u8], what: &'static str, limits: &Limits) -> Result<String, ExportError> {
    if bytes.len() > limits.string_bytes {
        return Err(ExportError::too_many_bytes(what, limits.string_bytes as u64));
    }
    std::str::from_utf8(bytes)
        .map(str::to_owned)
        .map_err(|_| ExportError::damaged(format_args!("{what} is no text")))
}
