//! An officer lets a venue in again that forgot its password or lost its authenticator app.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::super::form::{Nothing, PostForm};
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::session::StaffSession;
use crate::domain::accounts::{Password, Role};
use crate::domain::venues::VenueId;
use crate::services::account_reset::{give_one_time_password, manager};
use crate::services::venues;
use crate::storage::accounts::Account;
use crate::storage::venues::Venue;

#[derive(Template)]
#[template(path = "staff/venue_reset.html")]
struct ResetPage<'a> {
    page: &'a Page,
    venue: &'a Venue,
    given: Option<Given>,
}

/// What the officer reads out, shown once.
struct Given {
    password: Password,
    until: String,
}

/// `GET /staff/venues/{venue}/reset`: says what will happen, and asks.
pub async fn ask(session: StaffSession, Path(venue): Path<VenueId>) -> Result<Response, PageError> {
    let (venue, _) = find(&session, venue).await?;
    let page = &session.page;
    page.html(&ResetPage { page, venue: &venue, given: None })
}

/// `POST /staff/venues/{venue}/reset`: gives a password for some days.
pub async fn give(
    session: StaffSession,
    Path(venue): Path<VenueId>,
    PostForm(Nothing {}): PostForm<Nothing>,
) -> Result<Response, PageError> {
    let (venue, account) = find(&session, venue).await?;
    let page = &session.page;
    let given = give_one_time_password(&page.app, &account, &session.actor()).await;
    let (password, until) = given.map_err(|error| page.fail(error))?;
    let given = Some(Given { password, until: page.time(&until) });
    page.html(&ResetPage { page, venue: &venue, given })
}

async fn find(session: &StaffSession, venue: VenueId) -> Result<(Venue, Account), PageError> {
    session.require(Role::VenueOfficer)?;
    let page = &session.page;
    let not_found = || page.refuse(Refusal::NotFound);
    let venue = venues::find(&page.app, venue).await.map_err(|error| page.venue_error(error))?;
    let phone = venue.phone.parse().map_err(|error| page.fail(error))?;
    let account = manager(&page.app, &phone).await.map_err(|error| page.fail(error))?;
    Ok((venue, account.ok_or_else(not_found)?))
}
