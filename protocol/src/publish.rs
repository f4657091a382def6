//! What a positive person's device uploads: key list, HMAC over it, redaction, padding, and the
//! look-alikes that every device sends.

use std::ops::Range;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rand::RngExt;

use crate::api::{MAX_PUBLISHED_KEYS, PublishedKey};
use crate::diagnosis_key::DiagnosisKey;
use crate::exposure_key::TemporaryExposureKey;
use crate::interval::{DAY_SECONDS, INTERVAL_SECONDS, Interval, RollingPeriod, UnixTime};
use crate::mac::hmac_sha256;
use crate::own_keys::PUBLISHED_DAYS;

/// The HMAC key that ties a certificate to a key list: 16 random bytes.
pub const HMAC_KEY_BYTES: usize = 16;
/// The share of older keys that a look-alike's list lacks.
const SHARE_MISSING: f64 = 0.05;

/// Whether the transmission risk is part of the text that is authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransmissionRisk {
    /// `key.start.count.risk`
    Included,
    /// `key.start.count`, allowed when every risk is 0.
    Omitted,
}

/// The text over which the key list's HMAC is made (exposure-notifications-verification-server,
/// "Calculating the TEK HMAC"): `base64.start.count[.risk]` joined by commas, sorted by the
/// base64 text.
pub fn hmac_text(keys: &[PublishedKey], risk: TransmissionRisk) -> String {
    let mut sorted: Vec<&PublishedKey> = keys.iter().collect();
    sorted.sort_by(|a, b| a.key.cmp(&b.key));
    let items: Vec<String> = sorted
        .iter()
        .map(|key| {
            let PublishedKey { key, rolling_start_number, rolling_period, transmission_risk } = key;
            match risk {
                TransmissionRisk::Included => {
                    format!("{key}.{rolling_start_number}.{rolling_period}.{transmission_risk}")
                }
                TransmissionRisk::Omitted => {
                    format!("{key}.{rolling_start_number}.{rolling_period}")
                }
            }
        })
        .collect();
    items.join(",")
}

/// The key list's HMAC-SHA256.
pub fn tek_hmac(keys: &[PublishedKey], risk: TransmissionRisk, hmac_key: &[u8]) -> [u8; 32] {
    hmac_sha256(hmac_key, &[hmac_text(keys, risk).as_bytes()])
}

/// Keeps the keys that do not touch any of the periods that the person leaves out, newest first,
/// at most [`MAX_PUBLISHED_KEYS`].
pub fn redact<'k>(
    keys: &[&'k TemporaryExposureKey],
    leave_out: &[Range<UnixTime>],
) -> Vec<&'k TemporaryExposureKey> {
    let mut kept: Vec<_> = keys
        .iter()
        .copied()
        .filter(|key| {
            let (start, end) = (key.rolling_start().start(), key.rolling_end().start());
            !leave_out.iter().any(|range| start < range.end && range.start < end)
        })
        .collect();
    kept.sort_by_key(|key| std::cmp::Reverse(key.rolling_start()));
    kept.truncate(MAX_PUBLISHED_KEYS);
    kept
}

impl From<&TemporaryExposureKey> for PublishedKey {
    fn from(key: &TemporaryExposureKey) -> Self {
        Self {
            key: BASE64_STANDARD.encode(key.key().expose()),
            rolling_start_number: key.rolling_start().number().into(),
            rolling_period: key.rolling_period().intervals().into(),
            transmission_risk: 0,
        }
    }
}

/// A key list for a dummy upload: fresh random keys for the running rolling period and every one that
/// ended within the last `retention_days` (at most [`PUBLISHED_DAYS`]), some of the older ones
/// missing as with a device that was off or a person who left periods out. Newest first, as from
/// [`redact`]. Never published.
pub fn dummy_keys(
    now: UnixTime,
    rolling_period: RollingPeriod,
    retention_days: u32,
    rng: &mut impl rand::CryptoRng,
) -> Vec<PublishedKey> {
    let period = rolling_period.intervals();
    let running = now.interval().period_start(rolling_period);
    let kept = u64::from(retention_days.min(PUBLISHED_DAYS)) * DAY_SECONDS;
    let oldest = now.minus(kept).interval();
    std::iter::successors(Some(running), |start| {
        start.number().checked_sub(period).map(Interval::new)
    })
    .take_while(|start| start.plus(period) > oldest)
    .filter(|start| *start == running || !rng.random_bool(SHARE_MISSING))
    .take(MAX_PUBLISHED_KEYS)
    .collect::<Vec<_>>()
    .into_iter()
    .map(|start| PublishedKey::from(&TemporaryExposureKey::generate(start, rolling_period, rng)))
    .collect()
}

/// The earliest moment at which a server publishes a key: a whole hour, after every reader has
/// stopped believing identifiers of it. `largest_tolerance` is in intervals.
pub fn release_time(key: &DiagnosisKey, largest_tolerance: u32) -> UnixTime {
    key.rolling_end()
        .start()
        .plus((u64::from(largest_tolerance) + 2) * INTERVAL_SECONDS)
        .ceil_to(3_600)
}
