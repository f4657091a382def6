//! The authority's document by form, its keys, its batches: for administrators.

mod batches;
mod draft;
mod form;
mod keys;
mod overview;
mod wording;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use vungxanh_protocol::authority::MAX_SIGNED_BYTES;

use crate::services::app::App;

/// A signed document with the form around it.
const MAX_DOCUMENT_FORM_BYTES: usize = MAX_SIGNED_BYTES + 4 * 1_024;

/// All routes, relative to `/staff/authority`.
pub fn routes() -> Router<Arc<App>> {
    let upload = post(overview::upload).layer(DefaultBodyLimit::max(MAX_DOCUMENT_FORM_BYTES));
    Router::new()
        .route("/", get(overview::page))
        .route("/edit", get(form::page).post(form::make))
        .route("/upload", upload)
        .route("/drafts/{serial}", get(draft::page))
        .route("/drafts/{serial}/document.json", get(draft::download))
        .route("/drafts/{serial}/sign", post(draft::sign))
        .route("/drafts/{serial}/enforce", post(draft::enforce))
        .route("/drafts/{serial}/drop", post(draft::give_up))
        .route("/keys", get(keys::page))
        .route("/keys/{name}", post(keys::make))
        .route("/batches", get(batches::page))
}
