//! One request to a venue: where it stands, what has happened to it, taking it back, and reminding the venue.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use vungxanh_protocol::interval::UnixTime;

use super::super::confirmation::{Confirmation, Sure};
use super::super::form::{Nothing, PostForm};
use super::super::page::Page;
use super::super::page_error::{PageError, Refusal};
use super::super::problems::Problems;
use super::super::session::StaffSession;
use super::audit::ShownEntry;
use crate::domain::permissions::Permission;
use crate::domain::share_requests::{MAX_REMINDERS, RequestId};
use crate::services::venue_sms::{self, NotReminded};
use crate::services::venue_warnings::VenueWarningError;
use crate::services::{audit_log, request_history};
use crate::storage::audit::Subject;
use crate::storage::share_requests::{RequestState, ShareRequest};

#[derive(Template)]
#[template(path = "staff/warning.html")]
struct RequestPage<'a> {
    page: &'a Page,
    request: &'a ShareRequest,
    history: &'a [ShownEntry],
    problems: Problems,
}

impl RequestPage<'_> {
    /// Whether a step of the way to the warning is done.
    fn is_done(&self, step: &str) -> bool {
        match self.request.state {
            RequestState::Waiting | RequestState::Refused | RequestState::Cancelled => {
                step == "asked"
            }
            RequestState::Approved => step != "published",
            RequestState::Published => true,
        }
    }

    /// Whether a step is what is waited for.
    fn is_next(&self, step: &str) -> bool {
        match self.request.state {
            RequestState::Waiting => step == "answered",
            RequestState::Approved => step == "published",
            RequestState::Refused | RequestState::Published | RequestState::Cancelled => false,
        }
    }

    fn is_asking(&self, step: &str) -> bool {
        step == "asked"
    }

    fn is_refused_at(&self, step: &str) -> bool {
        step == "answered" && self.request.state == RequestState::Refused
    }

    fn is_waiting(&self) -> bool {
        self.request.state == RequestState::Waiting
    }

    const fn is_cancellable(&self) -> bool {
        request_history::is_cancellable(self.request)
    }

    fn sends_messages(&self) -> bool {
        venue_sms::sends_messages(&self.page.app)
    }

    /// From when on the venue may be reminded; none when it was often enough.
    fn next_reminder(&self) -> Option<UnixTime> {
        self.request.reminded.next(self.request.requested_at)
    }

    fn may_remind(&self, from: &UnixTime) -> bool {
        *from <= self.page.now()
    }
}

/// `GET /staff/warnings/{request}`.
pub(super) async fn page(
    session: StaffSession,
    Path(request): Path<RequestId>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::WarningsRead)?;
    show(&session.page, StatusCode::OK, request, Problems::default()).await
}

async fn show(
    page: &Page,
    status: StatusCode,
    request: RequestId,
    problems: Problems,
) -> Result<Response, PageError> {
    let found = find(page, request).await?;
    let history = audit_log::of(&page.app, Subject::Request(request)).await;
    let history = history.map_err(|error| page.fail(error))?.into_iter();
    let history: Vec<_> = history.map(|entry| ShownEntry::of(page, entry)).collect();
    page.html_with(status, &RequestPage { page, request: &found, history: &history, problems })
}

async fn find(page: &Page, request: RequestId) -> Result<ShareRequest, PageError> {
    let found = request_history::find(&page.app, request).await;
    found.map_err(|error| refused(page, error))
}

/// `POST /staff/warnings/{request}/cancel`.
pub(super) async fn cancel(
    session: StaffSession,
    Path(request): Path<RequestId>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::WarningsWrite)?;
    let page = &session.page;
    let path = format!("/staff/warnings/{request}");
    if !sure.is_given() {
        let found = find(page, request).await?;
        if !request_history::is_cancellable(&found) {
            return Err(page.refuse(Refusal::Conflict));
        }
        let text = match found.state {
            RequestState::Approved => "warning-cancel-approved",
            _ => "warning-cancel-waiting",
        };
        let asked = Confirmation {
            title: page.n1("warning-cancel-sure", "number", request),
            consequences: vec![page.t(text), page.t("warning-cancel-published")],
            button: page.t("warning-cancel"),
            action: format!("{path}/cancel"),
            back: path,
            ..Confirmation::default()
        };
        return asked.show(page);
    }
    let cancelled = request_history::cancel(&page.app, request, &session.actor()).await;
    cancelled.map_err(|error| refused(page, error))?;
    Ok(page.go(&path, "request-cancelled"))
}

/// `POST /staff/warnings/{request}/remind`.
pub(super) async fn remind(
    session: StaffSession,
    Path(request): Path<RequestId>,
    PostForm(Nothing {}): PostForm<Nothing>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::WarningsWrite)?;
    let page = &session.page;
    let text = match venue_sms::remind(&page.app, request, &session.actor()).await {
        Ok(()) => return Ok(page.go(&format!("/staff/warnings/{request}"), "venue-reminded")),
        Err(NotReminded::NotFound) => return Err(page.refuse(Refusal::NotFound)),
        Err(NotReminded::NotWaiting) => return Err(page.refuse(Refusal::Conflict)),
        Err(NotReminded::Store(error)) => return Err(page.fail(error)),
        Err(NotReminded::TooEarly(from)) => page.t1("remind-from", "time", page.time(&from)),
        Err(NotReminded::Often) => page.n1("remind-often", "times", MAX_REMINDERS),
        Err(NotReminded::Off) => page.t("remind-off"),
        Err(NotReminded::TooMany) => page.t("remind-too-many"),
        Err(NotReminded::NotSent) => page.t("remind-not-sent"),
    };
    show(page, StatusCode::UNPROCESSABLE_ENTITY, request, Problems::of_form(text)).await
}

fn refused(page: &Page, error: VenueWarningError) -> PageError {
    match error {
        VenueWarningError::NotFound => page.refuse(Refusal::NotFound),
        VenueWarningError::NotWaiting => page.refuse(Refusal::Conflict),
        error => page.fail(error),
    }
}
