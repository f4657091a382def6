//! What supervised doors ask for and send: whose door it is, and sealed records of an hour that is over.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;
use vungxanh_protocol::venue::slot::Hour;

use super::super::form::PostBytes;
use super::super::page_error::PageError;
use super::super::reply::plain;
use super::super::session::VenueStaffSession;
use crate::domain::units::units as wards;
use crate::domain::venues::UnitId;
use crate::services::doors::{UploadError, take_upload};
use crate::services::{units, venues};

/// `GET /venue/door/data`: the venue, its open units with their posters, and the token that uploads carry.
pub async fn data(session: VenueStaffSession) -> Result<Response, PageError> {
    let page = &session.page;
    let venue = venues::find(&page.app, session.venue).await;
    let venue = venue.map_err(|error| page.venue_error(error))?;
    let open = units::with_posters(&page.app, session.venue).await;
    let open: Vec<_> = open
        .map_err(|error| page.fail(error))?
        .into_iter()
        .map(|found| {
            let payload = found.poster.map(|poster| hex::encode(poster.payload));
            json!({"unit": found.unit.unit, "name": found.unit.name, "payload": payload})
        })
        .collect();
    let registration = &venue.registration;
    // None where the code is no ward's any more.
    let province = wards().ward(registration.ward.code).map(|ward| ward.province);
    let answer = json!({
        "venue": {"id": venue.venue, "name": registration.name},
        "province": province,
        "units": open,
        "csrf": page.csrf(),
    });
    Ok(plain(StatusCode::OK, &answer))
}

/// `POST /venue/door/{unit}/{hour}`: the records, one after the other. Answered with whether they are
/// too late for a case that is known, or with a refusal: `{"error": NAME, "message": TEXT}`.
pub async fn upload(
    session: VenueStaffSession,
    Path((unit, hour)): Path<(UnitId, u32)>,
    PostBytes(records): PostBytes,
) -> Response {
    let page = &session.page;
    let taken = take_upload(&page.app, session.venue, unit, Hour::new(hour), &records).await;
    let error = match taken {
        Ok(late) => {
            let message = if late { page.t("door-late") } else { String::new() };
            return plain(StatusCode::OK, &json!({"late": late, "message": message}));
        }
        Err(error) => error,
    };
    let status = match &error {
        UploadError::NotRecords => StatusCode::BAD_REQUEST,
        UploadError::NotFound => StatusCode::NOT_FOUND,
        UploadError::HourNotOver | UploadError::HourTooOld => StatusCode::CONFLICT,
        UploadError::HourFull | UploadError::VenueFull | UploadError::ServerFull => {
            StatusCode::TOO_MANY_REQUESTS
        }
        UploadError::Store(_) | UploadError::File(_) => {
            tracing::error!(%error, "what a door sent could not be stored");
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    let message = page.t(&format!("door-error-{}", error.name()));
    plain(status, &json!({"error": error.name(), "message": message}))
}
