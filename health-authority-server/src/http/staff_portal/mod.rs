//! Pages of the authority's staff, below `/staff`.

mod account;
mod accounts;
mod api_keys;
pub mod audit;
mod audit_chain;
mod audit_csv;
mod audit_form;
mod authority;
mod code_list;
mod code_state;
mod codes;
mod first_start;
pub mod home;
mod intake;
mod intake_stream;
mod request;
pub mod requests;
mod statistics;
mod venue_changes;
mod venue_list;
pub mod venue_reset;
pub mod venues;
mod warning_form;

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
        .route("/venues", get(venue_list::list))
        .route("/venues/changes", get(venue_changes::list))
        .route("/venues/{venue}", get(venues::one))
        .route("/venues/{venue}/change", get(venue_changes::one).post(venue_changes::decide))
        .route("/venues/{venue}/decide", post(venues::decide))
        .route("/venues/{venue}/reset", get(venue_reset::ask).post(venue_reset::give))
        .route("/codes", get(codes::page).post(codes::issue))
        .route("/codes/list", get(code_list::page).post(code_list::line))
        .route("/codes/state", get(code_state::page))
        .route("/codes/revoke", post(code_state::revoke))
        .route("/warnings", get(requests::page).post(requests::open))
        .route("/warnings/{request}", get(request::page))
        .route("/warnings/{request}/cancel", post(request::cancel))
        .route("/warnings/{request}/remind", post(request::remind))
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
        .route("/start", get(first_start::page).post(first_start::make))
        .route("/accounts", get(accounts::list))
        .route("/accounts/add", get(accounts::add_page).post(accounts::add))
        .route("/accounts/{account}", get(account::page))
        .route("/accounts/{account}/role", post(account::change_role))
        .route("/accounts/{account}/reset", post(account::reset))
        .route("/accounts/{account}/authenticator", post(account::remove_authenticator))
        .route("/accounts/{account}/close", post(account::close))
        .route("/api-keys", get(api_keys::list).post(api_keys::add))
        .route("/api-keys/{key}/disable", post(api_keys::disable))
        .route("/audit.csv", get(audit_csv::file))
        .route("/audit/head", get(audit_chain::head))
        .route("/audit/check", get(audit_chain::check))
        .route("/statistics", get(statistics::page))
        .route("/statistics.csv", get(statistics::file))
        .nest("/authority", authority::routes())
}
