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
    let (page, store) = (&session.page, &session.page.app.store);
    let requests = store.share_requests().await.map_err(|error| page.fail(error))?;
    let found = requests.iter().find(|one| one.id == request);
    let found = found.ok_or_else(|| page.refuse(Refusal::NotFound))?;
    let entries = store.audit_of(Subject::Request(request)).await;
    let entries = entries.map_err(|error| page.fail(error))?;
    let mut history = Vec::with_capacity(entries.len());
    for entry in &entries {
        history.push(ShownEntry::of(page, entry).await?);
    }
    page.html(&RequestPage { page, request: found, history: &history })
}
