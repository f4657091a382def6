//! The key of a door in one hour: put together from a share of the venue and one of the authority, and
//! from the answer to one request only. Published slot keys open no record of a door.

use std::fmt;

use blst::min_pk::{AggregateSignature, Signature};

use crate::secret::SecretBytes;
use crate::venue::VenueError;
use crate::venue::party::{MasterKey, PartyKey, PartySecret, read_g2, verifies};
use crate::venue::slot::{Hour, SlotDeriver};

/// Domain separation of doors' identities (RFC 9380 section 3.1).
pub const DOOR_DOMAIN: &[u8] = b"VX-DOOR-SLOT-1_BLS12381G2_XMD:SHA-256_SSWU_RO_";

/// What the two parties sign for a door in one hour.
#[derive(Clone, PartialEq, Eq)]
pub struct DoorIdentity(SecretBytes<32>);

impl DoorIdentity {
    /// The 32 bytes.
    pub const fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }
}

impl fmt::Debug for DoorIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DoorIdentity(..)")
    }
}

impl SlotDeriver {
    /// What is sealed to and signed for the door in `hour`. Of a display it is that of its payload
    /// without a code: a door does not look at the screen.
    pub fn door_identity(&self, hour: Hour) -> DoorIdentity {
        DoorIdentity(self.derive(b"door-id", hour))
    }
}

/// One party's half of a door's key.
#[derive(Clone, PartialEq, Eq)]
pub struct DoorShare(Signature);

impl DoorShare {
    /// Reads a compressed point and checks it.
    pub fn from_bytes(bytes: &[u8; 96]) -> Result<Self, VenueError> {
        read_g2(bytes, "the door's share").map(Self)
    }

    /// The compressed point.
    pub fn to_bytes(&self) -> [u8; 96] {
        self.0.compress()
    }

    /// Whether the holder of `key` made it for `door`.
    pub fn verify(&self, key: &PartyKey, door: &DoorIdentity) -> Result<(), VenueError> {
        let right = verifies(&self.0, door.expose(), DOOR_DOMAIN, key.point());
        right.then_some(()).ok_or(VenueError::WrongShare)
    }
}

impl fmt::Debug for DoorShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DoorShare(..)")
    }
}

impl PartySecret {
    /// This party's half of a door's key. Never given in advance.
    pub fn door_share(&self, door: &DoorIdentity) -> DoorShare {
        DoorShare(self.sign(door.expose(), DOOR_DOMAIN))
    }
}

/// Opens the records of a door in one hour. It has no bytes: it is used where it was joined, and is
/// not stored or published, because the records lie on the server.
#[derive(Clone, PartialEq, Eq)]
pub struct DoorKey(Signature);

impl DoorKey {
    /// The sum of both parties' shares, verified under the joint key.
    pub fn join(
        venue: &DoorShare,
        authority: &DoorShare,
        master: &MasterKey,
        door: &DoorIdentity,
    ) -> Result<Self, VenueError> {
        let sum = AggregateSignature::aggregate(&[&venue.0, &authority.0], true);
        let sum = sum.map_err(|_| VenueError::BadPoint("the door's key"))?.to_signature();
        let right = verifies(&sum, door.expose(), DOOR_DOMAIN, master.point());
        right.then_some(Self(sum)).ok_or(VenueError::WrongShare)
    }

    pub(super) const fn point(&self) -> &Signature {
        &self.0
    }
}

impl fmt::Debug for DoorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DoorKey(..)")
    }
}
