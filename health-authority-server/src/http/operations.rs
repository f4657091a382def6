//! For those who run the server and their programs, at an address of its own (`server.ops_listen`).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tower_http::timeout::TimeoutLayer;

use crate::services::app::App;
use crate::services::health_state::Found;
use crate::services::{monitoring, readiness};

const TIMEOUT: Duration = Duration::from_secs(10);
/// OpenMetrics 1.0.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub fn operations_router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIMEOUT))
        .with_state(app)
}

#[derive(Debug, Deserialize)]
struct LeftOut {
    /// Names of checks that do not count, with commas between.
    #[serde(default)]
    exclude: String,
}

#[derive(Serialize)]
struct Answer {
    ready: bool,
    stopping: bool,
    checks: BTreeMap<&'static str, Found>,
}

async fn ready(State(app): State<Arc<App>>, Query(left_out): Query<LeftOut>) -> Response {
    let report = readiness::look(&app).await;
    let left_out: Vec<&str> = left_out.exclude.split(',').map(str::trim).collect();
    let ready = report.is_ready(&left_out);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let answer = Answer { ready, stopping: report.stopping, checks: report.checks };
    (status, [(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    let report = readiness::look(&app).await;
    match monitoring::text(&app, &report) {
        Ok(text) => ([(header::CONTENT_TYPE, METRICS_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
