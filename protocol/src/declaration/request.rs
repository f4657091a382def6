//! The request that carries a declaration and asks for passes, and its answer: one size each.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::form::FormKind;
use super::sealed::{Envelope, MAX_WARD, SUBMISSION_BYTES, SealedForm};
use crate::api::Padded;
use crate::pass::{BLINDED_BYTES, BUNDLE_PASSES, BlindSignature, BlindedPass, PassError};
use crate::phone::{PhoneError, Token};
use crate::read::FormatError;
use crate::secret::SecretBytes;

/// Where declarations are sent, relative to the server's URL.
pub const DECLARE_PATH: &str = "v1/declare";
/// Where they are withdrawn, in requests and responses of the same sizes.
pub const WITHDRAW_PATH: &str = "v1/withdraw";
/// Every request body has this many bytes.
pub const DECLARE_REQUEST_BYTES: usize = 6_144;
/// Every response body has this many bytes.
pub const DECLARE_RESPONSE_BYTES: usize = 2_048;
/// Bytes of the secret that a receipt holds.
pub const RECEIPT_SECRET_BYTES: usize = 16;
const RECEIPT_LABEL: &[u8] = b"VX-RECEIPT-1\0";
const WHAT: &str = "the request";

/// What the server keeps of a receipt: enough to recognise it, not to make it.
pub fn receipt_hash(secret: &SecretBytes<RECEIPT_SECRET_BYTES>) -> [u8; 32] {
    Sha256::new().chain_update(RECEIPT_LABEL).chain_update(secret.expose()).finalize().into()
}

/// Why a request or an answer was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A field that is not what it should be.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A point that is none.
    #[error(transparent)]
    Pass(#[from] PassError),
    /// A token that is none.
    #[error(transparent)]
    Token(#[from] PhoneError),
}

/// Request to [`DECLARE_PATH`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeclareRequest {
    /// The kind's number.
    pub kind: u8,
    /// The ward's number, or 0.
    pub ward: u32,
    /// The local day of the intake key.
    pub day: u16,
    /// The intake key's id.
    pub key_id: u32,
    /// Hexadecimal of 16 random bytes. The same request again gets the same answer.
    pub submission: String,
    /// Base64 of the sealed form.
    pub sealed: String,
    /// Hexadecimal of the receipt's hash ([`receipt_hash`]).
    pub receipt: String,
    /// Base64 of 24 blinded passes, one after the other.
    pub blinded: String,
    /// How many of the last ones are for paper.
    pub printed: u8,
    /// Hexadecimal of the submission that this one replaces, with the secret of its receipt; it
    /// gets no new passes.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub replaces: String,
    /// Hexadecimal of that secret.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub receipt_secret: String,
    /// Base64 of a token of the telephone code, where the authority asks for one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub token: String,
    /// Fills the body to [`DECLARE_REQUEST_BYTES`].
    pub padding: String,
}

/// An earlier submission, and what shows that it is the sender's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earlier {
    /// Its random id.
    pub submission: [u8; SUBMISSION_BYTES],
    /// The hash of its receipt's secret.
    pub receipt: [u8; 32],
}

impl Earlier {
    fn read(submission: &str, secret: &str) -> Result<Self, RequestError> {
        let submission = hexadecimal(submission, "the earlier submission is no 16 bytes")?;
        let secret = hexadecimal(secret, "the receipt's secret is no 16 bytes")?;
        Ok(Self { submission, receipt: receipt_hash(&SecretBytes::new(secret)) })
    }
}

impl DeclareRequest {
    /// A request with a sealed form and the passes that it asks for.
    pub fn new(
        envelope: &Envelope,
        key_id: u32,
        sealed: &SealedForm,
        receipt: &SecretBytes<RECEIPT_SECRET_BYTES>,
        passes: &[BlindedPass],
        printed: u8,
    ) -> Self {
        Self {
            kind: envelope.kind.number(),
            ward: envelope.ward,
            day: envelope.day,
            key_id,
            submission: hex::encode(envelope.submission),
            sealed: BASE64_STANDARD.encode(sealed.as_bytes()),
            receipt: hex::encode(receipt_hash(receipt)),
            blinded: Self::encode_passes(passes),
            printed,
            ..Self::default()
        }
    }

    /// The submission that this one replaces, if any.
    pub fn replaced(&self) -> Result<Option<Earlier>, RequestError> {
        match self.replaces.as_str() {
            "" => Ok(None),
            submission => Earlier::read(submission, &self.receipt_secret).map(Some),
        }
    }

    /// The token that it spends, if any.
    pub fn spent(&self) -> Result<Option<Token>, RequestError> {
        if self.token.is_empty() {
            return Ok(None);
        }
        let bytes = BASE64_STANDARD.decode(&self.token);
        let bytes = bytes.map_err(|_| malformed("its token is no base64"))?;
        Ok(Some(Token::from_bytes(&bytes)?))
    }

    /// The token as a request carries it.
    pub fn encode_token(token: &Token) -> String {
        BASE64_STANDARD.encode(token.to_bytes())
    }

    /// What stands outside of the sealed form.
    pub fn envelope(&self) -> Result<Envelope, RequestError> {
        let kind = FormKind::from_number(self.kind).ok_or(malformed("its kind is not known"))?;
        if self.ward > MAX_WARD {
            return Err(malformed("its ward has more than five digits").into());
        }
        let submission = hexadecimal(&self.submission, "its submission is no 16 bytes")?;
        Ok(Envelope { kind, ward: self.ward, day: self.day, submission })
    }

    /// The sealed form.
    pub fn sealed_form(&self) -> Result<SealedForm, RequestError> {
        let bytes = BASE64_STANDARD.decode(&self.sealed);
        let bytes = bytes.map_err(|_| malformed("the sealed form is no base64"))?;
        Ok(SealedForm::from_bytes(&bytes)?)
    }

    /// The receipt's hash.
    pub fn receipt(&self) -> Result<[u8; 32], RequestError> {
        Ok(hexadecimal(&self.receipt, "its receipt is no 32 bytes")?)
    }

    /// The blinded passes, checked: all of them, or none of a declaration that replaces another one.
    pub fn blinded_passes(&self) -> Result<Vec<BlindedPass>, RequestError> {
        if usize::from(self.printed) > BUNDLE_PASSES {
            return Err(malformed("it asks for more printed passes than there are").into());
        }
        if self.blinded.is_empty() && !self.replaces.is_empty() {
            return Ok(Vec::new());
        }
        let points = points(&self.blinded)?;
        points.iter().map(|point| Ok(BlindedPass::from_bytes(point)?)).collect()
    }

    /// The blinded passes as a request carries them.
    pub fn encode_passes(passes: &[BlindedPass]) -> String {
        BASE64_STANDARD.encode(passes.iter().flat_map(|pass| pass.to_bytes()).collect::<Vec<_>>())
    }
}

impl std::fmt::Debug for DeclareRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeclareRequest").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Padded for DeclareRequest {
    fn padding_mut(&mut self) -> &mut String {
        &mut self.padding
    }
}

/// Request to [`WITHDRAW_PATH`]: of the size of a declaration, so that the network cannot distinguish them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct WithdrawRequest {
    /// Hexadecimal of the submission.
    pub submission: String,
    /// Hexadecimal of the secret of its receipt.
    pub receipt_secret: String,
    /// Fills the body to [`DECLARE_REQUEST_BYTES`].
    pub padding: String,
}

impl WithdrawRequest {
    /// What is to be withdrawn.
    pub fn earlier(&self) -> Result<Earlier, RequestError> {
        Earlier::read(&self.submission, &self.receipt_secret)
    }
}

impl std::fmt::Debug for WithdrawRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WithdrawRequest(..)")
    }
}

impl Padded for WithdrawRequest {
    fn padding_mut(&mut self) -> &mut String {
        &mut self.padding
    }
}

/// Response of [`DECLARE_PATH`] and [`WITHDRAW_PATH`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DeclareResponse {
    /// Base64 of 24 blind signatures, one after the other; empty when refused or replaced.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub signed: String,
    /// Message for a person, when refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// Code for a program, when refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error_code: String,
    /// Fills the body to [`DECLARE_RESPONSE_BYTES`].
    pub padding: String,
}

impl DeclareResponse {
    /// The blind signatures, checked.
    pub fn signatures(&self) -> Result<Vec<BlindSignature>, RequestError> {
        let points = points(&self.signed)?;
        points.iter().map(|point| Ok(BlindSignature::from_bytes(point)?)).collect()
    }

    /// The blind signatures as an answer carries them.
    pub fn encode_signatures(signatures: &[BlindSignature]) -> String {
        let bytes: Vec<u8> = signatures.iter().flat_map(|signed| signed.to_bytes()).collect();
        BASE64_STANDARD.encode(bytes)
    }
}

impl std::fmt::Debug for DeclareResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (error, code) = (&self.error, &self.error_code);
        f.debug_struct("DeclareResponse")
            .field("error", error)
            .field("error_code", code)
            .finish_non_exhaustive()
    }
}

impl Padded for DeclareResponse {
    fn padding_mut(&mut self) -> &mut String {
        &mut self.padding
    }
}

const fn malformed(reason: &'static str) -> FormatError {
    FormatError::Malformed { what: WHAT, reason }
}

fn hexadecimal<const N: usize>(text: &str, reason: &'static str) -> Result<[u8; N], FormatError> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map(|()| bytes).map_err(|_| malformed(reason))
}

fn points(text: &str) -> Result<Vec<[u8; BLINDED_BYTES]>, FormatError> {
    let bytes = BASE64_STANDARD.decode(text).map_err(|_| malformed("its points are no base64"))?;
    let (points, rest) = bytes.as_chunks::<BLINDED_BYTES>();
    if points.len() != BUNDLE_PASSES || !rest.is_empty() {
        return Err(malformed("it has not 24 points"));
    }
    Ok(points.to_vec())
}
