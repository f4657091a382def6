//! What somebody sees who types the authority's address into a browser, or a wrong path.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::get;

use super::error::{ApiError, Endpoint, Reason};
use super::page::Page;
use super::page_error::PageError;
use crate::services::app::App;

pub(super) fn routes() -> Router<Arc<App>> {
    let routes = Router::new()
        .route("/", get(page))
        .route("/privacy", get(privacy))
        .route("/accessibility", get(accessibility));
    #[cfg(debug_assertions)]
    let routes = routes.route("/styleguide", get(styleguide::page));
    routes
}

/// Every component on one page, for those who build pages.
#[cfg(debug_assertions)]
mod styleguide {
    use super::super::problems::Problems;
    use super::super::qr::svg;
    use super::*;

    #[derive(Template)]
    #[template(path = "styleguide.html")]
    struct StyleguidePage<'a> {
        page: &'a Page,
        problems: Problems,
        code: String,
    }

    pub(super) async fn page(page: Page) -> Result<Response, PageError> {
        let problems = Problems::of_field("name", page.named("wrong", "name"));
        let address = page.address("/styleguide");
        let code = svg(&address).map_err(|error| page.fail(error))?;
        page.html(&StyleguidePage { page: &page, problems, code })
    }
}

#[derive(Template)]
#[template(path = "privacy.html")]
struct PrivacyPage<'a> {
    page: &'a Page,
}

/// `GET /privacy`: what is stored about whom.
async fn privacy(page: Page) -> Result<Response, PageError> {
    page.html(&PrivacyPage { page: &page })
}

#[derive(Template)]
#[template(path = "accessibility.html")]
struct AccessibilityPage<'a> {
    page: &'a Page,
}

/// `GET /accessibility`: for whom the pages are made and tested, and what does not work yet.
async fn accessibility(page: Page) -> Result<Response, PageError> {
    page.html(&AccessibilityPage { page: &page })
}

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage<'a> {
    page: &'a Page,
}

/// `GET /`.
async fn page(page: Page) -> Result<Response, PageError> {
    page.html(&StartPage { page: &page })
}

/// A path of the interface for programs that leads nowhere.
pub async fn no_such_path() -> ApiError {
    Endpoint::Nowhere.refuse(Reason::NoSuchPath)
}
