//! What is signed of a pass, the pass itself, and its code.

use std::fmt;

use ed25519_dalek::VerifyingKey;

use super::PassError;
use super::blind::{CheckedPoint, IssuingKey, PASS_DOMAIN, SIGNATURE_BYTES};
use crate::code::to_code;
use crate::read::Reader;

/// Version of the format.
pub const VERSION: u8 = 1;
/// Bytes of a pass: its content and the issuer's signature.
pub const PASS_BYTES: usize = CONTENT_BYTES + SIGNATURE_BYTES;
/// What every pass's code begins with.
pub const CODE_PREFIX: &str = "VXP1:";
/// The longest code that is read, in characters: that of a live pass.
pub const MAX_CODE_CHARS: usize = 400;
pub(crate) const CONTENT_BYTES: usize = 37;
pub(super) const WHAT: &str = "the pass";
const SPECIMEN: u8 = 0x80;

/// How a pass is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PassKind {
    /// On a screen, signed again every half minute.
    Live,
    /// On paper, always the same.
    Printed,
    /// As live, for training and demonstration: opens no door.
    LiveSpecimen,
    /// As printed, for training and demonstration: opens no door.
    PrintedSpecimen,
}

impl PassKind {
    /// The number in the format.
    pub const fn number(self) -> u8 {
        match self {
            Self::Live => 1,
            Self::Printed => 2,
            Self::LiveSpecimen => 1 | SPECIMEN,
            Self::PrintedSpecimen => 2 | SPECIMEN,
        }
    }

    /// The kind of a number; none for numbers that are not known.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Live),
            2 => Some(Self::Printed),
            0x81 => Some(Self::LiveSpecimen),
            0x82 => Some(Self::PrintedSpecimen),
            _ => None,
        }
    }

    /// Whether it is for training and demonstration only.
    pub const fn is_specimen(self) -> bool {
        self.number() & SPECIMEN != 0
    }

    /// Whether it is signed again every half minute.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Live | Self::LiveSpecimen)
    }
}

/// What the issuer signs without seeing it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PassContent {
    /// How it is shown.
    pub kind: PassKind,
    /// The first local day on which it is valid, counted from 1970-01-01.
    pub first_day: u16,
    /// The id of the issuer's key.
    pub key_id: u8,
    pub(super) holder: VerifyingKey,
}

impl PassContent {
    /// A content for a holder key that is canonical and not of small order.
    pub fn new(
        kind: PassKind,
        first_day: u16,
        key_id: u8,
        holder: VerifyingKey,
    ) -> Result<Self, PassError> {
        // Equal to what decompression and compression make of it: one encoding for each key.
        let canonical = holder.to_edwards().compress().to_bytes() == holder.to_bytes();
        if !canonical || holder.is_weak() {
            return Err(PassError::BadHolderKey);
        }
        Ok(Self { kind, first_day, key_id, holder })
    }

    /// The pass's own public key: it signs live codes and takes warnings.
    pub const fn holder(&self) -> &VerifyingKey {
        &self.holder
    }

    pub(crate) fn to_bytes(self) -> [u8; CONTENT_BYTES] {
        let [high, low] = self.first_day.to_be_bytes();
        let mut bytes = [0; CONTENT_BYTES];
        bytes[..5].copy_from_slice(&[VERSION, self.kind.number(), high, low, self.key_id]);
        bytes[5..].copy_from_slice(self.holder.as_bytes());
        bytes
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, PassError> {
        reader.version(VERSION)?;
        let kind = PassKind::from_number(reader.byte()?)
            .ok_or(reader.malformed("it is of a kind that this program does not know"))?;
        let (first_day, key_id) = (reader.u16()?, reader.byte()?);
        let holder = VerifyingKey::from_bytes(&reader.array()?);
        Self::new(kind, first_day, key_id, holder.map_err(|_| PassError::BadHolderKey)?)
    }
}

impl fmt::Debug for PassContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PassContent")
            .field("kind", &self.kind)
            .field("first_day", &self.first_day)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// A pass with its issuer's signature, which has been read but not verified.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    pub(super) content: PassContent,
    pub(super) signature: CheckedPoint,
}

impl Pass {
    /// What was signed.
    pub const fn content(&self) -> &PassContent {
        &self.content
    }

    /// The bytes: content and signature.
    pub fn to_bytes(self) -> [u8; PASS_BYTES] {
        let mut bytes = [0; PASS_BYTES];
        let parts = self.content.to_bytes().into_iter().chain(self.signature.to_bytes());
        bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        bytes
    }

    /// Reads a pass and checks its points; [`super::PassKeys`] says whether it was issued.
    pub fn from_bytes(bytes: &[u8; PASS_BYTES]) -> Result<Self, PassError> {
        let mut reader = Reader::new(WHAT, bytes);
        let pass = Self::read(&mut reader)?;
        reader.end()?;
        Ok(pass)
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, PassError> {
        let content = PassContent::read(reader)?;
        let signature = CheckedPoint::from_bytes(&reader.array()?, "the pass's signature")?;
        Ok(Self { content, signature })
    }

    pub(super) fn verify(&self, key: &IssuingKey) -> Result<(), PassError> {
        let message = self.content.to_bytes();
        let issued = self.signature.verifies(&message, PASS_DOMAIN, key);
        issued.then_some(()).ok_or(PassError::NotIssued)
    }

    /// The text of a printed pass's QR code.
    pub fn code(&self) -> String {
        to_code(CODE_PREFIX, &self.to_bytes())
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pass").field("content", &self.content).finish_non_exhaustive()
    }
}
