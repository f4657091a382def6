//! How many requests with a body are taken at a time. What waits is not read yet, so that many large
//! or slow ones fill no memory.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::Semaphore;

/// For programs: devices, staff's systems.
pub(super) const API_REQUESTS: usize = 512;
/// For each portal's pages.
pub(super) const FORMS: usize = 128;
/// So long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// The request when it is its turn; otherwise "later".
pub(super) async fn in_turn(
    State(turns): State<Arc<Semaphore>>,
    request: Request,
    next: Next,
) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    match tokio::time::timeout(PATIENCE, turns.acquire()).await {
        Ok(Ok(_turn)) => next.run(request).await,
        _ => {
            let later = [(header::RETRY_AFTER, "30")];
            (StatusCode::SERVICE_UNAVAILABLE, later, "busy; try again later\n").into_response()
        }
    }
}
