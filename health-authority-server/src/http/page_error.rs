//! The one error of pages. Its [`IntoResponse`] alone decides status and what is shown.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::page::{Page, Portal};
use super::reply::later;
use crate::services::venues::VenueServiceError;

/// Why a page was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no session. A page leads to the login, an action does not.
    NotSignedIn {
        /// Whether it was a page.
        page: bool,
    },
    /// The password must be changed, or an authenticator app set up, before anything else.
    Unfinished,
    /// The account may not do this.
    Forbidden,
    /// Declarations are read by officers with that role only.
    NotIntakeOfficer,
    /// Nobody gives others more than they have.
    MoreThanOwn,
    /// Nobody changes the own account among those of others.
    OwnAccount,
    /// No administrator would be left.
    LastAdministrator,
    /// The request comes from another site.
    Foreign,
    /// The form is older than the session.
    OldForm,
    /// The form or JSON cannot be read.
    Unreadable,
    /// Longer than is read.
    TooLong,
    /// There is no such page or thing.
    NotFound,
    /// It is in another state by now.
    Conflict,
    /// The authority has no valid key for venues, so that nothing can be issued.
    NoVenueKey,
    /// A queue is full, or what the work needs is away.
    Busy,
    Internal,
}

/// A refusal on a page.
pub struct PageError {
    /// In which language, for whom.
    pub page: Box<Page>,
    pub refusal: Refusal,
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    page: &'a Page,
    text: String,
    login: bool,
}

impl Page {
    /// What a service did not do for a venue, on this page.
    pub fn venue_error(&self, error: VenueServiceError) -> PageError {
        match error {
            VenueServiceError::NotFound => self.refuse(Refusal::NotFound),
            VenueServiceError::OtherState => self.refuse(Refusal::Conflict),
            VenueServiceError::InvalidKey => self.refuse(Refusal::Unreadable),
            VenueServiceError::NoVenueKey => self.refuse(Refusal::NoVenueKey),
            error => self.fail(error),
        }
    }
}

impl Refusal {
    /// Status, and id of the text.
    const fn status_and_text(self) -> (StatusCode, &'static str) {
        match self {
            Self::NotSignedIn { .. } => (StatusCode::UNAUTHORIZED, "refused-not-signed-in"),
            Self::Unfinished => (StatusCode::FORBIDDEN, "refused-unfinished"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "refused-forbidden"),
            Self::NotIntakeOfficer => (StatusCode::FORBIDDEN, "refused-not-intake-officer"),
            Self::MoreThanOwn => (StatusCode::FORBIDDEN, "refused-more-than-own"),
            Self::OwnAccount => (StatusCode::FORBIDDEN, "refused-own-account"),
            Self::LastAdministrator => (StatusCode::CONFLICT, "refused-last-administrator"),
            Self::Foreign => (StatusCode::FORBIDDEN, "refused-foreign"),
            Self::OldForm => (StatusCode::FORBIDDEN, "refused-old-form"),
            Self::Unreadable => (StatusCode::BAD_REQUEST, "refused-unreadable"),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "refused-too-long"),
            Self::NotFound => (StatusCode::NOT_FOUND, "refused-not-found"),
            Self::Conflict => (StatusCode::CONFLICT, "refused-conflict"),
            Self::NoVenueKey => (StatusCode::SERVICE_UNAVAILABLE, "refused-no-venue-key"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "refused-busy"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "refused-internal"),
        }
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let page = &*self.page;
        match self.refusal {
            Refusal::NotSignedIn { page: true } if page.portal != Portal::Public => {
                return page.go(&format!("{}/login", page.portal.root()), "");
            }
            Refusal::Unfinished => {
                return page.go(&format!("{}/settings", page.portal.root()), "unfinished");
            }
            _ => {}
        }
        let (status, text) = self.refusal.status_and_text();
        let login = matches!(self.refusal, Refusal::NotSignedIn { .. } | Refusal::OldForm);
        let login = login && page.portal != Portal::Public;
        let template = ErrorPage { page, text: page.t(text), login };
        match template.render() {
            Ok(html) => {
                let response = (status, axum::response::Html(html)).into_response();
                if self.refusal == Refusal::Busy { later(response) } else { response }
            }
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// There is no such page.
pub async fn not_found(page: Page) -> PageError {
    page.refuse(Refusal::NotFound)
}
