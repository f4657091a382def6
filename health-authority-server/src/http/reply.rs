//! Replies of one size.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use vungxanh_protocol::api::{
    CertificateResponse, PUBLISH_RESPONSE_BYTES, Padded, PublishResponse, TOKEN_RESPONSE_BYTES,
    VerifyResponse, to_padded_json,
};
use vungxanh_protocol::declaration::{DECLARE_RESPONSE_BYTES, DeclareResponse};
use vungxanh_protocol::phone::{PHONE_RESPONSE_BYTES, PhoneResponse};

/// When a client that was refused because the server is busy may ask again, in seconds.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("30");

/// A refusal that says when to ask again.
pub fn later(mut response: Response) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS);
    response
}

/// A reply whose every body has one size.
pub trait ConstantSize: Padded + Default {
    /// That size in bytes.
    const BYTES: usize;
}

impl ConstantSize for VerifyResponse {
    const BYTES: usize = TOKEN_RESPONSE_BYTES;
}

impl ConstantSize for CertificateResponse {
    const BYTES: usize = TOKEN_RESPONSE_BYTES;
}

impl ConstantSize for PublishResponse {
    const BYTES: usize = PUBLISH_RESPONSE_BYTES;
}

impl ConstantSize for DeclareResponse {
    const BYTES: usize = DECLARE_RESPONSE_BYTES;
}

impl ConstantSize for PhoneResponse {
    const BYTES: usize = PHONE_RESPONSE_BYTES;
}

/// The body as JSON of its constant size.
pub fn padded<B: ConstantSize>(status: StatusCode, mut body: B) -> Response {
    match to_padded_json(&mut body, B::BYTES) {
        Ok(json) => json_response(status, json),
        Err(error) => {
            tracing::error!(%error, "a reply is too long");
            let json = to_padded_json(&mut B::default(), B::BYTES).unwrap_or_default();
            json_response(StatusCode::INTERNAL_SERVER_ERROR, json)
        }
    }
}

/// The body as JSON of any size, for staff.
pub fn plain(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(json) => json_response(status, json),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn json_response(status: StatusCode, json: Vec<u8>) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, json).into_response()
}
