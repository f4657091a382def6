//! Pages of the authority's staff, below `/staff`.

pub mod audit;
pub mod home;
mod request;
pub mod requests;
pub mod venue_reset;
pub mod venues;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::services::app::App;

/// All routes, relative to `/staff`.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home::page))
        .route("/venues", get(venues::list))
        .route("/venues/{venue}", get(venues::one))
        .route("/venues/{venue}/decide", post(venues::decide))
        .route("/venues/{venue}/reset", get(venue_reset::ask).post(venue_reset::give))
        .route("/warnings", get(requests::page).post(requests::open))
        .route("/warnings/{request}", get(request::page))
        .route("/audit", get(audit::page))
}
