//! Venues: who waits, and an officer's decisions.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::form::PostForm;
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::session::StaffSession;
use crate::domain::accounts::Role;
use crate::domain::venues::{MAX_REASON_BYTES, VenueId, VenueState, line};
use crate::services::app::App;
use crate::storage::units::Unit;
use crate::storage::venues::Venue;

/// So many venues stand on one page.
const SHOWN: u32 = 200;

#[derive(Template)]
#[template(path = "staff/venues.html")]
struct VenuesPage<'a> {
    page: &'a Page,
    tabs: Vec<Tab>,
    venues: &'a [Venue],
    more: bool,
}

struct Tab {
    name: &'static str,
    count: u64,
    is_shown: bool,
}

/// In which state.
#[derive(Deserialize)]
pub struct Filter {
    state: Option<String>,
}

/// `GET /staff/venues`.
pub async fn list(
    session: StaffSession,
    Query(filter): Query<Filter>,
) -> Result<Response, PageError> {
    session.require(Role::VenueOfficer)?;
    let (page, store) = (&session.page, &session.page.app.store);
    let state = filter.state.as_deref().and_then(VenueState::from_name);
    let state = state.unwrap_or(VenueState::Pending);
    let venues = store.venues(state, SHOWN).await.map_err(|error| page.fail(error))?;
    let mut tabs = Vec::new();
    for each in VenueState::ALL {
        let count = store.venue_count(each).await.map_err(|error| page.fail(error))?;
        tabs.push(Tab { name: each.name(), count, is_shown: each == state });
    }
    let shown = u64::try_from(venues.len()).unwrap_or(u64::MAX);
    let more = tabs.iter().any(|tab| tab.is_shown && tab.count > shown);
    page.html(&VenuesPage { page, tabs, venues: &venues, more })
}

#[derive(Template)]
#[template(path = "staff/venue.html")]
struct VenuePage<'a> {
    page: &'a Page,
    venue: &'a Venue,
    units: &'a [Unit],
    reason: &'a str,
    problem: Option<String>,
}

impl VenuePage<'_> {
    fn may(&self, next: &str) -> bool {
        VenueState::from_name(next).is_some_and(|next| self.venue.state.may_become(next))
    }

    fn key_text(&self) -> Option<String> {
        self.venue.public_key.map(hex::encode)
    }
}

/// `GET /staff/venues/{venue}`.
pub async fn one(session: StaffSession, Path(venue): Path<VenueId>) -> Result<Response, PageError> {
    session.require(Role::VenueOfficer)?;
    show(&session, StatusCode::OK, venue, "", None).await
}

async fn show(
    session: &StaffSession,
    status: StatusCode,
    venue: VenueId,
    reason: &str,
    problem: Option<String>,
) -> Result<Response, PageError> {
    let (page, store) = (&session.page, &session.page.app.store);
    let found = store.venue(venue).await.map_err(|error| page.fail(error))?;
    let found = found.ok_or_else(|| page.refuse(Refusal::NotFound))?;
    let units = store.units(venue).await.map_err(|error| page.fail(error))?;
    page.html_with(status, &VenuePage { page, venue: &found, units: &units, reason, problem })
}

/// A decision.
#[derive(Deserialize)]
pub struct Decision {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    reason: String,
}

/// `POST /staff/venues/{venue}/decide`: approves, refuses with a reason, or closes with a reason.
pub async fn decide(
    session: StaffSession,
    Path(venue): Path<VenueId>,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<Decision>,
) -> Result<Response, PageError> {
    session.require(Role::VenueOfficer)?;
    let page = &session.page;
    let next = match form.decision.as_str() {
        "approve" => VenueState::Approved,
        "refuse" => VenueState::Refused,
        "close" => VenueState::Closed,
        _ => return Err(page.refuse(Refusal::Unreadable)),
    };
    let needed = usize::from(next != VenueState::Approved);
    let Some(reason) = line(&form.reason, needed, MAX_REASON_BYTES) else {
        let (status, problem) = (StatusCode::UNPROCESSABLE_ENTITY, page.t("decide-reason-needed"));
        return show(&session, status, venue, &form.reason, Some(problem)).await;
    };
    let issuer = app.issuer();
    let decided = app
        .store
        .decide_venue(venue, next, &reason, issuer.as_ref(), &session.actor(), page.now())
        .await
        .map_err(|error| page.fail(error))?;
    page.require(decided, Refusal::Conflict)?;
    Ok(page.go("/staff/venues", next.name()))
}
