//! The first page: does tracing work, was I near a case, where am I checked in, my pass.

use askama::Template;
use axum::response::Response;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::risk::RiskLevel;

use super::failed::Failed;
use super::page::Page;
use super::problem::ProblemView;
use crate::control_api::{AuthorityStatus, DeclarationStatus, Status};
use crate::platform::i18n::Language;

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage<'a> {
    page: &'a Page,
    status: &'a Status,
    problems: Vec<ProblemView>,
    /// Of no authority if none is chosen.
    authority: Option<&'a str>,
    level: &'static str,
    /// Days on which the person was exposed.
    exposed_days: usize,
    /// The last day of the passes that can be shown.
    pass_until: Option<u16>,
}

pub(super) async fn show(page: Page) -> Result<Response, Failed> {
    let engine = page.engine();
    let status = engine.status().await.map_err(|error| page.fail(error))?;
    let exposures = engine.exposures().await.map_err(|error| page.fail(error))?;
    let declared = engine.declarations().await.map_err(|error| page.fail(error))?;
    let today = LocalTime::VIET_NAM.day(status.now);
    let counted = exposures.days.iter().filter(|day| day.summary.level > RiskLevel::None);
    Ok(page.html(&HomePage {
        page: &page,
        problems: page.problems(&status.problems),
        authority: status.authority.as_ref().map(|authority| page.name_of(authority)),
        level: level_name(status.level),
        exposed_days: counted.count(),
        pass_until: pass_until(&declared.declarations, today),
        status: &status,
    }))
}

impl Page {
    /// The authority's name in the page's language.
    pub(super) fn name_of<'a>(&self, authority: &'a AuthorityStatus) -> &'a str {
        match self.language() {
            Language::Vi => &authority.name_vi,
            Language::En if authority.name_en.is_empty() => &authority.name_vi,
            Language::En => &authority.name_en,
        }
    }
}

pub(super) const fn level_name(level: RiskLevel) -> &'static str {
    match level {
        RiskLevel::None => "level-none",
        RiskLevel::Low => "level-low",
        RiskLevel::High => "level-high",
    }
}

/// The last day of passes of the person, or of others for whom this device declared.
fn pass_until(declarations: &[DeclarationStatus], today: u16) -> Option<u16> {
    let with_passes =
        declarations.iter().filter(|status| status.live_passes > 0 || status.printed_passes > 0);
    with_passes.filter_map(|status| status.passes_last_day).filter(|day| *day >= today).max()
}
