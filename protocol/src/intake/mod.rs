//! Who may read declarations: the officers' roster, the intake keys of each local day, and the
//! private halves of those keys sealed to officers. Nothing here lets a server read anything. The
//! normative description is `docs/protocol.md` section 16.

mod error;
mod half;
mod key_file;
mod keys;
mod roster;

pub use error::IntakeError;
pub(crate) use half::Place;
pub use half::{HALF_BYTES, SealedHalf};
pub use key_file::OfficerKeyFile;
pub use keys::{
    INTAKE_KEYS_LABEL, INTAKE_KEYS_PATH, IntakeKey, IntakeKeyList, IntakeKeys, MAX_INTAKE_DAYS,
    MAX_INTAKE_KEYS, MAX_SIGNED_INTAKE_BYTES, WHOLE_AUTHORITY,
};
pub use roster::{
    MAX_OFFICERS, MAX_SIGNED_ROSTER_BYTES, OFFICERS_LABEL, OFFICERS_PATH, Officer, Roster,
    spoken_fingerprint,
};
