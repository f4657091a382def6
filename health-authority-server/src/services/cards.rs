//! Making printed cards for people without a device.

use vungxanh_protocol::door::{Card, CardUse, CardholderNumber, DoorError};
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::local_day::LocalTime;

use crate::authority::document;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::authority::intake::{card_issuer, read_card_keys};
use crate::domain::quarter::Quarter;

/// The most cards of one sheet.
pub const MAX_CARDS: u16 = 500;

/// Why no card was made.
#[derive(Debug, thiserror::Error)]
pub enum CardError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Door(#[from] DoorError),
    /// The running quarter has no key.
    #[error("there is no key for cards of this quarter")]
    NoKey,
    /// What makes cards is not on this machine.
    #[error("what makes cards of this quarter is not on this machine, or was destroyed")]
    NoSecret,
    /// Before today, or after the key's last day.
    #[error(
        "the last day is over, or after the last day on which cards of this quarter can be good"
    )]
    LastDay { latest: u16 },
}

/// Which cards are to be made.
#[derive(Debug)]
pub struct CardOrder {
    pub number: CardholderNumber,
    /// How many for one use each; none: one that lasts.
    pub single: Option<u16>,
    /// The last local day, or as long as the key allows.
    pub last_day: Option<u16>,
}

/// Makes cards with the running quarter's key.
pub fn make(
    folder: &Folder,
    order: &CardOrder,
    local_time: LocalTime,
    now: UnixTime,
) -> Result<Vec<Card>, CardError> {
    let today = local_time.day(now);
    let keys = read_card_keys(folder)?.ok_or(CardError::NoKey)?;
    let of_quarter = |first_day| first_day == Quarter::of_day(today).first_day();
    let key = keys.key_for(today).filter(|key| of_quarter(key.first_day));
    let key = key.ok_or(CardError::NoKey)?;
    let issuer = card_issuer(folder, key)?.ok_or(CardError::NoSecret)?;
    let last_day = order.last_day.unwrap_or(key.last_day);
    if last_day < today || last_day > key.last_day {
        return Err(CardError::LastDay { latest: key.last_day });
    }
    let authority = document::read(folder)?.document.id;
    let (card_use, count) = match order.single {
        Some(count) => (CardUse::Single, count.min(MAX_CARDS)),
        None => (CardUse::Lasting, 1),
    };
    let make = |_| {
        let rng = &mut rand::rng();
        issuer.make(key, card_use, last_day, &order.number, &authority, rng)
    };
    Ok((0..count).map(make).collect::<Result<_, _>>()?)
}
