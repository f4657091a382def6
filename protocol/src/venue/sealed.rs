//! A visit, sealed to a slot under the joint key of venue and authority.

use std::fmt;

use zeroize::{Zeroize, Zeroizing};

use super::VenueError;
use super::party::MasterKey;
use super::slot::{Hour, NotifyKey, SlotIdentity};
use super::slot_key::{SLOT_DOMAIN, SlotKey};
use crate::full_ident::{self, Parsed, Purpose};
use crate::interval::UnixTime;
use crate::read::{Reader, push_padded};
use crate::secret::SecretBytes;

/// Bytes of a sealed visit.
pub const SEALED_BYTES: usize = full_ident::OVERHEAD_BYTES + PLAIN_BYTES;
/// Bytes of a visit before sealing.
pub const PLAIN_BYTES: usize = 96;
/// The longest venue name that a visit keeps, in bytes of UTF-8.
pub const VENUE_NAME_BYTES: usize = 54;
const PURPOSE: Purpose = Purpose {
    domain: SLOT_DOMAIN,
    scalar_info: b"VX-VENUE-R-1",
    mask_label: b"VX-VENUE-MASK-1",
    aead_info: b"VX-VENUE-CELL-1",
};

/// A visit within one slot, as the device seals it.
#[derive(Clone, PartialEq, Eq)]
pub struct SlotVisit {
    /// From when on, in the slot's hour.
    pub from: UnixTime,
    /// Until when (exclusive), in the slot's hour or at its end.
    pub until: UnixTime,
    /// Opens warnings about the slot.
    pub notify_key: NotifyKey,
    /// How many other persons the device stood for.
    pub companions: u8,
    /// The venue's name, shortened to [`VENUE_NAME_BYTES`]. Shown only to the device's owner.
    pub venue: String,
}

impl SlotVisit {
    fn encode(&self, hour: Hour) -> Result<Zeroizing<Vec<u8>>, VenueError> {
        self.check(hour)?;
        let mut plain = Zeroizing::new(Vec::with_capacity(PLAIN_BYTES));
        for time in [self.from, self.until] {
            let seconds =
                u32::try_from(time.as_secs()).map_err(|_| VenueError::TimesOutsideSlot)?;
            plain.extend_from_slice(&seconds.to_be_bytes());
        }
        plain.extend_from_slice(self.notify_key.expose());
        plain.push(self.companions);
        push_padded(&mut plain, &self.venue, VENUE_NAME_BYTES);
        Ok(plain)
    }

    fn decode(plain: &[u8], hour: Hour) -> Result<Self, VenueError> {
        let mut reader = Reader::new("the visit", plain);
        let from = UnixTime::from_secs(reader.u32()?.into());
        let until = UnixTime::from_secs(reader.u32()?.into());
        let mut key = reader.array()?;
        let notify_key = SecretBytes::new(key);
        key.zeroize();
        let companions = reader.byte()?;
        let venue = reader.padded_text(VENUE_NAME_BYTES)?;
        reader.end()?;
        let visit = Self { from, until, notify_key, companions, venue };
        visit.check(hour)?;
        Ok(visit)
    }

    fn check(&self, hour: Hour) -> Result<(), VenueError> {
        let inside = hour.start() <= self.from && self.from < self.until;
        if inside && self.until <= hour.end() { Ok(()) } else { Err(VenueError::TimesOutsideSlot) }
    }
}

impl fmt::Debug for SlotVisit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SlotVisit(..)")
    }
}

/// A sealed visit, or a decoy: only the slot's key shows which.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedVisit([u8; SEALED_BYTES]);

impl SealedVisit {
    /// Takes over the bytes. Any bytes can be a sealed visit; only opening shows it.
    pub const fn from_bytes(bytes: [u8; SEALED_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; SEALED_BYTES] {
        &self.0
    }

    /// A random point and random bytes: what a sealed visit looks like.
    pub fn decoy(rng: &mut impl rand::CryptoRng) -> Self {
        let mut cell = [0; SEALED_BYTES];
        full_ident::fill_decoy(&mut cell, rng);
        Self(cell)
    }

    /// Seals `visit` so that only the slot's key opens it.
    pub fn seal(
        visit: &SlotVisit,
        hour: Hour,
        slot: &SlotIdentity,
        master: &MasterKey,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, VenueError> {
        Self::seal_with(visit, hour, slot, master, &SecretBytes::generate(rng))
    }

    /// As [`SealedVisit::seal`], with the 32 random bytes x given. For test vectors; x must never
    /// be used twice.
    pub fn seal_with(
        visit: &SlotVisit,
        hour: Hour,
        slot: &SlotIdentity,
        master: &MasterKey,
        x: &SecretBytes<32>,
    ) -> Result<Self, VenueError> {
        let plain = visit.encode(hour)?;
        let sealed = PURPOSE.seal(plain, slot.expose(), master.point(), x);
        let wrong_length =
            |sealed: Vec<u8>| VenueError::Length { what: "the visit", bytes: sealed.len() };
        sealed.ok_or(VenueError::BadScalar)?.try_into().map(Self).map_err(wrong_length)
    }

    /// The visit, if this is one of the slot whose key it is.
    pub fn open(&self, hour: Hour, key: &SlotKey) -> Option<SlotVisit> {
        self.read().ok()?.open(hour, key)
    }

    /// Checks the point, which is done once for all keys that are tried.
    pub(super) fn read(&self) -> Result<ReadCell<'_>, VenueError> {
        full_ident::parse(&self.0).map(ReadCell).ok_or(VenueError::BadPoint("the sealed visit"))
    }
}

impl fmt::Debug for SealedVisit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedVisit(..)")
    }
}

pub(super) struct ReadCell<'a>(Parsed<'a>);

impl ReadCell<'_> {
    pub(super) fn open(&self, hour: Hour, key: &SlotKey) -> Option<SlotVisit> {
        let plain = PURPOSE.open(&self.0, key.point())?;
        SlotVisit::decode(&plain, hour).ok()
    }
}
