//! What somebody sees who types the authority's address into a browser, or a wrong path.

use askama::Template;
use axum::response::Response;

use super::error::{ApiError, Endpoint, Reason};
use super::page::Page;
use super::page_error::PageError;

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage<'a> {
    page: &'a Page,
}

/// `GET /`.
pub async fn page(page: Page) -> Result<Response, PageError> {
    page.html(&StartPage { page: &page })
}

/// A path of the interface for programs that leads nowhere.
pub async fn no_such_path() -> ApiError {
    Endpoint::Nowhere.refuse(Reason::NoSuchPath)
}
