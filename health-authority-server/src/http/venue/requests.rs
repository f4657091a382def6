//! Requests for a venue's shares: what, why and when; answered in the browser or refused.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use super::super::form::{PostForm, PostJson};
use super::super::page::Page;
use super::super::page_error::PageError;
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
    from: u64,
    until: u64,
    reason: String,
}

impl ShownRequest {
    fn of(asked: &Asked) -> Self {
        let Asked { id, details, poster, slots } = asked;
        Self {
            id: *id,
            unit: details.unit_name.clone(),
            payload: payload_text(poster),
            venue_key: hex::encode(poster.venue_key.to_bytes()),
            slots: ShownSlot::of(poster, slots),
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
    let data = Data { requests: requests.iter().map(ShownRequest::of).collect() };
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
    let approved = async {
        let shares = posted.read().await?;
        venue_warnings::approve(&page.app, session.venue, request, shares, &actor).await
    };
    approved.await.map_or_else(|error| refusal(page, &error), |()| done())
}

/// A refusal, with its reason.
#[derive(Deserialize)]
pub struct Refused {
    #[serde(default)]
    reason: String,
}

/// `POST /venue/requests/{id}/refuse`.
pub async fn refuse(
    session: VenueSession,
    Path(request): Path<RequestId>,
    PostForm(form): PostForm<Refused>,
) -> Result<Response, PageError> {
    let (page, actor) = (&session.page, session.actor());
    let refused =
        venue_warnings::refuse(&page.app, session.venue, request, &form.reason, &actor).await;
    match refused {
        Ok(()) => Ok(page.go("/venue/requests", "request-refused")),
        Err(VenueWarningError::Reason) => Ok(page.go("/venue/requests", "reason-needed")),
        Err(error) => Err(page_refusal(page, error)),
    }
}
