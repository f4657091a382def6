//! What one fetch goes by: the authority, the time, the keys that may have signed files, and where these are.

use std::sync::Arc;

use vungxanh_protocol::authority::{AuthorityDocument, AuthorityError};
use vungxanh_protocol::export::VerificationKey;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::venue::keys::ProvenVenueKey;

use super::http::ServerUrl;
use super::{Enrolled, SyncError};

/// What a fetch goes by.
#[derive(Clone)]
pub(super) struct FetchContext {
    pub(super) enrolled: Arc<Enrolled>,
    /// The authority's time where it is known, else this device's: a batch is matched once, and a clock
    /// that is ahead would leave out what was heard, one that is behind the newest keys.
    pub(super) now: UnixTime,
    /// Where export files are.
    pub(super) exports: ServerUrl,
    /// What may have signed them.
    pub(super) keys: Arc<[VerificationKey]>,
    /// Where batches of warnings are, if the authority has venues.
    pub(super) warnings: Option<ServerUrl>,
    /// What may have signed them.
    pub(super) venue_keys: Arc<[ProvenVenueKey]>,
}

impl FetchContext {
    /// `at` is when documents and keys must be valid.
    pub(super) fn new(
        enrolled: Arc<Enrolled>,
        now: UnixTime,
        at: UnixTime,
    ) -> Result<Self, SyncError> {
        let document = enrolled.authority.document();
        if at >= document.expires_at {
            return Err(AuthorityError::Expired(document.expires_at).into());
        }
        let exports = enrolled.url.folder(&document.exports)?;
        let keys = document
            .export_keys
            .iter()
            .filter_map(|key| VerificationKey::from_authority(key, at).ok())
            .collect();
        let valid = |key: &ProvenVenueKey| key.not_before <= at && at < key.not_after;
        let venue_keys: Arc<[_]> =
            document.proven_venue_keys()?.into_iter().filter(valid).collect();
        let warnings = (!document.venue_keys.is_empty())
            .then(|| enrolled.url.folder(&document.warnings))
            .transpose()?;
        Ok(Self { enrolled, now, exports, keys, warnings, venue_keys })
    }

    pub(super) fn document(&self) -> &AuthorityDocument {
        self.enrolled.authority.document()
    }
}
