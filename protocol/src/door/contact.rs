//! Somebody without pass and card: name and telephone number, sealed to the intake key of the day, so
//! that opening the hour shows neither.

use std::fmt;

use zeroize::Zeroizing;

use super::DoorError;
use crate::intake::IntakeKey;
use crate::read::{FormatError, Reader, push_padded};
use crate::sealed_box::{self, OpeningKey};

/// Bytes of a sealed contact: the id of the intake key and the box.
pub const CONTACT_BYTES: usize = 4 + PLAIN_BYTES + sealed_box::OVERHEAD_BYTES;
const PLAIN_BYTES: usize = 1 + NAME_BYTES + 1 + PHONE_BYTES;
const NAME_BYTES: usize = 170;
const PHONE_BYTES: usize = 16;
const LABEL: &str = "VX-CONTACT-1";
const WHAT: &str = "the contact";

/// Who can be called.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// Name, shortened to 170 bytes.
    pub name: String,
    /// Telephone number with the country's in front.
    pub phone: String,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(..)")
    }
}

/// A contact that officers alone can open.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedContact([u8; CONTACT_BYTES]);

impl SealedContact {
    /// Seals a contact to the intake key of the day.
    pub fn seal(
        contact: &Contact,
        key: &IntakeKey,
        authority: &str,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, DoorError> {
        let mut plain = Zeroizing::new(Vec::with_capacity(PLAIN_BYTES));
        push_padded(&mut plain, &contact.name, NAME_BYTES);
        if contact.phone.len() > PHONE_BYTES {
            return Err(malformed("the telephone number is too long").into());
        }
        push_padded(&mut plain, &contact.phone, PHONE_BYTES);
        let sealed = key.key.seal(&info(key, authority), &key.day.to_be_bytes(), &plain, rng)?;
        let bytes = [&key.id.to_be_bytes()[..], &sealed].concat();
        let length = FormatError::Length { what: WHAT, bytes: bytes.len() };
        Ok(Self(bytes.try_into().map_err(|_| length)?))
    }

    /// Takes over the bytes; only opening checks them.
    pub const fn from_bytes(bytes: [u8; CONTACT_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; CONTACT_BYTES] {
        &self.0
    }

    /// The id of the intake key that it was sealed to.
    pub fn key_id(&self) -> u32 {
        let [a, b, c, d, ..] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }

    /// Opens it with the private half of that key.
    pub fn open(
        &self,
        key: &IntakeKey,
        authority: &str,
        half: &OpeningKey,
    ) -> Result<Contact, DoorError> {
        let plain = half.open(&info(key, authority), &key.day.to_be_bytes(), &self.0[4..])?;
        let mut reader = Reader::new(WHAT, &plain);
        let name = reader.padded_text(NAME_BYTES)?;
        let phone = reader.padded_text(PHONE_BYTES)?;
        reader.end()?;
        Ok(Contact { name, phone })
    }
}

impl fmt::Debug for SealedContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedContact(..)")
    }
}

fn info(key: &IntakeKey, authority: &str) -> Vec<u8> {
    sealed_box::info(LABEL, authority, &key.id.to_be_bytes())
}

const fn malformed(reason: &'static str) -> FormatError {
    FormatError::Malformed { what: WHAT, reason }
}
