//! The authority's part: released keys go into a signed export file, and only from there to
//! phones.

use std::io::Cursor;

use p256::ecdsa::SigningKey;
use p256::pkcs8::{EncodePublicKey, LineEnding};
use vungxanh_protocol::diagnosis_key::DiagnosisKey;
use vungxanh_protocol::export::{
    ExportError, ExportFile, ExportHeader, Limits, SignatureInfo, VerificationKey, write_export,
};
use vungxanh_protocol::interval::UnixTime;

/// The simulated authority signs with this; it is not secret.
const SIGNING_KEY: [u8; 32] = [7; 32];
const REGION: &str = "world";

/// An export file of `keys`.
pub(super) fn export(
    keys: &[DiagnosisKey],
    start: UnixTime,
    end: UnixTime,
) -> Result<Vec<u8>, ExportError> {
    let header = ExportHeader::single(start, end, REGION);
    write_export(&header, keys, &[], &signing_key()?, &SignatureInfo::new(REGION, "v1"))
}

/// Reads the keys of such a file as a phone does, its signature verified.
pub(super) fn read(file: &[u8]) -> Result<Vec<DiagnosisKey>, ExportError> {
    let pem = signing_key()?
        .verifying_key()
        .to_public_key_pem(LineEnding::LF)
        .map_err(|error| ExportError::InvalidPublicKey(error.to_string()))?;
    let public_key = VerificationKey::from_pem(&pem)?.named(REGION, "v1");
    let mut file = ExportFile::open(Cursor::new(file), &Limits::default())?;
    let mut keys = Vec::new();
    file.verify(&[public_key])?.for_each_key(|entry| keys.push(entry.key))?;
    Ok(keys)
}

fn signing_key() -> Result<SigningKey, ExportError> {
    SigningKey::from_slice(&SIGNING_KEY).map_err(|error| ExportError::Signing(error.to_string()))
}
