//! One venue, and an officer's decisions.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::confirmation::{Confirmation, Sure};
use super::super::form::PostForm;
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::Problems;
use super::super::session::StaffSession;
use super::audit::shortened;
use crate::domain::accounts::Role;
use crate::domain::venues::{MAX_REASON_BYTES, VenueId, VenueState, line};
use crate::services::app::App;
use crate::services::{units, venue_changes, venues};
use crate::storage::units::Unit;
use crate::storage::venue_changes::ChangeState;
use crate::storage::venues::Venue;

#[derive(Template)]
#[template(path = "staff/venue.html")]
struct VenuePage<'a> {
    page: &'a Page,
    venue: &'a Venue,
    units: &'a [Unit],
    /// Whether the venue proposes a change.
    change: bool,
    reason: &'a str,
    problems: Problems,
}

impl VenuePage<'_> {
    fn may(&self, next: &str) -> bool {
        VenueState::from_name(next).is_some_and(|next| self.venue.state.may_become(next))
    }

    fn key_text(&self) -> Option<String> {
        self.venue.public_key.map(|key| shortened(&hex::encode(key)).to_owned())
    }
}

/// `GET /staff/venues/{venue}`.
pub async fn one(session: StaffSession, Path(venue): Path<VenueId>) -> Result<Response, PageError> {
    session.require(Role::VenueOfficer)?;
    show(&session, StatusCode::OK, venue, "", Problems::default()).await
}

async fn show(
    session: &StaffSession,
    status: StatusCode,
    venue: VenueId,
    reason: &str,
    problems: Problems,
) -> Result<Response, PageError> {
    let (page, app) = (&session.page, &session.page.app);
    let found = venues::find(app, venue).await.map_err(|error| page.venue_error(error))?;
    let units = units::open_units(app, venue).await.map_err(|error| page.fail(error))?;
    let change = venue_changes::of_venue(app, venue).await.map_err(|error| page.fail(error))?;
    let change = change.is_some_and(|change| change.state == ChangeState::Waiting);
    let template = VenuePage { page, venue: &found, units: &units, change, reason, problems };
    page.html_with(status, &template)
}

#[derive(Deserialize)]
pub struct Decision {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    reason: String,
    #[serde(flatten)]
    sure: Sure,
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
        let problems = Problems::of_field("reason", page.t("decide-reason-needed"));
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return show(&session, status, venue, &form.reason, problems).await;
    };
    if next == VenueState::Closed && !form.sure.is_given() {
        let found = venues::find(&app, venue).await.map_err(|error| page.venue_error(error))?;
        let asked = Confirmation {
            title: page.t1("decide-close-sure", "venue", &found.registration.name),
            consequences: vec![
                page.t("decide-close-text"),
                page.t1("venue-reason", "reason", &reason),
            ],
            button: page.t("decide-close"),
            action: format!("/staff/venues/{venue}/decide"),
            fields: vec![("decision", form.decision), ("reason", reason)],
            back: format!("/staff/venues/{venue}"),
            ..Confirmation::default()
        };
        return asked.show(page);
    }
    venues::decide(&app, venue, next, &reason, &session.actor())
        .await
        .map_err(|error| page.venue_error(error))?;
    Ok(page.go("/staff/venues", next.name()))
}
