//! Requests of staff's programs, with their API key.

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
use crate::services::app::App;
use crate::services::codes::{CodeOrder, issue as issue_code, issue_and_send};
use crate::services::overview;
use crate::services::refusal::Refusal;

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
    check_staff(&app, &headers)?;
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
    check_staff(&app, &headers)?;
    let totals = overview::totals(&app).await;
    let totals = totals.map_err(|error| Endpoint::Staff.refuse(Refusal::from(error)))?;
    Ok(Json(totals).into_response())
}

fn check_staff(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    match headers.get(API_KEY) {
        Some(key) if app.keys.is_staff(key.as_bytes()) => Ok(()),
        _ => Err(Endpoint::Staff.refuse(Reason::NotStaff)),
    }
}
