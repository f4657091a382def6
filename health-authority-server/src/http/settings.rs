//! One's own account: password, authenticator app, recovery codes, last logins; alike for venues and the authority's
//! staff.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::confirmation::{Confirmation, Sure};
use super::form::PostForm;
use super::login::{refused, weak_password};
use super::page::{Page, Portal};
use super::page_error::{PageError, Refusal};
use super::problems::Problems;
use super::qr;
use super::session::AnySession;
use crate::domain::accounts::{Password, Role};
use crate::domain::recovery_codes::RecoveryCode;
use crate::services::app::App;
use crate::services::login::{self, LoginError, SignedIn};
use crate::services::{new_password, second_factor};
use crate::storage::accounts::Account;
use crate::storage::sessions::PastLogin;

/// Fewer recovery codes than this are said to be few.
const FEW_CODES: u64 = 3;

/// Routes of both portals.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/settings", get(settings_page))
        .route("/settings/password", post(change_password))
        .route("/settings/authenticator", post(set_up_authenticator))
        .route("/settings/authenticator/remove", post(remove_authenticator))
        .route("/settings/recovery", post(renew_codes))
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage<'a> {
    page: &'a Page,
    account: &'a Account,
    needs_authenticator: bool,
    setup: Option<Setup>,
    codes_left: u64,
    logins: Vec<PastLogin>,
    problems: Problems,
}

impl SettingsPage<'_> {
    const fn has_few_codes(&self) -> bool {
        self.codes_left < FEW_CODES
    }
}

/// A fresh secret for an authenticator app, not in force before a code of it was typed.
struct Setup {
    sealed: String,
    base32: String,
    svg: String,
}

/// Recovery codes, shown once.
#[derive(Template)]
#[template(path = "recovery_codes.html")]
struct RecoveryCodesPage<'a> {
    page: &'a Page,
    login: &'a str,
    codes: &'a [RecoveryCode],
    is_new_app: bool,
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
    settings(&page, &signed_in, StatusCode::OK, Problems::default()).await
}

async fn settings(
    page: &Page,
    signed_in: &SignedIn,
    status: StatusCode,
    problems: Problems,
) -> Result<Response, PageError> {
    let (app, account) = (&page.app, &signed_in.account);
    let setup = if account.has_totp { None } else { Some(Setup::new(page, account)?) };
    let needs_authenticator =
        page.portal == Portal::Staff && app.config.staff.require_authenticator && !account.has_totp;
    let left = second_factor::codes_left(app, account.account).await;
    let codes_left = left.map_err(|error| page.fail(error))?;
    let logins = login::last_logins(app, account).await.map_err(|error| page.fail(error))?;
    let shown =
        SettingsPage { page, account, needs_authenticator, setup, codes_left, logins, problems };
    page.html_with(status, &shown)
}

impl Setup {
    fn new(page: &Page, account: &Account) -> Result<Self, PageError> {
        let setup = second_factor::new_authenticator(&page.app, account, &page.authority());
        let svg = qr::svg(&setup.url).map_err(|error| page.fail(error))?;
        let base32 = setup.base32;
        let groups: Vec<&str> =
            base32.as_bytes().chunks(4).filter_map(|g| str::from_utf8(g).ok()).collect();
        Ok(Self { sealed: hex::encode(setup.sealed), base32: groups.join(" "), svg })
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
        return wrong_password(&page, &signed_in, error, "old").await;
    }
    let problems = check_new(&page, &signed_in.account, &form).await?;
    if !problems.is_empty() {
        return settings(&page, &signed_in, StatusCode::UNPROCESSABLE_ENTITY, problems).await;
    }
    login::change_password(&page.app, &signed_in, form.new_password)
        .await
        .map_err(|error| page.fail(error))?;
    Ok(page.go(&format!("{}/settings", page.portal.root()), "password"))
}

/// The settings again, because the present password, typed into `field`, was not right.
async fn wrong_password(
    page: &Page,
    signed_in: &SignedIn,
    error: LoginError,
    field: &'static str,
) -> Result<Response, PageError> {
    let (status, text) = refused(page, error, "password-wrong")?;
    settings(page, signed_in, status, Problems::of_field(field, page.t(text))).await
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
        return wrong_password(&page, &signed_in, error, "totp-password").await;
    }
    let sealed = hex::decode(&form.sealed).map_err(|_| page.refuse(Refusal::Unreadable))?;
    let set = second_factor::set_authenticator(&page.app, &signed_in, &sealed, &form.code).await;
    let (status, text) = match set {
        Ok(codes) => return show_codes(&page, &signed_in, &codes, true),
        Err(LoginError::Wrong) => (StatusCode::UNPROCESSABLE_ENTITY, "authenticator-wrong"),
        Err(error) => refused(&page, error, "")?,
    };
    settings(&page, &signed_in, status, Problems::of_field("totp-code", page.t(text))).await
}

fn show_codes(
    page: &Page,
    signed_in: &SignedIn,
    codes: &[RecoveryCode],
    is_new_app: bool,
) -> Result<Response, PageError> {
    let login = &signed_in.account.login;
    page.html(&RecoveryCodesPage { page, login, codes, is_new_app })
}

/// The present password is asked for on the page that says what will happen.
#[derive(Deserialize)]
struct WithPassword {
    #[serde(default)]
    password: Password,
    #[serde(flatten)]
    sure: Sure,
}

async fn remove_authenticator(
    session: AnySession,
    PostForm(form): PostForm<WithPassword>,
) -> Result<Response, PageError> {
    let (page, signed_in) = with_password(session)?;
    if !form.sure.is_given() {
        return ask_to_remove(&page, StatusCode::OK, Problems::default());
    }
    if let Err(error) = login::confirm_password(&page.app, &signed_in, &form.password).await {
        let (status, text) = refused(&page, error, "password-wrong")?;
        return ask_to_remove(&page, status, Problems::of_field("password", page.t(text)));
    }
    second_factor::remove_authenticator(&page.app, &signed_in)
        .await
        .map_err(|error| page.fail(error))?;
    Ok(page.go(&format!("{}/settings", page.portal.root()), "no-authenticator"))
}

fn ask_to_remove(
    page: &Page,
    status: StatusCode,
    problems: Problems,
) -> Result<Response, PageError> {
    let needed = page.portal == Portal::Staff && page.app.config.staff.require_authenticator;
    let text = if needed { "authenticator-remove-text-staff" } else { "authenticator-remove-text" };
    ask_for_password(page, status, problems, "authenticator-remove", text, "authenticator/remove")
}

/// A page that says what a deed on the own account does, and asks for the password. `id` begins its texts.
fn ask_for_password(
    page: &Page,
    status: StatusCode,
    problems: Problems,
    id: &str,
    text: &str,
    path: &str,
) -> Result<Response, PageError> {
    let settings = format!("{}/settings", page.portal.root());
    let asked = Confirmation {
        title: page.t(&format!("{id}-sure")),
        consequences: vec![page.t(text)],
        button: page.t(id),
        action: format!("{settings}/{path}"),
        back: settings,
        password: true,
        problems,
        ..Confirmation::default()
    };
    asked.show_with(page, status)
}

/// `POST settings/recovery`: new recovery codes in place of the old.
async fn renew_codes(
    session: AnySession,
    PostForm(form): PostForm<WithPassword>,
) -> Result<Response, PageError> {
    let (page, signed_in) = with_password(session)?;
    if !signed_in.account.has_totp {
        return Err(page.refuse(Refusal::Conflict));
    }
    let ask = |status, problems| {
        ask_for_password(
            &page,
            status,
            problems,
            "recovery-renew",
            "recovery-renew-text",
            "recovery",
        )
    };
    if !form.sure.is_given() {
        return ask(StatusCode::OK, Problems::default());
    }
    if let Err(error) = login::confirm_password(&page.app, &signed_in, &form.password).await {
        let (status, text) = refused(&page, error, "password-wrong")?;
        return ask(status, Problems::of_field("password", page.t(text)));
    }
    let renewed = second_factor::renew_codes(&page.app, &signed_in.account).await;
    match renewed.map_err(|error| page.fail(error))? {
        Some(codes) => show_codes(&page, &signed_in, &codes, false),
        None => Err(page.refuse(Refusal::Conflict)),
    }
}
