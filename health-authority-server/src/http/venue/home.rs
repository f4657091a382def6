//! A venue's first page: what state it is in and what comes next; and its registration.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use vungxanh_protocol::units::Province;

use super::super::form::PostForm;
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::Problems;
use super::super::session::{VenueSession, VenueStaffSession};
use super::super::unit_files;
use super::place;
use crate::domain::accounts::Role;
use crate::domain::venues::{Kind, Registration, TypedRegistration, VenueState};
use crate::services::app::App;
use crate::services::units::{self, UnitWithPoster};
use crate::services::{venue_changes, venues};
use crate::storage::posters::PosterRow;
use crate::storage::units::Unit;
use crate::storage::venue_changes::VenueChange;
use crate::storage::venues::Venue;

#[derive(Template)]
#[template(path = "venue/home.html")]
struct HomePage<'a> {
    page: &'a Page,
    venue: &'a Venue,
    units: &'a [UnitRow],
    can_issue: bool,
    missing: bool,
    /// A change of the registration that waits, or what an officer decided about it.
    change: Option<VenueChange>,
}

impl HomePage<'_> {
    fn is(&self, state: &str) -> bool {
        self.venue.state.name() == state
    }

    fn change_is(&self, state: &str) -> bool {
        self.change.as_ref().is_some_and(|change| change.state.name() == state)
    }

    fn has_key(&self) -> bool {
        self.venue.public_key.is_some()
    }

    /// How many posters end soon, have ended, or are missing.
    fn ending(&self) -> usize {
        self.units.iter().filter(|row| row.state != "valid").count()
    }

    fn anything_waits(&self) -> bool {
        let posters = self.is("approved") && self.has_key() && self.missing;
        let key = !self.has_key() && !self.is("closed");
        self.page.waiting.requests > 0 || key || posters || self.is("refused")
    }
}

/// A unit and how its poster is.
pub(super) struct UnitRow {
    pub unit: Unit,
    pub poster: Option<PosterRow>,
    /// The name of the poster's state: `poster-NAME` is its text.
    pub state: &'static str,
}

impl UnitRow {
    /// How people call it.
    pub fn shown_name(&self, page: &Page) -> String {
        if self.unit.name.is_empty() { page.t("unit-whole") } else { self.unit.name.clone() }
    }

    /// Whether there is a poster to print.
    pub fn is_printable(&self) -> bool {
        let is_valid = matches!(self.state, "valid" | "ending");
        is_valid && self.unit.display_key.is_none()
    }
}

/// The open units of a venue, each with its poster.
pub(super) async fn unit_rows(page: &Page, venue: &Venue) -> Result<Vec<UnitRow>, PageError> {
    let found = units::with_posters(&page.app, venue.venue).await;
    let rows = found.map_err(|error| page.fail(error))?.into_iter().map(|found| {
        let UnitWithPoster { unit, poster, state } = found;
        UnitRow { unit, poster, state: state.name() }
    });
    Ok(rows.collect())
}

/// The venue of a session.
pub(super) async fn venue_of(session: &VenueSession) -> Result<Venue, PageError> {
    let page = &session.page;
    venues::find(&page.app, session.venue).await.map_err(|error| page.venue_error(error))
}

/// `GET /venue`. Phones of staff go to the page that they are for.
pub async fn page(session: VenueStaffSession) -> Result<Response, PageError> {
    let VenueStaffSession { page, account, venue } = session;
    if account.role == Role::VenueStaff {
        return Ok(page.go("/venue/scan", ""));
    }
    let venue = venue_of(&VenueSession { page: page.clone(), account, venue }).await?;
    let units = unit_rows(&page, &venue).await?;
    let missing = units.iter().any(|row| row.state != "valid");
    let can_issue = page.app.issuer().is_some();
    let change = venue_changes::of_venue(&page.app, venue.venue).await;
    let change = change.map_err(|error| page.fail(error))?;
    page.html(&HomePage { page: &page, venue: &venue, units: &units, can_issue, missing, change })
}

#[derive(Template)]
#[template(path = "venue/details.html")]
struct DetailsPage<'a> {
    page: &'a Page,
    form: &'a TypedRegistration,
    kinds: [Kind; 11],
    provinces: &'static [Province],
    problems: Problems,
    data: String,
}

impl<'a> DetailsPage<'a> {
    fn new(page: &'a Page, form: &'a TypedRegistration, problems: Problems) -> Self {
        let (kinds, provinces) = (Kind::ALL, unit_files::provinces());
        Self { page, form, kinds, provinces, problems, data: place::data(page) }
    }
}

/// `GET /venue/details`.
pub async fn details(session: VenueSession) -> Result<Response, PageError> {
    let venue = venue_of(&session).await?;
    let page = &session.page;
    if !matches!(venue.state, VenueState::Pending | VenueState::Refused) {
        return Err(page.refuse(Refusal::Conflict));
    }
    let form = TypedRegistration::from(venue.registration);
    page.html(&DetailsPage::new(page, &form, Problems::default()))
}

/// `POST /venue/details`: a venue that is not approved corrects its registration.
pub async fn correct(
    session: VenueSession,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<TypedRegistration>,
) -> Result<Response, PageError> {
    let page = &session.page;
    let registration = match Registration::read(&form) {
        Ok(registration) => registration,
        Err(wrong) => {
            let template = DetailsPage::new(page, &form, place::problems(page, &form, &wrong));
            return page.html_with(StatusCode::UNPROCESSABLE_ENTITY, &template);
        }
    };
    venues::correct(&app, session.venue, &registration, &session.actor())
        .await
        .map_err(|error| page.venue_error(error))?;
    Ok(page.go("/venue", "corrected").into_response())
}
