//! The two requests, one size each, and their answer.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use super::PhoneError;
use super::token::{BlindToken, BlindTokenSignature, PhoneProof, points_of};
use crate::api::Padded;
use crate::read::FormatError;

/// Where a code is asked for, relative to the server's URL.
pub const CODE_PATH: &str = "v1/phone/code";
/// Where it is confirmed.
pub const CONFIRM_PATH: &str = "v1/phone/confirm";
/// Every request body to both has this many bytes.
pub const PHONE_REQUEST_BYTES: usize = 8_192;
/// Every response body has this many bytes.
pub const PHONE_RESPONSE_BYTES: usize = 8_192;
/// Bytes of the random secret that joins the two requests.
pub const SESSION_BYTES: usize = 16;
/// Digits of a code.
pub const CODE_DIGITS: usize = 6;
/// How long a code is valid, in seconds.
pub const CODE_SECONDS: u64 = 10 * 60;
/// So many wrong codes use it up.
pub const MAX_TRIES: u32 = 5;
/// So many codes are sent to one number on one local day.
pub const CODES_EACH_DAY: u32 = 3;
const WHAT: &str = "the request";

/// Request to [`CODE_PATH`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CodeRequest {
    /// The number, as `normalised_phone` writes it.
    pub phone: String,
    /// The message's language, by its tag.
    pub language: String,
    /// Hexadecimal of 16 random bytes: only who asked can confirm, or use up tries.
    pub session: String,
    /// Fills the body to [`PHONE_REQUEST_BYTES`].
    pub padding: String,
}

/// Request to [`CONFIRM_PATH`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ConfirmRequest {
    /// The number of the request before.
    pub phone: String,
    /// Its session.
    pub session: String,
    /// Six digits.
    pub code: String,
    /// The local day of proof and tokens.
    pub day: u16,
    /// Base64 of 100 blinded tokens, one after the other. The same request again gets the same answer.
    pub blinded: String,
    /// Fills the body to [`PHONE_REQUEST_BYTES`].
    pub padding: String,
}

impl CodeRequest {
    /// The session's bytes.
    pub fn session(&self) -> Result<[u8; SESSION_BYTES], PhoneError> {
        session(&self.session)
    }
}

impl ConfirmRequest {
    /// The session's bytes.
    pub fn session(&self) -> Result<[u8; SESSION_BYTES], PhoneError> {
        session(&self.session)
    }

    /// The blinded tokens, checked.
    pub fn tokens(&self) -> Result<Vec<BlindToken>, PhoneError> {
        points_of(&self.blinded, WHAT, BlindToken::from_bytes)
    }

    /// The blinded tokens as a request carries them.
    pub fn encode_tokens(tokens: &[BlindToken]) -> String {
        BASE64_STANDARD.encode(tokens.iter().flat_map(|token| token.to_bytes()).collect::<Vec<_>>())
    }
}

/// Response of both.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PhoneResponse {
    /// Base64 of 100 blind signatures, one after the other; of a confirmation.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub signed: String,
    /// Base64 of the proof.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub proof: String,
    /// Message for a person, when refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// Code for a program, when refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error_code: String,
    /// Fills the body to [`PHONE_RESPONSE_BYTES`].
    pub padding: String,
}

impl PhoneResponse {
    /// The answer to a right code.
    pub fn confirmed(signatures: &[BlindTokenSignature], proof: PhoneProof) -> Self {
        let bytes: Vec<u8> = signatures.iter().flat_map(|signed| signed.to_bytes()).collect();
        let signed = BASE64_STANDARD.encode(bytes);
        Self { signed, proof: proof.to_base64(), ..Self::default() }
    }

    /// The blind signatures, checked.
    pub fn signatures(&self) -> Result<Vec<BlindTokenSignature>, PhoneError> {
        points_of(&self.signed, "the answer", BlindTokenSignature::from_bytes)
    }

    /// The proof.
    pub fn proof(&self) -> Result<PhoneProof, PhoneError> {
        PhoneProof::from_base64(&self.proof).ok_or(PhoneError::NotProven)
    }
}

fn session(text: &str) -> Result<[u8; SESSION_BYTES], PhoneError> {
    let mut bytes = [0; SESSION_BYTES];
    let reason = "its session is no 16 bytes";
    hex::decode_to_slice(text, &mut bytes)
        .map_err(|_| FormatError::Malformed { what: WHAT, reason })?;
    Ok(bytes)
}

/// Numbers, codes and sessions are secrets: of requests only the name is printed.
macro_rules! bodies {
    ($($body:ident { $($field:ident),* })*) => {$(
        impl std::fmt::Debug for $body {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($body))
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }

        impl Padded for $body {
            fn padding_mut(&mut self) -> &mut String {
                &mut self.padding
            }
        }
    )*};
}

bodies! {
    CodeRequest {}
    ConfirmRequest {}
    PhoneResponse { error, error_code }
}
