//! Slots: a venue in one hour, with the identity that is signed for it and its notify key.

use std::fmt;

use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::interval::UnixTime;
use crate::mac::expand;
use crate::secret::SecretBytes;

/// Seconds in one slot.
pub const SLOT_SECONDS: u64 = 3_600;
/// Bytes of the seed that a display shows in one hour.
pub const SEED_BYTES: usize = 16;
const VENUE_SALT: &[u8] = b"VX-VENUE-1";
const VENUE_KEY_INFO: &[u8] = b"venue-key";
const SLOT_INFO: &[u8] = b"slot-id";
const NOTIFY_INFO: &[u8] = b"notify";

/// An hour, counted from the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hour(u32);

impl Hour {
    /// From hours since the epoch.
    pub const fn new(hours: u32) -> Self {
        Self(hours)
    }

    /// The hour that contains `time`.
    pub fn at(time: UnixTime) -> Self {
        Self(u32::try_from(time.as_secs() / SLOT_SECONDS).unwrap_or(u32::MAX))
    }

    /// Hours since the epoch.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Its first second.
    pub const fn start(self) -> UnixTime {
        UnixTime::from_secs(self.0 as u64 * SLOT_SECONDS)
    }

    /// The first second after it.
    pub const fn end(self) -> UnixTime {
        UnixTime::from_secs((self.0 as u64 + 1) * SLOT_SECONDS)
    }

    /// The hours that the time `from..until` touches; none where it is empty.
    pub fn touched(from: UnixTime, until: UnixTime) -> impl Iterator<Item = Self> {
        let first = Self::at(from).0;
        let last = if from < until { Self::at(until.minus(1)).0 } else { 0 };
        (first..=last).filter(move |_| from < until).map(Self)
    }
}

/// Opens warnings about one slot. Anyone who holds the poster can compute it.
pub type NotifyKey = SecretBytes<32>;

/// What the two parties sign for a slot. It reveals nothing to anyone without the poster.
#[derive(Clone, PartialEq, Eq)]
pub struct SlotIdentity(SecretBytes<32>);

impl SlotIdentity {
    /// The 32 bytes.
    pub const fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }
}

impl fmt::Debug for SlotIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SlotIdentity(..)")
    }
}

/// The key that a poster derives to, from which its slots' identities and notify keys come. It
/// never enters a message.
#[derive(Clone, PartialEq, Eq)]
pub struct SlotDeriver(SecretBytes<32>);

impl SlotDeriver {
    /// From the whole payload of a printed poster, its signature included.
    pub fn of_poster(payload: &[u8]) -> Self {
        Self(expand(&Hkdf::<Sha256>::new(Some(VENUE_SALT), payload), &[VENUE_KEY_INFO]))
    }

    /// From what a display showed in an hour: the poster's whole payload, the hour and the seed.
    pub fn of_display(payload: &[u8], scan_hour: Hour, seed: &SecretBytes<SEED_BYTES>) -> Self {
        let source = [payload, &scan_hour.0.to_be_bytes(), seed.expose()].concat();
        Self::of_poster(&Zeroizing::new(source))
    }

    /// What is signed for `hour`.
    pub fn identity(&self, hour: Hour) -> SlotIdentity {
        SlotIdentity(self.derive(SLOT_INFO, hour))
    }

    /// What opens warnings about `hour`.
    pub fn notify_key(&self, hour: Hour) -> NotifyKey {
        self.derive(NOTIFY_INFO, hour)
    }

    pub(crate) fn derive(&self, info: &[u8], hour: Hour) -> SecretBytes<32> {
        let hkdf = Hkdf::<Sha256>::new(None, self.0.expose());
        expand(&hkdf, &[info, &hour.0.to_be_bytes()])
    }
}

impl fmt::Debug for SlotDeriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SlotDeriver(..)")
    }
}
