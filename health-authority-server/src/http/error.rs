//! The one error of the HTTP interface. Its [`IntoResponse`] alone decides status and code.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use vungxanh_protocol::api::{
    CertificateResponse, IssueResponse, MAX_PUBLISH_REQUEST_BYTES, PublishResponse, VerifyResponse,
};

use super::reply::{padded, plain};
use crate::domain::certificate::CertificateError;
use crate::domain::publication_check::{InvalidPublication, RevisionRefused};
use crate::publication::PublicationError;
use crate::storage::StoreError;

/// Which endpoint answers, hence how a refusal looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `api/verify`.
    Verify,
    /// `api/certificate`.
    Certificate,
    /// `v1/publish`.
    Publish,
    /// `api/issue` and other requests of staff.
    Staff,
    /// None of them.
    Nowhere,
}

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    /// Not the JSON that the endpoint reads.
    #[error("the request cannot be read: {0}")]
    Unreadable(String),
    /// Longer than the endpoint reads.
    #[error("the request is longer than {} kB", MAX_PUBLISH_REQUEST_BYTES / 1_024)]
    TooLong,
    /// Without or with a wrong staff key.
    #[error("the header X-API-Key does not hold the staff's key")]
    NotStaff,
    /// An unknown name of a type of test.
    #[error("the type of test must be confirmed, likely or negative")]
    InvalidTestType,
    /// A date that cannot be.
    #[error("{0}")]
    InvalidDate(#[from] crate::domain::diagnosis::DateError),
    /// The id was used before.
    #[error("a code was issued for this uuid already")]
    UuidExists,
    /// The code is malformed or used.
    #[error("the verification code is not valid or was used already; ask for a new one")]
    CodeInvalid,
    /// There is no such code.
    #[error("there is no such verification code; check what you typed")]
    CodeUnknown,
    /// The code is too old.
    #[error("the verification code has expired; ask for a new one")]
    CodeExpired,
    /// Too many wrong codes.
    #[error("too many wrong codes were tried; wait 15 minutes or ask for a long code")]
    TooManyGuesses,
    /// The code is for a type of test that the client does not take.
    #[error("the verification code is for a type of test that this program does not take")]
    UnsupportedTestType,
    /// The token is unknown or used.
    #[error("the verification token is not valid or was used already")]
    TokenInvalid,
    /// The token is too old.
    #[error("the verification token has expired; ask for a new code")]
    TokenExpired,
    /// Not an HMAC.
    #[error("ekeyhmac is not the Base64 of 32 bytes")]
    HmacInvalid,
    /// For another authority.
    #[error("this server publishes for another authority")]
    UnknownAuthority,
    /// The certificate does not hold.
    #[error("{0}")]
    Certificate(#[from] CertificateError),
    /// The certificate is for other keys.
    #[error("the verification certificate is for other keys than those in the request")]
    WrongKeys,
    /// The keys are not valid.
    #[error("{0}")]
    Publication(#[from] InvalidPublication),
    /// The keys may not be revised like this.
    #[error("{0}")]
    Revision(#[from] RevisionRefused),
    /// There is no such endpoint.
    #[error("this server has no such path; check the address")]
    NoSuchPath,
    /// The server failed.
    #[error("the server could not do it; try again later")]
    Internal,
}

/// A refusal by an endpoint.
#[derive(Debug)]
pub struct ApiError {
    /// Who refuses.
    pub endpoint: Endpoint,
    /// Why.
    pub reason: Reason,
}

impl Endpoint {
    /// A refusal by this endpoint.
    pub fn refuse(self, reason: impl Into<Reason>) -> ApiError {
        ApiError { endpoint: self, reason: reason.into() }
    }
}

impl From<StoreError> for Reason {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request failed");
        Self::Internal
    }
}

impl From<PublicationError> for Reason {
    fn from(error: PublicationError) -> Self {
        tracing::error!(%error, "a request failed");
        Self::Internal
    }
}

impl Reason {
    /// Status, and code for a program. Codes are those of the two servers whose protocol this is.
    fn status_and_code(&self, endpoint: Endpoint) -> (StatusCode, &'static str) {
        let publish = endpoint == Endpoint::Publish;
        let unreadable = if publish { "bad_request" } else { "unparsable_request" };
        match self {
            Self::Unreadable(_) => (StatusCode::BAD_REQUEST, unreadable),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, unreadable),
            Self::NotStaff => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::InvalidTestType => (StatusCode::BAD_REQUEST, "invalid_test_type"),
            Self::InvalidDate(_) => (StatusCode::BAD_REQUEST, "invalid_date"),
            Self::UuidExists => (StatusCode::CONFLICT, "uuid_already_exists"),
            Self::CodeInvalid => (StatusCode::BAD_REQUEST, "code_invalid"),
            Self::CodeUnknown => (StatusCode::BAD_REQUEST, "code_not_found"),
            Self::CodeExpired => (StatusCode::BAD_REQUEST, "code_expired"),
            Self::TooManyGuesses => (StatusCode::TOO_MANY_REQUESTS, "quota_exceeded"),
            Self::UnsupportedTestType => (StatusCode::PRECONDITION_FAILED, "unsupported_test_type"),
            Self::TokenInvalid => (StatusCode::BAD_REQUEST, "token_invalid"),
            Self::TokenExpired => (StatusCode::BAD_REQUEST, "token_expired"),
            Self::HmacInvalid => (StatusCode::BAD_REQUEST, "hmac_invalid"),
            Self::UnknownAuthority => (StatusCode::UNAUTHORIZED, "unknown_health_authority_id"),
            Self::Certificate(_) | Self::WrongKeys => {
                (StatusCode::UNAUTHORIZED, "health_authority_verification_certificate_invalid")
            }
            Self::Publication(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::Revision(refused) => (StatusCode::BAD_REQUEST, revision_code(*refused)),
            Self::NoSuchPath => (StatusCode::NOT_FOUND, "not_found"),
            Self::Internal if publish => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal_server_error"),
        }
    }
}

const fn revision_code(refused: RevisionRefused) -> &'static str {
    match refused {
        RevisionRefused::MissingToken => "missing_revision_token",
        RevisionRefused::InvalidToken => "invalid_revision_token",
        RevisionRefused::AlreadyRevised => "key_already_revised",
        RevisionRefused::InvalidTransition => "invalid_report_type_transition",
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code) = self.reason.status_and_code(self.endpoint);
        let error = self.reason.to_string();
        let error_code = code.to_owned();
        match self.endpoint {
            Endpoint::Verify => {
                padded(status, VerifyResponse { error, error_code, ..Default::default() })
            }
            Endpoint::Certificate => {
                padded(status, CertificateResponse { error, error_code, ..Default::default() })
            }
            Endpoint::Publish => {
                padded(status, PublishResponse { error, code: error_code, ..Default::default() })
            }
            Endpoint::Nowhere => {
                plain(status, &serde_json::json!({ "error": error, "errorCode": error_code }))
            }
            Endpoint::Staff => {
                plain(status, &IssueResponse { error, error_code, ..Default::default() })
            }
        }
    }
}
