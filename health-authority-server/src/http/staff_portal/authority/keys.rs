//! The authority's keys, and making the next ones.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use vungxanh_protocol::interval::UtcDay;

use super::super::super::confirmation::{Confirmation, Sure};
use super::super::super::form::PostForm;
use super::super::super::page::Page;
use super::super::super::page_error::{PageError, Refusal};
use super::super::super::problems::Problems;
use super::super::super::session::StaffSession;
use super::wording::refused;
use crate::domain::permissions::Permission;
use crate::services::authority_keys::{self, AuthorityKeys, INTAKE_DAYS, KeyRow, NewKey};

#[derive(Template)]
#[template(path = "staff/authority_keys.html")]
struct KeysPage<'a> {
    page: &'a Page,
    keys: &'a AuthorityKeys,
    problems: Problems,
}

impl KeysPage<'_> {
    /// The tables: the name of the kind, and its keys.
    fn tables(&self) -> [(&'static str, &[KeyRow]); 2] {
        [("export", self.keys.export.as_slice()), ("venue", self.keys.venues.as_slice())]
    }

    /// A local day.
    fn day(&self, day: &u16) -> String {
        self.page.day(&UtcDay::new((*day).into()))
    }
}

/// `GET /staff/authority/keys`.
pub(super) async fn page(session: StaffSession) -> Result<Response, PageError> {
    session.require_permission(Permission::SettingsRead)?;
    show(&session.page, StatusCode::OK, Problems::default())
}

fn show(page: &Page, status: StatusCode, problems: Problems) -> Result<Response, PageError> {
    let keys = authority_keys::all(&page.app).map_err(|error| page.fail(error))?;
    page.html_with(status, &KeysPage { page, keys: &keys, problems })
}

/// `POST /staff/authority/keys/{name}`: makes a further key, as the command of that name does.
pub(super) async fn make(
    session: StaffSession,
    Path(name): Path<String>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::SettingsWrite)?;
    let page = &session.page;
    let key = NewKey::from_name(&name).ok_or_else(|| page.refuse(Refusal::NotFound))?;
    if !sure.is_given() {
        let text = page.n1(&format!("keys-new-{name}-text"), "days", INTAKE_DAYS);
        let asked = Confirmation {
            title: page.t(&format!("keys-new-{name}-sure")),
            consequences: vec![text],
            button: page.t(&format!("keys-new-{name}")),
            action: format!("/staff/authority/keys/{name}"),
            back: "/staff/authority/keys".into(),
            ..Confirmation::default()
        };
        return asked.show(page);
    }
    match authority_keys::make(&page.app, key, &session.actor()).await {
        Ok(()) => Ok(page.go("/staff/authority/keys", &format!("key-{name}"))),
        Err(error) => {
            let (status, text) = refused(page, error)?;
            show(page, status, Problems::of_form(text))
        }
    }
}
