//! Removing one visit from the private diary. Its passphrase is asked for again: nothing of the diary is readable without.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use vungxanh_protocol::venue::disclosure::DisclosedVisit;

use super::failed::Failed;
use super::form::{Passphrase, PostForm};
use super::form_errors::FormErrors;
use super::page::Page;
use crate::control_api::{DiaryRemoveRequest, DiaryRemoved};
use crate::engine::EngineError;
use crate::failure::{Exit, Failure};

/// Of the place's name, which the page itself has sent.
const MAX_PLACE_CHARS: usize = 200;

#[derive(Template)]
#[template(path = "diary-removal.html")]
struct RemovalPage<'a> {
    page: &'a Page,
    times: String,
    line: String,
    place: String,
    errors: FormErrors,
}

/// Not printed.
#[derive(Deserialize)]
pub(super) struct RemovalForm {
    /// `vx-visit:1:...`
    line: String,
    #[serde(default)]
    place: String,
    /// Once the person was asked.
    passphrase: Option<Passphrase>,
}

pub(super) async fn remove(
    page: Page,
    PostForm(typed): PostForm<RemovalForm>,
) -> Result<Response, Failed> {
    let visit: DisclosedVisit =
        typed.line.parse().map_err(|error| page.fail(EngineError::DisclosureLine(error)))?;
    let ask = |status: StatusCode, errors: FormErrors| {
        let place = typed.place.chars().take(MAX_PLACE_CHARS).collect();
        let times = page.span(&visit.from(), &visit.until());
        let asked = RemovalPage { page: &page, times, line: visit.to_string(), place, errors };
        page.html_with(status, &asked)
    };
    let Some(passphrase) = &typed.passphrase else {
        return Ok(ask(StatusCode::OK, FormErrors::default()));
    };
    let (passphrase, lines) = (passphrase.expose().to_owned(), vec![visit.to_string()]);
    match page.engine().diary_remove(DiaryRemoveRequest { passphrase, lines }).await {
        Ok(DiaryRemoved { removed: 0 }) => Ok(page.go("/diary", "diary-visit-gone")),
        Ok(_) => Ok(page.go("/diary", "diary-visit-removed")),
        Err(error) => {
            let failure = Failure::from(error);
            match failure.exit() {
                Exit::BadInput => {
                    let errors = FormErrors::of_field("passphrase", page.why(&failure));
                    Ok(ask(StatusCode::UNPROCESSABLE_ENTITY, errors))
                }
                _ => Err(page.fail(failure)),
            }
        }
    }
}
