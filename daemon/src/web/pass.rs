//! The pass that is shown at a door, and those for paper.

use std::collections::BTreeSet;

use askama::Template;
use axum::http::Uri;
use axum::response::Response;
use serde::Deserialize;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::units::folded;

use super::failed::Failed;
use super::form::PostForm;
use super::guard::BY_ITSELF;
use super::page::{Page, query_value};
use super::qr;
use crate::control_api::{
    DeclarationState, DeclarationStatus, PassRequest, PassSheetRequest, ShownPass,
};
use crate::declarations::DeclareError;
use crate::engine::EngineError;

/// Somebody for whom this device declared.
struct Other {
    name: String,
    /// Of one of the declarations: names are not written into addresses.
    submission: String,
}

#[derive(Template)]
#[template(path = "pass.html")]
struct PassPage<'a> {
    page: &'a Page,
    shown: Option<Shown>,
    /// Whose it is; empty: the person's own.
    name: String,
    /// Of whom passes can be shown beside the person.
    others: Vec<Other>,
    /// The submission in the address; empty without.
    of: String,
    printed: usize,
    /// A declaration that will be answered with passes.
    waits: bool,
}

struct Shown {
    pass: ShownPass,
    svg: String,
    /// Where the browser goes for the next code.
    again: String,
}

#[derive(Template)]
#[template(path = "pass-sheet.html")]
struct SheetPage<'a> {
    page: &'a Page,
    codes: Vec<String>,
    /// How many, and when they are valid.
    words: String,
    /// Below each of them, which are cut apart: when it is valid.
    caption: String,
    name: String,
}

#[derive(Deserialize)]
pub(super) struct NextForm {
    #[serde(default)]
    of: String,
}

pub(super) async fn show(page: Page, uri: Uri) -> Result<Response, Failed> {
    let of = query_value(&uri, "of").unwrap_or_default();
    render(&page, of, false).await
}

/// Another pass than the one shown before: doors cannot join the two.
pub(super) async fn next(
    page: Page,
    PostForm(form): PostForm<NextForm>,
) -> Result<Response, Failed> {
    let name = name_of(&page, &form.of).await?;
    let request = PassRequest { next: true, name };
    page.engine().show_pass(request).await.map_err(|error| page.fail(error))?;
    let of = form.of;
    Ok(page.go(&if of.is_empty() { "/pass".to_owned() } else { format!("/pass?of={of}") }, ""))
}

pub(super) async fn sheet(page: Page, uri: Uri) -> Result<Response, Failed> {
    let name = name_of(&page, &query_value(&uri, "of").unwrap_or_default()).await?;
    let request = PassSheetRequest { name: name.clone() };
    let sheet = page.engine().pass_sheet(request).await.map_err(|error| page.fail(error))?;
    let days = [
        ("passes", sheet.codes.len().into()),
        ("from", page.calendar_day(&sheet.first_day).into()),
        ("until", page.calendar_day(&sheet.last_day).into()),
    ];
    let words = page.with("web-pass-sheet-text", &days);
    Ok(page.html(&SheetPage {
        page: &page,
        codes: sheet.codes.iter().map(|code| qr::svg(code)).collect(),
        words,
        caption: page.with("pass-sheet-caption", &days),
        name: name.unwrap_or_default(),
    }))
}

async fn render(page: &Page, of: String, next: bool) -> Result<Response, Failed> {
    let engine = page.engine();
    let declared = engine.declarations().await.map_err(|error| page.fail(error))?;
    let name = name_in(&declared.declarations, &of);
    let shown = match engine.show_pass(PassRequest { next, name: name.clone() }).await {
        Ok(pass) => {
            let query = if of.is_empty() { String::new() } else { format!("of={of}&") };
            let again = format!("/pass?{query}{BY_ITSELF}");
            page.shows_pass(LocalTime::VIET_NAM.start(pass.last_day.saturating_add(1)));
            Some(Shown { svg: qr::svg(&pass.code), pass, again })
        }
        Err(EngineError::Declare(DeclareError::NoPass)) => None,
        Err(error) => return Err(page.fail(error)),
    };
    let sheet = engine.pass_sheet(PassSheetRequest { name: name.clone() }).await;
    Ok(page.html(&PassPage {
        page,
        shown,
        name: name.unwrap_or_default(),
        others: others(&declared.declarations),
        waits: declared.declarations.iter().any(|status| {
            status.state == DeclarationState::Waiting && status.on_behalf != of.is_empty()
        }),
        of,
        printed: sheet.map_or(0, |sheet| sheet.codes.len()),
    }))
}

async fn name_of(page: &Page, of: &str) -> Result<Option<String>, Failed> {
    let declared = page.engine().declarations().await.map_err(|error| page.fail(error))?;
    Ok(name_in(&declared.declarations, of))
}

/// The person of a submission, if this device declared for them.
fn name_in(declarations: &[DeclarationStatus], of: &str) -> Option<String> {
    let found = declarations.iter().find(|status| !of.is_empty() && status.submission == of);
    found.filter(|status| status.on_behalf).map(|status| status.name.clone())
}

/// Each once, in the order of the newest declarations.
fn others(declarations: &[DeclarationStatus]) -> Vec<Other> {
    let mut seen = BTreeSet::new();
    let with_passes = declarations
        .iter()
        .filter(|status| status.on_behalf && (status.live_passes > 0 || status.printed_passes > 0));
    let others = with_passes.filter(|status| seen.insert(folded(&status.name)));
    let other = |status: &DeclarationStatus| Other {
        name: status.name.clone(),
        submission: status.submission.clone(),
    };
    others.map(other).collect()
}
