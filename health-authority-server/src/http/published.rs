//! The authority document, export files and batches of warnings: cacheable, the same for everyone.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::file_body::FileBody;
use super::reply::later;
use crate::platform::atomic_file;
pub(super) use crate::publication::object_store::{CHANGING, SIGNED};
use crate::publication::object_store::{ObjectStore, PublishedFile, headers as published_headers};
use crate::services::app::App;

/// The signed authority document. Read from the folder each time, so that a new one needs no
/// restart to be seen.
pub async fn document(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let path = app.folder.document();
    let read = tokio::task::spawn_blocking(move || atomic_file::read(&path)).await;
    match read.unwrap_or_else(|error| Err(std::io::Error::other(error))) {
        Ok(document) => cacheable(document, SIGNED, CHANGING, &headers),
        Err(error) => {
            tracing::error!(%error, "the authority document cannot be read");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// An index or an export file.
pub async fn export_file(
    State(app): State<Arc<App>>,
    Path((region, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    published(&app.files, &region, &file, &headers).await
}

/// An index or a batch of warnings about venues.
pub async fn warning_file(
    State(app): State<Arc<App>>,
    Path((region, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    published(&app.warning_files, &region, &file, &headers).await
}

/// An index or a file of `files`.
async fn published(files: &ObjectStore, region: &str, file: &str, headers: &HeaderMap) -> Response {
    let name = format!("{region}/{file}");
    let (content_type, cache_control) = published_headers(&name);
    match files.open_published(&name).await {
        Ok(Some(PublishedFile { file, length, tag })) => {
            let body = || Body::new(FileBody::new(file, length));
            tagged(&tag, body, content_type, cache_control, headers)
        }
        Ok(None) => (StatusCode::NOT_FOUND, "no such file\n").into_response(),
        Err(error) => {
            tracing::debug!(%error, "a published file cannot be read");
            later(StatusCode::SERVICE_UNAVAILABLE.into_response())
        }
    }
}

/// With an entity tag, and without a body for who has it already.
pub(super) fn cacheable(
    content: Vec<u8>,
    content_type: &'static str,
    cache_control: &'static str,
    request: &HeaderMap,
) -> Response {
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&content)[..16]));
    tagged(&tag, || content.into(), content_type, cache_control, request)
}

/// The body, unless the caller has what has this tag (RFC 9110 section 13.1.2).
fn tagged(
    tag: &str,
    body: impl FnOnce() -> Body,
    content_type: &'static str,
    cache_control: &'static str,
    request: &HeaderMap,
) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CACHE_CONTROL, cache_control.to_owned()),
        (header::ETAG, tag.to_owned()),
    ];
    let known = request.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        value.to_str().is_ok_and(|list| {
            list.split(',')
                .map(|one| one.trim().trim_start_matches("W/"))
                .any(|one| one == "*" || one == tag)
        })
    });
    if known {
        (StatusCode::NOT_MODIFIED, headers).into_response()
    } else {
        (headers, body()).into_response()
    }
}
