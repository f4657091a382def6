//! The document in force, drafts of the next one, and documents that come back signed.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use vungxanh_protocol::authority::AuthorityDocument;

use super::super::super::form::PostFile;
use super::super::super::page::Page;
use super::super::super::page_error::PageError;
use super::super::super::problems::Problems;
use super::super::super::session::StaffSession;
use super::wording::{draft_state, refused};
use crate::authority::document::fingerprint_in_groups;
use crate::domain::permissions::Permission;
use crate::services::document_drafts::{self, InForce};
use crate::storage::document_drafts::Draft;

#[derive(Template)]
#[template(path = "staff/authority.html")]
struct OverviewPage<'a> {
    page: &'a Page,
    document: &'a AuthorityDocument,
    fingerprint: String,
    /// Whether the files hold other terms than the document, so that somebody edited them.
    files_differ: bool,
    is_behind: bool,
    drafts: Vec<DraftRow>,
    problems: Problems,
}

struct DraftRow {
    draft: Draft,
    /// `draft-state-NAME` is its text.
    state: &'static str,
}

impl OverviewPage<'_> {
    /// Days after which devices stop tracing, unless the document is signed again.
    fn days_left(&self) -> u64 {
        self.document.expires_at.since(self.page.now()) / 86_400
    }

    fn expires_soon(&self) -> bool {
        self.days_left() < 30
    }
}

/// `GET /staff/authority`.
pub(super) async fn page(session: StaffSession) -> Result<Response, PageError> {
    session.require_permission(Permission::SettingsRead)?;
    show(&session.page, StatusCode::OK, Problems::default()).await
}

async fn show(page: &Page, status: StatusCode, problems: Problems) -> Result<Response, PageError> {
    let app = &page.app;
    let in_force = document_drafts::in_force(app).map_err(|error| page.fail(error))?;
    let drafts = document_drafts::list(app).await.map_err(|error| page.fail(error))?;
    let InForce { document, terms, next, .. } = &in_force;
    let row = |draft: Draft| DraftRow { state: draft_state(&draft, document.serial), draft };
    let template = OverviewPage {
        page,
        document,
        fingerprint: fingerprint_in_groups(document).map_err(|error| page.fail(error))?,
        files_differ: terms != next,
        is_behind: document_drafts::is_behind(app, document),
        drafts: drafts.into_iter().map(row).collect(),
        problems,
    };
    page.html_with(status, &template)
}

/// `POST /staff/authority/upload`: a document that was signed elsewhere. It is shown before it is put in
/// force.
pub(super) async fn upload(
    session: StaffSession,
    PostFile(file): PostFile,
) -> Result<Response, PageError> {
    session.require_permission(Permission::SettingsWrite)?;
    let page = &session.page;
    match document_drafts::receive(&page.app, &file, &session.actor()).await {
        Ok(serial) => {
            Ok(page.go(&format!("/staff/authority/drafts/{serial}"), "document-received"))
        }
        Err(error) => {
            let (status, text) = refused(page, error)?;
            show(page, status, Problems::of_field("file", text)).await
        }
    }
}
