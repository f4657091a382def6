//! Checking in with what a poster's QR code says.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use vungxanh_protocol::venue::poster::MAX_URL_BYTES;

use super::failed::Failed;
use super::form::PostForm;
use super::form_errors::FormErrors;
use super::page::Page;
use crate::control_api::{CheckInRequest, CheckedIn};
use crate::failure::{Exit, Failure};

#[derive(Template)]
#[template(path = "checkin.html")]
struct CheckInPage<'a> {
    page: &'a Page,
    errors: FormErrors,
    typed: CheckInForm,
    limit: String,
}

/// Not printed: it names the place.
#[derive(Default, Deserialize)]
pub(super) struct CheckInForm {
    #[serde(default)]
    poster: String,
    #[serde(default)]
    companions: String,
}

pub(super) async fn show(page: Page) -> Response {
    form(&page, StatusCode::OK, FormErrors::default(), CheckInForm::default())
}

pub(super) async fn check_in(
    page: Page,
    PostForm(typed): PostForm<CheckInForm>,
) -> Result<Response, Failed> {
    let mut errors = FormErrors::default();
    if typed.poster.trim().is_empty() {
        errors.add("poster", page.t("web-checkin-no-code"));
    }
    let companions = match typed.companions.trim() {
        "" => Ok(None),
        number => number.parse().map(Some),
    };
    if companions.is_err() {
        errors.add("companions", page.t("web-checkin-companions-wrong"));
    }
    if !errors.is_empty() {
        return Ok(form(&page, StatusCode::UNPROCESSABLE_ENTITY, errors, typed));
    }
    let request = CheckInRequest {
        code: typed.poster.trim().to_owned(),
        companions: companions.unwrap_or_default(),
    };
    match page.engine().check_in(request).await {
        Ok(checked_in) => Ok(page.go("/visits", done(&checked_in)).into_response()),
        Err(error) => {
            let failure = Failure::from(error);
            if failure.exit() == Exit::Store {
                return Err(page.fail(failure));
            }
            let errors = FormErrors::of_field("poster", page.why(&failure));
            Ok(form(&page, StatusCode::UNPROCESSABLE_ENTITY, errors, typed))
        }
    }
}

const fn done(checked_in: &CheckedIn) -> &'static str {
    match checked_in {
        CheckedIn { clock_trusted: false, .. } => "checked-in-clock",
        CheckedIn { extended: true, .. } => "extended",
        CheckedIn { ended_another: true, .. } => "checked-in-ended-another",
        _ => "checked-in",
    }
}

fn form(page: &Page, status: StatusCode, errors: FormErrors, typed: CheckInForm) -> Response {
    let limit = format!(
        "maxlength=\"{MAX_URL_BYTES}\" rows=\"3\" autocomplete=\"off\" autocapitalize=\"none\" spellcheck=\"false\" required"
    );
    page.html_with(status, &CheckInPage { page, errors, typed, limit })
}
