//! The private diary: on, off, read, shown to an officer, destroyed. Each needs its passphrase but the last.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use vungxanh_protocol::passphrase::check_new;

use super::confirmation::{Confirmation, Sure};
use super::failed::Failed;
use super::form::{Nothing, Passphrase, PostForm};
use super::form_errors::FormErrors;
use super::page::Page;
use super::qr;
use crate::control_api::{Diary, DiaryOnRequest, DiaryShowRequest, DiaryVisit, DisclosingRequest};
use crate::failure::{Exit, Failure};
use crate::store::MIN_PASSPHRASE_CHARS;

/// Of a request to disclose: far more visits than a diary holds hours.
const MAX_LINES: usize = 200;

#[derive(Template)]
#[template(path = "diary.html")]
struct DiaryPage<'a> {
    page: &'a Page,
    diary: Diary,
    errors: FormErrors,
}

#[derive(Template)]
#[template(path = "diary-visits.html")]
struct DiaryVisitsPage<'a> {
    page: &'a Page,
    visits: Vec<DiaryVisit>,
}

/// A visit that the person shows to an officer.
struct Disclosed {
    line: String,
    svg: String,
}

#[derive(Template)]
#[template(path = "diary-disclosed.html")]
struct DisclosedPage<'a> {
    page: &'a Page,
    visits: Vec<Disclosed>,
}

/// Not printed.
#[derive(Deserialize)]
pub(super) struct OnForm {
    passphrase: Passphrase,
    /// Where a diary begins.
    #[serde(default)]
    again: Passphrase,
}

#[derive(Deserialize)]
pub(super) struct ReadForm {
    passphrase: Passphrase,
}

pub(super) async fn show(page: Page) -> Response {
    form(&page, StatusCode::OK, FormErrors::default())
}

pub(super) async fn on(page: Page, PostForm(typed): PostForm<OnForm>) -> Result<Response, Failed> {
    let mut errors = FormErrors::default();
    if !page.engine().diary().kept {
        if check_new(typed.passphrase.expose(), MIN_PASSPHRASE_CHARS).is_err() {
            let text = page.n1("failure-passphrase-short", "least", MIN_PASSPHRASE_CHARS);
            errors.add("passphrase", text);
        } else if typed.passphrase.expose() != typed.again.expose() {
            errors.add("again", page.t("web-passphrases-differ"));
        }
    }
    if !errors.is_empty() {
        return Ok(form(&page, StatusCode::UNPROCESSABLE_ENTITY, errors));
    }
    let request = DiaryOnRequest { passphrase: typed.passphrase.expose().to_owned() };
    match page.engine().diary_on(request).await {
        Ok(_) => Ok(page.go("/diary", "diary-on")),
        Err(error) => wrong(&page, "passphrase", error.into()),
    }
}

pub(super) async fn off(
    page: Page,
    PostForm(Nothing {}): PostForm<Nothing>,
) -> Result<Response, Failed> {
    page.engine().diary_off().await.map_err(|error| page.fail(error))?;
    Ok(page.go("/diary", "diary-off"))
}

pub(super) async fn read(
    page: Page,
    PostForm(typed): PostForm<ReadForm>,
) -> Result<Response, Failed> {
    let request = DiaryShowRequest { passphrase: typed.passphrase.expose().to_owned() };
    match page.engine().diary_show(request).await {
        Ok(read) => Ok(page.html(&DiaryVisitsPage { page: &page, visits: read.visits })),
        Err(error) => wrong(&page, "known", error.into()),
    }
}

/// The lines that were ticked, as text and as codes.
pub(super) async fn disclose(
    page: Page,
    PostForm(fields): PostForm<Vec<(String, String)>>,
) -> Result<Response, Failed> {
    let lines = fields.into_iter().filter(|(name, _)| name == "line").map(|(_, line)| line);
    let lines: Vec<String> = lines.take(MAX_LINES).collect();
    if lines.is_empty() {
        return Err(page.fail(Failure::new(Exit::Negative, "failure-diary-none-chosen")));
    }
    let request = DisclosingRequest { lines: lines.clone() };
    page.engine().diary_disclosing(request).await.map_err(|error| page.fail(error))?;
    let visits = lines.into_iter().map(|line| Disclosed { svg: qr::svg(&line), line }).collect();
    Ok(page.html(&DisclosedPage { page: &page, visits }))
}

pub(super) async fn forget(page: Page, PostForm(sure): PostForm<Sure>) -> Result<Response, Failed> {
    if !sure.is_given() {
        let asked = Confirmation {
            title: page.t("web-diary-forget-title"),
            consequences: vec![page.t("web-diary-forget-text")],
            button: page.t("web-diary-forget"),
            action: "/diary/forget",
            back: "/diary",
            ..Confirmation::default()
        };
        return Ok(asked.show(&page));
    }
    page.engine().diary_forget().await.map_err(|error| page.fail(error))?;
    Ok(page.go("/diary", "diary-forgotten"))
}

fn form(page: &Page, status: StatusCode, errors: FormErrors) -> Response {
    page.html_with(status, &DiaryPage { page, diary: page.engine().diary(), errors })
}

/// A passphrase that is not the diary's stands at its field.
fn wrong(page: &Page, field: &'static str, failure: Failure) -> Result<Response, Failed> {
    match failure.exit() {
        Exit::BadInput => {
            let errors = FormErrors::of_field(field, page.why(&failure));
            Ok(form(page, StatusCode::UNPROCESSABLE_ENTITY, errors))
        }
        _ => Err(page.fail(failure)),
    }
}

/// Venue and unit.
fn place(visit: &DiaryVisit) -> String {
    match visit.unit.as_str() {
        "" => visit.venue.clone(),
        unit => format!("{}, {unit}", visit.venue),
    }
}
