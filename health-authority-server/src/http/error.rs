//! The one error of the HTTP interface. Its [`IntoResponse`] alone decides status and code.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use vungxanh_protocol::api::{
    CertificateResponse, IssueResponse, MAX_PUBLISH_REQUEST_BYTES, PublishResponse, VerifyResponse,
};
use vungxanh_protocol::declaration::DeclareResponse;
use vungxanh_protocol::phone::PhoneResponse;

use super::reply::{later, padded, plain};
use crate::domain::permissions::Permission;
use crate::domain::upload_check::RevisionRefused;
use crate::services::refusal::Refusal;

/// Which endpoint answers, hence how a refusal looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `api/verify`.
    Verify,
    /// `api/certificate`.
    Certificate,
    /// `v1/publish`.
    Publish,
    /// `v1/declare` and `v1/withdraw`.
    Declare,
    /// `v1/phone/code` and `v1/phone/confirm`.
    Phone,
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
    /// Without an open API key.
    #[error("the header X-API-Key does not hold a key of the staff that is in use")]
    NotStaff,
    /// The key may do other things.
    #[error(
        "this API key may not do this: it lacks the permission {}; an administrator can make \
         another key at /staff/api-keys",
        .0.name()
    )]
    NotPermitted(Permission),
    /// There is no such endpoint.
    #[error("this server has no such path; check the address")]
    NoSuchPath,
    /// What was asked for was not done.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// A refusal by an endpoint.
#[derive(Debug)]
pub struct ApiError {
    pub endpoint: Endpoint,
    pub reason: Reason,
}

impl Endpoint {
    /// A refusal by this endpoint.
    pub fn refuse(self, reason: impl Into<Reason>) -> ApiError {
        ApiError { endpoint: self, reason: reason.into() }
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
            Self::NotPermitted(_) => (StatusCode::FORBIDDEN, "not_permitted"),
            Self::NoSuchPath => (StatusCode::NOT_FOUND, "not_found"),
            Self::Refused(refusal) => refusal_status_and_code(refusal, publish),
        }
    }
}

/// The code for a program of what was refused within an answer.
pub(super) fn staff_code(refusal: &Refusal) -> &'static str {
    refusal_status_and_code(refusal, false).1
}

fn refusal_status_and_code(refusal: &Refusal, publish: bool) -> (StatusCode, &'static str) {
    match refusal {
        Refusal::LongUuid => (StatusCode::BAD_REQUEST, "unparsable_request"),
        Refusal::InvalidPhone => (StatusCode::BAD_REQUEST, "invalid_phone"),
        Refusal::NoMessages | Refusal::NotSent => (StatusCode::SERVICE_UNAVAILABLE, "sms_failure"),
        Refusal::InvalidTestType => (StatusCode::BAD_REQUEST, "invalid_test_type"),
        Refusal::InvalidDate(_) | Refusal::InvalidDays => (StatusCode::BAD_REQUEST, "invalid_date"),
        Refusal::UuidExists => (StatusCode::CONFLICT, "uuid_already_exists"),
        Refusal::BatchSize => (StatusCode::BAD_REQUEST, "unparsable_request"),
        Refusal::CodeIdUnknown => (StatusCode::NOT_FOUND, "code_not_found"),
        Refusal::CodeNotUnused(_) => (StatusCode::CONFLICT, "code_not_unused"),
        Refusal::CodeInvalid => (StatusCode::BAD_REQUEST, "code_invalid"),
        Refusal::CodeUnknown => (StatusCode::BAD_REQUEST, "code_not_found"),
        Refusal::CodeExpired => (StatusCode::BAD_REQUEST, "code_expired"),
        Refusal::TooManyGuesses => (StatusCode::TOO_MANY_REQUESTS, "quota_exceeded"),
        Refusal::UnsupportedTestType => (StatusCode::PRECONDITION_FAILED, "unsupported_test_type"),
        Refusal::TokenInvalid => (StatusCode::BAD_REQUEST, "token_invalid"),
        Refusal::TokenExpired => (StatusCode::BAD_REQUEST, "token_expired"),
        Refusal::HmacInvalid => (StatusCode::BAD_REQUEST, "hmac_invalid"),
        Refusal::UnknownAuthority => (StatusCode::UNAUTHORIZED, "unknown_health_authority_id"),
        Refusal::Certificate(_) | Refusal::WrongKeys => {
            (StatusCode::UNAUTHORIZED, "health_authority_verification_certificate_invalid")
        }
        Refusal::Publication(_) => (StatusCode::BAD_REQUEST, "bad_request"),
        Refusal::Revision(refused) => (StatusCode::BAD_REQUEST, revision_code(*refused)),
        Refusal::Declaration(_) => (StatusCode::BAD_REQUEST, "unparsable_request"),
        Refusal::WrongDay => (StatusCode::CONFLICT, "wrong_day"),
        Refusal::SubmissionExists => (StatusCode::CONFLICT, "submission_exists"),
        Refusal::ReceiptUnknown => (StatusCode::NOT_FOUND, "receipt_unknown"),
        Refusal::TooManyDeclarations | Refusal::TooManyMessages => {
            (StatusCode::TOO_MANY_REQUESTS, "quota_exceeded")
        }
        Refusal::PhoneCodeNeeded => (StatusCode::FORBIDDEN, "phone_code_needed"),
        Refusal::TokenRefused => (StatusCode::FORBIDDEN, "token_refused"),
        Refusal::TokenSpent => (StatusCode::CONFLICT, "token_spent"),
        Refusal::PhoneRequest(_) => (StatusCode::BAD_REQUEST, "unparsable_request"),
        Refusal::NoPhone => (StatusCode::BAD_REQUEST, "invalid_phone"),
        Refusal::OtherCountry => (StatusCode::FORBIDDEN, "country_not_served"),
        Refusal::TooManyCodes => (StatusCode::TOO_MANY_REQUESTS, "quota_exceeded"),
        Refusal::WrongPhoneCode => (StatusCode::FORBIDDEN, "code_wrong"),
        Refusal::NoIntakeKeys => (StatusCode::SERVICE_UNAVAILABLE, "no_keys"),
        Refusal::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
        Refusal::Internal if publish => (StatusCode::INTERNAL_SERVER_ERROR, "internal_error"),
        Refusal::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal_server_error"),
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
        let busy = matches!(self.reason, Reason::Refused(Refusal::Busy | Refusal::NotSent));
        let response = match self.endpoint {
            Endpoint::Verify => {
                padded(status, VerifyResponse { error, error_code, ..Default::default() })
            }
            Endpoint::Certificate => {
                padded(status, CertificateResponse { error, error_code, ..Default::default() })
            }
            Endpoint::Publish => {
                padded(status, PublishResponse { error, code: error_code, ..Default::default() })
            }
            Endpoint::Declare => {
                padded(status, DeclareResponse { error, error_code, ..Default::default() })
            }
            Endpoint::Phone => {
                padded(status, PhoneResponse { error, error_code, ..Default::default() })
            }
            Endpoint::Nowhere => {
                plain(status, &serde_json::json!({ "error": error, "errorCode": error_code }))
            }
            Endpoint::Staff => {
                plain(status, &IssueResponse { error, error_code, ..Default::default() })
            }
        };
        if busy { later(response) } else { response }
    }
}
