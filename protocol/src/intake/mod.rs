//! Who may read declarations: the officers' roster, the intake keys of each local day, and the
//! private halves of those keys sealed to officers. Nothing here lets a server read anything. The
//! normative description is `docs/protocol.md` section 16.

mod error;
mod half;
mod keys;
mod roster;

pub use error::IntakeError;
pub use half::{HALF_BYTES, SealedHalf};
pub use keys::{
    INTAKE_KEYS_LABEL, IntakeKey, IntakeKeyList, IntakeKeys, MAX_INTAKE_DAYS, MAX_INTAKE_KEYS,
    MAX_SIGNED_INTAKE_BYTES, WHOLE_AUTHORITY,
};
pub use roster::{
    MAX_OFFICERS, MAX_SIGNED_ROSTER_BYTES, OFFICERS_LABEL, Officer, Roster, spoken_fingerprint,
};
