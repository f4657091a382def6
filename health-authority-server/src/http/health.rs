//! Whether the server works, for monitoring.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::services::app::App;
use crate::services::overview;

/// Says that the server runs and its database answers.
pub async fn health(State(app): State<Arc<App>>) -> Response {
    match overview::works(&app).await {
        true => "ok\n".into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, "database\n").into_response(),
    }
}
