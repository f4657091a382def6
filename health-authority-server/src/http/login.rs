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

use super::confirmation::{Confirmation, Sure};
use super::form::{Nothing, PostForm};
use super::page::{Page, Portal};
use super::page_error::{PageError, Refusal};
use super::problems::Problems;
use super::session::{self, AnySession};
use crate::domain::accounts::{Login, Password, Role};
use crate::domain::password_strength::WeakPassword;
use crate::domain::totp::TotpSecret;
use crate::services::app::App;
use crate::services::login::{self, LoginError, SignedIn, TypedLogin};
use crate::services::new_password;
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
    problems: Problems,
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
    page.html(&LoginPage { page: &page, login: "", problems: Problems::default() })
}

async fn log_in(
    page: Page,
    State(app): State<Arc<App>>,
    PostForm(form): PostForm<LoginForm>,
) -> Result<Response, PageError> {
    let again = |status, problems| {
        page.html_with(status, &LoginPage { page: &page, login: &form.login, problems })
    };
    let empty = missing(&page, &form);
    if !empty.is_empty() {
        return again(StatusCode::UNPROCESSABLE_ENTITY, empty);
    }
    let typed = TypedLogin { login: &form.login, password: &form.password, code: &form.code };
    match login::log_in(&app, &typed, |role| page.portal.admits(role)).await {
        Ok(account) => sign_in(&page, &account).await,
        Err(error) => {
            let (status, text) = refused(&page, error, "login-wrong")?;
            let mut problems = Problems::of_form(page.t(text));
            // Which of them is wrong is not said. What cannot be right is.
            if form.login.parse::<Login>().is_err() {
                problems.add("login", page.t(malformed_login(&page)));
            }
            if !form.code.is_empty() && !TotpSecret::is_code(&form.code) {
                problems.add("code", page.t("login-code-malformed"));
            }
            again(status, problems)
        }
    }
}

/// Fields that were left empty.
fn missing(page: &Page, form: &LoginForm) -> Problems {
    let mut problems = Problems::default();
    if form.login.trim().is_empty() {
        problems.add("login", page.t(malformed_login(page)));
    }
    if form.password.expose().is_empty() {
        problems.add("password", page.t("login-password-missing"));
    }
    problems
}

fn malformed_login(page: &Page) -> &'static str {
    if page.portal == Portal::Staff { "login-name-malformed" } else { "wrong-phone" }
}

/// The status and text of a login that is refused; `wrong` says that something was not right.
pub(super) fn refused(
    page: &Page,
    error: LoginError,
    wrong: &'static str,
) -> Result<(StatusCode, &'static str), PageError> {
    match error {
        LoginError::Wrong => Ok((StatusCode::UNAUTHORIZED, wrong)),
        LoginError::TooMany => Ok((StatusCode::TOO_MANY_REQUESTS, "login-too-many")),
        LoginError::Busy(_) => Err(page.refuse(Refusal::Busy)),
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
        login::end_session(&app, signed_in).await.map_err(|error| page.fail(error))?;
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
    problems: Problems,
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
    settings(&page, &signed_in, StatusCode::OK, Problems::default())
}

fn settings(
    page: &Page,
    signed_in: &SignedIn,
    status: StatusCode,
    problems: Problems,
) -> Result<Response, PageError> {
    let account = &signed_in.account;
    let setup = if account.has_totp { None } else { Some(Setup::new(page, account)?) };
    let needs_authenticator = page.portal == Portal::Staff
        && page.app.config.staff.require_authenticator
        && !account.has_totp;
    page.html_with(status, &SettingsPage { page, account, needs_authenticator, setup, problems })
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
    if let Err(error) = login::confirm_password(&page.app, &signed_in, &form.password).await {
        return wrong_password(&page, &signed_in, error, "old");
    }
    let problems = check_new(&page, &signed_in.account, &form).await?;
    if !problems.is_empty() {
        return settings(&page, &signed_in, StatusCode::UNPROCESSABLE_ENTITY, problems);
    }
    login::change_password(&page.app, &signed_in, form.new_password)
        .await
        .map_err(|error| page.fail(error))?;
    Ok(page.go(&format!("{}/settings", page.portal.root()), "password"))
}

/// The settings again, because the present password, typed into `field`, was not right.
fn wrong_password(
    page: &Page,
    signed_in: &SignedIn,
    error: LoginError,
    field: &'static str,
) -> Result<Response, PageError> {
    let (status, text) = refused(page, error, "password-wrong")?;
    settings(page, signed_in, status, Problems::of_field(field, page.t(text)))
}

async fn check_new(
    page: &Page,
    account: &Account,
    form: &PasswordForm,
) -> Result<Problems, PageError> {
    let mut problems = Problems::default();
    let judged = new_password::judge(&page.app, account, &form.new_password).await;
    if let Err(weak) = judged.map_err(|error| page.fail(error))? {
        problems.add("new", weak_password(page, weak));
    } else if form.new_password.expose() == form.password.expose() {
        problems.add("new", page.t("password-same"));
    }
    if form.new_password.expose() != form.new_password_again.expose() {
        problems.add("again", page.t("password-differs"));
    }
    Ok(problems)
}

/// Why a new password is not taken.
pub(super) fn weak_password(page: &Page, weak: WeakPassword) -> String {
    page.t(match weak {
        WeakPassword::Short => "password-short",
        WeakPassword::Long => "password-long",
        WeakPassword::Simple => "password-simple",
        WeakPassword::Common => "password-common",
        WeakPassword::Personal => "password-personal",
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
    if signed_in.account.has_totp {
        return Err(page.refuse(Refusal::Conflict));
    }
    if let Err(error) = login::confirm_password(&page.app, &signed_in, &form.password).await {
        return wrong_password(&page, &signed_in, error, "totp-password");
    }
    let sealed = hex::decode(&form.sealed).map_err(|_| page.refuse(Refusal::Unreadable))?;
    let again = |status, text| {
        settings(&page, &signed_in, status, Problems::of_field("totp-code", page.t(text)))
    };
    match login::set_authenticator(&page.app, &signed_in, &sealed, &form.code).await {
        Ok(()) => Ok(page.go(&format!("{}/settings", page.portal.root()), "authenticator")),
        Err(LoginError::Wrong) => again(StatusCode::UNPROCESSABLE_ENTITY, "authenticator-wrong"),
        Err(error) => refused(&page, error, "").and_then(|(status, text)| again(status, text)),
    }
}

/// The present password is asked for on the page that says what will happen.
#[derive(Deserialize)]
struct RemovalForm {
    #[serde(default)]
    password: Password,
    #[serde(flatten)]
    sure: Sure,
}

async fn remove_authenticator(
    session: AnySession,
    PostForm(form): PostForm<RemovalForm>,
) -> Result<Response, PageError> {
    let (page, signed_in) = with_password(session)?;
    if !form.sure.is_given() {
        return ask_to_remove(&page, StatusCode::OK, Problems::default());
    }
    if let Err(error) = login::confirm_password(&page.app, &signed_in, &form.password).await {
        let (status, text) = refused(&page, error, "password-wrong")?;
        return ask_to_remove(&page, status, Problems::of_field("password", page.t(text)));
    }
    login::remove_authenticator(&page.app, &signed_in).await.map_err(|error| page.fail(error))?;
    Ok(page.go(&format!("{}/settings", page.portal.root()), "no-authenticator"))
}

fn ask_to_remove(
    page: &Page,
    status: StatusCode,
    problems: Problems,
) -> Result<Response, PageError> {
    let needed = page.portal == Portal::Staff && page.app.config.staff.require_authenticator;
    let text = if needed { "authenticator-remove-text-staff" } else { "authenticator-remove-text" };
    let settings = format!("{}/settings", page.portal.root());
    let asked = Confirmation {
        title: page.t("authenticator-remove-sure"),
        consequences: vec![page.t(text)],
        button: page.t("authenticator-remove"),
        action: format!("{settings}/authenticator/remove"),
        back: settings,
        password: true,
        problems,
        ..Confirmation::default()
    };
    asked.show_with(page, status)
}
