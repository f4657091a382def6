//! Health declarations: to what they are sealed, and where they are sent.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use vungxanh_protocol::declaration::{
    DECLARE_PATH, DECLARE_REQUEST_BYTES, DeclareResponse, WITHDRAW_PATH,
};
use vungxanh_protocol::door::CARD_KEYS_PATH;
use vungxanh_protocol::intake::{INTAKE_KEYS_PATH, OFFICERS_PATH};
use vungxanh_protocol::pass::PASS_KEYS_PATH;
use vungxanh_protocol::phone::PHONE_KEYS_PATH;

use super::error::{ApiError, Endpoint};
use super::public::read_json;
use super::published::{CHANGING, SIGNED, cacheable};
use super::reply::padded;
use crate::authority::intake::{SignedFile, signed_file};
use crate::services::app::App;
use crate::services::declarations;
use crate::services::refusal::Refusal;

pub(super) fn routes() -> Router<Arc<App>> {
    let path = |path: &str| format!("/{path}");
    Router::new()
        .route(&path(DECLARE_PATH), post(declare))
        .route(&path(WITHDRAW_PATH), post(withdraw))
        .layer(DefaultBodyLimit::max(DECLARE_REQUEST_BYTES))
        .route(&path(OFFICERS_PATH), get(officers))
        .route(&path(INTAKE_KEYS_PATH), get(intake_keys))
        .route(&path(PASS_KEYS_PATH), get(pass_keys))
        .route(&path(CARD_KEYS_PATH), get(card_keys))
        .route(&path(PHONE_KEYS_PATH), get(phone_keys))
}

pub(super) type Body = Result<Bytes, BytesRejection>;

async fn declare(State(app): State<Arc<App>>, body: Body) -> Result<Response, ApiError> {
    answer(body, async |request| declarations::declare(&app, request).await).await
}

async fn withdraw(State(app): State<Arc<App>>, body: Body) -> Result<Response, ApiError> {
    answer(body, async |request| declarations::withdraw(&app, request).await).await
}

async fn answer<Q: DeserializeOwned>(
    body: Body,
    work: impl AsyncFnOnce(Q) -> Result<DeclareResponse, Refusal>,
) -> Result<Response, ApiError> {
    let request = read_json::<Q, ()>(body).map_err(|reason| Endpoint::Declare.refuse(reason))?;
    let response = work(request).await.map_err(|refusal| Endpoint::Declare.refuse(refusal))?;
    Ok(padded(StatusCode::OK, response))
}

async fn officers(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    signed(&app, SignedFile::Officers, &headers)
}

async fn intake_keys(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    signed(&app, SignedFile::IntakeKeys, &headers)
}

async fn pass_keys(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    signed(&app, SignedFile::PassKeys, &headers)
}

async fn card_keys(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    signed(&app, SignedFile::CardKeys, &headers)
}

async fn phone_keys(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    signed(&app, SignedFile::PhoneKeys, &headers)
}

fn signed(app: &App, file: SignedFile, headers: &HeaderMap) -> Response {
    match signed_file(&app.folder, file) {
        Ok(Some(bytes)) => cacheable(bytes, SIGNED, CHANGING, headers),
        Ok(None) => (StatusCode::NOT_FOUND, "this authority has no such keys\n").into_response(),
        Err(error) => {
            tracing::error!(%error, "a file of declarations cannot be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
