//! A publication on its way, as it stands in the store: what an interruption leaves.

use std::ops::Range;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use vungxanh_protocol::api::PublishedKey;
use vungxanh_protocol::exposure_key::TemporaryExposureKey;
use vungxanh_protocol::interval::{Interval, RollingPeriod, UnixTime};
use vungxanh_protocol::secret::SecretBytes;

use super::records::REPORT;
use super::{Sync, SyncError};
use crate::control_api::Period;
use crate::store::state;

/// A publication on its way, stored before each step.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(super) code: String,
    /// Made before the code is sent: with it the exchange can be repeated.
    pub(super) nonce: String,
    pub(super) token: String,
    pub(super) report_type: String,
    pub(super) onset: Option<Interval>,
    /// What the person leaves out. Earlier programs stored it with the list only.
    #[serde(default)]
    pub(super) leave_out: Vec<Range<UnixTime>>,
    pub(super) listed: Option<KeyList>,
    pub(super) certificate: Option<String>,
    /// A request that may have published the keys has been made.
    pub(super) sent: bool,
}

/// What is to be published.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct KeyList {
    /// When the list was made: keys that had begun by then are retired.
    pub(super) at: UnixTime,
    pub(super) leave_out: Vec<Range<UnixTime>>,
    pub(super) keys: Vec<PublishedKey>,
    /// Keys that are retired without being published.
    pub(super) left_out: Vec<PublishedKey>,
    /// Base64.
    pub(super) hmac_key: String,
}

impl Pending {
    pub(super) const fn new() -> Self {
        Self {
            code: String::new(),
            nonce: String::new(),
            token: String::new(),
            report_type: String::new(),
            onset: None,
            leave_out: Vec::new(),
            listed: None,
            certificate: None,
            sent: false,
        }
    }

    /// What the person leaves out.
    pub(crate) fn choice(&self) -> &[Range<UnixTime>] {
        self.listed.as_ref().map_or(&self.leave_out, |list| &list.leave_out)
    }

    /// Whether its keys may be public: then the choice cannot be changed any more.
    pub(crate) const fn may_be_public(&self) -> bool {
        self.sent
    }

    /// The periods that are published and those that are left out, once that is settled.
    pub(crate) fn listed_periods(&self) -> Option<(Vec<Period>, Vec<Period>)> {
        let periods = |keys: &[PublishedKey]| {
            keys.iter().filter_map(own_key).map(|key| period(&key)).collect()
        };
        self.listed.as_ref().map(|list| (periods(&list.keys), periods(&list.left_out)))
    }
}

impl Sync {
    /// A publication that was interrupted and waits for [`Sync::report`] with the same code, or for
    /// [`Sync::resume_report`].
    pub(crate) fn pending_report(&self) -> Result<Option<Pending>, SyncError> {
        Ok(state(self.shared.store.as_ref(), REPORT)?)
    }

    /// Whether there is one.
    pub fn has_pending_report(&self) -> Result<bool, SyncError> {
        Ok(self.pending_report()?.is_some())
    }
}

/// When a key is used.
pub(crate) fn period(key: &TemporaryExposureKey) -> Period {
    Period { start: key.rolling_start().start(), end: key.rolling_end().start() }
}

pub(super) fn own_key(published: &PublishedKey) -> Option<TemporaryExposureKey> {
    let bytes = BASE64_STANDARD.decode(&published.key).ok()?;
    Some(TemporaryExposureKey::new(
        SecretBytes::from_slice(&bytes)?,
        Interval::new(u32::try_from(published.rolling_start_number).ok()?),
        RollingPeriod::new(published.rolling_period).ok()?,
    ))
}
