//! The one error of pages: what is shown, with which status.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::page::Page;
use crate::failure::{Exit, Failure};

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The form is of another session.
    OldForm,
    Unreadable,
    TooLong,
    NotFound,
}

impl Refusal {
    /// Status, and id of the text.
    const fn status_and_text(self) -> (StatusCode, &'static str) {
        match self {
            Self::OldForm => (StatusCode::FORBIDDEN, "web-refused-old-form"),
            Self::Unreadable => (StatusCode::BAD_REQUEST, "web-refused-unreadable"),
            Self::TooLong => (StatusCode::PAYLOAD_TOO_LARGE, "web-refused-too-long"),
            Self::NotFound => (StatusCode::NOT_FOUND, "web-refused-not-found"),
        }
    }
}

/// An answer that is no page of what was asked for.
pub(super) struct Failed(Box<Response>);

#[derive(Template)]
#[template(path = "failed.html")]
struct FailedPage<'a> {
    page: &'a Page,
    text: String,
}

impl Failed {
    /// Without a page around it.
    pub(super) fn bare(status: StatusCode) -> Self {
        Self(Box::new(status.into_response()))
    }
}

impl Page {
    pub(super) fn refuse(&self, refusal: Refusal) -> Failed {
        let (status, text) = refusal.status_and_text();
        self.failed_page(status, self.t(text))
    }

    /// What the engine did not do.
    pub(super) fn fail(&self, error: impl Into<Failure>) -> Failed {
        let failure = error.into();
        let status = match failure.exit() {
            Exit::Negative => StatusCode::CONFLICT,
            Exit::Usage | Exit::BadInput => StatusCode::UNPROCESSABLE_ENTITY,
            Exit::NotRunning | Exit::Network => StatusCode::BAD_GATEWAY,
            Exit::Store => StatusCode::INSUFFICIENT_STORAGE,
        };
        self.failed_page(status, self.why(&failure))
    }

    /// Why something failed, in words for a person who looks at a page: texts of the command line name its commands.
    pub(super) fn why(&self, failure: &Failure) -> String {
        let own = format!("web-{}", failure.id());
        let id = if self.texts().has(&own) { own.as_str() } else { failure.id() };
        self.with(id, failure.arguments())
    }

    fn failed_page(&self, status: StatusCode, text: String) -> Failed {
        Failed(Box::new(self.html_with(status, &FailedPage { page: self, text })))
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// There is no such page.
pub(super) async fn not_found(page: Page) -> Failed {
    page.refuse(Refusal::NotFound)
}
