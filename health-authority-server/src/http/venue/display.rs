//! A code on a screen: its keys are made in the browser that shows it. The server gets the public
//! key, which the unit's poster then names, and the secret from which it derives slots.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer};
use vungxanh_protocol::secret::SecretBytes;
use vungxanh_protocol::venue::display::DisplaySecret;
use zeroize::Zeroizing;

use super::super::checkin::script_page;
use super::super::form::PostJson;
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::session::VenueSession;
use super::home::{unit_rows, venue_of};
use crate::domain::venues::UnitId;
use crate::i18n::Language;
use crate::services::app::App;
use crate::services::units;
use crate::storage::units::Unit;
use crate::storage::venues::Venue;

#[derive(Template)]
#[template(path = "venue/display.html")]
struct DisplayPage<'a> {
    page: &'a Page,
    venue: &'a Venue,
    unit: &'a Unit,
    how_vi: String,
    how_en: String,
    data: String,
}

/// What the script sends: hexadecimal.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewDisplay {
    #[serde(with = "hex::serde")]
    display_key: [u8; 32],
    #[serde(deserialize_with = "zeroized_hex")]
    display_secret: Zeroizing<[u8; 32]>,
}

fn zeroized_hex<'de, D: Deserializer<'de>>(from: D) -> Result<Zeroizing<[u8; 32]>, D::Error> {
    hex::serde::deserialize(from).map(Zeroizing::new)
}

/// `GET /venue/display/{unit}`.
pub async fn page(session: VenueSession, Path(unit): Path<UnitId>) -> Result<Response, PageError> {
    let venue = venue_of(&session).await?;
    let page = &session.page;
    let rows = unit_rows(page, &venue).await?;
    let row = rows.into_iter().find(|row| row.unit.unit == unit);
    let row = row.ok_or_else(|| page.refuse(Refusal::NotFound))?;
    let mut data = serde_json::Map::new();
    data.insert("unit".into(), unit.into());
    data.insert("displayKey".into(), row.unit.display_key.map(hex::encode).into());
    data.insert("payload".into(), row.poster.map(|poster| hex::encode(poster.payload)).into());
    data.insert("path".into(), page.href(&format!("/venue/display/{unit}")).into());
    data.insert("authority".into(), page.app.config.authority.url.clone().into());
    let how = |language: Language| language.messages().text("display-how", &[]);
    page.html(&DisplayPage {
        page,
        venue: &venue,
        unit: &row.unit,
        how_vi: how(Language::Vi),
        how_en: how(Language::En),
        data: script_page(page.language, &["page-display-"], data),
    })
}

/// `POST /venue/display/{unit}`.
pub async fn set(
    session: VenueSession,
    State(app): State<Arc<App>>,
    Path(unit): Path<UnitId>,
    PostJson(new): PostJson<NewDisplay>,
) -> Result<Response, PageError> {
    let page = &session.page;
    let secret = DisplaySecret::from_bytes(SecretBytes::new(*new.display_secret));
    units::set_display(&app, session.venue, unit, &new.display_key, &secret, &session.actor())
        .await
        .map_err(|error| page.venue_error(error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
