//! Telephone codes of declarations: who typed the right code gets a proof for the officers, inside the
//! sealed form, and tokens for the server, issued blindly, so that it cannot join number and
//! declaration. The normative description is `docs/protocol.md` section 17.5.
//!
//! ```text
//! CodeRequest -> a text message -> ConfirmRequest with 100 blinded tokens
//!                                      |
//!                 proof over number and day; 100 blind signatures
//!                    |                          |
//!      inside the sealed form        TokenRequest::finish -> Token, one spent with each declaration
//! ```

mod error;
mod issuer;
mod keys;
mod request;
mod token;

pub use error::PhoneError;
pub use issuer::PhoneIssuer;
pub use keys::{
    DayPhoneKey, MAX_PHONE_KEYS, MAX_SIGNED_PHONE_KEYS_BYTES, PHONE_KEYS_LABEL, PHONE_KEYS_PATH,
    PhoneKeyList, PhoneKeys,
};
pub use request::{
    CODE_DIGITS, CODE_PATH, CODE_SECONDS, CODES_EACH_DAY, CONFIRM_PATH, CodeRequest,
    ConfirmRequest, MAX_TRIES, PHONE_REQUEST_BYTES, PHONE_RESPONSE_BYTES, PhoneResponse,
    SESSION_BYTES,
};
pub use token::{
    BlindToken, BlindTokenSignature, PROOF_BYTES, PhoneProof, TOKEN_BYTES, TOKEN_DOMAIN,
    TOKENS_EACH, Token, TokenRequest,
};
