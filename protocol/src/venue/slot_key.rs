//! The key of a slot: an ordinary BLS signature over the slot's identity by the joint key, put
//! together from a share of each party.

use std::fmt;

use blst::min_pk::{AggregateSignature, Signature};

use super::VenueError;
use super::party::{MasterKey, PartyKey, PartySecret, read_g2, verifies};
use super::slot::SlotIdentity;

/// Bytes of a share or a slot key: a compressed point of G2.
pub const SLOT_KEY_BYTES: usize = 96;
/// Domain separation of slot identities (RFC 9380 section 3.1).
pub const SLOT_DOMAIN: &[u8] = b"VX-VENUE-SLOT-1_BLS12381G2_XMD:SHA-256_SSWU_RO_";

/// One party's half of a slot key. Secret until the other half is given.
#[derive(Clone, PartialEq, Eq)]
pub struct SlotShare(Signature);

impl PartySecret {
    /// This party's half of a slot's key.
    pub fn share(&self, slot: &SlotIdentity) -> SlotShare {
        SlotShare(self.sign(slot.expose(), SLOT_DOMAIN))
    }
}

impl SlotShare {
    /// Reads a compressed point and checks it.
    pub fn from_bytes(bytes: &[u8; SLOT_KEY_BYTES]) -> Result<Self, VenueError> {
        read_g2(bytes, "the share").map(Self)
    }

    /// The compressed point.
    pub fn to_bytes(&self) -> [u8; SLOT_KEY_BYTES] {
        self.0.compress()
    }

    /// Whether the holder of `key` made it for `slot`.
    pub fn verify(&self, key: &PartyKey, slot: &SlotIdentity) -> Result<(), VenueError> {
        verifies(&self.0, slot.expose(), SLOT_DOMAIN, key.point())
            .then_some(())
            .ok_or(VenueError::WrongShare)
    }
}

impl fmt::Debug for SlotShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SlotShare(..)")
    }
}

/// Opens every visit of one slot, and is published with the warning about it.
#[derive(Clone, PartialEq, Eq)]
pub struct SlotKey(Signature);

impl SlotKey {
    /// The sum of both parties' shares, verified under the joint key.
    pub fn join(
        venue: &SlotShare,
        authority: &SlotShare,
        master: &MasterKey,
        slot: &SlotIdentity,
    ) -> Result<Self, VenueError> {
        let sum = AggregateSignature::aggregate(&[&venue.0, &authority.0], true)
            .map_err(|_| VenueError::BadPoint("the slot key"))?;
        let key = Self(sum.to_signature());
        key.verify(master, slot)?;
        Ok(key)
    }

    /// Reads a compressed point and checks it; only opening shows for whom it opens anything.
    pub fn from_bytes(bytes: &[u8; SLOT_KEY_BYTES]) -> Result<Self, VenueError> {
        read_g2(bytes, "the slot key").map(Self)
    }

    /// The compressed point.
    pub fn to_bytes(&self) -> [u8; SLOT_KEY_BYTES] {
        self.0.compress()
    }

    /// Whether both parties together made it for `slot`. Anyone who holds the poster can ask.
    pub fn verify(&self, master: &MasterKey, slot: &SlotIdentity) -> Result<(), VenueError> {
        verifies(&self.0, slot.expose(), SLOT_DOMAIN, master.point())
            .then_some(())
            .ok_or(VenueError::WrongShare)
    }

    pub(super) const fn point(&self) -> &Signature {
        &self.0
    }
}

impl fmt::Debug for SlotKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SlotKey(..)")
    }
}
