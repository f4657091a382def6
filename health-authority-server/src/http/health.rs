//! Whether the server works, for monitoring.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::services::app::App;

/// Says that the server runs and its database answers.
pub async fn health(State(app): State<Arc<App>>) -> Response {
    match app.store.statistics().await {
        Ok(_) => "ok\n".into_response(),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "database\n").into_response(),
    }
}
