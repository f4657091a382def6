//! Health declarations, filled in, sent, corrected and withdrawn on the page: what `vungxanh declare`, `symptoms` and
//! `declarations` do at a terminal, with the same draft, questions and requests.

mod advice;
mod begin;
mod check;
mod choices;
mod daily;
mod fields;
mod form;
mod list;
mod one;
mod place;
mod rows;
mod send;
mod steps;
mod typed;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::site::Site;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/declarations", get(list::show))
        .route("/declarations/new", get(begin::show).post(begin::begin))
        .route("/declarations/discard", post(begin::discard))
        .route("/declarations/form", get(form::show).post(form::answer))
        .route("/declarations/check", get(check::show).post(check::send))
        .route("/declarations/daily", get(daily::show).post(daily::answer))
        .route("/declarations/one", get(one::show))
        .route("/declarations/correct", post(one::correct))
        .route("/declarations/withdraw", post(one::withdraw))
}
