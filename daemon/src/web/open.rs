//! `/open/TOKEN`: the one-time token of `vungxanh open` becomes a session.
//!
//! The token stands in the path and not behind `#`: a fragment would reach the daemon only by a script, and both stand
//! alike on the browser's command line. It is used up by the first browser, and no page is shown at its address.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::guard;
use super::site::Site;

pub(super) async fn exchange(
    State(site): State<Arc<Site>>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let now = site.engine.clock.uptime();
    let cookie = site.access().exchange(&token, site.language(), now, &mut rand::rng());
    let Some(cookie) = cookie else {
        site.note_refusal();
        return guard::closed(&site, &request, StatusCode::UNAUTHORIZED, false);
    };
    // Until the browser is closed; the session ends with the page in any case.
    let cookie = format!("{}={cookie}; Path=/; HttpOnly; SameSite=Strict", site.cookie_name());
    let Ok(mut cookie) = HeaderValue::try_from(cookie) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    cookie.set_sensitive(true);
    ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response()
}
