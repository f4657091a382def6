//! One request to a venue: where it stands, and what has happened to it.

use askama::Template;
use axum::extract::Path;
use axum::response::Response;

use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::session::StaffSession;
use super::audit::ShownEntry;
use crate::domain::accounts::Role;
use crate::domain::share_requests::RequestId;
use crate::services::{audit_log, venue_warnings};
use crate::storage::audit::Subject;
use crate::storage::share_requests::{RequestState, ShareRequest};

#[derive(Template)]
#[template(path = "staff/warning.html")]
struct RequestPage<'a> {
    page: &'a Page,
    request: &'a ShareRequest,
    history: &'a [ShownEntry],
}

impl RequestPage<'_> {
    /// Whether a step of the way to the warning is done.
    fn is_done(&self, step: &str) -> bool {
        match self.request.state {
            RequestState::Waiting | RequestState::Refused => step == "asked",
            RequestState::Approved => step != "published",
            RequestState::Published => true,
        }
    }

    /// Whether a step is what is waited for.
    fn is_next(&self, step: &str) -> bool {
        match self.request.state {
            RequestState::Waiting => step == "answered",
            RequestState::Approved => step == "published",
            RequestState::Refused | RequestState::Published => false,
        }
    }

    fn is_asking(&self, step: &str) -> bool {
        step == "asked"
    }

    fn is_refused_at(&self, step: &str) -> bool {
        step == "answered" && self.request.state == RequestState::Refused
    }
}

/// `GET /staff/warnings/{request}`.
pub(super) async fn page(
    session: StaffSession,
    Path(request): Path<RequestId>,
) -> Result<Response, PageError> {
    session.require(Role::CaseWorker)?;
    let page = &session.page;
    let requests = venue_warnings::requests(&page.app).await.map_err(|error| page.fail(error))?;
    let found = requests.iter().find(|one| one.id == request);
    let found = found.ok_or_else(|| page.refuse(Refusal::NotFound))?;
    let history = audit_log::of(&page.app, Subject::Request(request)).await;
    let history = history.map_err(|error| page.fail(error))?.into_iter();
    let history: Vec<_> = history.map(|entry| ShownEntry::of(page, entry)).collect();
    page.html(&RequestPage { page, request: found, history: &history })
}
