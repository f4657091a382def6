//! Logging in and out, and an account's own settings; alike for venues and the authority's staff.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{get, post};
use qrcode::QrCode;
use qrcode::render::svg;
use serde::Deserialize;
use std::sync::Arc;

use super::form::{Nothing, PostForm};
use super::page::{Page, Portal};
use super::page_error::{PageError, Refusal};
use super::session::{self, AnySession};
use crate::domain::accounts::{Login, Password, Role, WeakPassword};
use crate::services::app::App;
use crate::services::login::{self, LoginError, SignedIn, TypedLogin};
use crate::storage::accounts::Account;

/// Routes of both portals.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/login", get(login_page).post(log_in))
        .route("/logout", post(log_out))
        .route("/settings", get(settings_page))
        .route("/settings/password", post(change_password))
        .route("/settings/authenticator", post(set_up_authenticator))
        .route("/settings/authenticator/remove", post(remove_authenticator))
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    page: &'a Page,
    login: &'a str,
    problem: Option<String>,
}

#[derive(Deserialize)]
struct LoginForm {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: Password,
    #[serde(default)]
    code: String,
}

async fn login_page(page: Page) -> Result<Response, PageError> {
    if page.is_signed_in() {
        return Ok(page.go(page.portal.root(), ""));
    }
    page.html(&LoginPage { page: &page, login: "", problem: None })
}

async fn log_in(
    page: Page,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<LoginForm>,
) -> Result<Response, PageError> {
    let typed = TypedLogin { login: &form.login, password: &form.password, code: &form.code };
    match login::log_in(&app, &typed, |role| page.portal.admits(role)).await {
        Ok(account) => sign_in(&page, &account).await,
        Err(error) => {
            let (status, problem) = refused(&page, error, "login-wrong")?;
            let problem = Some(page.t(problem));
            page.html_with(status, &LoginPage { page: &page, login: &form.login, problem })
        }
    }
}

/// The status and text of a login that is refused; `wrong` says that something was not right.
pub(super) fn refused(
    page: &Page,
    error: LoginError,
    wrong: &'static str,
) -> Result<(StatusCode, &'static str), PageError> {
    match error {
        LoginError::Wrong => Ok((StatusCode::UNAUTHORIZED, wrong)),
        LoginError::TooMany | LoginError::Busy(_) => {
            Ok((StatusCode::TOO_MANY_REQUESTS, "login-too-many"))
        }
        LoginError::Unreadable => Err(page.refuse(Refusal::Unreadable)),
        error => Err(page.fail(error)),
    }
}

/// Begins a session and shows the first page.
pub(super) async fn sign_in(page: &Page, account: &Account) -> Result<Response, PageError> {
    let cookie = session::begin(page, account).await?;
    let next = match account.one_time_until {
        Some(_) => page.go(&format!("{}/settings", page.portal.root()), "unfinished"),
        None => page.go(page.portal.root(), ""),
    };
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), next).into_response())
}

async fn log_out(
    page: Page,
    State(app): State<Arc<App>>,
    PostForm(Nothing {}): PostForm<Nothing>,
) -> Result<Response, PageError> {
    if let Some(signed_in) = &page.signed_in {
        app.store.end_session(&signed_in.token_hash).await.map_err(|error| page.fail(error))?;
    }
    let next = page.go(&format!("{}/login", page.portal.root()), "logged-out");
    Ok((AppendHeaders([(header::SET_COOKIE, session::end_cookie(&page)?)]), next).into_response())
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage<'a> {
    page: &'a Page,
    account: &'a Account,
    needs_authenticator: bool,
    setup: Option<Setup>,
    problem: Option<String>,
}

/// A fresh secret for an authenticator app, not in force before a code of it was typed.
struct Setup {
    sealed: String,
    base32: String,
    svg: String,
}

/// The session of an account that has a password.
fn with_password(session: AnySession) -> Result<(Page, SignedIn), PageError> {
    let AnySession { page, signed_in } = session;
    if signed_in.account.role == Role::VenueStaff {
        return Err(page.refuse(Refusal::Forbidden));
    }
    Ok((page, signed_in))
}

async fn settings_page(session: AnySession) -> Result<Response, PageError> {
    let (page, signed_in) = with_password(session)?;
    settings(&page, &signed_in, StatusCode::OK, None)
}

fn settings(
    page: &Page,
    signed_in: &SignedIn,
    status: StatusCode,
    problem: Option<String>,
) -> Result<Response, PageError> {
    let account = &signed_in.account;
    let setup = if account.has_totp { None } else { Some(Setup::new(page, account)?) };
    let needs_authenticator = page.portal == Portal::Staff
        && page.app.config.staff.require_authenticator
        && !account.has_totp;
    page.html_with(status, &SettingsPage { page, account, needs_authenticator, setup, problem })
}

impl Setup {
    fn new(page: &Page, account: &Account) -> Result<Self, PageError> {
        let setup = login::new_authenticator(&page.app, account, &page.authority());
        let code = QrCode::new(setup.url.as_bytes()).map_err(|error| page.fail(error))?;
        let svg = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
        let base32 = setup.base32;
        let groups: Vec<&str> =
            base32.as_bytes().chunks(4).filter_map(|g| str::from_utf8(g).ok()).collect();
        Ok(Self {
            sealed: hex::encode(setup.sealed),
            base32: groups.join(" "),
            // The declaration of XML has no place inside of a page.
            svg: svg.split_once("?>").map_or_else(|| svg.clone(), |(_, rest)| rest.to_owned()),
        })
    }
}

#[derive(Deserialize)]
struct PasswordForm {
    #[serde(default)]
    password: Password,
    #[serde(default)]
    new_password: Password,
    #[serde(default)]
    new_password_again: Password,
}

async fn change_password(
    session: AnySession,
    PostForm(form): PostForm<PasswordForm>,
) -> Result<Response, PageError> {
    let (page, signed_in) = with_password(session)?;
    let again = |status, text: String| settings(&page, &signed_in, status, Some(text));
    if let Err(error) = login::confirm_password(&page.app, &signed_in, &form.password).await {
        let (status, text) = refused(&page, error, "password-wrong")?;
        return again(status, page.t(text));
    }
    if let Err(problem) = check_new(&page, &signed_in.account.login, &form) {
        return again(StatusCode::UNPROCESSABLE_ENTITY, problem);
    }
    login::change_password(&page.app, &signed_in, form.new_password)
        .await
        .map_err(|error| page.fail(error))?;
    Ok(page.go(&format!("{}/settings", page.portal.root()), "password"))
}

fn check_new(page: &Page, login: &str, form: &PasswordForm) -> Result<(), String> {
    if form.new_password.expose() != form.new_password_again.expose() {
        return Err(page.t("password-differs"));
    }
    if form.new_password.expose() == form.password.expose() {
        return Err(page.t("password-same"));
    }
    match login.parse::<Login>() {
        Ok(login) => {
            form.new_password.check(Some(&login)).map_err(|weak| weak_password(page, weak))
        }
        Err(_) => Err(page.t("refused-internal")),
    }
}

/// Why a new password is not taken.
pub(super) fn weak_password(page: &Page, weak: WeakPassword) -> String {
    page.t(match weak {
        WeakPassword::Short => "password-short",
        WeakPassword::Long => "password-long",
        WeakPassword::Simple => "password-simple",
    })
}

#[derive(Deserialize)]
struct AuthenticatorForm {
    #[serde(default)]
    password: Password,
    #[serde(default)]
    sealed: String,
    #[serde(default)]
    code: String,
}

async fn set_up_authenticator(
    session: AnySession,
    PostForm(form): PostForm<AuthenticatorForm>,
) -> Result<Response, PageError> {
    let (page, signed_in) = with_password(session)?;
    let again = |status, text| settings(&page, &signed_in, status, Some(page.t(text)));
    if signed_in.account.has_totp {
        return Err(page.refuse(Refusal::Conflict));
    }
    if let Err(error) = login::confirm_password(&page.app, &signed_in, &form.password).await {
        let (status, text) = refused(&page, error, "password-wrong")?;
        return again(status, text);
    }
    let sealed = hex::decode(&form.sealed).map_err(|_| page.refuse(Refusal::Unreadable))?;
    match login::set_authenticator(&page.app, &signed_in, &sealed, &form.code).await {
        Ok(()) => Ok(page.go(&format!("{}/settings", page.portal.root()), "authenticator")),
        Err(LoginError::Wrong) => again(StatusCode::UNPROCESSABLE_ENTITY, "authenticator-wrong"),
        Err(error) => refused(&page, error, "").and_then(|(status, text)| again(status, text)),
    }
}

async fn remove_authenticator(
    session: AnySession,
    PostForm(form): PostForm<AuthenticatorForm>,
) -> Result<Response, PageError> {
    let (page, signed_in) = with_password(session)?;
    if let Err(error) = login::confirm_password(&page.app, &signed_in, &form.password).await {
        let (status, text) = refused(&page, error, "password-wrong")?;
        return settings(&page, &signed_in, status, Some(page.t(text)));
    }
    login::remove_authenticator(&page.app, &signed_in).await.map_err(|error| page.fail(error))?;
    Ok(page.go(&format!("{}/settings", page.portal.root()), "no-authenticator"))
}
