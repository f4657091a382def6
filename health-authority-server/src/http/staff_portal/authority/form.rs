//! The form of the document's terms. What is sent becomes a draft.

use std::collections::BTreeMap;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::super::form::PostForm;
use super::super::super::page::Page;
use super::super::super::page_error::PageError;
use super::super::super::problems::Problems;
use super::super::super::session::StaffSession;
use super::wording::{label, refused};
use crate::authority::terms::{self, Field, Kind, MAX_TEXT_BYTES, SECTIONS, Wrong, fields};
use crate::domain::permissions::Permission;
use crate::services::document_drafts::{self, InForce};

#[derive(Template)]
#[template(path = "staff/authority_form.html")]
struct FormPage<'a> {
    page: &'a Page,
    sections: Vec<ShownSection>,
    sources: &'a BTreeMap<String, String>,
    serial: u64,
    in_force: u64,
    problems: Problems,
}

struct ShownSection {
    name: &'static str,
    fields: Vec<ShownField>,
    /// Those about a day each, which stand close together.
    days: Vec<ShownField>,
}

struct ShownField {
    id: &'static str,
    kind: &'static str,
    label: String,
    hint: String,
    value: String,
    /// Name, words, and whether it is the one.
    choices: Vec<(&'static str, String, bool)>,
}

impl ShownField {
    fn of(page: &Page, field: &Field, value: String) -> Self {
        let hint = match field.onset_day() {
            Some(_) => String::new(),
            None => page.t(&format!("terms-{}-hint", field.id)),
        };
        let (kind, names): (_, &[&str]) = match field.kind {
            Kind::Line => ("line", &[]),
            Kind::Lines => ("lines", &[]),
            Kind::Number => ("number", &[]),
            Kind::OptionalNumber => ("optional", &[]),
            Kind::Check => ("check", &[]),
            Kind::Choice(names) => ("choice", names),
        };
        let choice =
            |name: &&'static str| (*name, page.named("terms-choice", name), **name == *value);
        let choices = names.iter().map(choice).collect();
        Self { id: field.id, kind, label: label(page, field), hint, value, choices }
    }
}

/// What is typed: the values by the ids of their fields.
type Typed = BTreeMap<String, String>;

/// `GET /staff/authority/edit`.
pub(super) async fn page(session: StaffSession) -> Result<Response, PageError> {
    session.require_permission(Permission::SettingsRead)?;
    let page = &session.page;
    let in_force = document_drafts::in_force(&page.app).map_err(|error| page.fail(error))?;
    show(page, StatusCode::OK, &in_force, None, Problems::default()).await
}

async fn show(
    page: &Page,
    status: StatusCode,
    in_force: &InForce,
    typed: Option<&Typed>,
    problems: Problems,
) -> Result<Response, PageError> {
    let serial = document_drafts::next_draft_serial(&page.app).await;
    let shown = |field: &Field| {
        // What was not sent keeps its value, as in reading; a box that is not ticked is not sent.
        let sent = typed.and_then(|typed| typed.get(field.id).cloned());
        let value = match sent {
            Some(value) => value,
            None if typed.is_some() && field.kind == Kind::Check => String::new(),
            None => field.shown(&in_force.next),
        };
        ShownField::of(page, field, value)
    };
    let sections = SECTIONS.map(|section| {
        let of = fields().iter().filter(|field| field.section == section);
        let (days, others): (Vec<_>, Vec<_>) = of.partition(|field| field.onset_day().is_some());
        ShownSection {
            name: section.name(),
            fields: others.into_iter().map(shown).collect(),
            days: days.into_iter().map(shown).collect(),
        }
    });
    let template = FormPage {
        page,
        sections: sections.into(),
        sources: &in_force.next.profile.sources,
        serial: serial.map_err(|error| page.fail(error))?,
        in_force: in_force.document.serial,
        problems,
    };
    page.html_with(status, &template)
}

/// `POST /staff/authority/edit`: makes a draft, or shows the form again with all that is wrong.
pub(super) async fn make(
    session: StaffSession,
    PostForm(typed): PostForm<Typed>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::SettingsWrite)?;
    let page = &session.page;
    let in_force = document_drafts::in_force(&page.app).map_err(|error| page.fail(error))?;
    let read = terms::read(&in_force.next, |id| typed.get(id).cloned());
    let new = match read {
        Ok(new) => new,
        Err(wrong) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return show(page, status, &in_force, Some(&typed), problems(page, &wrong)).await;
        }
    };
    match document_drafts::make(&page.app, &new, &session.actor()).await {
        Ok(serial) => Ok(page.go(&format!("/staff/authority/drafts/{serial}"), "draft-made")),
        Err(error) => {
            let (status, text) = refused(page, error)?;
            show(page, status, &in_force, Some(&typed), Problems::of_form(text)).await
        }
    }
}

fn problems(page: &Page, wrong: &[(&'static str, Wrong)]) -> Problems {
    let mut problems = Problems::default();
    for (id, what) in wrong {
        let name = terms::field(id).map(|field| label(page, field)).unwrap_or_default();
        let text = format!("terms-wrong-{}", what.name());
        let values = [("field", name.into()), ("most", MAX_TEXT_BYTES.into())];
        problems.add(id, page.with(&text, &values));
    }
    problems
}
