//! Requests for a venue's shares: what, why and when; answered in the browser or refused.

use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::super::confirmation::{Confirmation, Reason, Sure};
use super::super::form::{PostForm, PostJson};
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::Problems;
use super::super::session::VenueSession;
use super::shares::{
    PostedShares, ShownSlot, done, json_for_page, page_refusal, payload_text, refusal,
};
use crate::domain::share_requests::RequestId;
use crate::services::venue_warnings::{self, Asked, VenueWarningError};

#[derive(Template)]
#[template(path = "venue/requests.html")]
struct RequestsPage<'a> {
    page: &'a Page,
    requests: &'a [Asked],
    data: String,
}

#[derive(Serialize)]
struct Data {
    requests: Vec<ShownRequest>,
}

/// A request as the page's script reads it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownRequest {
    id: RequestId,
    unit: String,
    payload: String,
    venue_key: String,
    slots: Vec<ShownSlot>,
    doors: Vec<u32>,
    /// Why it cannot be answered yet.
    wait: Option<String>,
    from: u64,
    until: u64,
    reason: String,
}

impl ShownRequest {
    fn of(page: &Page, asked: &Asked) -> Self {
        let Asked { id, details, poster, slots, doors } = asked;
        let wait = asked.answer_from(page.now()).map(|from| {
            let (day, hour) = page.hour(from);
            page.with("share-error-too-early", &[("day", day.into()), ("hour", hour.into())])
        });
        Self {
            id: *id,
            unit: details.unit_name.clone(),
            payload: payload_text(poster),
            venue_key: hex::encode(poster.venue_key.to_bytes()),
            slots: ShownSlot::of(poster, slots),
            doors: doors.iter().map(|hour| hour.number()).collect(),
            wait,
            from: details.notice.from.as_secs(),
            until: details.notice.until.as_secs(),
            reason: details.reason.clone(),
        }
    }
}

/// `GET /venue/requests`.
pub async fn page(session: VenueSession) -> Result<Response, PageError> {
    let VenueSession { page, venue, .. } = session;
    let requests = venue_warnings::waiting(&page.app, venue).await;
    let requests = requests.map_err(|error| page_refusal(&page, error))?;
    let data =
        Data { requests: requests.iter().map(|asked| ShownRequest::of(&page, asked)).collect() };
    let data = json_for_page(page.language, &data).map_err(|error| page.fail(error))?;
    page.html(&RequestsPage { page: &page, requests: &requests, data })
}

/// `POST /venue/requests/{id}/shares`: JSON of the page's script.
pub async fn shares(
    session: VenueSession,
    Path(request): Path<RequestId>,
    PostJson(posted): PostJson<PostedShares>,
) -> Response {
    let (page, actor) = (&session.page, session.actor());
    let (app, venue) = (Arc::clone(&page.app), session.venue);
    // On its own: a door's hour can hold thousands of records, and who waits may go away.
    let approved = tokio::spawn(async move {
        let given = posted.read().await?;
        venue_warnings::approve(&app, venue, request, given, &actor).await
    });
    let approved = approved.await.unwrap_or(Err(VenueWarningError::GivenUp));
    approved.map_or_else(|error| refusal(page, &error), |()| done())
}

/// A refusal: the reason is asked for on a page that says what will happen.
#[derive(Default, Deserialize)]
pub struct Refused {
    #[serde(default)]
    reason: String,
    #[serde(flatten)]
    sure: Sure,
}

/// `POST /venue/requests/{id}/refuse`.
pub async fn refuse(
    session: VenueSession,
    Path(request): Path<RequestId>,
    PostForm(form): PostForm<Refused>,
) -> Result<Response, PageError> {
    let (page, actor) = (&session.page, session.actor());
    if !form.sure.is_given() {
        let waiting = venue_warnings::waiting(&page.app, session.venue).await;
        let waiting = waiting.map_err(|error| page_refusal(page, error))?;
        if !waiting.iter().any(|asked| asked.id == request) {
            return Err(page.refuse(Refusal::NotFound));
        }
        return ask_for_reason(page, StatusCode::OK, request, form.reason, Problems::default());
    }
    let refused =
        venue_warnings::refuse(&page.app, session.venue, request, &form.reason, &actor).await;
    match refused {
        Ok(()) => Ok(page.go("/venue/requests", "request-refused")),
        Err(VenueWarningError::Reason) => {
            let problems = Problems::of_field("reason", page.t("requests-refuse-needed"));
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            ask_for_reason(page, status, request, form.reason, problems)
        }
        Err(error) => Err(page_refusal(page, error)),
    }
}

fn ask_for_reason(
    page: &Page,
    status: StatusCode,
    request: RequestId,
    typed: String,
    problems: Problems,
) -> Result<Response, PageError> {
    let reason = Reason {
        label: page.t("requests-refuse-reason"),
        hint: page.t("requests-refuse-hint"),
        typed,
        more: page.required_at_most("reason-characters"),
    };
    let asked = Confirmation {
        title: page.t("requests-refuse-sure"),
        consequences: vec![page.t("requests-refuse-text")],
        button: page.t("requests-refuse"),
        action: format!("/venue/requests/{request}/refuse"),
        back: "/venue/requests".into(),
        reason: Some(reason),
        problems,
        ..Confirmation::default()
    };
    asked.show_with(page, status)
}
