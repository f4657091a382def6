//! The venue's key: made, restored and used by scripts in its own browser. The server takes the
//! public part only, with a proof that the secret could be restored from its recovery code.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use vungxanh_protocol::venue::party::{PROOF_BYTES, PUBLIC_KEY_BYTES};

use super::super::checkin::script_page;
use super::super::form::PostJson;
use super::super::page::Page;
use super::super::page_error::PageError;
use super::super::session::VenueSession;
use super::home::venue_of;
use crate::services::app::App;
use crate::services::venues;
use crate::storage::venues::Venue;

#[derive(Template)]
#[template(path = "venue/key.html")]
struct KeyPage<'a> {
    page: &'a Page,
    venue: &'a Venue,
    data: String,
}

/// What the script sends: hexadecimal.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewKey {
    #[serde(with = "hex::serde")]
    public_key: [u8; PUBLIC_KEY_BYTES],
    #[serde(with = "hex::serde")]
    proof: [u8; PROOF_BYTES],
}

/// What scripts that need the venue's key are given of it.
pub(super) fn key_data(page: &Page, venue: &Venue) -> serde_json::Map<String, serde_json::Value> {
    let mut data = serde_json::Map::new();
    data.insert("venue".into(), venue.venue.into());
    data.insert("publicKey".into(), venue.public_key.map(hex::encode).into());
    data.insert("keyPath".into(), page.href("/venue/key").into());
    data
}

/// `GET /venue/key`.
pub async fn page(session: VenueSession) -> Result<Response, PageError> {
    let venue = venue_of(&session).await?;
    let page = &session.page;
    let data = script_page(page.language, &["page-key-"], key_data(page, &venue));
    page.html(&KeyPage { page, venue: &venue, data })
}

/// `POST /venue/key`.
pub async fn set(
    session: VenueSession,
    State(app): State<Arc<App>>,
    PostJson(new): PostJson<NewKey>,
) -> Result<Response, PageError> {
    let page = &session.page;
    venues::set_key(&app, session.venue, &new.public_key, new.proof, &session.actor())
        .await
        .map_err(|error| page.venue_error(error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
