//! What a page is made with: its language, texts and times, and whom it is for. Templates call it `page`.

use std::fmt::Display;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use fluent_bundle::FluentValue;
use vungxanh_protocol::interval::UnixTime;

use super::access::Csrf;
use super::assets;
use super::publication::Publication;
use super::site::Site;
use crate::control_api::Imported;
use crate::engine::Engine;
use crate::platform::i18n::{Language, Texts};
use crate::platform::threads::lock;
use crate::platform::time_format;

/// A page in the menu.
pub(super) struct MenuItem {
    pub(super) path: &'static str,
    /// The id of its text.
    pub(super) text: &'static str,
}

/// The menu, in its order.
const MENU: &[MenuItem] = &[
    MenuItem { path: "/", text: "web-nav-home" },
    MenuItem { path: "/nearby", text: "web-nav-nearby" },
    MenuItem { path: "/exposures", text: "web-nav-exposures" },
    MenuItem { path: "/visits", text: "web-nav-visits" },
    MenuItem { path: "/declarations", text: "web-nav-declarations" },
    MenuItem { path: "/pass", text: "web-nav-pass" },
    MenuItem { path: "/report", text: "web-nav-report" },
    MenuItem { path: "/history", text: "web-nav-history" },
    MenuItem { path: "/data", text: "web-nav-data" },
    MenuItem { path: "/settings", text: "web-nav-settings" },
];

#[derive(Clone)]
pub(super) struct Page {
    site: Arc<Site>,
    language: Language,
    /// Of a browser with a session.
    csrf: Option<Csrf>,
    path: String,
    done: Option<String>,
}

impl Page {
    /// For a browser with a session, or for one that has none.
    pub(super) fn new(site: &Arc<Site>, uri: &Uri, language: Language, csrf: Option<Csrf>) -> Self {
        Self {
            site: Arc::clone(site),
            language,
            csrf,
            path: uri.path().to_owned(),
            done: query_value(uri, "done"),
        }
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        &self.site.engine
    }

    /// Until dropped, nothing else is declared on this page.
    pub(super) async fn declaring(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.site.declaring.lock().await
    }

    /// Whether the daemon shows notifications on the screen.
    pub(super) fn notifies(&self) -> bool {
        self.site.notifies
    }

    pub(super) fn publication(&self) -> &Publication {
        &self.site.publication
    }

    /// What the last file of own data brought, since the page was opened.
    pub(super) fn imported(&self) -> MutexGuard<'_, Option<Imported>> {
        lock(&self.site.imported)
    }

    /// What the page itself knows of the person's deeds goes with what is stored.
    pub(super) fn forget(&self) {
        self.publication().forget();
        *self.imported() = None;
    }

    /// A pass is shown, valid until then: its page stays open.
    pub(super) fn shows_pass(&self, valid_until: UnixTime) {
        let clock = &self.site.engine.clock;
        let valid_for = Duration::from_secs(valid_until.since(clock.now()));
        self.site.access().show_pass(valid_for, clock.uptime());
    }

    pub(super) fn texts(&self) -> &Texts {
        self.site.texts(self.language)
    }

    pub(super) const fn language(&self) -> Language {
        self.language
    }

    /// The text of a message.
    pub(super) fn t(&self, id: &str) -> String {
        self.texts().get(id)
    }

    /// The text of a message with one text in it.
    pub(super) fn t1(&self, id: &str, name: &str, value: impl Display) -> String {
        self.with(id, &[(name, value.to_string().into())])
    }

    /// The text of a message with one number in it.
    pub(super) fn n1(&self, id: &str, name: &str, number: impl Display) -> String {
        let number = number.to_string();
        self.with(id, &[(name, FluentValue::try_number(&number))])
    }

    /// The text of a message with two texts in it.
    pub(super) fn t2(
        &self,
        id: &str,
        name: &str,
        value: impl Display,
        other: &str,
        other_value: impl Display,
    ) -> String {
        let values = [(name, value.to_string().into()), (other, other_value.to_string().into())];
        self.with(id, &values)
    }

    /// The text of a message with a text and a number in it.
    pub(super) fn tn(
        &self,
        id: &str,
        name: &str,
        value: impl Display,
        other: &str,
        number: impl Display,
    ) -> String {
        let number = number.to_string();
        let values = [(name, value.to_string().into()), (other, FluentValue::try_number(&number))];
        self.with(id, &values)
    }

    /// The text of a message whose id ends with the name of a thing.
    pub(super) fn named(&self, prefix: &str, name: &str) -> String {
        self.t(&format!("{prefix}-{name}"))
    }

    /// The text of a message with values of any kind.
    pub(super) fn with(&self, id: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        self.texts().with(id, arguments)
    }

    pub(super) const fn tag(&self) -> &'static str {
        self.language.tag()
    }

    const fn other(&self) -> Language {
        match self.language {
            Language::Vi => Language::En,
            Language::En => Language::Vi,
        }
    }

    pub(super) const fn other_tag(&self) -> &'static str {
        self.other().tag()
    }

    /// The same page in the other language.
    pub(super) fn switch(&self) -> String {
        format!("{}?lang={}", self.path, self.other_tag())
    }

    pub(super) fn asset(&self, name: &str) -> String {
        assets::path(name)
    }

    /// What forms carry; empty without a session.
    pub(super) fn csrf(&self) -> String {
        self.csrf.as_ref().map_or_else(String::new, Csrf::text)
    }

    /// Whether a form is one of this session's pages.
    pub(super) fn is_form_of(&self, sent: &str) -> bool {
        self.csrf.as_ref().is_some_and(|csrf| csrf.matches(sent))
    }

    pub(super) const fn menu(&self) -> &'static [MenuItem] {
        if self.csrf.is_some() { MENU } else { &[] }
    }

    /// Whether this is the page of `path`.
    pub(super) fn is_at(&self, path: &str) -> bool {
        self.path == path
    }

    /// Whether this is the page of `path`, or one below it.
    pub(super) fn is_within(&self, path: &str) -> bool {
        let below = || self.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        self.is_at(path) || (path != "/" && below())
    }

    /// What the last request did, shown once.
    pub(super) fn notice(&self) -> Option<String> {
        let id = format!("web-done-{}", self.done.as_deref()?);
        self.texts().has(&id).then(|| self.t(&id))
    }

    pub(super) const fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// A moment, by the person's clock.
    pub(super) fn time(&self, time: &UnixTime) -> String {
        time_format::local(*time, &format!("%H:%M, {}", self.day_format()))
    }

    /// The time of day of a moment.
    pub(super) fn time_of_day(&self, time: &UnixTime) -> String {
        time_format::time_of_day(*time)
    }

    /// The day of a moment, by the person's calendar.
    pub(super) fn date(&self, time: &UnixTime) -> String {
        time_format::local(*time, self.day_format())
    }

    /// So many days after the day of a moment, by the person's calendar.
    pub(super) fn date_after(&self, time: &UnixTime, days: u16) -> String {
        time_format::local_after(*time, days, self.day_format())
    }

    /// A day of the authority's calendar, counted from 1970-01-01.
    pub(super) fn calendar_day(&self, day: &u16) -> String {
        time_format::calendar(*day, self.day_format())
    }

    /// From a moment to another; a common day once.
    pub(super) fn span(&self, from: &UnixTime, until: &UnixTime) -> String {
        let is_one_day = self.date(from) == self.date(until);
        let start = if is_one_day { self.time_of_day(from) } else { self.time(from) };
        format!("{start} – {}", self.time(until))
    }

    /// `1 giờ 05 phút`.
    pub(super) fn duration(&self, seconds: &u32) -> String {
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
        let arguments =
            [("hours", hours.into()), ("minutes", minutes.into()), ("seconds", (*seconds).into())];
        let id = match (hours, minutes) {
            (0, 0) if *seconds == 0 => "web-duration-none",
            (0, 0) => "web-duration-seconds",
            (0, _) => "web-duration-minutes",
            _ => "web-duration-hours",
        };
        self.with(id, &arguments)
    }

    const fn day_format(&self) -> &'static str {
        self.language.day_format()
    }

    pub(super) fn html(&self, template: &impl Template) -> Response {
        self.html_with(StatusCode::OK, template)
    }

    pub(super) fn html_with(&self, status: StatusCode, template: &impl Template) -> Response {
        match template.render() {
            Ok(html) => {
                (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
            }
            Err(error) => {
                tracing::error!(%error, "a page cannot be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    /// To another page, after something was done. `done` names what: `web-done-NAME`.
    pub(super) fn go(&self, path: &str, done: &str) -> Response {
        let joint = if path.contains('?') { '&' } else { '?' };
        let query = if done.is_empty() { String::new() } else { format!("{joint}done={done}") };
        Redirect::to(&format!("{path}{query}")).into_response()
    }
}

/// The guard has made it; without it there is no page.
impl FromRequestParts<Arc<Site>> for Page {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Site>) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// A value of the query that needs no escapes.
pub(super) fn query_value(uri: &Uri, name: &str) -> Option<String> {
    let pairs = uri.query()?.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.into_iter().find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}
