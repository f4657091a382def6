//! Logging in and out; alike for venues and the authority's staff.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use std::sync::Arc;

use super::form::{Nothing, PostForm};
use super::page::{Page, Portal};
use super::page_error::{PageError, Refusal};
use super::problems::Problems;
use super::session;
use crate::domain::accounts::{Login, Password};
use crate::domain::password_strength::WeakPassword;
use crate::services::app::App;
use crate::services::login::{self, LoginError, TypedLogin};
use crate::services::second_factor;
use crate::storage::accounts::Account;

/// Routes of both portals.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/login", get(login_page).post(log_in)).route("/logout", post(log_out))
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
            if !form.code.is_empty() && !second_factor::is_code(&form.code) {
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
