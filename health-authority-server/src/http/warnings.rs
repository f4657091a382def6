//! Batches of warnings about venues: cacheable, the same for everyone.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::exports::published;
use crate::app::App;

/// An index or a batch of warnings.
pub async fn file(
    State(app): State<Arc<App>>,
    Path((region, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let content_type = "application/vnd.vungxanh.signed";
    published(&app.warning_files, &region, &file, content_type, &headers).await
}
