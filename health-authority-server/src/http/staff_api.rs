//! Requests of staff, with their API key.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use rand::RngExt;
use vungxanh_protocol::api::{IssueRequest, IssueResponse};
use vungxanh_protocol::interval::{UnixTime, UtcDay};

use super::error::{ApiError, Endpoint, Reason};
use super::public::read_json;
use super::reply::plain;
use crate::authority::keys::ServerKeys;
use crate::domain::codes::{Code, CodeKind, request_id_hash};
use crate::domain::diagnosis::{Diagnosis, TestType, parse_day};
use crate::services::app::App;
use crate::storage::codes::{Issued, NewCode};
use crate::storage::{Store, StoreError};

const API_KEY: &str = "x-api-key";

/// `POST api/issue`.
pub async fn issue(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let refuse = |reason: Reason| Endpoint::Staff.refuse(reason);
    check_staff(&app, &headers)?;
    let request: IssueRequest = read_json(body).map_err(refuse)?;
    let now = app.clock.now();
    let order = Order::read(&request, now).map_err(refuse)?;
    let reply = issue_code(&app.store, &app.keys, &order, now).await.map_err(refuse)?;
    Ok(plain(StatusCode::OK, &reply))
}

/// `GET v1/statistics`: totals since the beginning.
pub async fn statistics(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    check_staff(&app, &headers)?;
    let totals = app.store.statistics().await.map_err(|error| Endpoint::Staff.refuse(error))?;
    Ok(Json(totals).into_response())
}

fn check_staff(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    match headers.get(API_KEY) {
        Some(key) if app.keys.is_staff(key.as_bytes()) => Ok(()),
        _ => Err(Endpoint::Staff.refuse(Reason::NotStaff)),
    }
}

/// A code that staff ask for.
#[derive(Debug, Clone)]
pub struct Order {
    /// The case.
    pub diagnosis: Diagnosis,
    /// Short or long.
    pub kind: CodeKind,
    /// The request's id, drawn at random when staff gave none.
    pub uuid: String,
}

impl Order {
    fn read(request: &IssueRequest, now: UnixTime) -> Result<Self, Reason> {
        let test_type = match request.test_type.as_str() {
            "" => TestType::Confirmed,
            name => TestType::from_name(name).ok_or(Reason::InvalidTestType)?,
        };
        let today = local_day(now, request.tz_offset);
        let diagnosis = Diagnosis {
            test_type,
            symptom_day: parse_day(&request.symptom_date, today)?,
            test_day: parse_day(&request.test_date, today)?,
        };
        let kind = if request.long { CodeKind::Long } else { CodeKind::Short };
        if request.uuid.len() > 64 {
            return Err(Reason::Unreadable("uuid is longer than 64 characters".into()));
        }
        let uuid = match request.uuid.as_str() {
            "" => random_uuid(),
            uuid => uuid.to_owned(),
        };
        Ok(Self { diagnosis, kind, uuid })
    }
}

/// The day where it is `minutes` later than UTC.
pub fn local_day(now: UnixTime, minutes: f32) -> UtcDay {
    let seconds = (minutes.clamp(-14.0 * 60.0, 14.0 * 60.0) * 60.0) as i64;
    now.plus(seconds.max(0).unsigned_abs()).minus(seconds.min(0).unsigned_abs()).day()
}

/// A random UUID (RFC 9562, version 4).
pub fn random_uuid() -> String {
    let mut bytes: [u8; 16] = rand::rng().random();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = hex::encode(bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Issues a code, for the endpoint and the command line alike.
pub async fn issue_code(
    store: &Store,
    keys: &ServerKeys,
    order: &Order,
    now: UnixTime,
) -> Result<IssueResponse, Reason> {
    let expires_at = now.plus(order.kind.seconds());
    loop {
        let code = Code::generate(order.kind, &mut rand::rng());
        let new = NewCode {
            code_hash: code.hash(&keys.code_hash),
            request_hash: request_id_hash(&order.uuid, &keys.code_hash),
            diagnosis: order.diagnosis,
            expires_at,
        };
        match store.issue_code(&new, now).await.map_err(|error: StoreError| Reason::from(error))? {
            Issued::Yes => return Ok(reply(&code, order, expires_at)),
            Issued::RequestRepeated => return Err(Reason::UuidExists),
            Issued::CodeTaken => {}
        }
    }
}

fn reply(code: &Code, order: &Order, expires_at: UnixTime) -> IssueResponse {
    let timestamp = i64::try_from(expires_at.as_secs()).unwrap_or(i64::MAX);
    let text = jiff::Timestamp::from_second(timestamp)
        .map(|time| time.strftime("%a, %d %b %Y %H:%M:%S UTC").to_string())
        .unwrap_or_default();
    IssueResponse {
        uuid: order.uuid.clone(),
        code: code.expose().to_owned(),
        expires_at: text.clone(),
        expires_at_timestamp: timestamp,
        long_expires_at: text,
        long_expires_at_timestamp: timestamp,
        ..Default::default()
    }
}
