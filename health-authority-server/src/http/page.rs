//! Pages: in which language, for whom, and what every answer carries.

use std::fmt::Display;
use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use fluent_bundle::FluentValue;
use jiff::tz::TimeZone;
use vungxanh_protocol::interval::{UnixTime, UtcDay};

use super::page_error::{PageError, Refusal};
use super::session;
use crate::domain::accounts::Role;
use crate::domain::permissions::Permission;
use crate::domain::phone;
use crate::i18n::{Language, limit};
use crate::poster;
use crate::services::app::App;
use crate::services::login::SignedIn;
use crate::services::overview::{self, Waiting};

const LANGUAGE_COOKIE: &str = "vx-language";
/// Everything from this server, nothing inline, in no frame, forms only to this server.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; \
                                       frame-ancestors 'none'; object-src 'none'";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Portal {
    Public,
    /// Venues': below `/venue`.
    Venue,
    /// The authority's staff's: below `/staff`.
    Staff,
}

impl Portal {
    /// The path of its first page; empty for everyone's.
    pub const fn root(self) -> &'static str {
        match self {
            Self::Public => "",
            Self::Venue => "/venue",
            Self::Staff => "/staff",
        }
    }

    /// Whether an account with this role logs in here.
    pub const fn admits(self, role: Role) -> bool {
        match self {
            Self::Public => false,
            Self::Venue => !role.is_authority(),
            Self::Staff => role.is_authority(),
        }
    }
}

/// What a page is made with. Templates call it `page`.
#[derive(Clone)]
pub struct Page {
    pub app: Arc<App>,
    pub language: Language,
    pub portal: Portal,
    /// The session, if there is one.
    pub signed_in: Option<SignedIn>,
    /// What waits for the person who is logged in.
    pub waiting: Waiting,
    pub(super) path: String,
    done: Option<String>,
}

impl Page {
    async fn of_request(
        app: &Arc<App>,
        portal: Portal,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Self, PageError> {
        let query = |name: &str| query_value(uri, name);
        let mut page = Self {
            app: Arc::clone(app),
            language: language(uri, headers),
            portal,
            signed_in: None,
            waiting: Waiting::default(),
            path: uri.path().to_owned(),
            done: query("done"),
        };
        if portal != Portal::Public {
            page.signed_in = session::find(app, portal, headers).await.map_err(|e| page.fail(e))?;
            if let Some(signed_in) = &page.signed_in {
                let waiting = overview::waiting_for(app, &signed_in.account).await;
                page.waiting = waiting.map_err(|error| page.fail(error))?;
            }
        }
        Ok(page)
    }

    /// The text of a message.
    pub fn t(&self, id: &str) -> String {
        self.language.messages().text(id, &[])
    }

    /// The text of a message with one text in it.
    pub fn t1(&self, id: &str, name: &str, value: impl Display) -> String {
        let value = FluentValue::from(value.to_string());
        self.language.messages().text(id, &[(name, value)])
    }

    /// The text of a message with one number in it.
    pub fn n1(&self, id: &str, name: &str, number: impl Display) -> String {
        let number = number.to_string();
        self.language.messages().text(id, &[(name, FluentValue::try_number(&number))])
    }

    /// The text of a message with values of any kind.
    pub fn with(&self, id: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        self.language.messages().text(id, arguments)
    }

    /// A limit that texts say, for a field of a form.
    pub fn limit(&self, name: &str) -> u64 {
        limit(name).unwrap_or_default()
    }

    /// The text of a message whose id ends with the name of a thing: `kind-market`.
    pub fn named(&self, prefix: &str, name: &str) -> String {
        self.language.messages().text(&format!("{prefix}-{name}"), &[])
    }

    /// The text of a message whose id ends with the name of a thing, or the name without one.
    pub fn named_or(&self, prefix: &str, name: &str) -> String {
        let id = format!("{prefix}-{name}");
        let messages = self.language.messages();
        if messages.has(&id) { messages.text(&id, &[]) } else { name.to_owned() }
    }

    /// A path of this server, as browsers have to ask for it. What was asked for may begin with
    /// several slashes, which would name another server.
    pub fn href(&self, path: &str) -> String {
        let path = path.trim_start_matches(['/', '\\']);
        format!("{}/{path}", base_path(&self.app.config.authority.url))
    }

    /// The first page of these pages, as browsers have to ask for it.
    pub fn start(&self) -> String {
        self.href(if self.portal == Portal::Public { "/" } else { self.portal.root() })
    }

    /// A page of this server as a full address.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.app.config.authority.url)
    }

    /// The tag of the page's language.
    pub const fn tag(&self) -> &'static str {
        self.language.tag()
    }

    /// The same page in the other language.
    pub fn switch(&self) -> String {
        format!("{}?lang={}", self.href(&self.path), self.other_tag())
    }

    pub fn authority(&self) -> String {
        self.app.config.authority.name_in(self.language).to_owned()
    }

    /// What requests that change something must carry; empty without a session.
    pub fn csrf(&self) -> &str {
        self.signed_in.as_ref().map_or("", |signed_in| signed_in.csrf.expose())
    }

    /// Whether somebody with this role, or more, is logged in.
    pub fn is(&self, role: &str) -> bool {
        let role = Role::from_name(role);
        self.signed_in
            .as_ref()
            .zip(role)
            .is_some_and(|(signed_in, role)| signed_in.account.role.may(role))
    }

    /// Whether somebody with the permission of this name is logged in.
    pub fn can(&self, permission: &str) -> bool {
        let permission = Permission::from_name(permission);
        self.signed_in.as_ref().zip(permission).is_some_and(|(signed_in, permission)| {
            signed_in.account.role.permissions().has(permission)
        })
    }

    /// Whether somebody is logged in.
    pub fn is_signed_in(&self) -> bool {
        self.signed_in.is_some()
    }

    /// What the last request did, shown once.
    pub fn notice(&self) -> Option<String> {
        let id = format!("done-{}", self.done.as_deref()?);
        let messages = self.language.messages();
        messages.has(&id).then(|| messages.text(&id, &[]))
    }

    /// A moment, in the authority's time zone.
    pub fn time(&self, time: &UnixTime) -> String {
        self.formatted(*time, &format!("{} %H:%M", self.day_format()))
    }

    /// From a moment to another, in the authority's time zone; a common day once.
    pub fn span(&self, from: &UnixTime, until: &UnixTime) -> String {
        let is_one_day = self.date(from) == self.date(until);
        let end = if is_one_day { self.formatted(*until, "%H:%M") } else { self.time(until) };
        format!("{} – {end}", self.time(from))
    }

    /// A telephone number as people write it.
    pub fn phone(&self, number: &str) -> String {
        phone::as_written(number)
    }

    /// The day of a moment, in the authority's time zone.
    pub fn date(&self, time: &UnixTime) -> String {
        self.formatted(*time, self.day_format())
    }

    /// A UTC day.
    pub fn day(&self, day: &UtcDay) -> String {
        self.formatted_in(day.start(), self.day_format(), &TimeZone::UTC)
    }

    /// Through which day a poster that expires on `day` is valid, in the poster's own words.
    pub fn valid_through(&self, day: &UtcDay) -> String {
        let last = day.minus(1);
        poster::validity(self.language, last).unwrap_or_else(|_| self.day(&last))
    }

    /// A moment's day and hour for tables, in the authority's time zone.
    pub fn hour(&self, time: UnixTime) -> (String, String) {
        (self.formatted(time, self.day_format()), self.formatted(time, "%H:00"))
    }

    const fn day_format(&self) -> &'static str {
        match self.language {
            Language::Vi => "%d/%m/%Y",
            Language::En => "%-d %b %Y",
        }
    }

    fn formatted(&self, time: UnixTime, format: &str) -> String {
        self.formatted_in(time, format, &self.app.config.venues.zone())
    }

    fn formatted_in(&self, time: UnixTime, format: &str, zone: &TimeZone) -> String {
        i64::try_from(time.as_secs())
            .ok()
            .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
            .map_or_else(
                || time.to_string(),
                |time| time.to_zoned(zone.clone()).strftime(format).to_string(),
            )
    }

    pub fn now(&self) -> UnixTime {
        self.app.clock.now()
    }

    /// A refusal on this page.
    pub fn refuse(&self, refusal: Refusal) -> PageError {
        PageError { page: Box::new(self.clone()), refusal }
    }

    /// A failure of the server on this page.
    pub fn fail(&self, error: impl Display) -> PageError {
        tracing::error!(%error, "a page failed");
        self.refuse(Refusal::Internal)
    }

    /// The page as a response.
    pub fn html(&self, template: &impl Template) -> Result<Response, PageError> {
        self.html_with(StatusCode::OK, template)
    }

    /// The page as a response with a status.
    pub fn html_with(
        &self,
        status: StatusCode,
        template: &impl Template,
    ) -> Result<Response, PageError> {
        let html = template.render().map_err(|error| self.fail(error))?;
        Ok((status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
    }

    /// To another page of this server, after something was done. `done` names what: `done-NAME`.
    pub fn go(&self, path: &str, done: &str) -> Response {
        let query = if done.is_empty() { String::new() } else { format!("?done={done}") };
        Redirect::to(&format!("{}{query}", self.href(path))).into_response()
    }
}

impl FromRequestParts<Arc<App>> for Page {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, PageError> {
        if let Some(page) = parts.extensions.get::<Self>() {
            return Ok(page.clone());
        }
        Self::of_request(app, Portal::Public, &parts.uri, &parts.headers).await
    }
}

/// Before and after every page of a portal: language, session, and whether a request that changes
/// something comes from our own pages.
pub async fn enter(
    State((app, portal)): State<(Arc<App>, Portal)>,
    mut request: Request,
    next: Next,
) -> Response {
    let uri = original_uri(&request);
    let page = match Page::of_request(&app, portal, &uri, request.headers()).await {
        Ok(page) => page,
        Err(error) => return with_headers(&app, &uri, error.into_response()),
    };
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes && !comes_from_here(&app, request.headers()) {
        let refused = page.refuse(Refusal::Foreign).into_response();
        return with_headers(&app, &uri, refused);
    }
    request.extensions_mut().insert(page);
    with_headers(&app, &uri, next.run(request).await)
}

/// What every page carries.
fn with_headers(app: &App, uri: &Uri, mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        // With no-referrer, browsers would send `Origin: null` with our own forms.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let wanted = query_value(uri, "lang").and_then(|tag| Language::from_tag(&tag));
    if let Some(language) = wanted {
        let secure = if is_secure(app) { "; Secure" } else { "" };
        let cookie = format!(
            "{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly{secure}",
            language.tag()
        );
        if let Ok(cookie) = cookie.parse() {
            headers.append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// The path as the browser asked for it, also inside of nested routers.
fn original_uri(request: &Request) -> Uri {
    let original = request.extensions().get::<axum::extract::OriginalUri>();
    original.map_or_else(|| request.uri().clone(), |original| original.0.clone())
}

/// Whether the authority's address is https.
pub fn is_secure(app: &App) -> bool {
    app.config.authority.url.starts_with("https://")
}

/// `Origin` must be ours; a browser that sends none must say `Sec-Fetch-Site: same-origin`.
fn comes_from_here(app: &App, headers: &HeaderMap) -> bool {
    let value = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match value("origin") {
        Some(origin) => origin.eq_ignore_ascii_case(origin_of(&app.config.authority.url)),
        None => value("sec-fetch-site") == Some("same-origin"),
    }
}

/// Scheme, host and port of a URL.
fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find('/').map_or(url.len(), |at| host + at);
    &url[..end]
}

/// The path of a URL: empty, or with a slash at its beginning and none at its end.
fn base_path(url: &str) -> &str {
    &url[origin_of(url).len()..]
}

fn language(uri: &Uri, headers: &HeaderMap) -> Language {
    let asked = query_value(uri, "lang").and_then(|tag| Language::from_tag(&tag));
    let kept = || cookie(headers, LANGUAGE_COOKIE).and_then(Language::from_tag);
    asked.or_else(kept).or_else(|| accepted(headers)).unwrap_or(Language::Vi)
}

/// The first language of the browser that there are texts in.
pub(super) fn accepted(headers: &HeaderMap) -> Option<Language> {
    let list = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    list.split(',').find_map(|one| Language::from_tag(one.split(';').next()?.trim()))
}

/// The value of a cookie.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

fn query_value(uri: &Uri, name: &str) -> Option<String> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(uri.query()?).ok()?;
    pairs.into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_url() {
        for (url, origin, path) in [
            ("https://a.vn", "https://a.vn", ""),
            ("https://a.vn:8443/x/y", "https://a.vn:8443", "/x/y"),
            ("http://[::1]:80/x", "http://[::1]:80", "/x"),
        ] {
            assert_eq!((origin_of(url), base_path(url)), (origin, path));
        }
    }

    #[test]
    fn the_language_asked_for_comes_first_then_the_kept_one() {
        let headers = |cookie: &'static str, accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accept));
            headers
        };
        let of = |uri: &str, headers: &HeaderMap| language(&uri.parse().unwrap(), headers);
        let both = headers("a=b; vx-language=en", "vi");
        assert_eq!(of("/x?lang=vi", &both), Language::Vi);
        assert_eq!(of("/x?lang=xx", &both), Language::En);
        assert_eq!(of("/x", &headers("", "fr, en-GB;q=0.8, vi;q=0.1")), Language::En);
        assert_eq!(of("/x", &HeaderMap::new()), Language::Vi);
    }

    #[test]
    fn cookies() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_static("a=1; bb=2"));
        headers.append(header::COOKIE, HeaderValue::from_static("b=3=4"));
        assert_eq!(cookie(&headers, "b"), Some("3=4"));
        assert_eq!(cookie(&headers, "bb"), Some("2"));
        assert_eq!(cookie(&headers, "c"), None);
    }
}
