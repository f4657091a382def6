//! Help pages: short instructions for each kind of person, to read and to print. Their texts quote the labels of the
//! screens by reference (`i18n/*/help_pages.ftl`), so that both say the same.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;

use super::page::Page;
use super::page_error::{PageError, Refusal};
use crate::services::app::App;

/// A page of help.
struct Guide {
    name: &'static str,
    path: &'static str,
    tasks: &'static [Task],
}

/// Something that a person wants to do. Its texts are `guide-GUIDE-NAME`, and -1, -2 ... for its steps.
struct Task {
    name: &'static str,
    /// Steps one after the other; else points that stand alone.
    ordered: bool,
    /// Where it is done.
    path: Option<&'static str>,
}

const fn steps(name: &'static str, path: &'static str) -> Task {
    Task { name, ordered: true, path: Some(path) }
}

const fn points(name: &'static str, path: &'static str) -> Task {
    Task { name, ordered: false, path: Some(path) }
}

const fn facts(name: &'static str) -> Task {
    Task { name, ordered: false, path: None }
}

const GUIDES: &[Guide] = &[
    Guide {
        name: "citizen",
        path: "/help/citizen",
        tasks: &[
            steps("checkin", "/v"),
            steps("declare", "/declare"),
            Task { name: "pass", ordered: true, path: None },
            facts("warned"),
            facts("stored"),
            facts("card"),
        ],
    },
    Guide {
        name: "door",
        path: "/help/door",
        tasks: &[
            steps("start", "/venue/door"),
            facts("verdicts"),
            facts("without"),
            facts("offline"),
        ],
    },
    Guide {
        name: "venue",
        path: "/help/venue",
        tasks: &[
            steps("register", "/venue/register"),
            steps("key", "/venue/key"),
            steps("posters", "/venue/units"),
            steps("phones", "/venue/people"),
            steps("answer", "/venue/requests"),
            steps("change", "/venue/change"),
        ],
    },
    Guide {
        name: "officer",
        path: "/help/officer",
        tasks: &[
            Task { name: "start", ordered: true, path: None },
            steps("login", "/staff"),
            points("accounts", "/staff/accounts"),
            steps("venues", "/staff/venues"),
            steps("codes", "/staff/codes"),
            steps("visits", "/staff/warnings"),
            steps("intake", "/staff/intake"),
            steps("document", "/staff/authority"),
            points("keys", "/staff/authority/keys"),
            steps("programs", "/staff/api-keys"),
            points("statistics", "/staff/statistics"),
            facts("handover"),
        ],
    },
];

pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/help", get(index))
        .route("/help/", get(index))
        .route("/help/{name}", get(guide))
}

#[derive(Template)]
#[template(path = "help/index.html")]
struct IndexPage<'a> {
    page: &'a Page,
    guides: &'static [Guide],
}

/// `GET /help/`.
async fn index(page: Page) -> Result<Response, PageError> {
    page.html(&IndexPage { page: &page, guides: GUIDES })
}

#[derive(Template)]
#[template(path = "help/page.html")]
struct GuidePage<'a> {
    page: &'a Page,
    guides: &'static [Guide],
    guide: &'static Guide,
}

impl GuidePage<'_> {
    fn text(&self, name: &str) -> String {
        self.page.t(&format!("guide-{}-{name}", self.guide.name))
    }

    fn steps(&self, task: &Task) -> Vec<String> {
        step_ids(self.page, self.guide, task).map(|id| self.page.t(&id)).collect()
    }
}

/// The texts of a task's steps: as many as there are.
fn step_ids(page: &Page, guide: &Guide, task: &Task) -> impl Iterator<Item = String> {
    let messages = page.language.messages();
    let prefix = format!("guide-{}-{}", guide.name, task.name);
    (1..).map(move |number| format!("{prefix}-{number}")).take_while(|id| messages.has(id))
}

/// `GET /help/{name}`.
async fn guide(page: Page, Path(name): Path<String>) -> Result<Response, PageError> {
    let guide = GUIDES.iter().find(|guide| guide.name == name);
    let guide = guide.ok_or_else(|| page.refuse(Refusal::NotFound))?;
    page.html(&GuidePage { page: &page, guides: GUIDES, guide })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::i18n::Language;

    const SOURCES: [(Language, &str); 2] = [
        (Language::Vi, include_str!("../../i18n/vi/help_pages.ftl")),
        (Language::En, include_str!("../../i18n/en/help_pages.ftl")),
    ];

    /// Lines of texts, with their ids.
    fn texts(source: &str) -> impl Iterator<Item = (&str, &str)> {
        source
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(" = "))
    }

    /// What stands between every two of these.
    fn between(text: &str, begin: char, end: char) -> impl Iterator<Item = &str> {
        text.split(begin).skip(1).map(move |rest| rest.split(end).next().unwrap())
    }

    #[test]
    fn every_label_that_is_quoted_is_that_of_a_screen() {
        for (language, source) in SOURCES {
            let mut quoted = 0;
            for (id, text) in texts(source) {
                assert_eq!(text.matches('“').count(), text.matches('”').count(), "{id}");
                assert!(!text.contains('"'), "{id}: labels stand in “ ”");
                for label in between(text, '“', '”') {
                    let named = label.strip_prefix("{ ").and_then(|rest| rest.strip_suffix(" }"));
                    let named = named.unwrap_or_else(|| panic!("{id}: “{label}” is no reference"));
                    assert!(language.messages().has(named), "{id}: there is no {named}");
                    let label = language.messages().text(named, &[]);
                    assert!(!label.contains(['{', '}']), "{id}: {named} has a variable");
                    quoted += 1;
                }
                let references = between(text, '{', '}').count();
                assert_eq!(references, between(text, '“', '”').count(), "{id}: not in “ ”");
            }
            assert!(quoted > 80, "{quoted}");
        }
    }

    #[test]
    fn both_languages_quote_the_same_labels() {
        let [vi, en] = SOURCES.map(|(_, source)| {
            let quoted = |text| between(text, '{', '}').map(str::trim).collect::<BTreeSet<_>>();
            texts(source).map(|(id, text)| (id, quoted(text))).collect::<Vec<_>>()
        });
        assert_eq!(vi, en);
    }

    #[test]
    fn every_text_is_shown_and_every_task_has_steps() {
        let (language, source) = SOURCES[1];
        let messages = language.messages();
        let mut shown = BTreeSet::new();
        for guide in GUIDES {
            let prefix = format!("guide-{}", guide.name);
            shown.extend([
                format!("guide-name-{}", guide.name),
                format!("guide-about-{}", guide.name),
            ]);
            shown.insert(format!("{prefix}-for"));
            for task in guide.tasks {
                let task = format!("{prefix}-{}", task.name);
                let before = shown.len();
                shown
                    .extend((1..).map(|n| format!("{task}-{n}")).take_while(|id| messages.has(id)));
                assert!(shown.len() > before, "{task} has no steps");
                shown.insert(task);
            }
        }
        for id in ["title", "intro", "open", "others", "ask", "print"] {
            shown.insert(format!("guide-{id}"));
        }
        let there: BTreeSet<_> = texts(source).map(|(id, _)| id.to_owned()).collect();
        assert_eq!(shown, there);
    }
}
