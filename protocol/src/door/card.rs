//! Printed cards for people without a device: their number, sealed to officers, in a code that staff of
//! the authority make. A card names no one and opens nothing.

use std::fmt;

use super::DoorError;
use super::contact::Contact;
use crate::code::{from_code, to_code};
use crate::pass::{CheckedPoint, IssuingKey, SecretScalar};
use crate::read::{FormatError, Reader, push_padded};
use crate::sealed_box::{self, OpeningKey, SealingKey};
use crate::secret::SecretBytes;

/// Domain separation of cards (RFC 9380 section 3.1).
pub const CARD_DOMAIN: &[u8] = b"VX-CARD-1_BLS12381G1_XMD:SHA-256_SSWU_RO_";
/// What every card's code begins with.
pub const CARD_PREFIX: &str = "VXC1:";
/// Bytes of a card.
pub const CARD_BYTES: usize = SIGNED_BYTES + 48;
const HEAD_BYTES: usize = 5;
const PLAIN_BYTES: usize = 64;
const SIGNED_BYTES: usize = HEAD_BYTES + PLAIN_BYTES + sealed_box::OVERHEAD_BYTES;
const PHONE_BYTES: usize = 16;
const NAME_BYTES: usize = 46;
const VERSION: u8 = 1;
const KEY_INFO: &[u8] = b"VX-CARD-KEY-1";
const LABEL: &str = "VX-CARD-1";
const WHAT: &str = "the card";

/// How often a card is meant to be scanned. Every door recognises a card that it has scanned before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardUse {
    /// Again and again.
    Lasting,
    /// Once: one of a sheet.
    Single,
}

/// Whom officers call: a telephone number, and a name shortened to 46 bytes.
pub type CardholderNumber = Contact;

/// The keys of the cards that are made in a quarter of a year, checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardKey {
    /// Names them; never given again.
    pub id: u8,
    /// From which local day on cards are made with them.
    pub first_day: u16,
    /// The last local day on which a card of them can be good.
    pub last_day: u16,
    /// What numbers are sealed to.
    pub sealing: SealingKey,
    signing: IssuingKey,
}

impl CardKey {
    /// From the public halves; the point of G2 is checked.
    pub fn from_bytes(
        id: u8,
        days: (u16, u16),
        sealing: &[u8; 32],
        signing: &[u8; 96],
    ) -> Result<Self, DoorError> {
        let ((first_day, last_day), sealing) = (days, SealingKey::from_bytes(sealing)?);
        Ok(Self { id, first_day, last_day, sealing, signing: IssuingKey::from_bytes(signing)? })
    }

    /// The public halves.
    pub fn to_bytes(&self) -> ([u8; 32], [u8; 96]) {
        (*self.sealing.as_bytes(), self.signing.to_bytes())
    }
}

/// The secret that makes cards: without it anyone could seal a stranger's number.
#[derive(Clone)]
pub struct CardIssuer {
    seed: SecretBytes<32>,
    scalar: SecretScalar,
}

impl CardIssuer {
    /// A fresh secret.
    pub fn generate(rng: &mut impl rand::CryptoRng) -> Self {
        Self::from_seed(SecretBytes::generate(rng))
    }

    /// From 32 random bytes.
    pub fn from_seed(seed: SecretBytes<32>) -> Self {
        let scalar = SecretScalar::from_seed(&seed, KEY_INFO);
        Self { seed, scalar }
    }

    /// The random bytes, for keeping them.
    pub const fn seed(&self) -> &SecretBytes<32> {
        &self.seed
    }

    /// Its public half, with the key that numbers are sealed to, for those days.
    pub fn card_key(&self, id: u8, days: (u16, u16), sealing: SealingKey) -> CardKey {
        let (first_day, last_day) = days;
        CardKey { id, first_day, last_day, sealing, signing: self.scalar.public_key() }
    }

    /// Whether that key is its public half.
    pub fn is_of(&self, key: &CardKey) -> bool {
        self.scalar.public_key() == key.signing
    }

    /// Makes a card that is good until the local day `last_day`, included, or until the key's last one.
    pub fn make(
        &self,
        key: &CardKey,
        card_use: CardUse,
        last_day: u16,
        number: &CardholderNumber,
        authority: &str,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Card, DoorError> {
        if number.phone.is_empty() || number.phone.len() > PHONE_BYTES {
            return Err(malformed("the telephone number is missing or too long").into());
        }
        let [high, low] = last_day.min(key.last_day).to_be_bytes();
        let kind = if card_use == CardUse::Single { 2 } else { 1 };
        let head = [VERSION, kind, high, low, key.id];
        let mut plain = zeroize::Zeroizing::new(Vec::with_capacity(PLAIN_BYTES));
        push_padded(&mut plain, &number.phone, PHONE_BYTES);
        push_padded(&mut plain, &number.name, NAME_BYTES);
        let sealed = key.sealing.seal(&info(key.id, authority), &head, &plain, rng)?;
        let signed = [&head[..], &sealed].concat();
        let signature = self.scalar.sign(&signed, CARD_DOMAIN).to_bytes();
        let bytes = [&signed[..], &signature].concat();
        let length = FormatError::Length { what: WHAT, bytes: bytes.len() };
        Card::from_bytes(&bytes.try_into().map_err(|_| length)?)
    }
}

impl fmt::Debug for CardIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CardIssuer(..)")
    }
}

/// A card that has been read; [`Card::verify`] says whether staff made it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Card {
    /// How often it is meant to be scanned.
    pub card_use: CardUse,
    /// The last local day on which it is good.
    pub last_day: u16,
    /// The id of its keys.
    pub key_id: u8,
    bytes: [u8; CARD_BYTES],
    signature: CheckedPoint,
}

impl Card {
    /// Reads a card and checks its point.
    pub fn from_bytes(bytes: &[u8; CARD_BYTES]) -> Result<Self, DoorError> {
        let mut reader = Reader::new(WHAT, bytes);
        reader.version(VERSION)?;
        let card_use = match reader.byte()? {
            1 => CardUse::Lasting,
            2 => CardUse::Single,
            _ => {
                return Err(malformed("it is of a kind that this program does not know").into());
            }
        };
        let (last_day, key_id) = (reader.u16()?, reader.byte()?);
        reader.slice(SIGNED_BYTES - HEAD_BYTES)?;
        let signature = CheckedPoint::from_bytes(&reader.array()?, "the card's signature")?;
        reader.end()?;
        Ok(Self { card_use, last_day, key_id, bytes: *bytes, signature })
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; CARD_BYTES] {
        &self.bytes
    }

    /// The text of its QR code.
    pub fn code(&self) -> String {
        to_code(CARD_PREFIX, &self.bytes)
    }

    /// Reads the text of a QR code.
    pub fn read_code(code: &str) -> Result<Self, DoorError> {
        let bytes = from_code(WHAT, CARD_PREFIX, code, CARD_BYTES)?;
        let length = FormatError::Length { what: WHAT, bytes: bytes.len() };
        Self::from_bytes(&bytes.try_into().map_err(|_| length)?)
    }

    /// Whether staff with that key made it, and it is good on the local day `today`.
    pub fn verify(&self, key: &CardKey, today: u16) -> Result<(), DoorError> {
        let signed = &self.bytes[..SIGNED_BYTES];
        let made = key.id == self.key_id
            && today <= self.last_day
            && self.last_day <= key.last_day
            && self.signature.verifies(signed, CARD_DOMAIN, &key.signing);
        made.then_some(()).ok_or(DoorError::NotACard)
    }

    /// Opens the number with the private half of the key that it was sealed to.
    pub fn open(&self, half: &OpeningKey, authority: &str) -> Result<CardholderNumber, DoorError> {
        let (head, sealed) = self.bytes[..SIGNED_BYTES].split_at(HEAD_BYTES);
        let plain = half.open(&info(self.key_id, authority), head, sealed)?;
        let mut reader = Reader::new(WHAT, &plain);
        let phone = reader.padded_text(PHONE_BYTES)?;
        let name = reader.padded_text(NAME_BYTES)?;
        reader.end()?;
        Ok(Contact { name, phone })
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card").field("last_day", &self.last_day).finish_non_exhaustive()
    }
}

fn info(key_id: u8, authority: &str) -> Vec<u8> {
    sealed_box::info(LABEL, authority, &[key_id])
}

const fn malformed(reason: &'static str) -> FormatError {
    FormatError::Malformed { what: WHAT, reason }
}
