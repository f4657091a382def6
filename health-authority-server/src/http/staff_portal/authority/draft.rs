//! One draft: what it changes, how people will see it, and its way to the root key and into force.

use askama::Template;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::super::super::confirmation::{Confirmation, Sure};
use super::super::super::form::PostForm;
use super::super::super::page::Page;
use super::super::super::page_error::{PageError, Refusal};
use super::super::super::problems::Problems;
use super::super::super::session::StaffSession;
use super::wording::{ChangeRow, draft_state, minutes_near, refused};
use crate::authority::document::fingerprint_in_groups;
use crate::authority::terms::{Terms, changes, unlisted};
use crate::domain::permissions::Permission;
use crate::i18n::Language;
use crate::services::document_drafts::{self, DraftDetails, DraftError};

#[derive(Template)]
#[template(path = "staff/authority_draft.html")]
struct DraftPage<'a> {
    page: &'a Page,
    details: &'a DraftDetails,
    state: &'static str,
    fingerprint: String,
    /// Against the document in force.
    changes: Vec<ChangeRow>,
    /// Against what was to be signed.
    differs: Vec<ChangeRow>,
    previews: [Preview; 2],
    /// Minutes near a case until a notice, and until an urgent one.
    minutes: [Option<u64>; 2],
    problems: Problems,
}

impl DraftPage<'_> {
    fn path(&self) -> String {
        self.page.href(&path(self.details.draft.serial))
    }

    fn may_sign(&self) -> bool {
        self.details.is_open()
            && self.details.draft.signed.is_none()
            && self.details.in_force.has_root_key
    }

    fn is_signed(&self) -> bool {
        self.details.draft.signed.is_some()
    }
}

/// What a person reads on a device in one language.
struct Preview {
    tag: &'static str,
    authority: String,
    title: String,
    advice: String,
    call_label: String,
    call: String,
    now_label: String,
    now: String,
}

impl Preview {
    fn of(terms: &Terms, language: Language) -> Self {
        let messages = language.messages();
        let said = |texts: &std::collections::BTreeMap<String, String>, fallback: &str| {
            let text = texts.get(language.tag()).cloned();
            text.unwrap_or_else(|| messages.text(fallback, &[]))
        };
        let profile = &terms.profile;
        Self {
            tag: language.tag(),
            authority: terms
                .name
                .get(language.tag())
                .or(terms.name.values().next())
                .cloned()
                .unwrap_or_default(),
            title: messages.text("warned-title", &[]),
            // As the page of visits does: another language rather than nothing.
            advice: profile
                .advice
                .get(language.tag())
                .or(profile.advice.get("vi"))
                .cloned()
                .unwrap_or_default(),
            call_label: messages.text("preview-call", &[]),
            now_label: messages.text("preview-now", &[]),
            call: said(&profile.symptoms.call, "preview-own-words"),
            now: said(&profile.symptoms.now, "preview-own-words"),
        }
    }
}

fn path(serial: u64) -> String {
    format!("/staff/authority/drafts/{serial}")
}

/// `GET /staff/authority/drafts/{serial}`.
pub(super) async fn page(
    session: StaffSession,
    Path(serial): Path<u64>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::SettingsRead)?;
    show(&session.page, StatusCode::OK, serial, Problems::default()).await
}

async fn details(page: &Page, serial: u64) -> Result<DraftDetails, PageError> {
    document_drafts::details(&page.app, serial).await.map_err(|error| match error {
        DraftError::NotFound => page.refuse(Refusal::NotFound),
        error => page.fail(error),
    })
}

async fn show(
    page: &Page,
    status: StatusCode,
    serial: u64,
    problems: Problems,
) -> Result<Response, PageError> {
    let details = details(page, serial).await?;
    let in_force = &details.in_force;
    let mut rows: Vec<_> = changes(&in_force.terms, &details.terms)
        .into_iter()
        .map(|change| ChangeRow::of(page, change))
        .collect();
    let others = unlisted(&in_force.document, &details.document);
    rows.extend(others.into_iter().map(|value| ChangeRow::of_unlisted(page, value)));
    let template = DraftPage {
        page,
        state: draft_state(&details.draft, in_force.document.serial),
        fingerprint: fingerprint_in_groups(&details.document).map_err(|error| page.fail(error))?,
        changes: rows,
        differs: differs(page, &details),
        previews: [Language::Vi, Language::En]
            .map(|language| Preview::of(&details.terms, language)),
        minutes: minutes_near(&details.terms),
        details: &details,
        problems,
    };
    page.html_with(status, &template)
}

/// What came back otherwise than it was to be signed.
fn differs(page: &Page, details: &DraftDetails) -> Vec<ChangeRow> {
    let Some(asked) = &details.asked else { return Vec::new() };
    let sources = &details.terms.profile.sources;
    let of_fields = changes(&Terms::of_document(asked, sources), &details.terms);
    let mut rows: Vec<_> =
        of_fields.into_iter().map(|change| ChangeRow::of(page, change)).collect();
    let others = unlisted(asked, &details.document);
    rows.extend(others.into_iter().map(|value| ChangeRow::of_unlisted(page, value)));
    rows
}

/// `GET /staff/authority/drafts/{serial}/document.json`: what the root key signs.
pub(super) async fn download(
    session: StaffSession,
    Path(serial): Path<u64>,
) -> Result<Response, PageError> {
    session.require_permission(Permission::SettingsRead)?;
    let page = &session.page;
    let details = details(page, serial).await?;
    let json = details.draft.document.ok_or_else(|| page.refuse(Refusal::NotFound))?;
    let name = format!("attachment; filename=\"authority-{serial}.json\"");
    let headers = [
        (header::CONTENT_TYPE, "application/json".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, json).into_response())
}

/// What ends a draft; its name is the end of the address, and of the texts' ids.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    Sign,
    Enforce,
    Drop,
}

impl Deed {
    const fn name(self) -> &'static str {
        match self {
            Self::Sign => "sign",
            Self::Enforce => "enforce",
            Self::Drop => "drop",
        }
    }
}

/// `POST /staff/authority/drafts/{serial}/sign`: with the root key in the folder, and in force at once.
pub(super) async fn sign(
    session: StaffSession,
    Path(serial): Path<u64>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    end(&session, serial, &sure, Deed::Sign).await
}

/// `POST /staff/authority/drafts/{serial}/enforce`: what came back signed.
pub(super) async fn enforce(
    session: StaffSession,
    Path(serial): Path<u64>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    end(&session, serial, &sure, Deed::Enforce).await
}

/// `POST /staff/authority/drafts/{serial}/drop`.
pub(super) async fn give_up(
    session: StaffSession,
    Path(serial): Path<u64>,
    PostForm(sure): PostForm<Sure>,
) -> Result<Response, PageError> {
    end(&session, serial, &sure, Deed::Drop).await
}

async fn end(
    session: &StaffSession,
    serial: u64,
    sure: &Sure,
    deed: Deed,
) -> Result<Response, PageError> {
    session.require_permission(Permission::SettingsWrite)?;
    let page = &session.page;
    if !sure.is_given() {
        return ask(page, serial, deed).await;
    }
    let (app, actor) = (&page.app, session.actor());
    let (done, notice) = match deed {
        Deed::Sign => {
            (document_drafts::sign_and_put_in_force(app, serial, &actor).await, "document-in-force")
        }
        Deed::Enforce => {
            (document_drafts::put_in_force(app, serial, &actor).await, "document-in-force")
        }
        Deed::Drop => (document_drafts::drop_draft(app, serial, &actor).await, "document-dropped"),
    };
    match done {
        Ok(()) => Ok(page.go("/staff/authority", notice)),
        Err(error) => {
            let (status, text) = refused(page, error)?;
            show(page, status, serial, Problems::of_form(text)).await
        }
    }
}

/// Says what will happen and asks.
async fn ask(page: &Page, serial: u64, deed: Deed) -> Result<Response, PageError> {
    let details = details(page, serial).await?;
    let count = changes(&details.in_force.terms, &details.terms).len()
        + unlisted(&details.in_force.document, &details.document).len();
    let name = deed.name();
    let mut consequences = vec![page.t(&format!("draft-{name}-text"))];
    if deed != Deed::Drop {
        consequences.push(page.n1("draft-sure-changes", "changes", count));
        if details.has_other_base() {
            consequences.push(page.t("draft-other-base"));
        }
        if details.asked.is_some() {
            consequences.push(page.t("draft-differs"));
        }
    }
    let asked = Confirmation {
        title: page.t1(&format!("draft-{name}-sure"), "serial", serial),
        consequences,
        button: page.t(&format!("draft-{name}")),
        action: format!("{}/{name}", path(serial)),
        back: path(serial),
        ..Confirmation::default()
    };
    asked.show(page)
}
