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
use vungxanh_protocol::seal::{open, seal};

use super::form::{Nothing, PostForm};
use super::page::{Page, Portal};
use super::page_error::{PageError, Refusal};
use super::session::{self, AnySession, SignedIn};
use crate::domain::accounts::{Login, Password, Role, WeakPassword};
use crate::domain::totp::TotpSecret;
use crate::services::app::App;
use crate::storage::accounts::{Account, Credentials};

const TOTP_LABEL: &str = "VX-ACCOUNT-TOTP";
const TOTP_SETUP_LABEL: &str = "VX-ACCOUNT-TOTP-SETUP";

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
    let again = |status, problem| {
        let problem = Some(page.t(problem));
        page.html_with(status, &LoginPage { page: &page, login: &form.login, problem })
    };
    let Ok(login) = form.login.parse::<Login>() else {
        // As much work as for a login that could exist.
        app.verify_password(form.password, None).await;
        return again(StatusCode::UNAUTHORIZED, "login-wrong");
    };
    if !app.logins.attempt(login.as_str(), page.now()) {
        return again(StatusCode::TOO_MANY_REQUESTS, "login-too-many");
    }
    let credentials =
        app.store.credentials(login.as_str()).await.map_err(|error| page.fail(error))?;
    let hash = credentials.as_ref().map(|credentials| credentials.password.clone());
    let right = app.verify_password(form.password.clone(), hash).await;
    let admitted = credentials.filter(|found| right && is_open(&page, &found.account));
    let Some(credentials) = admitted else {
        return again(StatusCode::UNAUTHORIZED, "login-wrong");
    };
    if !check_code(&page, &credentials, &form.code).await? {
        return again(StatusCode::UNAUTHORIZED, "login-wrong");
    }
    app.logins.reset(login.as_str());
    sign_in(&page, &credentials.account).await
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

fn is_open(page: &Page, account: &Account) -> bool {
    let in_time = account.one_time_until.is_none_or(|until| page.now() < until);
    account.disabled_at.is_none() && in_time && page.portal.admits(account.role)
}

/// Whether the code is the authenticator app's, and uses it up; `true` without an app.
async fn check_code(page: &Page, credentials: &Credentials, code: &str) -> Result<bool, PageError> {
    let Some(sealed) = &credentials.totp else { return Ok(true) };
    let account = credentials.account.account;
    let secret = open(&page.app.keys.account_seal, TOTP_LABEL, &account.to_be_bytes(), sealed)
        .ok()
        .and_then(|bytes| TotpSecret::from_slice(&bytes))
        .ok_or_else(|| page.fail("the secret of an authenticator app cannot be opened"))?;
    match secret.accepts(code, credentials.totp_step, page.now()) {
        Some(step) => {
            page.app.store.use_totp_step(account, step).await.map_err(|error| page.fail(error))
        }
        None => Ok(false),
    }
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

/// Whoever has a password.
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
        let secret = TotpSecret::generate(&mut rand::rng());
        let url = secret.to_url(&page.authority(), &account.login);
        let code = QrCode::new(url.as_bytes()).map_err(|error| page.fail(error))?;
        let svg = code.render::<svg::Color<'_>>().min_dimensions(220, 220).build();
        let context = account.account.to_be_bytes();
        let key = &page.app.keys.account_seal;
        let sealed = seal(key, TOTP_SETUP_LABEL, &context, secret.expose(), &mut rand::rng());
        let base32 = secret.to_base32();
        let groups: Vec<&str> =
            base32.as_bytes().chunks(4).filter_map(|g| str::from_utf8(g).ok()).collect();
        Ok(Self {
            sealed: hex::encode(sealed),
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
    if let Some(refused) = confirm_password(&page, &signed_in, form.password.clone()).await? {
        return again(refused.0, page.t(refused.1));
    }
    if let Err(problem) = check_new(&page, &signed_in.account.login, &form) {
        return again(StatusCode::UNPROCESSABLE_ENTITY, problem);
    }
    let hash = page.app.hash_password(form.new_password).await.map_err(|error| page.fail(error))?;
    let account = &signed_in.account;
    page.app
        .store
        .set_password(
            account.account,
            &hash,
            None,
            Some(&signed_in.token_hash),
            &account.actor(),
            page.now(),
        )
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

/// Asks for the password again, so that a browser left alone does not give the account away.
async fn confirm_password(
    page: &Page,
    signed_in: &SignedIn,
    password: Password,
) -> Result<Option<(StatusCode, &'static str)>, PageError> {
    let login = &signed_in.account.login;
    if !page.app.logins.attempt(login, page.now()) {
        return Ok(Some((StatusCode::TOO_MANY_REQUESTS, "login-too-many")));
    }
    let credentials = page.app.store.credentials(login).await.map_err(|error| page.fail(error))?;
    let hash = credentials.map(|credentials| credentials.password);
    if !page.app.verify_password(password, hash).await {
        return Ok(Some((StatusCode::UNAUTHORIZED, "password-wrong")));
    }
    page.app.logins.reset(login);
    Ok(None)
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
    if let Some((status, text)) = confirm_password(&page, &signed_in, form.password).await? {
        return again(status, text);
    }
    let account = signed_in.account.account;
    let (key, context) = (&page.app.keys.account_seal, account.to_be_bytes());
    let secret = hex::decode(&form.sealed)
        .ok()
        .and_then(|sealed| open(key, TOTP_SETUP_LABEL, &context, &sealed).ok())
        .and_then(|bytes| TotpSecret::from_slice(&bytes))
        .ok_or_else(|| page.refuse(Refusal::Unreadable))?;
    let Some(step) = secret.accepts(&form.code, 0, page.now()) else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, "authenticator-wrong");
    };
    let sealed = seal(key, TOTP_LABEL, &context, secret.expose(), &mut rand::rng());
    set_totp(&page, &signed_in, Some((sealed, step))).await?;
    Ok(page.go(&format!("{}/settings", page.portal.root()), "authenticator"))
}

async fn remove_authenticator(
    session: AnySession,
    PostForm(form): PostForm<AuthenticatorForm>,
) -> Result<Response, PageError> {
    let (page, signed_in) = with_password(session)?;
    if let Some((status, text)) = confirm_password(&page, &signed_in, form.password).await? {
        return settings(&page, &signed_in, status, Some(page.t(text)));
    }
    set_totp(&page, &signed_in, None).await?;
    Ok(page.go(&format!("{}/settings", page.portal.root()), "no-authenticator"))
}

async fn set_totp(
    page: &Page,
    signed_in: &SignedIn,
    totp: Option<(Vec<u8>, u64)>,
) -> Result<(), PageError> {
    let account = &signed_in.account;
    let keep = Some(&signed_in.token_hash);
    page.app
        .store
        .set_totp(account.account, totp, keep, &account.actor(), page.now())
        .await
        .map_err(|error| page.fail(error))
}
