//! A declaration, sealed to the intake key of its day: one size, whatever it says.

use std::fmt;

use zeroize::Zeroizing;

use super::form::{Form, FormKind};
use crate::intake::IntakeKey;
use crate::read::FormatError;
use crate::sealed_box::{self, BoxError, OpeningKey};

/// Bytes of a declaration before sealing.
pub const PLAIN_BYTES: usize = 2_048;
/// Bytes of a sealed declaration.
pub const SEALED_BYTES: usize = PLAIN_BYTES + sealed_box::OVERHEAD_BYTES;
/// Bytes of a submission's random id.
pub const SUBMISSION_BYTES: usize = 16;
/// The longest JSON of a form; all limits of its fields together stay below.
pub const MAX_FORM_BYTES: usize = PLAIN_BYTES - 2;
/// The highest number of a ward: five digits.
pub const MAX_WARD: u32 = 99_999;
const LABEL: &str = "VX-INTAKE-1";
const WHAT: &str = "the declaration";

/// Why a declaration could not be sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeclarationError {
    /// Bytes that are not what they should be.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Sealing or opening.
    #[error(transparent)]
    Box(#[from] BoxError),
    /// The form inside says another kind, ward or day than what stands outside.
    #[error("the declaration says something else inside than outside")]
    OtherEnvelope,
}

/// What stands outside of the sealed form: the server sorts by it, and it is bound to the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Which form it is.
    pub kind: FormKind,
    /// The ward's number; 0 where the form has it in words only.
    pub ward: u32,
    /// The local day of the intake key.
    pub day: u16,
    /// A random id: the same request again is recognised by it.
    pub submission: [u8; SUBMISSION_BYTES],
}

impl Envelope {
    /// The envelope of a form.
    pub fn of(form: &Form, submission: [u8; SUBMISSION_BYTES]) -> Self {
        Self { kind: form.kind, ward: form.ward.unwrap_or(0), day: form.day, submission }
    }

    /// kind (1) || ward (3) || day (2) || submission (16)
    fn aad(&self) -> Vec<u8> {
        let [_, ward @ ..] = self.ward.to_be_bytes();
        let day = self.day.to_be_bytes();
        [&[self.kind.number()][..], &ward, &day, &self.submission].concat()
    }
}

/// A sealed declaration.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedForm(Box<[u8; SEALED_BYTES]>);

impl SealedForm {
    /// Takes over the bytes; only opening checks them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let length = FormatError::Length { what: WHAT, bytes: bytes.len() };
        <[u8; SEALED_BYTES]>::try_from(bytes).map(|bytes| Self(Box::new(bytes))).map_err(|_| length)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; SEALED_BYTES] {
        &self.0
    }

    /// Seals a normalised form of which [`Form::problems`] says nothing to the authority's key.
    pub fn seal(
        form: &Form,
        envelope: &Envelope,
        authority: &str,
        key: &IntakeKey,
        rng: &mut impl rand::CryptoRng,
    ) -> Result<Self, DeclarationError> {
        if *envelope != Envelope::of(form, envelope.submission) || envelope.day != key.day {
            return Err(DeclarationError::OtherEnvelope);
        }
        let plain = encode(form)?;
        let sealed = key.key.seal(&info(key, authority), &envelope.aad(), &plain, rng)?;
        Ok(Self::from_bytes(&sealed)?)
    }

    /// Opens it with the private half of the day's key. What it says is as somebody sent it: its
    /// problems are for the reader to show.
    pub fn open(
        &self,
        envelope: &Envelope,
        authority: &str,
        key: &IntakeKey,
        half: &OpeningKey,
    ) -> Result<Form, DeclarationError> {
        let plain = half.open(&info(key, authority), &envelope.aad(), &*self.0)?;
        let form = decode(&plain)?;
        if *envelope != Envelope::of(&form, envelope.submission) {
            return Err(DeclarationError::OtherEnvelope);
        }
        Ok(form)
    }
}

impl fmt::Debug for SealedForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedForm(..)")
    }
}

/// u16 length || JSON || zeros
fn encode(form: &Form) -> Result<Zeroizing<Vec<u8>>, FormatError> {
    let json = Zeroizing::new(serde_json::to_vec(form).unwrap_or_default());
    let length = u16::try_from(json.len()).ok().filter(|_| json.len() <= MAX_FORM_BYTES);
    let length = length.ok_or(FormatError::Length { what: WHAT, bytes: json.len() })?;
    let mut plain = Zeroizing::new(Vec::with_capacity(PLAIN_BYTES));
    plain.extend_from_slice(&length.to_be_bytes());
    plain.extend_from_slice(&json);
    plain.resize(PLAIN_BYTES, 0);
    Ok(plain)
}

fn decode(plain: &[u8]) -> Result<Form, FormatError> {
    let malformed = |reason| FormatError::Malformed { what: WHAT, reason };
    let (length, rest) = plain.split_first_chunk().ok_or(malformed("it ends too early"))?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (json, filling) = rest.split_at_checked(length).ok_or(malformed("it ends too early"))?;
    if filling.iter().any(|byte| *byte != 0) {
        return Err(malformed("its filling is not zero"));
    }
    serde_json::from_slice(json).map_err(|_| malformed("it is no form that this program knows"))
}

fn info(key: &IntakeKey, authority: &str) -> Vec<u8> {
    sealed_box::info(LABEL, authority, &key.id.to_be_bytes())
}
