//! The authority document, made from configuration, profile and keys.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{SigningKey, VerifyingKey};
use vungxanh_protocol::api::{EXPORTS_PATH, WARNINGS_PATH};
use vungxanh_protocol::authority::{
    AuthorityDocument, DeclarationRules, ExportKey, MAX_SIGNED_BYTES, SIGNING_LABEL,
};
use vungxanh_protocol::interval::{DAY_SECONDS, UnixTime};
use vungxanh_protocol::signed;
use vungxanh_protocol::venue::keys::VenueKey;

use crate::authority::config::Config;
use crate::authority::disease_profile::Profile;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::i18n::Text;
use crate::platform::atomic_file::{self, replace};

/// How long a document is valid: an attacker can show people an old one for this long.
const VALID_DAYS: u64 = 90;

/// The signed document and what it says.
#[derive(Debug, Clone, PartialEq)]
pub struct Signed {
    pub bytes: Vec<u8>,
    pub document: AuthorityDocument,
}

/// The keys that a document names.
#[derive(Debug, Clone)]
pub struct DocumentKeys {
    pub export: Vec<ExportKey>,
    pub venues: Vec<VenueKey>,
}

/// The document that configuration, profile and keys make, to be signed by `root`.
pub fn make(
    config: &Config,
    profile: &Profile,
    keys: DocumentKeys,
    root: &VerifyingKey,
    serial: u64,
    now: UnixTime,
) -> AuthorityDocument {
    AuthorityDocument {
        format: 1,
        id: config.authority.id.clone(),
        name: config.authority.name.clone(),
        serial,
        issued_at: now,
        expires_at: now.plus(VALID_DAYS * DAY_SECONDS),
        root_key: BASE64_STANDARD.encode(root.as_bytes()),
        regions: vec![config.authority.region.clone()],
        exports: match config.storage.exports_url.as_str() {
            "" => EXPORTS_PATH.to_owned(),
            url => format!("{url}/"),
        },
        export_keys: keys.export,
        warnings: WARNINGS_PATH.to_owned(),
        tracing: profile.tracing.clone(),
        risk: profile.risk.clone(),
        venues: profile.venues.clone(),
        venue_keys: keys.venues,
        advice: profile.advice.clone(),
        contacts: profile.contacts,
        declarations: Some(DeclarationRules {
            retention_days: config.declarations.retention_days,
            symptoms: profile.symptoms.clone(),
            phone_code: config.declarations.phone_code,
        }),
    }
}

/// Signs a document, unless every device would refuse it.
pub fn sign(document: AuthorityDocument, root: &SigningKey) -> Result<Signed, FileError> {
    Ok(Signed { bytes: document.to_signed(root)?, document })
}

/// A signed document as it is stored, whose signature was verified before.
pub fn of_signed(bytes: &[u8]) -> Result<Signed, FileError> {
    let document = AuthorityDocument::from_json(unsigned(bytes)?)?;
    Ok(Signed { bytes: bytes.to_vec(), document })
}

/// Reads the document in the folder and checks that its root key signed it.
pub fn read(folder: &Folder) -> Result<Signed, FileError> {
    let path = folder.document();
    let bytes = atomic_file::read(&path).map_err(FileError::io(&path))?;
    read_signed(&path, bytes)
}

/// The same of what stands in a file elsewhere.
pub fn read_signed(path: &Path, bytes: Vec<u8>) -> Result<Signed, FileError> {
    let document = AuthorityDocument::from_json(unsigned(&bytes)?)?;
    let root_key = document.root_key()?;
    signed::parse(&bytes, MAX_SIGNED_BYTES)
        .and_then(|unverified| unverified.verify(SIGNING_LABEL, &root_key).map(|_| ()))
        .map_err(|error| FileError::Content { path: path.into(), reason: Text::foreign(error) })?;
    Ok(Signed { bytes, document })
}

/// Puts the document where the server finds it.
pub fn write(folder: &Folder, signed: &Signed) -> Result<(), FileError> {
    let path = folder.document();
    replace(&path, &signed.bytes, 0o644).map_err(FileError::io(&path))
}

/// What a device is enrolled with: `URL#sha256=FINGERPRINT`.
pub fn enrolment_line(document: &AuthorityDocument, url: &str) -> Result<String, FileError> {
    Ok(format!("{url}#sha256={}", fingerprint(document)?))
}

/// SHA-256 of the root key, lower-case hex.
pub fn fingerprint(document: &AuthorityDocument) -> Result<String, FileError> {
    Ok(hex::encode(signed::fingerprint(&document.root_key()?)))
}

/// The same in groups of four digits, as people compare it.
pub fn fingerprint_in_groups(document: &AuthorityDocument) -> Result<String, FileError> {
    let digits = fingerprint(document)?;
    let groups = digits.as_bytes().chunks(4).map(String::from_utf8_lossy);
    Ok(groups.collect::<Vec<_>>().join(" "))
}

fn unsigned(bytes: &[u8]) -> Result<&[u8], FileError> {
    let unverified = signed::parse(bytes, MAX_SIGNED_BYTES).map_err(|error| {
        FileError::Refused(Text::ours("error-document-file").with("reason", error))
    })?;
    Ok(unverified.unverified_bytes())
}
