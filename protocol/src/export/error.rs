//! Why an export file was refused.

use std::io;

use super::{ECDSA_SHA256, ECDSA_SHA512};
use crate::interval::UnixTime;

/// Why an export file was refused, or could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The bytes cannot be read.
    #[error("the file cannot be read: {0}")]
    Io(#[source] io::Error),
    /// Neither a zip nor an `export.bin`.
    #[error("this is no export file: it is neither a zip nor does it start with \"EK Export v1\"")]
    NotAnExport,
    /// A zip, but without `export.bin`.
    #[error("this is no export file: the zip has no entry export.bin")]
    NoExportEntry,
    /// Two entries of one name: readers would disagree about which one counts.
    #[error("the zip has several entries named {0}")]
    DuplicateEntry(&'static str),
    /// `export.bin` starts with other bytes than format version 1.
    #[error("export.bin starts with \"{found}\" instead of \"EK Export v1    \"")]
    WrongMagic {
        /// What it starts with, escaped.
        found: String,
    },
    /// Cut off or altered: download it again.
    #[error("the file is damaged ({0}); download it again")]
    Damaged(String),
    /// Compressed or encrypted in a way that export files are not.
    #[error("the zip uses something that export files do not: {0}")]
    UnsupportedZip(String),
    /// Larger than the reader allows.
    #[error("{what} is larger than the {limit} {unit} allowed")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How large it may be.
        limit: u64,
        /// The unit of `limit`.
        unit: &'static str,
    },
    /// The header contradicts itself.
    #[error("the file says that it is chunk {num} of {size}; this cannot be")]
    InvalidBatch {
        /// `batch_num`.
        num: i64,
        /// `batch_size`.
        size: i64,
    },
    /// A bare `export.bin`, or a zip whose `export.sig` is missing or empty.
    #[error("the file is not signed")]
    NotSigned,
    /// As many signatures as the header names are expected.
    #[error("the file has {signatures} signatures, but its header names {infos}")]
    SignatureCount {
        /// Signatures in `export.sig`.
        signatures: usize,
        /// Signature infos in `export.bin`.
        infos: usize,
    },
    /// `export.sig` speaks of another chunk than `export.bin`.
    #[error("the signature is for chunk {num} of {size}, not for this one")]
    SignatureForOtherChunk {
        /// `batch_num` of the signature.
        num: i64,
        /// `batch_size` of the signature.
        size: i64,
    },
    /// No signature names an algorithm that readers know.
    #[error(
        "unknown algorithm \"{0}\": signatures must be {ECDSA_SHA256} (ECDSA with SHA-256) or \
         {ECDSA_SHA512} (with SHA-512)"
    )]
    UnknownAlgorithm(String),
    /// No signature is by a key that was offered.
    #[error("the file is signed by key {signed_by}; none of the given public keys is that one")]
    UnknownKey {
        /// Ids and versions of the signers.
        signed_by: String,
    },
    /// The signature does not fit the bytes.
    #[error("the signature is wrong: the file was altered or signed by someone else")]
    BadSignature,
    /// The file changed between verification and reading its keys.
    #[error("the file changed while it was being read; discard its keys and read it again")]
    ChangedWhileReading,
    /// Not a public key.
    #[error("this is no P-256 public key in PEM form (\"BEGIN PUBLIC KEY\"): {0}")]
    InvalidPublicKey(String),
    /// A key of the authority that is not valid at the time in question.
    #[error("export key {id} is valid from {not_before} to {not_after} (Unix seconds), not now")]
    KeyNotValid {
        /// The key's id.
        id: String,
        /// First moment of validity.
        not_before: UnixTime,
        /// First moment after it.
        not_after: UnixTime,
    },
    /// Signing failed.
    #[error("the export file cannot be signed: {0}")]
    Signing(String),
}

impl ExportError {
    /// Whether the file could be read but its signature does not hold, as opposed to a file that
    /// cannot be read at all.
    pub const fn is_signature_failure(&self) -> bool {
        matches!(
            self,
            Self::NotSigned
                | Self::SignatureCount { .. }
                | Self::SignatureForOtherChunk { .. }
                | Self::UnknownAlgorithm(_)
                | Self::UnknownKey { .. }
                | Self::BadSignature
                | Self::KeyNotValid { .. }
        )
    }

    pub(super) fn damaged(what: impl std::fmt::Display) -> Self {
        Self::Damaged(what.to_string())
    }

    pub(super) fn too_many_bytes(what: &'static str, limit: u64) -> Self {
        Self::TooLarge { what, limit, unit: "bytes" }
    }
}

impl From<io::Error> for ExportError {
    /// Decompression reports damage by these kinds; all others come from the file itself.
    fn from(error: io::Error) -> Self {
        use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
        match error.kind() {
            UnexpectedEof => Self::damaged("it ends too early"),
            InvalidData | InvalidInput | Other => Self::damaged(error),
            _ => Self::Io(error),
        }
    }
}

impl From<zip::result::ZipError> for ExportError {
    fn from(error: zip::result::ZipError) -> Self {
        use zip::result::ZipError;
        match error {
            ZipError::Io(error) => error.into(),
            ZipError::UnsupportedArchive(what) => Self::UnsupportedZip(what.to_string()),
            other => Self::damaged(other),
        }
    }
}
