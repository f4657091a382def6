//! What devices ask for: a token for a code, a certificate for a token, publication of keys.
//!
//! Other clients mark their dummy uploads by a header, ours inside the body: see
//! [`crate::services::key_upload`].

use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::de::DeserializeOwned;
use vungxanh_protocol::api::{CertificateResponse, PublishResponse, PublishedKey, VerifyResponse};

use super::error::{ApiError, Endpoint, Reason};
use super::reply::{ConstantSize, padded};
use crate::domain::lenient_json;
use crate::services::app::App;
use crate::services::key_upload::{exchange_code, make_certificate, publish_keys};
use crate::services::refusal::Refusal;
use crate::services::response_timing::{RequestKind, until_tick};

/// Other clients of the protocol mark dummy uploads with this header.
const CHAFF: &str = "x-chaff";

/// `POST api/verify`.
pub async fn verify(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let work = async |request| exchange_code(&app, request).await;
    answer::<_, VerifyResponse>(&app, VERIFY, &headers, body, work).await
}

/// `POST api/certificate`.
pub async fn certificate(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let work = async |request| make_certificate(&app, request).await;
    answer::<_, CertificateResponse>(&app, CERTIFICATE, &headers, body, work).await
}

/// `POST v1/publish`.
pub async fn publish(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let work = async |request| publish_keys(&app, request).await;
    answer::<_, PublishResponse>(&app, PUBLISH, &headers, body, work).await
}

const VERIFY: (Endpoint, RequestKind) = (Endpoint::Verify, RequestKind::Verify);
const CERTIFICATE: (Endpoint, RequestKind) = (Endpoint::Certificate, RequestKind::Certificate);
const PUBLISH: (Endpoint, RequestKind) = (Endpoint::Publish, RequestKind::Publish);

/// Reads the request, does the work and answers at the next tick with its response; what is marked as a
/// dummy is answered after the time that a real request takes.
async fn answer<Q: DeserializeOwned, B: ConstantSize>(
    app: &App,
    (endpoint, kind): (Endpoint, RequestKind),
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
    work: impl AsyncFnOnce(Q) -> Result<B, Refusal>,
) -> Result<Response, ApiError> {
    let started = Instant::now();
    if headers.contains_key(CHAFF) {
        tokio::time::sleep(app.timing.sample(kind)).await;
        until_tick(started).await;
        return Ok(padded(StatusCode::OK, B::default()));
    }
    let result = match read_json::<Q, PublishedKey>(body) {
        Ok(request) => work(request).await.map_err(Reason::from),
        Err(reason) => Err(reason),
    };
    app.timing.record(kind, started.elapsed());
    until_tick(started).await;
    result.map(|body| padded(StatusCode::OK, body)).map_err(|reason| endpoint.refuse(reason))
}

/// The body as JSON, whatever content type it claims, in it lists of `Inner`.
pub(super) fn read_json<T: DeserializeOwned, Inner: DeserializeOwned>(
    body: Result<Bytes, BytesRejection>,
) -> Result<T, Reason> {
    let body = body.map_err(|rejection| unread(&rejection))?;
    // The parser's own message quotes what was sent, which may be long and private.
    lenient_json::read::<T, Inner>(&body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Reason::Unreadable(match line {
            0 => "a field has not the expected type".into(),
            line => format!("not the expected JSON at line {line}, column {column}"),
        })
    })
}

/// Why a body did not come whole.
pub(super) fn unread(rejection: &BytesRejection) -> Reason {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Reason::TooLong,
        _ => Reason::Unreadable("the connection broke off".into()),
    }
}
