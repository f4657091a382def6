//! The first page: does tracing work, was I near a case, where am I checked in, my pass.

use askama::Template;
use axum::response::Response;
use vungxanh_protocol::local_day::LocalTime;
use vungxanh_protocol::risk::RiskLevel;

use super::failed::Failed;
use super::page::Page;
use super::problem::ProblemView;
use crate::control_api::{AuthorityStatus, DeclarationState, DeclarationStatus, Status};
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
    declare: Declare,
}

/// What is to be said of declarations: a text, the page that it leads to, and the words on its button.
struct Declare {
    text: &'static str,
    path: &'static str,
    button: &'static str,
}

impl Declare {
    fn of(declarations: &[DeclarationStatus], has_draft: bool, today: u16) -> Self {
        let mut own = declarations.iter().filter(|status| !status.on_behalf).peekable();
        let knows_person = own.peek().is_some();
        let is_of_today =
            |status: &DeclarationStatus| LocalTime::VIET_NAM.day(status.made_at) == today;
        let has = |state: DeclarationState| declarations.iter().any(|one| one.state == state);
        let done = own.any(|status| {
            is_of_today(status)
                && matches!(
                    status.state,
                    DeclarationState::Sent | DeclarationState::SentWithoutPasses
                )
        });
        let (text, path, button) = if has_draft {
            ("begun", "/declarations/form", "web-declare-continue")
        } else if has(DeclarationState::Waiting) {
            ("waiting", "/declarations", "web-declare-open")
        } else if done {
            ("today", "/declarations", "web-declare-open")
        } else if knows_person {
            ("not-today", "/declarations/daily", "web-declare-today")
        } else {
            ("none", "/declarations/new", "web-declare-begin")
        };
        Self { text, path, button }
    }
}

pub(super) async fn show(page: Page) -> Result<Response, Failed> {
    let engine = page.engine();
    let status = engine.status().await.map_err(|error| page.fail(error))?;
    let exposures = engine.exposures().await.map_err(|error| page.fail(error))?;
    let declared = engine.declarations().await.map_err(|error| page.fail(error))?;
    let has_draft =
        engine.declaration_draft().await.map_err(|error| page.fail(error))?.draft.is_some();
    let today = page.today();
    let counted = exposures.days.iter().filter(|day| day.summary.level > RiskLevel::None);
    Ok(page.html(&HomePage {
        page: &page,
        problems: page.problems(&status.problems),
        authority: status.authority.as_ref().map(|authority| page.name_of(authority)),
        level: level_name(status.level),
        exposed_days: counted.count(),
        pass_until: pass_until(&declared.declarations, today),
        declare: Declare::of(&declared.declarations, has_draft, today),
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

#[cfg(test)]
mod tests {
    use vungxanh_protocol::declaration::FormKind;
    use vungxanh_protocol::interval::UnixTime;

    use super::*;
    use crate::platform::i18n::Texts;

    #[test]
    fn the_first_page_says_what_is_open_about_declarations() {
        use DeclarationState::{Sent, TooLate, Waiting};
        let noon = UnixTime::from_secs(1_795_953_600);
        let today = LocalTime::VIET_NAM.day(noon);
        let declared = |state, days_ago: u64, on_behalf| DeclarationStatus {
            submission: "00".into(),
            kind: FormKind::Daily,
            name: "Đào".into(),
            on_behalf,
            made_at: noon.minus(days_ago * 86_400),
            state,
            detail: String::new(),
            next: None,
            live_passes: 0,
            printed_passes: 0,
            passes_last_day: None,
            kept_until: noon,
        };
        let cases = [
            (vec![], false, "none"),
            (vec![declared(Sent, 0, false)], true, "begun"),
            (vec![declared(Sent, 0, false)], false, "today"),
            (vec![declared(TooLate, 0, false)], false, "not-today"),
            (vec![declared(Sent, 1, false)], false, "not-today"),
            (vec![declared(Waiting, 1, true), declared(Sent, 0, false)], false, "waiting"),
            (vec![declared(Sent, 0, true)], false, "none"),
            (vec![declared(Sent, 0, true), declared(Sent, 1, false)], false, "not-today"),
        ];
        let texts = [Language::Vi, Language::En].map(Texts::load);
        for (declarations, has_draft, said) in cases {
            let declare = Declare::of(&declarations, has_draft, today);
            assert_eq!(declare.text, said);
            for id in [format!("web-home-declare-{said}"), declare.button.to_owned()] {
                assert!(texts.iter().all(|texts| texts.has(&id)), "{id}");
            }
        }
    }
}
