//! The published keys of cards, one for each quarter of a year, signed by the root key; and the private
//! halves that open numbers, sealed to officers.

use ed25519_dalek::{SigningKey, VerifyingKey};

use super::DoorError;
use super::card::{Card, CardKey};
use crate::intake::{IntakeError, Officer, Place, SealedHalf};
use crate::interval::UnixTime;
use crate::local_day::LocalTime;
use crate::read::{FormatError, Reader};
use crate::sealed_box::{self, OpeningKey};
use crate::signed;

/// Where the file is, relative to the server's URL.
pub const CARD_KEYS_PATH: &str = "v1/card-keys";
/// What the root key's signature is for.
pub const CARD_KEYS_LABEL: &str = "VX-CARD-KEYS-1";
/// The most keys of one file.
pub const MAX_CARD_KEYS: usize = 64;
/// The longest signed file, in bytes.
pub const MAX_SIGNED_CARD_KEYS_BYTES: usize = 128 + MAX_CARD_KEYS * ENTRY_BYTES;
const VERSION: u8 = 1;
const ENTRY_BYTES: usize = 1 + 2 + 2 + 32 + 96;
const HALF_LABEL: &str = "VX-CARD-HALF-1";
const WHAT: &str = "the file of card keys";

/// What a file of card keys says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardKeyList {
    /// Counts up with every change; a reader refuses a lower one than it has seen.
    pub serial: u32,
    /// When it was signed.
    pub issued_at: UnixTime,
    /// When it expires.
    pub expires_at: UnixTime,
    /// Where local days begin.
    pub local_time: LocalTime,
    /// The keys, by first day.
    pub keys: Vec<CardKey>,
}

impl CardKeyList {
    /// The file as it is published. Refuses what readers would refuse.
    pub fn to_signed(&self, root: &SigningKey) -> Result<Vec<u8>, DoorError> {
        let malformed = |reason| FormatError::Malformed { what: WHAT, reason };
        let seconds = |time: UnixTime| {
            u32::try_from(time.as_secs()).map_err(|_| malformed("a time is after 2106"))
        };
        let count = u16::try_from(self.keys.len()).map_err(|_| malformed("it is too long"))?;
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.serial.to_be_bytes());
        bytes.extend_from_slice(&seconds(self.issued_at)?.to_be_bytes());
        bytes.extend_from_slice(&seconds(self.expires_at)?.to_be_bytes());
        bytes.extend_from_slice(&self.local_time.minutes_ahead().to_be_bytes());
        bytes.extend_from_slice(&count.to_be_bytes());
        for key in &self.keys {
            bytes.push(key.id);
            bytes.extend_from_slice(&key.first_day.to_be_bytes());
            bytes.extend_from_slice(&key.last_day.to_be_bytes());
            let (sealing, signing) = key.to_bytes();
            bytes.extend_from_slice(&sealing);
            bytes.extend_from_slice(&signing);
        }
        Self::parse(&bytes)?;
        Ok(signed::sign(CARD_KEYS_LABEL, &bytes, root))
    }

    fn parse(bytes: &[u8]) -> Result<Self, DoorError> {
        let mut reader = Reader::new(WHAT, bytes);
        reader.version(VERSION)?;
        let serial = reader.u32()?;
        let issued_at = UnixTime::from_secs(reader.u32()?.into());
        let expires_at = UnixTime::from_secs(reader.u32()?.into());
        let local_time = LocalTime::read(&mut reader)?;
        let count = usize::from(reader.u16()?);
        if count > MAX_CARD_KEYS {
            return Err(reader.malformed("it has more keys than a reader takes").into());
        }
        let mut keys: Vec<CardKey> = Vec::with_capacity(count);
        for _ in 0..count {
            let (id, days) = (reader.byte()?, (reader.u16()?, reader.u16()?));
            if days.0 > days.1 {
                return Err(reader.malformed("a key ends before it begins").into());
            }
            if keys.last().is_some_and(|last| last.first_day >= days.0) {
                return Err(reader.malformed("its keys are not in order, one a first day").into());
            }
            if keys.iter().any(|key| key.id == id) {
                return Err(reader.malformed("two keys have one id").into());
            }
            keys.push(CardKey::from_bytes(id, days, &reader.array()?, &reader.array()?)?);
        }
        reader.end()?;
        Ok(Self { serial, issued_at, expires_at, local_time, keys })
    }
}

/// A file of card keys that the root key signed and that has not expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardKeys(CardKeyList);

impl CardKeys {
    /// Reads a file of at most [`MAX_SIGNED_CARD_KEYS_BYTES`], with no lower serial than `seen`.
    pub fn read(
        signed: &[u8],
        root: &VerifyingKey,
        seen: u32,
        now: UnixTime,
    ) -> Result<Self, DoorError> {
        let bytes = signed::parse(signed, MAX_SIGNED_CARD_KEYS_BYTES).map_err(IntakeError::from)?;
        let bytes = bytes.verify(CARD_KEYS_LABEL, root).map_err(IntakeError::from)?;
        let list = CardKeyList::parse(bytes)?;
        if list.serial < seen {
            return Err(IntakeError::RolledBack { what: WHAT, seen, found: list.serial }.into());
        }
        if now >= list.expires_at {
            return Err(IntakeError::Expired(WHAT).into());
        }
        Ok(Self(list))
    }

    /// What the file says.
    pub const fn list(&self) -> &CardKeyList {
        &self.0
    }

    /// The key with which cards are made on that local day: the one that began last.
    pub fn key_for(&self, day: u16) -> Option<&CardKey> {
        let begun = self.0.keys.iter().rev().find(|key| key.first_day <= day);
        begun.filter(|key| day <= key.last_day)
    }

    /// Whether staff made the card with a key of this file, and it is good on the local day `today`.
    pub fn verify(&self, card: &Card, today: u16) -> Result<(), DoorError> {
        let key = self.0.keys.iter().find(|key| key.id == card.key_id);
        card.verify(key.ok_or(DoorError::NotACard)?, today)
    }
}

/// Seals the private half that opens the numbers of a key's cards to an officer of that authority.
pub fn seal_card_half(
    half: &OpeningKey,
    key: &CardKey,
    officer: &Officer,
    authority: &str,
    rng: &mut impl rand::CryptoRng,
) -> Result<SealedHalf, IntakeError> {
    let (info, aad) = place(key, officer.id, authority);
    let place = Place { info: &info, aad: &aad };
    SealedHalf::seal_in(&place, half, &key.sealing, &officer.key, rng)
}

/// Opens it with the officer's private key, and checks that it belongs to the published key.
pub fn open_card_half(
    sealed: &SealedHalf,
    officer: u16,
    officer_key: &OpeningKey,
    key: &CardKey,
    authority: &str,
) -> Result<OpeningKey, IntakeError> {
    let (info, aad) = place(key, officer, authority);
    sealed.open_in(&Place { info: &info, aad: &aad }, officer_key, &key.sealing)
}

fn place(key: &CardKey, officer: u16, authority: &str) -> (Vec<u8>, Vec<u8>) {
    let aad = [key.first_day.to_be_bytes(), officer.to_be_bytes()].concat();
    (sealed_box::info(HALF_LABEL, authority, &[key.id]), aad)
}
