//! Posters as files to print: one of a unit, or all of a venue.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use clap::ValueEnum;
use serde::Deserialize;

use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::session::VenueSession;
use super::home::{UnitRow, unit_rows, venue_of};
use crate::domain::venues::UnitId;
use crate::poster::{self, Layout, MAX_POSTERS, Poster, PosterError};
use crate::services::app::App;
use crate::storage::venues::Venue;

/// Dots per inch of a PNG: sharp on paper, and a file of less than a megabyte.
const DOTS_PER_INCH: u16 = 300;

/// How a poster is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pdf,
    Svg,
    Png,
}

impl Kind {
    fn of_extension(extension: &str) -> Option<Self> {
        match extension {
            "pdf" => Some(Self::Pdf),
            "svg" => Some(Self::Svg),
            "png" => Some(Self::Png),
            _ => None,
        }
    }

    const fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Svg => "image/svg+xml",
            Self::Png => "image/png",
        }
    }
}

/// `GET /venue/posters/{unit}.pdf`, `.svg` or `.png`.
pub async fn one(
    session: VenueSession,
    State(app): State<Arc<App>>,
    Path(file): Path<String>,
) -> Result<Response, PageError> {
    let page = &session.page;
    let not_found = || page.refuse(Refusal::NotFound);
    let (unit, extension) = file.split_once('.').ok_or_else(not_found)?;
    let unit: UnitId = unit.parse().map_err(|_| not_found())?;
    let kind = Kind::of_extension(extension).ok_or_else(not_found)?;
    let venue = venue_of(&session).await?;
    let rows = unit_rows(page, &venue).await?;
    let row = rows.into_iter().find(|row| row.unit.unit == unit).ok_or_else(not_found)?;
    let poster = printable(&app, page, &venue, &row)?.ok_or_else(not_found)?;
    let draw = move || match kind {
        Kind::Pdf => poster::pdf(&[poster], Layout::Whole),
        Kind::Svg => poster::svg(&poster).map(String::into_bytes),
        Kind::Png => poster::png(&poster, DOTS_PER_INCH),
    };
    send(page, kind, &format!("poster-{file}"), draw).await
}

/// How many stand on a sheet, and from which poster on.
#[derive(Deserialize)]
pub struct Sheets {
    layout: Option<String>,
    part: Option<usize>,
}

/// `GET /venue/posters.pdf`: those of all units, at most [`MAX_POSTERS`] in each part.
pub async fn all(
    session: VenueSession,
    State(app): State<Arc<App>>,
    Query(sheets): Query<Sheets>,
) -> Result<Response, PageError> {
    let page = &session.page;
    let layout = match &sheets.layout {
        Some(name) => Layout::from_str(name, false).map_err(|_| page.refuse(Refusal::NotFound))?,
        None => Layout::Whole,
    };
    let venue = venue_of(&session).await?;
    let mut posters = Vec::new();
    for row in unit_rows(page, &venue).await? {
        posters.extend(printable(&app, page, &venue, &row)?);
    }
    let first = sheets.part.unwrap_or(1).saturating_sub(1).saturating_mul(MAX_POSTERS);
    let posters: Vec<_> = posters.into_iter().skip(first).take(MAX_POSTERS).collect();
    if posters.is_empty() {
        return Err(page.refuse(Refusal::NotFound));
    }
    send(page, Kind::Pdf, "posters.pdf", move || poster::pdf(&posters, layout)).await
}

/// The poster of a unit if it is valid and for paper.
fn printable(
    app: &App,
    page: &Page,
    venue: &Venue,
    row: &UnitRow,
) -> Result<Option<Poster>, PageError> {
    let Some(found) = row.poster.as_ref().filter(|_| row.is_printable()) else { return Ok(None) };
    let authority = &app.config.authority;
    let name = |tag: &str| authority.name.get(tag).or_else(|| authority.name.values().next());
    let name = |tag: &str| name(tag).unwrap_or(&authority.id).clone();
    let issuer = poster::Issuer {
        url: authority.url.clone(),
        name_vi: name("vi"),
        name_en: name("en"),
        emblem: app.emblem.clone(),
    };
    Poster::of_payload(&found.payload, &issuer, &venue.registration.ward.name)
        .map(Some)
        .map_err(|error| page.fail(error))
}

/// Drawing takes a while, so it does not keep others waiting.
async fn send(
    page: &Page,
    kind: Kind,
    name: &str,
    draw: impl FnOnce() -> Result<Vec<u8>, PosterError> + Send + 'static,
) -> Result<Response, PageError> {
    let drawn = tokio::task::spawn_blocking(draw).await.map_err(|error| page.fail(error))?;
    let bytes = drawn.map_err(|error| page.fail(error))?;
    let headers = [
        (header::CONTENT_TYPE, kind.content_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, bytes).into_response())
}
