//! Export files (GAEN key export format, version 1): a zip with `export.bin` (the keys) and
//! `export.sig` (signatures over `export.bin`). `proto/export.proto` describes the messages.
//!
//! Reading is streaming: whatever a file's size, only its header and signatures are held.
//! [`ExportFile::open`] walks and hashes the whole file once; [`ExportFile::verify`] checks the
//! signatures against that hash; [`Keys::for_each_key`] reads the file again, hands out its keys
//! and fails at the end if the bytes are not the ones that were verified.
//!
//! ```
//! use std::io::Cursor;
//!
//! use p256::ecdsa::SigningKey;
//! use p256::pkcs8::{EncodePublicKey, LineEnding};
//! use vungxanh_protocol::diagnosis_key::{DiagnosisKey, ReportType};
//! use vungxanh_protocol::export::*;
//! use vungxanh_protocol::interval::{Interval, RollingPeriod, UnixTime};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The authority writes a batch of one key.
//! let signer = SigningKey::from_slice(&[1; 32])?;
//! let public_key = signer.verifying_key().to_public_key_pem(LineEnding::LF)?;
//! let key = DiagnosisKey {
//!     key: [7; 16],
//!     rolling_start: Interval::new(2_973_600),
//!     rolling_period: RollingPeriod::SIX_HOURS,
//!     report_type: ReportType::ConfirmedTest,
//!     days_since_onset: Some(1),
//!     transmission_risk: 0,
//! };
//! let end = UnixTime::from_secs(1_784_203_200);
//! let header = ExportHeader::single(end.minus(3_600), end, "VN");
//! let info = SignatureInfo::new("vn.hanoi", "v1");
//! let mut bytes = write_export(&header, &[key], &[], &signer, &info)?;
//!
//! // A device reads it. Keys come only from a file whose signature has been verified.
//! let pinned = [VerificationKey::from_pem(&public_key)?];
//! let mut file = ExportFile::open(Cursor::new(&bytes), &Limits::default())?;
//! let mut read = Vec::new();
//! file.verify(&pinned)?.for_each_key(|entry| read.push(entry.key))?;
//! assert_eq!(read, [key]);
//!
//! // Signed by somebody else, it is refused.
//! let forger = SigningKey::from_slice(&[2; 32])?;
//! bytes = write_export(&header, &[key], &[], &forger, &info)?;
//! let refused = ExportFile::open(Cursor::new(&bytes), &Limits::default())?.verify(&pinned).err();
//! assert!(refused.is_some_and(|error| error.is_signature_failure()));
//! # Ok(())
//! # }
//! ```

mod batch;
mod container;
mod error;
mod header;
mod key_entry;
mod key_text;
mod read;
mod signature;
mod source;
mod wire;
mod write;

#[cfg(test)]
mod tests;

pub use batch::{IncompleteBatch, check_batches};
pub use error::ExportError;
pub use header::{ExportHeader, SignatureInfo};
pub use key_entry::{InvalidKeys, KeyDefect, KeyEntry};
pub use key_text::MAX_KEYS_IN_TEXT;
pub use read::{ExportFile, ExportWarning, KeyCounts, Keys};
pub use signature::{SignedBy, VerificationKey};
pub use write::write_export;

/// The first 16 bytes of every `export.bin`.
pub const EXPORT_MAGIC: &[u8; 16] = b"EK Export v1    ";
/// Name of the zip entry that holds the keys.
pub const EXPORT_ENTRY: &str = "export.bin";
/// Name of the zip entry that holds the signatures.
pub const SIGNATURE_ENTRY: &str = "export.sig";
/// Signature algorithm: ECDSA with SHA-256 (RFC 5758), the one that authorities use.
pub const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
/// Signature algorithm: ECDSA with SHA-512 (RFC 5758), which Google's verifier accepts too.
pub const ECDSA_SHA512: &str = "1.2.840.10045.4.3.4";
/// The highest `batch_size` that a reader accepts (Google's verifier).
pub const MAX_BATCH_SIZE: u32 = 1_000_000;

/// What a reader accepts. The default holds the largest files that authorities have published,
/// twice over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the zip, or of a bare `export.bin`.
    pub file_bytes: u64,
    /// Bytes of `export.bin` once inflated, whatever size the zip claims.
    pub export_bytes: u64,
    /// Bytes of `export.sig` once inflated.
    pub signature_bytes: u64,
    /// Entries in the zip.
    pub zip_entries: usize,
    /// Signatures in `export.sig`, and signature infos in `export.bin`.
    pub signatures: usize,
    /// Bytes of each string: region, key id, key version, algorithm, entry name.
    pub string_bytes: usize,
    /// Keys, revised keys included.
    pub keys: u64,
    /// Key entries that are held from the first pass, so that a small file is inflated and hashed
    /// once. A file with more is read twice.
    pub kept_entries: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 * 1024 * 1024,
            export_bytes: 64 * 1024 * 1024,
            signature_bytes: 64 * 1024,
            zip_entries: 16,
            signatures: 16,
            string_bytes: 256,
            keys: 1_000_000,
            kept_entries: 16_384,
        }
    }
}
