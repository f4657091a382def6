//! What pages send: forms, which show by a token that they come from a page of this session.

use std::sync::Arc;

use axum::Form;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::failed::{Failed, Refusal};
use super::page::Page;
use super::site::Site;

/// The longest form, in bytes.
pub(super) const MAX_FORM_BYTES: usize = 64 * 1_024;

/// A form of one of this session's pages.
pub(super) struct PostForm<T>(pub(super) T);

/// A form without fields: a button.
#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

#[derive(Deserialize)]
struct Token {
    #[serde(default)]
    csrf: String,
}

impl<T: DeserializeOwned> FromRequest<Arc<Site>> for PostForm<T> {
    type Rejection = Failed;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Self, Failed> {
        let (mut parts, body) = request.into_parts();
        let page = Page::from_request_parts(&mut parts, site).await.map_err(Failed::bare)?;
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if kind.is_none_or(|kind| !kind.starts_with("application/x-www-form-urlencoded")) {
            return Err(page.refuse(Refusal::Unreadable));
        }
        let request = Request::from_parts(parts, body);
        let bytes = Bytes::from_request(request, &()).await.map_err(|rejection| {
            let too_long = rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE;
            page.refuse(if too_long { Refusal::TooLong } else { Refusal::Unreadable })
        })?;
        // No one types a NUL.
        if bytes.contains(&0) || bytes.windows(3).any(|part| part == b"%00") {
            return Err(page.refuse(Refusal::Unreadable));
        }
        let Token { csrf } = read(&page, &bytes).await?;
        if !page.is_form_of(&csrf) {
            return Err(page.refuse(Refusal::OldForm));
        }
        Ok(Self(read(&page, &bytes).await?))
    }
}

async fn read<T: DeserializeOwned>(page: &Page, bytes: &Bytes) -> Result<T, Failed> {
    let request = Request::builder()
        .method("POST")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(bytes.clone().into())
        .map_err(|_| page.refuse(Refusal::Unreadable))?;
    let Form(form) =
        Form::from_request(request, &()).await.map_err(|_| page.refuse(Refusal::Unreadable))?;
    Ok(form)
}

/// A passphrase that was typed: wiped when dropped, never printed.
#[derive(Default, Deserialize)]
#[serde(from = "String")]
pub(super) struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// For a request, whose own copy is the engine's to wipe.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for Passphrase {
    fn from(typed: String) -> Self {
        Self(Zeroizing::new(typed))
    }
}
