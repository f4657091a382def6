//! HTTP request and response types that both programs share. Names and codes are those of
//! exposure-notifications-server (publish) and exposure-notifications-verification-server
//! (verify, certificate, issue), so that clients of those work here unchanged.

use serde::{Deserialize, Serialize};

/// Exchange of a verification code for a token.
pub const VERIFY_PATH: &str = "api/verify";
/// Exchange of a token for a certificate.
pub const CERTIFICATE_PATH: &str = "api/certificate";
/// Staff: a new verification code.
pub const ISSUE_PATH: &str = "api/issue";
/// Staff: several new verification codes.
pub const BATCH_ISSUE_PATH: &str = "api/batch-issue";
/// Staff: whether a code is used, by its id.
pub const CODE_STATUS_PATH: &str = "api/checkcodestatus";
/// Staff: ends a code that is not used, by its id.
pub const EXPIRE_CODE_PATH: &str = "api/expirecode";
/// Publication of keys.
pub const PUBLISH_PATH: &str = "v1/publish";
/// Where export files are, relative to the server's URL, unless its document says otherwise.
pub const EXPORTS_PATH: &str = "v1/exports/";
/// Where batches of warnings about venues are, relative to the server's URL, unless its document
/// says otherwise.
pub const WARNINGS_PATH: &str = "v1/warnings/";

/// Every request body of our own clients to [`VERIFY_PATH`] and [`CERTIFICATE_PATH`], real or
/// look-alike, is padded to this many bytes.
pub const TOKEN_REQUEST_BYTES: usize = 2_048;
/// Every request body of our own clients to [`PUBLISH_PATH`] is padded to this many bytes: room
/// for 64 keys and a certificate.
pub const PUBLISH_REQUEST_BYTES: usize = 14_336;
/// Every response body of [`VERIFY_PATH`] and [`CERTIFICATE_PATH`] has this many bytes.
pub const TOKEN_RESPONSE_BYTES: usize = 2_048;
/// Every response body of [`PUBLISH_PATH`] has this many bytes.
pub const PUBLISH_RESPONSE_BYTES: usize = 4_096;
/// The longest publish request that a server reads (ENS: 64 kB).
pub const MAX_PUBLISH_REQUEST_BYTES: usize = 64 * 1024;
/// Codes in one request to [`BATCH_ISSUE_PATH`], at most.
pub const MAX_BATCH_CODES: usize = 10;
/// Keys in one publication, at most.
pub const MAX_PUBLISHED_KEYS: usize = 64;

/// Request to [`VERIFY_PATH`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VerifyRequest {
    /// The verification code as given to the person.
    pub code: String,
    /// Report types that the client accepts: `confirmed`, `likely`, `negative`. Empty: confirmed.
    pub accept: Vec<String>,
    /// 32 random bytes in base64, stored by the client until it has the token: the same code with
    /// the same nonce gets the same token again, so that a lost reply does not cost the code.
    /// Absent for other clients, whose code works once.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub nonce: String,
    /// Marks a look-alike; absent for real requests of other clients.
    pub look_alike: bool,
    /// Fills the body to [`TOKEN_REQUEST_BYTES`].
    pub padding: String,
}

/// Response of [`VERIFY_PATH`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VerifyResponse {
    /// `confirmed`, `likely` or `negative`.
    #[serde(rename = "testtype")]
    pub test_type: String,
    /// Onset of symptoms, `YYYY-MM-DD`, or empty.
    pub symptom_date: String,
    /// Date of the test, `YYYY-MM-DD`, or empty.
    pub test_date: String,
    /// The token for [`CERTIFICATE_PATH`], valid for 24 hours.
    pub token: String,
    /// Message for a person, when refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// Code for a program, when refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error_code: String,
    /// Fills the body to [`TOKEN_RESPONSE_BYTES`].
    pub padding: String,
}

/// Request to [`CERTIFICATE_PATH`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CertificateRequest {
    /// The token from [`VERIFY_PATH`].
    pub token: String,
    /// Base64 of the key list's HMAC, see [`crate::publish`].
    pub ekeyhmac: String,
    /// Marks a look-alike.
    #[serde(rename = "lookAlike")]
    pub look_alike: bool,
    /// Fills the body to [`TOKEN_REQUEST_BYTES`].
    pub padding: String,
}

/// Response of [`CERTIFICATE_PATH`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CertificateResponse {
    /// The certificate: a JWT signed with ES256, valid for 15 minutes.
    pub certificate: String,
    /// Message for a person, when refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// Code for a program, when refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error_code: String,
    /// Fills the body to [`TOKEN_RESPONSE_BYTES`].
    pub padding: String,
}

/// Request to [`ISSUE_PATH`], with the staff's key in the header `X-API-Key`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IssueRequest {
    /// Onset of symptoms, `YYYY-MM-DD`, or empty.
    pub symptom_date: String,
    /// Date of the test, `YYYY-MM-DD`, or empty.
    pub test_date: String,
    /// `confirmed`, `likely` or `negative`.
    pub test_type: String,
    /// Minutes by which the caller's time is ahead of UTC; dates are read in it.
    pub tz_offset: f32,
    /// An id that makes the request idempotent; a second use answers 409.
    pub uuid: String,
    /// Whether to issue a long code (16 characters, 24 h) instead of a short one. Our addition.
    pub long: bool,
    /// A telephone number to which the code is sent, or empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
    /// Ignored.
    pub padding: String,
}

/// Response of [`ISSUE_PATH`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct IssueResponse {
    /// The id of the code.
    pub uuid: String,
    /// The verification code.
    pub code: String,
    /// End of the code's validity, RFC 1123.
    pub expires_at: String,
    /// The same in Unix seconds.
    pub expires_at_timestamp: i64,
    /// End of the long code's validity.
    pub long_expires_at: String,
    /// The same in Unix seconds.
    pub long_expires_at_timestamp: i64,
    /// Message for a person, when refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// Code for a program, when refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error_code: String,
}

/// Request to [`BATCH_ISSUE_PATH`], with the staff's key in the header `X-API-Key`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BatchIssueRequest {
    /// At most [`MAX_BATCH_CODES`], each as in a request of its own.
    pub codes: Vec<IssueRequest>,
    /// Ignored.
    pub padding: String,
}

/// Response of [`BATCH_ISSUE_PATH`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct BatchIssueResponse {
    /// One for each code of the request, in its order. One that was refused has `error` and
    /// `errorCode`; the others are issued all the same.
    pub codes: Vec<IssueResponse>,
    /// Message for a person, when the whole request was refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// Code for a program, when the whole request was refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error_code: String,
}

/// Request to [`CODE_STATUS_PATH`] and [`EXPIRE_CODE_PATH`], with the staff's key in the header
/// `X-API-Key`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CodeStatusRequest {
    /// The id of the code: `uuid` of the request that issued it, or of its response.
    pub uuid: String,
    /// Ignored.
    pub padding: String,
}

/// Response of [`CODE_STATUS_PATH`] and [`EXPIRE_CODE_PATH`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CodeStatusResponse {
    /// Whether it was exchanged for a token.
    pub claimed: bool,
    /// `unused`, `used`, `expired` or `revoked`. Our addition.
    pub state: String,
    /// End of the code's validity, in Unix seconds.
    pub expires_at_timestamp: i64,
    /// The same.
    pub long_expires_at_timestamp: i64,
    /// Message for a person, when refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// Code for a program, when refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error_code: String,
}

/// One key in a publication.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PublishedKey {
    /// Base64 of the 16 key bytes.
    pub key: String,
    /// First interval of validity.
    pub rolling_start_number: i64,
    /// Intervals of validity, 1..=144. Absent or 0 means 144 (ENS).
    pub rolling_period: i64,
    /// Transmission risk, 0..=8; our clients send 0.
    pub transmission_risk: i64,
}

/// Request to [`PUBLISH_PATH`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PublishRequest {
    /// The keys.
    pub temporary_exposure_keys: Vec<PublishedKey>,
    /// The authority's id.
    #[serde(rename = "healthAuthorityID")]
    pub health_authority_id: String,
    /// The certificate.
    pub verification_payload: String,
    /// Base64 of the key of the key list's HMAC.
    #[serde(alias = "hmackey")]
    pub hmac_key: String,
    /// Interval of the onset of symptoms; 0 when not said.
    pub symptom_onset_interval: i64,
    /// Whether the person travelled to other regions.
    pub traveler: bool,
    /// From an earlier publication, to revise it.
    pub revision_token: String,
    /// Marks a look-alike.
    pub look_alike: bool,
    /// Fills the body to [`PUBLISH_REQUEST_BYTES`].
    pub padding: String,
}

/// Response of [`PUBLISH_PATH`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PublishResponse {
    /// Allows a later revision.
    pub revision_token: String,
    /// Keys taken.
    pub inserted_exposures: u32,
    /// Message for a person, when refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// Code for a program, when refused or taken in part.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// What was dropped and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Fills the body.
    pub padding: String,
}

/// Codes, tokens, certificates and keys are secrets, and a test's dates are personal: only the
/// fields named here are printed.
macro_rules! printed {
    ($($body:ident { $($field:ident),* })*) => {$(
        impl std::fmt::Debug for $body {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($body))
                    $(.field(stringify!($field), &self.$field))*
                    .finish_non_exhaustive()
            }
        }
    )*};
}

printed! {
    VerifyRequest { accept }
    VerifyResponse { error, error_code }
    CertificateRequest {}
    CertificateResponse { error, error_code }
    IssueRequest { long }
    IssueResponse { error, error_code }
    BatchIssueRequest {}
    BatchIssueResponse { error, error_code }
    CodeStatusRequest {}
    CodeStatusResponse { state, error, error_code }
    PublishedKey { rolling_start_number, rolling_period }
    PublishRequest { health_authority_id }
    PublishResponse { error, code }
}

/// Implemented by every body that is padded to one size.
pub trait Padded: Serialize {
    /// The field that fills.
    fn padding_mut(&mut self) -> &mut String;
}

macro_rules! padded {
    ($($body:ty),*) => {$(
        impl Padded for $body {
            fn padding_mut(&mut self) -> &mut String {
                &mut self.padding
            }
        }
    )*};
}

padded!(
    VerifyRequest,
    VerifyResponse,
    CertificateRequest,
    CertificateResponse,
    PublishRequest,
    PublishResponse
);

/// The body does not fit the size it should be padded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the message needs {needed} bytes, more than the {size} that every such message has")]
pub struct TooLargeToPad {
    /// Bytes without padding.
    pub needed: usize,
    /// Bytes to fill.
    pub size: usize,
}

/// Serialises `body` to JSON of exactly `size` bytes by setting its padding.
pub fn to_padded_json(body: &mut impl Padded, size: usize) -> Result<Vec<u8>, TooLargeToPad> {
    body.padding_mut().clear();
    let needed = serde_json::to_vec(body).map_or(usize::MAX, |json| json.len());
    let missing = size.checked_sub(needed).ok_or(TooLargeToPad { needed, size })?;
    // One ASCII character is one byte of JSON; TLS hides what it says.
    *body.padding_mut() = "0".repeat(missing);
    serde_json::to_vec(body).map_err(|_| TooLargeToPad { needed, size })
}
