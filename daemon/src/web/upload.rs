//! A form with a file of own data. The session's token comes first: without it nothing of the file is kept.

use std::sync::Arc;

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use axum::http::StatusCode;

use super::failed::{Failed, Refusal};
use super::form::Passphrase;
use super::page::Page;
use super::site::Site;
use crate::store::archive::{self, ArchiveError, MAX_ARCHIVE_BYTES};

/// The longest request: a file, and what stands around it.
pub(super) const MAX_UPLOAD_BYTES: usize = MAX_ARCHIVE_BYTES + 64 * 1_024;
/// Of a field that is typed.
const MAX_TYPED_BYTES: usize = 8 * 1_024;

/// A file and its passphrase.
pub(super) struct Upload {
    pub(super) passphrase: Passphrase,
    pub(super) file: Result<Vec<u8>, ArchiveError>,
}

impl FromRequest<Arc<Site>> for Upload {
    type Rejection = Failed;

    async fn from_request(request: Request, site: &Arc<Site>) -> Result<Self, Failed> {
        let (mut parts, body) = request.into_parts();
        let page = Page::from_request_parts(&mut parts, site).await.map_err(Failed::bare)?;
        let request = Request::from_parts(parts, body);
        let mut form = Multipart::from_request(request, site)
            .await
            .map_err(|_| page.refuse(Refusal::Unreadable))?;
        let (mut is_ours, mut passphrase) = (false, Passphrase::default());
        while let Some(field) = form.next_field().await.map_err(|error| refused(&page, &error))? {
            match field.name() {
                Some("csrf") => is_ours = page.is_form_of(&typed(&page, field).await?),
                _ if !is_ours => return Err(page.refuse(Refusal::OldForm)),
                Some("passphrase") => passphrase = typed(&page, field).await?.into(),
                Some("file") => {
                    let file = received(field).await.map_err(|error| refused(&page, &error))?;
                    return Ok(Self { passphrase, file });
                }
                _ => {}
            }
        }
        Err(page.refuse(if is_ours { Refusal::Unreadable } else { Refusal::OldForm }))
    }
}

fn refused(page: &Page, error: &MultipartError) -> Failed {
    let too_long = error.status() == StatusCode::PAYLOAD_TOO_LARGE;
    page.refuse(if too_long { Refusal::TooLong } else { Refusal::Unreadable })
}

async fn typed(page: &Page, mut field: Field<'_>) -> Result<String, Failed> {
    let mut bytes = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|error| refused(page, &error))? {
        if bytes.len() + piece.len() > MAX_TYPED_BYTES {
            return Err(page.refuse(Refusal::TooLong));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| page.refuse(Refusal::Unreadable))
}

/// The file, read to its end in any case, so that the browser gets the answer; what is no archive is not kept.
async fn received(mut field: Field<'_>) -> Result<Result<Vec<u8>, ArchiveError>, MultipartError> {
    let mut file = Ok(Vec::new());
    while let Some(piece) = field.chunk().await? {
        file = file.and_then(|mut file: Vec<u8>| {
            if file.len() + piece.len() > MAX_ARCHIVE_BYTES {
                return Err(ArchiveError::TooLong);
            }
            file.extend_from_slice(&piece);
            archive::check_beginning(&file)?;
            Ok(file)
        });
    }
    Ok(file)
}
