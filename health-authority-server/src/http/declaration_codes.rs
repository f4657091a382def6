//! Telephone codes of declarations. Each answer ends its connection: the declaration comes on another one.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde::de::DeserializeOwned;
use vungxanh_protocol::phone::{CODE_PATH, CONFIRM_PATH, PHONE_REQUEST_BYTES, PhoneResponse};

use super::declarations::Body;
use super::error::Endpoint;
use super::public::read_json;
use super::reply::padded;
use crate::services::app::App;
use crate::services::declaration_codes;
use crate::services::refusal::Refusal;

pub(super) fn routes() -> Router<Arc<App>> {
    let path = |path: &str| format!("/{path}");
    Router::new()
        .route(&path(CODE_PATH), post(code))
        .route(&path(CONFIRM_PATH), post(confirm))
        .layer(DefaultBodyLimit::max(PHONE_REQUEST_BYTES))
}

async fn code(State(app): State<Arc<App>>, body: Body) -> Response {
    answer(body, async |request| declaration_codes::request_code(&app, request).await).await
}

async fn confirm(State(app): State<Arc<App>>, body: Body) -> Response {
    answer(body, async |request| declaration_codes::confirm(&app, request).await).await
}

async fn answer<Q: DeserializeOwned>(
    body: Body,
    work: impl AsyncFnOnce(Q) -> Result<PhoneResponse, Refusal>,
) -> Response {
    let mut response = match read_json::<Q, ()>(body) {
        Err(reason) => Endpoint::Phone.refuse(reason).into_response(),
        Ok(request) => match work(request).await {
            Err(refusal) => Endpoint::Phone.refuse(refusal).into_response(),
            Ok(answer) => padded(StatusCode::OK, answer),
        },
    };
    // Of what is too long to be read the answer would not arrive.
    if response.status() != StatusCode::PAYLOAD_TOO_LARGE {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
