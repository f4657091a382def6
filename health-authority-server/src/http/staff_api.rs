//! Requests of staff's programs, each with an API key that has the permission.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use vungxanh_protocol::api::IssueRequest;
use vungxanh_protocol::interval::UtcDay;

use super::dates::{date, utc_day};
use super::error::{ApiError, Endpoint, Reason};
use super::public::read_json;
use super::reply::plain;
use super::statistics_files::{self, csv, csv_response};
use crate::domain::permissions::Permission;
use crate::services::api_keys;
use crate::services::app::App;
use crate::services::codes::issue_as_asked;
use crate::services::overview;
use crate::services::refusal::Refusal;
use crate::services::statistics::{Days, Table, tables};
use crate::storage::api_keys::ApiKey;

const API_KEY: &str = "x-api-key";

/// `POST api/issue`. With `phone`, the code is sent there, too.
pub async fn issue(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let actor = permitted(&app, &headers, Permission::CodesIssue).await?.actor();
    let request = read_json::<IssueRequest, ()>(body);
    let request = request.map_err(|error| Endpoint::Staff.refuse(error))?;
    let issued = issue_as_asked(&app, &request, &actor).await;
    let issued = issued.map_err(|refusal: Refusal| Endpoint::Staff.refuse(refusal))?;
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

/// From which day to which, both included; missing ones: the last 30 days.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct AskedDays {
    from: String,
    until: String,
}

/// So many days where none are named.
const USUAL_DAYS: u32 = 30;

impl AskedDays {
    fn read(&self, today: UtcDay) -> Result<Days, ApiError> {
        let refused = || Endpoint::Staff.refuse(Refusal::InvalidDays);
        let day = |text: &str| date(text).and_then(utc_day).ok_or_else(refused);
        let until = if self.until.is_empty() { today } else { day(&self.until)? };
        match self.from.as_str() {
            "" => Ok(Days::last(USUAL_DAYS, until)),
            from => Days::new(day(from)?, until).ok_or_else(refused),
        }
    }
}

async fn tables_for(
    app: &App,
    headers: &HeaderMap,
    asked: &AskedDays,
) -> Result<(Vec<Table>, Days), ApiError> {
    permitted(app, headers, Permission::StatisticsRead).await?;
    let days = asked.read(app.clock.now().day())?;
    let tables = tables(app, days).await;
    let tables = tables.map_err(|error| Endpoint::Staff.refuse(Refusal::from(error)))?;
    Ok((tables, days))
}

/// `GET v1/statistics/days.json`: what the staff's page shows.
pub async fn statistics_json(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(asked): Query<AskedDays>,
) -> Result<Response, ApiError> {
    let (tables, days) = tables_for(&app, &headers, &asked).await?;
    Ok(plain(StatusCode::OK, &statistics_files::json(&tables, days)))
}

/// `GET v1/statistics/days.csv`.
pub async fn statistics_csv(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Query(asked): Query<AskedDays>,
) -> Result<Response, ApiError> {
    let (tables, days) = tables_for(&app, &headers, &asked).await?;
    let head = ["figure", "from", "until", "class", "number"].map(str::to_owned);
    let csv = csv(head, &tables, days, |table, of| {
        [table.id.to_owned(), of.map_or_else(|| "total".to_owned(), statistics_files::name_of)]
    });
    Ok(csv_response(csv, "statistics.csv"))
}

/// The open key of the request, if it may do this.
pub(super) async fn permitted(
    app: &App,
    headers: &HeaderMap,
    needed: Permission,
) -> Result<ApiKey, ApiError> {
    let refuse = |reason: Reason| Endpoint::Staff.refuse(reason);
    let shown = headers.get(API_KEY).ok_or_else(|| refuse(Reason::NotStaff))?;
    let key = api_keys::used(app, shown.as_bytes()).await;
    let key = key.map_err(|error| refuse(Refusal::from(error).into()))?;
    let key = key.ok_or_else(|| refuse(Reason::NotStaff))?;
    if key.permissions.has(needed) { Ok(key) } else { Err(refuse(Reason::NotPermitted(needed))) }
}
