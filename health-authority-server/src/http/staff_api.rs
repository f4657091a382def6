//! Requests of staff's programs, each with an API key that has the permission.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use vungxanh_protocol::api::IssueRequest;

use super::error::{ApiError, Endpoint, Reason};
use super::public::{read_json, unread};
use super::reply::plain;
use crate::domain::permissions::Permission;
use crate::services::api_keys;
use crate::services::app::App;
use crate::services::codes::{CodeOrder, issue as issue_code, issue_and_send};
use crate::services::overview;
use crate::services::refusal::Refusal;
use crate::storage::api_keys::ApiKey;

const API_KEY: &str = "x-api-key";

/// What the request says beside what the protocol's type holds.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Delivery {
    phone: String,
}

/// `POST api/issue`. With `phone`, the code is sent there, too.
pub async fn issue(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    permitted(&app, &headers, Permission::CodesIssue).await?;
    let body = body.map_err(|rejection| Endpoint::Staff.refuse(unread(&rejection)))?;
    let request = read_json::<IssueRequest, ()>(Ok(body.clone()));
    let request = request.map_err(|error| Endpoint::Staff.refuse(error))?;
    let delivery = read_json::<Delivery, ()>(Ok(body));
    let delivery = delivery.map_err(|error| Endpoint::Staff.refuse(error))?;
    let refuse = |refusal: Refusal| Endpoint::Staff.refuse(refusal);
    let now = app.clock.now();
    let order = CodeOrder::read(&request, app.config.today(now), now).map_err(refuse)?;
    let issued = match delivery.phone.as_str() {
        "" => issue_code(&app, &order).await,
        phone => issue_and_send(&app, &order, phone).await,
    };
    let issued = issued.map_err(refuse)?;
    Ok(plain(StatusCode::OK, &issued))
}

/// `GET v1/statistics`: totals since the beginning.
pub async fn statistics(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    permitted(&app, &headers, Permission::StatisticsRead).await?;
    let totals = overview::totals(&app).await;
    let totals = totals.map_err(|error| Endpoint::Staff.refuse(Refusal::from(error)))?;
    Ok(Json(totals).into_response())
}

/// The open key of the request, if it may do this.
async fn permitted(app: &App, headers: &HeaderMap, needed: Permission) -> Result<ApiKey, ApiError> {
    let refuse = |reason: Reason| Endpoint::Staff.refuse(reason);
    let shown = headers.get(API_KEY).ok_or_else(|| refuse(Reason::NotStaff))?;
    let key = api_keys::used(app, shown.as_bytes()).await;
    let key = key.map_err(|error| refuse(Refusal::from(error).into()))?;
    let key = key.ok_or_else(|| refuse(Reason::NotStaff))?;
    if key.permissions.has(needed) { Ok(key) } else { Err(refuse(Reason::NotPermitted(needed))) }
}
