//! What was declared on this device, and what can be declared now.

use std::collections::BTreeSet;

use askama::Template;
use axum::response::Response;
use vungxanh_protocol::declaration::FormKind;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::units::folded;

use super::super::failed::Failed;
use super::super::page::Page;
use crate::control_api::{DeclarationState, DeclarationStatus};
use crate::declarations::reading::kind_name;

/// A declaration as pages name it.
pub(super) struct StateView {
    pub(super) kind: String,
    /// Its colour.
    pub(super) class: &'static str,
    pub(super) state: String,
    pub(super) status: DeclarationStatus,
}

/// What was begun and not sent.
pub(super) struct Begun {
    kind: String,
    name: String,
}

#[derive(Template)]
#[template(path = "declarations.html")]
struct DeclarationsPage<'a> {
    page: &'a Page,
    begun: Option<Begun>,
    declared: Vec<StateView>,
    /// Whether the form of a day knows who the person is.
    knows_person: bool,
    is_enrolled: bool,
}

pub(super) async fn show(page: Page) -> Result<Response, Failed> {
    let declared = page.declared().await?;
    Ok(page.html(&DeclarationsPage {
        begun: begun(&page).await?,
        knows_person: declared.iter().any(|view| !view.status.on_behalf),
        is_enrolled: page.engine().sync.authority().is_some(),
        declared,
        page: &page,
    }))
}

pub(super) async fn begun(page: &Page) -> Result<Option<Begun>, Failed> {
    let kept = page.engine().declaration_draft().await.map_err(|error| page.fail(error))?;
    Ok(kept.draft.map(|draft| Begun { kind: page.kind(draft.form.kind), name: draft.form.name }))
}

impl Page {
    /// What was declared, newest first.
    pub(super) async fn declared(&self) -> Result<Vec<StateView>, Failed> {
        let declared = self.engine().declarations().await.map_err(|error| self.fail(error))?;
        Ok(declared.declarations.into_iter().map(|status| self.state_view(status)).collect())
    }

    pub(super) fn state_view(&self, status: DeclarationStatus) -> StateView {
        StateView {
            kind: self.kind(status.kind),
            class: class(status.state),
            state: self.named("web-declare-state", status.state.name()),
            status,
        }
    }

    pub(super) fn kind(&self, kind: FormKind) -> String {
        self.named("declarations-kind", kind_name(kind))
    }

    /// The day on which somebody declares now, by the calendar of Viet Nam.
    pub(in super::super) fn today(&self) -> u16 {
        LocalTime::VIET_NAM.day(self.engine().clock.now())
    }
}

/// Where a declaration is.
pub(super) fn path(status: &DeclarationStatus) -> String {
    format!("/declarations/one?of={}", status.submission)
}

/// Those for whom this device declared, each once, by their newest declaration.
pub(super) fn others(declared: &[StateView]) -> Vec<&DeclarationStatus> {
    let mut seen = BTreeSet::new();
    let others = declared.iter().map(|view| &view.status).filter(|status| status.on_behalf);
    others.filter(|status| seen.insert(folded(&status.name))).collect()
}

const fn class(state: DeclarationState) -> &'static str {
    match state {
        DeclarationState::Sent => "good",
        DeclarationState::Waiting | DeclarationState::Withdrawing => "waiting",
        DeclarationState::SentWithoutPasses
        | DeclarationState::TooLate
        | DeclarationState::Refused => "closed",
        DeclarationState::Withdrawn | DeclarationState::Replaced => "over",
    }
}
