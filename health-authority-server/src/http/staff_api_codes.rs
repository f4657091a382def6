//! Requests of staff's programs about codes, with their API key: several at once, a code's state, its end.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::post;
use vungxanh_protocol::api::{
    BATCH_ISSUE_PATH, BatchIssueRequest, BatchIssueResponse, CODE_STATUS_PATH, CodeStatusRequest,
    CodeStatusResponse, EXPIRE_CODE_PATH, IssueRequest, IssueResponse, MAX_BATCH_CODES,
};

use super::error::{ApiError, Endpoint, staff_code};
use super::public::read_json;
use super::reply::plain;
use super::staff_api::permitted;
use crate::domain::codes::CodeState;
use crate::domain::permissions::Permission;
use crate::services::app::App;
use crate::services::code_states::{self, CodeId, CodeStatus};
use crate::services::codes::issue_each;
use crate::services::refusal::Refusal;

pub(super) fn routes() -> Router<Arc<App>> {
    let path = |path: &str| format!("/{path}");
    Router::new()
        .route(&path(BATCH_ISSUE_PATH), post(issue_batch))
        .route(&path(CODE_STATUS_PATH), post(status))
        .route(&path(EXPIRE_CODE_PATH), post(expire))
}

type Body = Result<Bytes, BytesRejection>;

/// `POST api/batch-issue`: each code is issued or refused for itself.
async fn issue_batch(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let actor = permitted(&app, &headers, Permission::CodesIssueBulk).await?.actor();
    let request = read_json::<BatchIssueRequest, IssueRequest>(body);
    let request = request.map_err(|error| Endpoint::Staff.refuse(error))?;
    if !(1..=MAX_BATCH_CODES).contains(&request.codes.len()) {
        return Err(Endpoint::Staff.refuse(Refusal::BatchSize));
    }
    let issued = issue_each(&app, &request.codes, &actor).await;
    let codes = issued.into_iter().zip(&request.codes).map(|(result, asked)| match result {
        Ok(issued) => issued,
        Err(refusal) => IssueResponse {
            uuid: asked.uuid.clone(),
            error: refusal.to_string(),
            error_code: staff_code(&refusal).to_owned(),
            ..Default::default()
        },
    });
    let response = BatchIssueResponse { codes: codes.collect(), ..Default::default() };
    Ok(plain(StatusCode::OK, &response))
}

/// `POST api/checkcodestatus`.
async fn status(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    permitted(&app, &headers, Permission::CodesRead).await?;
    let id = read_id(&app, body)?;
    let status = code_states::status(&app, &id).await;
    Ok(plain(StatusCode::OK, &shown(status.map_err(|refusal| Endpoint::Staff.refuse(refusal))?)))
}

/// `POST api/expirecode`.
async fn expire(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let actor = permitted(&app, &headers, Permission::CodesRevoke).await?.actor();
    let id = read_id(&app, body)?;
    let revoked = code_states::revoke(&app, &id, &actor).await;
    Ok(plain(StatusCode::OK, &shown(revoked.map_err(|refusal| Endpoint::Staff.refuse(refusal))?)))
}

fn read_id(app: &App, body: Body) -> Result<CodeId, ApiError> {
    let request = read_json::<CodeStatusRequest, ()>(body);
    let request = request.map_err(|error| Endpoint::Staff.refuse(error))?;
    CodeId::read(app, &request.uuid).map_err(|refusal| Endpoint::Staff.refuse(refusal))
}

fn shown(status: CodeStatus) -> CodeStatusResponse {
    let expires = i64::try_from(status.expires_at.as_secs()).unwrap_or(i64::MAX);
    CodeStatusResponse {
        claimed: status.state == CodeState::Used,
        state: status.state.name().to_owned(),
        expires_at_timestamp: expires,
        long_expires_at_timestamp: expires,
        ..Default::default()
    }
}
