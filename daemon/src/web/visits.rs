//! The open visit. What is closed is sealed, unless the person keeps a diary.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::failed::Failed;
use super::form::{Nothing, PostForm};
use super::form_errors::FormErrors;
use super::page::Page;
use crate::control_api::{ExtendRequest, VisitStatus, Visits};
use crate::failure::{Exit, Failure};

/// The longest extension at a time: a visit is recorded for 24 hours at most.
const MAX_MINUTES: u16 = 24 * 60;

#[derive(Template)]
#[template(path = "visits.html")]
struct VisitsPage<'a> {
    page: &'a Page,
    visits: Visits,
    errors: FormErrors,
    minutes: String,
}

#[derive(Deserialize)]
pub(super) struct ExtendForm {
    #[serde(default)]
    minutes: String,
}

pub(super) async fn show(page: Page) -> Response {
    list(&page, StatusCode::OK, FormErrors::default(), String::new())
}

pub(super) async fn check_out(
    page: Page,
    PostForm(Nothing {}): PostForm<Nothing>,
) -> Result<Response, Failed> {
    let closed = page.engine().check_out().await.map_err(|error| page.fail(error))?;
    Ok(page.go("/visits", if closed.automatic { "checked-out-before" } else { "checked-out" }))
}

/// By so many minutes; by the venue's usual stay where none are said.
pub(super) async fn extend(
    page: Page,
    PostForm(typed): PostForm<ExtendForm>,
) -> Result<Response, Failed> {
    let minutes = match typed.minutes.trim() {
        "" => Ok(None),
        number => number.parse().map_err(drop).and_then(|minutes| {
            (1..=MAX_MINUTES).contains(&minutes).then_some(Some(minutes)).ok_or(())
        }),
    };
    let wrong = |text: String| {
        let errors = FormErrors::of_field("minutes", text);
        list(&page, StatusCode::UNPROCESSABLE_ENTITY, errors, typed.minutes.clone())
    };
    let Ok(minutes) = minutes else { return Ok(wrong(page.t("web-minutes-wrong"))) };
    match page.engine().extend(ExtendRequest { minutes }).await {
        Ok(_) => Ok(page.go("/visits", "extended")),
        Err(error) => {
            let failure = Failure::from(error);
            match failure.exit() {
                Exit::Negative => Ok(wrong(page.why(&failure))),
                _ => Err(page.fail(failure)),
            }
        }
    }
}

fn list(page: &Page, status: StatusCode, errors: FormErrors, minutes: String) -> Response {
    let visits = page.engine().visits();
    page.html_with(status, &VisitsPage { page, visits, errors, minutes })
}

/// Unit and street, as far as the poster has them.
fn place(visit: &VisitStatus) -> String {
    let parts = [visit.unit.as_str(), visit.street.as_str()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}
