//! Supervised doors: what a door seals of the people it scans, so that they can be warned although no one can
//! read their visits, and the warnings themselves. The normative description is `docs/protocol.md`
//! section 18.
//!
//! ```text
//! door identity of the hour -> DoorRecord, sealed to venue and authority together, at once
//!                                   |
//! one answer of the venue: door share + authority's share = DoorKey (never published or stored)
//!                                   |
//! open_hour -> who overlaps a case -> passes: PassWarnings (a section of the batch)
//!                                     cards and contacts: numbers for officers to call
//! ```

mod batch;
mod card;
mod card_keys;
mod contact;
mod desk;
mod error;
mod key;
mod open;
mod record;
mod warning;

pub use batch::{MAX_SIGNED_BYTES, SIGNING_LABEL, WarningBatchWithPasses};
pub use card::{
    CARD_BYTES, CARD_DOMAIN, CARD_PREFIX, Card, CardIssuer, CardKey, CardUse, CardholderNumber,
};
pub use card_keys::{
    CARD_KEYS_LABEL, CARD_KEYS_PATH, CardKeyList, CardKeys, MAX_CARD_KEYS,
    MAX_SIGNED_CARD_KEYS_BYTES, open_card_half, seal_card_half,
};
pub use contact::{CONTACT_BYTES, Contact, SealedContact};
pub use desk::{DoorDay, Scan};
pub use error::DoorError;
pub use key::{DOOR_DOMAIN, DoorIdentity, DoorKey, DoorShare};
pub use open::{DoorVisit, MAX_RECORDS_PER_HOUR, OpenedHour, open_hour};
pub use record::{
    DoorEvent, DoorRecord, RECORD_BYTES, SealedRecord, Shown, UPLOAD_CLASSES, fill_upload,
    seal_check_in, seal_check_out,
};
pub use warning::{
    ENTRY_BYTES, NOTICES_PER_PASS, PassNotice, PassWarnings, SIZE_CLASSES, VENUE_NAME_BYTES,
    WORDS_BYTES,
};
