//! Changes that approved venues propose, for the officers who approve venues.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::super::form::PostForm;
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::Problems;
use super::super::session::StaffSession;
use crate::domain::permissions::Permission;
use crate::domain::venue_changes::ChangedField;
use crate::domain::venues::{MAX_REASON_BYTES, VenueId, line};
use crate::services::venue_changes::{self, WaitingChange};
use crate::storage::venue_changes::Decided;

#[derive(Template)]
#[template(path = "staff/venue_changes.html")]
struct ChangesPage<'a> {
    page: &'a Page,
    changes: &'a [WaitingChange],
}

impl ChangesPage<'_> {
    fn fields(&self, change: &WaitingChange) -> String {
        let named = |field: &ChangedField| self.page.named("change-field", field.name);
        change.fields.iter().map(named).collect::<Vec<_>>().join(", ")
    }
}

/// `GET /staff/venues/changes`.
pub async fn list(session: StaffSession) -> Result<Response, PageError> {
    session.require_permission(Permission::VenuesRead)?;
    let page = &session.page;
    let changes = venue_changes::waiting(&page.app).await;
    let changes = changes.map_err(|error| page.venue_error(error))?;
    page.html(&ChangesPage { page, changes: &changes })
}

#[derive(Template)]
#[template(path = "staff/venue_change.html")]
struct ChangePage<'a> {
    page: &'a Page,
    waiting: &'a WaitingChange,
    reason: &'a str,
    problems: Problems,
}

impl ChangePage<'_> {
    /// As people read it: the kind of place by its text, a telephone number with a zero, nothing as a dash.
    fn shown(&self, field: &ChangedField, value: &str) -> String {
        match value {
            "" => "–".to_owned(),
            value if field.name == "kind" => self.page.named("kind", value),
            value if field.name == "phone" => self.page.phone(value),
            value => value.to_owned(),
        }
    }

    fn proposed_by(&self) -> String {
        let change = &self.waiting.change;
        let time = self.page.time(&change.proposed_at);
        let values = [("name", self.page.phone(&change.actor).into()), ("time", time.into())];
        self.page.with("staff-change-of", &values)
    }
}

/// `GET /staff/venues/{venue}/change`.
pub async fn one(session: StaffSession, Path(venue): Path<VenueId>) -> Result<Response, PageError> {
    session.require_permission(Permission::VenuesRead)?;
    show(&session.page, StatusCode::OK, venue, "", Problems::default()).await
}

async fn show(
    page: &Page,
    status: StatusCode,
    venue: VenueId,
    reason: &str,
    problems: Problems,
) -> Result<Response, PageError> {
    let waiting = venue_changes::waiting_of(&page.app, venue).await;
    let waiting = waiting.map_err(|error| page.venue_error(error))?;
    page.html_with(status, &ChangePage { page, waiting: &waiting, reason, problems })
}

#[derive(Deserialize)]
pub struct Decision {
    /// Which proposal the officer saw.
    #[serde(default)]
    proposal: String,
    #[serde(default)]
    decision: String,
    #[serde(default)]
    reason: String,
}

/// `POST /staff/venues/{venue}/change`: approves it, or refuses it with a reason.
pub async fn decide(
    session: StaffSession,
    Path(venue): Path<VenueId>,
    PostForm(form): PostForm<Decision>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::VenuesWrite)?;
    let (page, app) = (&session.page, &session.page.app);
    let proposal: i64 = form.proposal.parse().map_err(|_| page.refuse(Refusal::Unreadable))?;
    let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
    let (decided, done) = match form.decision.as_str() {
        "approve" => {
            let actor = session.actor();
            (venue_changes::approve(app, (venue, proposal), &actor).await, "change-approved")
        }
        "refuse" => {
            let Some(reason) = line(&form.reason, 1, MAX_REASON_BYTES) else {
                let problems = Problems::of_field("reason", page.t("decide-reason-needed"));
                return show(page, unprocessable, venue, &form.reason, problems).await;
            };
            let actor = session.actor();
            let refused = venue_changes::refuse(app, (venue, proposal), &reason, &actor).await;
            (refused, "change-refused")
        }
        _ => return Err(page.refuse(Refusal::Unreadable)),
    };
    match decided.map_err(|error| page.venue_error(error))? {
        Decided::Yes => Ok(page.go("/staff/venues/changes", done)),
        Decided::Other => Err(page.refuse(Refusal::Conflict)),
        Decided::PhoneTaken => {
            let problems = Problems::of_form(page.t("changes-phone-taken"));
            show(page, unprocessable, venue, &form.reason, problems).await
        }
    }
}
