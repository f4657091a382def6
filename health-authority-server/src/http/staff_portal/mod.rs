//! Pages of the authority's staff, below `/staff`.

pub mod audit;
pub mod home;
mod intake;
mod intake_stream;
mod request;
pub mod requests;
pub mod venue_reset;
pub mod venues;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::domain::intake_register::MAX_REGISTER_BYTES;
use crate::services::app::App;

/// All routes, relative to `/staff`.
pub fn routes() -> Router<Arc<App>> {
    let register = DefaultBodyLimit::max(MAX_REGISTER_BYTES);
    let access = DefaultBodyLimit::max(intake::MAX_ACCESS_BYTES);
    Router::new()
        .route("/", get(home::page))
        .route("/venues", get(venues::list))
        .route("/venues/{venue}", get(venues::one))
        .route("/venues/{venue}/decide", post(venues::decide))
        .route("/venues/{venue}/reset", get(venue_reset::ask).post(venue_reset::give))
        .route("/warnings", get(requests::page).post(requests::open))
        .route("/warnings/{request}", get(request::page))
        .route("/intake", get(intake::page))
        .route("/intake/key", post(intake::set_key))
        .route("/intake/days", get(intake::days))
        .route("/intake/days/{day}/{group}", get(intake::fetch))
        .route(
            "/intake/days/{day}/{group}/register",
            get(intake::register).post(intake::put_register).layer(register),
        )
        .route("/intake/access", post(intake::give_access).layer(access))
        .route("/audit", get(audit::page))
}
