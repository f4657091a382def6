//! Counting visits at the door: one large button.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::super::form::PostForm;
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::session::VenueStaffSession;
use crate::domain::venues::UnitId;
use crate::services::app::App;
use crate::services::units;
use crate::storage::units::Unit;

/// The most people that one press counts.
const MOST_AT_ONCE: u32 = 20;

#[derive(Template)]
#[template(path = "venue/scan.html")]
struct ScanPage<'a> {
    page: &'a Page,
    units: &'a [Unit],
    chosen: Option<&'a Unit>,
    this_hour: u64,
}

#[derive(Deserialize)]
pub struct Door {
    unit: Option<UnitId>,
}

/// What a press holds.
#[derive(Deserialize)]
pub struct Press {
    unit: UnitId,
    people: u32,
}

/// `GET /venue/scan`.
pub async fn page(
    session: VenueStaffSession,
    Query(door): Query<Door>,
) -> Result<Response, PageError> {
    let VenueStaffSession { page, venue, .. } = session;
    let open = units::open_units(&page.app, venue).await.map_err(|error| page.fail(error))?;
    let chosen = match (door.unit, &open[..]) {
        (None, [only]) => Some(only),
        (None, _) => None,
        (Some(wanted), all) => all.iter().find(|unit| unit.unit == wanted),
    };
    let hour = u32::try_from(page.now().as_secs() / 3_600).unwrap_or(u32::MAX);
    let counts = units::visit_counts(&page.app, venue, hour).await;
    let counts = counts.map_err(|error| page.fail(error))?;
    let this_hour = counts
        .iter()
        .filter(|count| chosen.is_some_and(|unit| unit.unit == count.unit))
        .map(|count| count.visits)
        .sum();
    page.html(&ScanPage { page: &page, units: &open, chosen, this_hour })
}

/// `POST /venue/scan`: so many people more in this hour.
pub async fn count(
    session: VenueStaffSession,
    State(app): State<Arc<App>>,
    PostForm(press): PostForm<Press>,
) -> Result<Response, PageError> {
    let VenueStaffSession { page, venue, .. } = session;
    if !(1..=MOST_AT_ONCE).contains(&press.people) {
        return Err(page.refuse(Refusal::Unreadable));
    }
    units::count_visits(&app, venue, press.unit, press.people)
        .await
        .map_err(|error| page.venue_error(error))?;
    Ok(page.go(&format!("/venue/scan?unit={}", press.unit), ""))
}
