//! Pages of venues, below `/venue`.

pub mod advance;
mod change;
pub mod counts;
pub mod display;
pub mod door;
pub mod forgot;
pub mod home;
pub mod key;
pub mod people;
mod phone_confirmation;
pub(super) mod place;
pub mod poster_files;
pub mod posters;
pub mod register;
pub mod requests;
pub mod scan;
pub mod shares;
pub mod units;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::domain::doors::MAX_UPLOAD_BYTES;
use crate::domain::unit_list::MAX_LIST_BYTES;
use crate::services::app::App;

/// A list of units with the form around it.
const MAX_LIST_FORM_BYTES: usize = MAX_LIST_BYTES + 4 * 1_024;

/// All routes, relative to `/venue`.
pub fn routes() -> Router<Arc<App>> {
    let shares = DefaultBodyLimit::max(shares::MAX_SHARES_BYTES);
    let upload = post(units::upload).layer(DefaultBodyLimit::max(MAX_LIST_FORM_BYTES));
    let records = DefaultBodyLimit::max(MAX_UPLOAD_BYTES);
    Router::new()
        .route("/", get(home::page))
        .route("/register", get(register::form).post(register::register))
        .route("/confirm", get(register::restart).post(register::confirm))
        .route("/forgot", get(forgot::form).post(forgot::send))
        .route("/reset", get(forgot::form).post(forgot::reset))
        .route("/key", get(key::page).post(key::set))
        .route("/display/{unit}", get(display::page).post(display::set))
        .route("/door/data", get(door::data))
        .route("/door/{unit}/{hour}", post(door::upload).layer(records))
        .route("/change", get(change::form).post(change::propose))
        .route("/change/confirm", get(change::restart).post(change::confirm))
        .route("/change/withdraw", post(change::withdraw))
        .route("/change/read", post(change::put_away))
        .route("/details", get(home::details).post(home::correct))
        .route("/units", get(units::list).post(units::add))
        .route("/units/upload", upload)
        .route("/units/{unit}", get(units::one).post(units::change))
        .route("/units/{unit}/close", post(units::close))
        .route("/posters.pdf", get(poster_files::all))
        .route("/posters/{file}", get(poster_files::one))
        .route("/posters/renew", post(posters::renew))
        .route("/posters/{unit}/revoke", post(posters::revoke))
        .route("/scan", get(scan::page).post(scan::count))
        .route("/counts", get(counts::page))
        .route("/people", get(people::list).post(people::add))
        .route("/people/{account}/invite", post(people::invite))
        .route("/people/{account}/close", post(people::close))
        .route("/requests", get(requests::page))
        .route("/requests/{request}/shares", post(requests::shares).layer(shares))
        .route("/requests/{request}/refuse", post(requests::refuse))
        .route("/advance/{unit}", get(advance::page).post(advance::hand_over).layer(shares))
        .route("/advance/{unit}/on", post(advance::turn_on))
        .route("/advance/{unit}/revoke", post(advance::revoke))
        .route("/join", get(people::join_page).post(people::join))
}
