//! A document that can be believed.

use ed25519_dalek::VerifyingKey;

use super::{AuthorityDocument, AuthorityError, MAX_SIGNED_BYTES, SIGNING_LABEL, require_root_key};
use crate::interval::UnixTime;
use crate::signed;

/// An authority document whose signature, expiry and bounds have been checked.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedAuthority {
    document: AuthorityDocument,
    root_key: VerifyingKey,
}

impl VerifiedAuthority {
    /// First contact: trusts the root key that the document itself names. The caller compares
    /// [`VerifiedAuthority::fingerprint`] with what the person was given.
    pub fn first_contact(signed: &[u8], now: UnixTime) -> Result<Self, AuthorityError> {
        let unverified = signed::parse(signed, MAX_SIGNED_BYTES)?;
        let root_key = AuthorityDocument::from_json(unverified.unverified_bytes())?.root_key()?;
        Self::read(signed, &root_key, now)
    }

    /// An update: signed by the pinned root key, not expired, and not older than `seen_serial`.
    pub fn update(
        signed: &[u8],
        root_key: &VerifyingKey,
        seen_serial: u64,
        now: UnixTime,
    ) -> Result<Self, AuthorityError> {
        let authority = Self::read(signed, root_key, now)?;
        let found = authority.document.serial;
        if found < seen_serial {
            return Err(AuthorityError::RolledBack { seen: seen_serial, found });
        }
        Ok(authority)
    }

    fn read(signed: &[u8], root_key: &VerifyingKey, now: UnixTime) -> Result<Self, AuthorityError> {
        let bytes = signed::parse(signed, MAX_SIGNED_BYTES)?.verify(SIGNING_LABEL, root_key)?;
        let document = AuthorityDocument::from_json(bytes)?;
        require_root_key(root_key, &document.root_key()?)?;
        if now >= document.expires_at {
            return Err(AuthorityError::Expired(document.expires_at));
        }
        Ok(Self { document, root_key: *root_key })
    }

    /// The document.
    pub const fn document(&self) -> &AuthorityDocument {
        &self.document
    }

    /// The root key that signed it.
    pub const fn root_key(&self) -> &VerifyingKey {
        &self.root_key
    }

    /// SHA-256 of the root key, lower-case hex: what enrolment compares.
    pub fn fingerprint(&self) -> String {
        hex::encode(signed::fingerprint(&self.root_key))
    }
}
