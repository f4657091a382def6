//! Venues: signed posters, sealed check-ins that two parties together can open, and warnings that
//! neither of them can make alone. Two-party Boneh-Franklin encryption on BLS12-381; the normative
//! description is `docs/protocol.md` section 14.
//!
//! ```text
//! poster (QR), display (QR of the hour) -> slot identity, notify key (an hour each)
//!                    |
//! visit -> sealed cell (192 B) under venue key + authority key -> CellTable, among decoys
//!                    |
//! venue's share + authority's share = slot key -> warning -> signed batch, among decoys
//!                    |
//! CellTable x WarningBatch -> VenueExposure -> risk (daily summaries, with encounters)
//! ```
//!
//! A visit is sealed to venue and authority together, and opens with both parties' shares only:
//!
//! ```
//! use vungxanh_protocol::interval::UnixTime;
//! use vungxanh_protocol::venue::VenueError;
//! use vungxanh_protocol::venue::party::{MasterKey, Party, PartySecret};
//! use vungxanh_protocol::venue::sealed::{SealedVisit, SlotVisit};
//! use vungxanh_protocol::venue::slot::{Hour, SlotDeriver};
//! use vungxanh_protocol::venue::slot_key::SlotKey;
//!
//! # fn main() -> Result<(), VenueError> {
//! let mut rng = rand::rng();
//! let (venue, authority) = (PartySecret::generate(&mut rng), PartySecret::generate(&mut rng));
//! let proven =
//!     authority.public_key().proven(&authority.prove(Party::Authority), Party::Authority)?;
//! let master = MasterKey::join(&venue.public_key(), &proven)?;
//!
//! // The device knows the slot from the poster that it has scanned.
//! let hour = Hour::at(UnixTime::from_secs(1_784_203_200));
//! let slots = SlotDeriver::of_poster(b"a poster's payload");
//! let slot = slots.identity(hour);
//! let visit = SlotVisit {
//!     from: hour.start().plus(5 * 60),
//!     until: hour.start().plus(50 * 60),
//!     notify_key: slots.notify_key(hour),
//!     companions: 1,
//!     venue: "Chợ Đồng Xuân".into(),
//! };
//! let sealed = SealedVisit::seal(&visit, hour, &slot, &master, &mut rng)?;
//!
//! let (of_venue, of_authority) = (venue.share(&slot), authority.share(&slot));
//! let key = SlotKey::join(&of_venue, &of_authority, &master, &slot)?;
//! assert!(sealed.open(hour, &key) == Some(visit));
//!
//! // One party twice does not make the key.
//! let alone = SlotKey::join(&of_authority, &of_authority, &master, &slot);
//! assert_eq!(alone, Err(VenueError::WrongShare));
//! # Ok(())
//! # }
//! ```

pub mod batch;
pub mod cells;
pub mod disclosure;
pub mod disclosure_code;
pub mod display;
pub mod exposure;
pub mod key_file;
pub mod keys;
pub mod party;
pub mod poster;
pub mod recovery;
pub mod rules;
pub mod sealed;
pub mod slot;
pub mod slot_key;
pub mod sources;
pub mod warning;

pub use error::VenueError;

mod error;
mod shown;
