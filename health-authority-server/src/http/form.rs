//! What pages send: forms, JSON of our scripts, and files. All of them show with a token that they
//! come from a page of this session.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::page::Page;
use super::page_error::{PageError, Refusal};
use crate::services::app::App;

const CSRF_HEADER: &str = "x-csrf-token";
const CSRF_FIELD: &str = "csrf";
/// The longest form, in bytes.
const MAX_FORM_BYTES: usize = 64 * 1_024;

/// A form of this session's page; without a session, of one of our pages.
pub struct PostForm<T>(pub T);

/// JSON of a script on this session's page.
pub struct PostJson<T>(pub T);

/// Bytes of a script on this session's page.
pub struct PostBytes(pub Bytes);

/// A form with one file.
pub struct PostFile(pub Bytes);

/// A form without fields: a button.
#[derive(Debug, Deserialize)]
pub struct Nothing {}

#[derive(Deserialize)]
struct Csrf {
    #[serde(default)]
    csrf: String,
}

fn check(page: &Page, sent: &str) -> Result<(), PageError> {
    match &page.signed_in {
        Some(signed_in) if !signed_in.csrf.matches(sent) => Err(page.refuse(Refusal::OldForm)),
        _ => Ok(()),
    }
}

fn page_of(request: &Request) -> Option<Page> {
    request.extensions().get::<Page>().cloned()
}

async fn body(page: &Page, request: Request) -> Result<Bytes, PageError> {
    let body = Bytes::from_request(request, &()).await.map_err(|rejection| {
        let too_long = rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE;
        page.refuse(if too_long { Refusal::TooLong } else { Refusal::Unreadable })
    })?;
    if body.len() > MAX_FORM_BYTES {
        return Err(page.refuse(Refusal::TooLong));
    }
    if has_nul(&body, b"%00") {
        return Err(page.refuse(Refusal::Unreadable));
    }
    Ok(body)
}

/// No one types a NUL, and PostgreSQL's texts cannot hold one.
fn has_nul(body: &[u8], escaped: &[u8]) -> bool {
    body.contains(&0) || body.windows(escaped.len()).any(|part| part == escaped)
}

fn header_token(headers: &HeaderMap) -> String {
    headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for PostForm<T> {
    type Rejection = Failed;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, Failed> {
        let page = page_of(&request).ok_or(Failed::Outside)?;
        let body = body(&page, request).await?;
        let csrf: Csrf =
            serde_urlencoded::from_bytes(&body).map_err(|_| page.refuse(Refusal::Unreadable))?;
        check(&page, &csrf.csrf)?;
        let form =
            serde_urlencoded::from_bytes(&body).map_err(|_| page.refuse(Refusal::Unreadable))?;
        Ok(Self(form))
    }
}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for PostJson<T> {
    type Rejection = Failed;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, Failed> {
        let page = page_of(&request).ok_or(Failed::Outside)?;
        check(&page, &header_token(request.headers()))?;
        let body =
            Bytes::from_request(request, &()).await.map_err(|_| page.refuse(Refusal::TooLong))?;
        if has_nul(&body, b"\\u0000") {
            return Err(page.refuse(Refusal::Unreadable).into());
        }
        let value = serde_json::from_slice(&body).map_err(|_| page.refuse(Refusal::Unreadable))?;
        Ok(Self(value))
    }
}

impl FromRequest<Arc<App>> for PostBytes {
    type Rejection = Failed;

    async fn from_request(request: Request, _: &Arc<App>) -> Result<Self, Failed> {
        let page = page_of(&request).ok_or(Failed::Outside)?;
        check(&page, &header_token(request.headers()))?;
        let body =
            Bytes::from_request(request, &()).await.map_err(|_| page.refuse(Refusal::TooLong))?;
        Ok(Self(body))
    }
}

impl FromRequest<Arc<App>> for PostFile {
    type Rejection = Failed;

    /// The token comes before the file, so that nothing is read without a session.
    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failed> {
        let page = page_of(&request).ok_or(Failed::Outside)?;
        let unreadable = || page.refuse(Refusal::Unreadable);
        let mut form = Multipart::from_request(request, app).await.map_err(|_| unreadable())?;
        let mut checked = false;
        while let Some(field) = form.next_field().await.map_err(|_| unreadable())? {
            let is_token = field.name() == Some(CSRF_FIELD);
            let bytes = field.bytes().await.map_err(|error| {
                let too_long = error.status() == StatusCode::PAYLOAD_TOO_LARGE;
                page.refuse(if too_long { Refusal::TooLong } else { Refusal::Unreadable })
            })?;
            if is_token {
                check(&page, &String::from_utf8_lossy(&bytes))?;
                checked = true;
            } else if checked {
                return Ok(Self(bytes));
            } else {
                return Err(page.refuse(Refusal::OldForm).into());
            }
        }
        Err(unreadable().into())
    }
}

/// Why nothing was read.
pub enum Failed {
    /// The route is not below a portal: a mistake in the program.
    Outside,
    /// Refused on a page.
    Page(PageError),
}

impl From<PageError> for Failed {
    fn from(error: PageError) -> Self {
        Self::Page(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> axum::response::Response {
        match self {
            Self::Outside => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Self::Page(error) => error.into_response(),
        }
    }
}
