//! What is sent, to whom and for how long, once more before it is sent.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use vungxanh_protocol::declaration::Reason;

use super::super::failed::Failed;
use super::super::form::PostForm;
use super::super::form_errors::FormErrors;
use super::super::page::Page;
use super::advice::Advice;
use super::form::path;
use super::rows::{Row, rows};
use super::send::Ready;
use super::steps;
use super::typed::Typed;
use crate::control_api::{Draft, PRINTED, Preparation};
use crate::failure::Failure;

/// Passes of a bundle.
const PASSES: u8 = 24;
const ACTION: &str = "/declarations/check";

/// Who receives a declaration, and for how long it is kept.
pub(super) struct Receiver {
    pub(super) authority: String,
    pub(super) officers: usize,
    pub(super) retention_days: Option<u16>,
    pub(super) kept_through: u16,
    /// The authority could not be reached: the keys are those of an earlier time.
    pub(super) is_offline: bool,
    pub(super) phone_code: bool,
}

impl Receiver {
    pub(super) fn of(preparation: &Preparation, page: &Page) -> Self {
        Self {
            authority: page.authority_name(),
            officers: preparation.officers,
            retention_days: preparation.retention_days,
            kept_through: preparation.kept_through,
            is_offline: !preparation.keys_are_fresh,
            phone_code: preparation.phone_code,
        }
    }
}

/// The page on which a person agrees.
#[derive(Template)]
#[template(path = "declare-check.html")]
pub(super) struct CheckPage<'a> {
    pub(super) page: &'a Page,
    pub(super) rows: Vec<Row>,
    pub(super) receiver: Option<Receiver>,
    /// Why it cannot be sealed, where nothing is known of the receiver.
    pub(super) not_now: String,
    pub(super) advice: Option<Advice>,
    /// Where it is changed.
    pub(super) change: String,
    pub(super) action: &'static str,
    pub(super) hidden: Vec<(&'static str, String)>,
    /// Of one that was sent, whose passes stay.
    pub(super) corrects: bool,
    pub(super) printed: String,
    pub(super) agreed: bool,
    pub(super) errors: FormErrors,
}

pub(super) async fn show(page: Page) -> Result<Response, Failed> {
    let draft = match ready(&page).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let prepared = page.prepared().await?;
    Ok(render(&page, StatusCode::OK, &draft, &prepared, None, FormErrors::default()))
}

pub(super) async fn send(page: Page, PostForm(typed): PostForm<Typed>) -> Result<Response, Failed> {
    let _one_at_a_time = page.declaring().await;
    let draft = match ready(&page).await? {
        Ok(draft) => draft,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let mut errors = FormErrors::default();
    if !typed.says("consent", "yes") {
        errors.add("consent", page.wrong("consent", Reason::Missing, &draft.form));
    }
    let printed = match typed.one("printed") {
        "" => Some(PRINTED),
        number => number.parse().ok().filter(|number| *number <= PASSES),
    };
    if printed.is_none() {
        errors.add("printed", page.t("failure-declare-printed"));
    }
    let wrong = |prepared: &Result<Preparation, Failure>, errors| {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        render(&page, status, &draft, prepared, Some(&typed), errors)
    };
    let prepared = page.prepared().await?;
    let (true, Some(printed), Ok(known)) = (errors.is_empty(), printed, &prepared) else {
        return Ok(wrong(&prepared, errors));
    };
    let ready = Ready {
        form: draft.form.clone(),
        printed,
        replaces: draft.replaces.clone(),
        action: ACTION,
        hidden: typed.only(&["consent", "printed"]),
    };
    match ready.send(&page, known, &typed).await? {
        Ok(response) => Ok(response),
        Err(failure) => {
            let errors = FormErrors::of_field("", page.why(&failure));
            Ok(wrong(&prepared, errors))
        }
    }
}

/// The draft, if nothing keeps it from being sent; or where the person has to go first.
async fn ready(page: &Page) -> Result<Result<Draft, Response>, Failed> {
    let Some(draft) = page.draft().await? else { return Ok(Err(page.go("/declarations", ""))) };
    Ok(match steps::first_open(&draft) {
        Some(step) => Err(page.go(&path(step, true), "")),
        None => Ok(draft),
    })
}

fn render(
    page: &Page,
    status: StatusCode,
    draft: &Draft,
    prepared: &Result<Preparation, Failure>,
    typed: Option<&Typed>,
    errors: FormErrors,
) -> Response {
    page.html_with(
        status,
        &CheckPage {
            page,
            rows: rows(page, &draft.form),
            receiver: prepared.as_ref().ok().map(|known| Receiver::of(known, page)),
            not_now: prepared.as_ref().err().map_or_else(String::new, |why| page.why(why)),
            advice: Advice::of(&draft.form, page),
            change: path(
                steps::steps(draft).first().copied().unwrap_or(steps::Step::Person),
                false,
            ),
            action: ACTION,
            hidden: Vec::new(),
            corrects: draft.replaces.is_some(),
            printed: typed.map_or_else(|| PRINTED.to_string(), |typed| typed.one("printed").into()),
            agreed: typed.is_some_and(|typed| typed.says("consent", "yes")),
            errors,
        },
    )
}
