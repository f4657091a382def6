//! Before and after every request: for which name it came, from which site, with which session, and what every answer
//! carries.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::assets;
use super::page::{Page, query_value};
use super::site::Site;
use crate::platform::i18n::Language;

/// Where a browser brings the token of `vungxanh open`.
pub(super) const OPEN: &str = "/open/";
/// In the query of what a page asks by itself, without the person.
pub(super) const BY_ITSELF: &str = "again";

/// Pages with a script: of this program, for the camera alone. It asks nothing of any server, not even of this one.
const SCRIPTED: [&str; 1] = ["/checkin"];

/// Nothing from elsewhere, nothing inline, in no frame, forms only to this page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const SCRIPTED_CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), usb=(), payment=()";
const SCRIPTED_PERMISSIONS: &str =
    "camera=(self), geolocation=(), microphone=(), usb=(), payment=()";

/// Why a request gets no page.
enum Refused {
    /// It came for another name: the name of another site was led here.
    Host,
    /// It came from another site's page.
    Foreign,
    Method,
    NoSession,
}

#[derive(Template)]
#[template(path = "closed.html")]
struct ClosedPage<'a> {
    page: &'a Page,
    foreign: bool,
}

pub(super) async fn enter(
    State(site): State<Arc<Site>>,
    mut request: Request,
    next: Next,
) -> Response {
    let is_scripted = SCRIPTED.contains(&request.uri().path());
    let response = match admit(&site, &mut request) {
        Ok(chosen) => {
            if let Some(language) = chosen {
                site.choose_language(language).await;
            }
            next.run(request).await
        }
        Err(refused) => answer(&site, &request, &refused),
    };
    with_headers(response, is_scripted)
}

/// The language that the person chooses with this request, if they do.
fn admit(site: &Arc<Site>, request: &mut Request) -> Result<Option<Language>, Refused> {
    let headers = request.headers();
    let host =
        only(headers, &header::HOST).filter(|host| site.is_host(host)).ok_or(Refused::Host)?;
    if request.uri().authority().is_some_and(|named| named.as_str() != host) {
        return Err(Refused::Host);
    }
    let fetched_by = only(headers, &HeaderName::from_static("sec-fetch-site"));
    match *request.method() {
        Method::GET | Method::HEAD if matches!(fetched_by, None | Some("none" | "same-origin")) => {
        }
        Method::POST => {
            let origin = headers.get(header::ORIGIN).map(|_| only(headers, &header::ORIGIN));
            let is_ours = match origin {
                Some(origin) => {
                    origin == Some(&format!("http://{host}"))
                        && matches!(fetched_by, None | Some("same-origin"))
                }
                None => fetched_by == Some("same-origin"),
            };
            if !is_ours {
                return Err(Refused::Foreign);
            }
        }
        Method::GET | Method::HEAD => return Err(Refused::Foreign),
        _ => return Err(Refused::Method),
    }
    if is_for_everyone(request.uri().path()) {
        return Ok(None);
    }
    let cookie = cookie(headers, &site.cookie_name()).ok_or(Refused::NoSession)?;
    let wanted = query_value(request.uri(), "lang").and_then(|tag| Language::of_tag(&tag));
    let by_itself = query_value(request.uri(), BY_ITSELF).is_some();
    let now = site.engine.clock.uptime();
    let visitor = site.access().visitor(cookie, wanted, by_itself, now);
    let Some(visitor) = visitor else {
        site.note_refusal();
        return Err(Refused::NoSession);
    };
    let page = Page::new(site, request.uri(), visitor.language, Some(visitor.csrf));
    request.extensions_mut().insert(page);
    Ok(wanted)
}

/// What has no secret, and where a session begins.
fn is_for_everyone(path: &str) -> bool {
    let rest = path.strip_prefix(OPEN).or_else(|| path.strip_prefix(assets::FOLDER));
    rest.is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

fn answer(site: &Arc<Site>, request: &Request, refused: &Refused) -> Response {
    let (status, foreign) = match refused {
        // Whoever asks so is told nothing, not even what this is.
        Refused::Host => return StatusCode::MISDIRECTED_REQUEST.into_response(),
        Refused::Method => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
        Refused::Foreign => (StatusCode::FORBIDDEN, true),
        Refused::NoSession => (StatusCode::UNAUTHORIZED, false),
    };
    closed(site, request, status, foreign)
}

/// The page of a browser that has no session.
pub(super) fn closed(
    site: &Arc<Site>,
    request: &Request,
    status: StatusCode,
    foreign: bool,
) -> Response {
    let page = Page::new(site, request.uri(), site.language(), None);
    page.html_with(status, &ClosedPage { page: &page, foreign })
}

/// A header that is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

fn with_headers(mut response: Response, is_scripted: bool) -> Response {
    let (policy, permissions) = if is_scripted {
        (SCRIPTED_CONTENT_SECURITY_POLICY, SCRIPTED_PERMISSIONS)
    } else {
        (CONTENT_SECURITY_POLICY, PERMISSIONS)
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, policy),
        // With no-referrer, browsers would send `Origin: null` with our own forms.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), permissions),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
