//! What administrators look for in the audit log.

use serde::{Deserialize, Serialize};

use super::super::dates::{date, midnight};
use super::super::page::Page;
use super::super::problems::Problems;
use crate::domain::typed::shows_all;
use crate::services::audit_log::{About, AuditFilter};
use crate::storage::audit::{Action, Subject};

/// The longest name that is looked for, in bytes.
const MAX_ACTOR_BYTES: usize = 200;

/// As it was typed; shown again.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct AuditForm {
    pub from: String,
    pub until: String,
    pub actor: String,
    pub action: String,
    pub kind: String,
    pub number: String,
    #[serde(skip_serializing)]
    before: String,
}

impl AuditForm {
    /// What is looked for, or all that is wrong with it.
    pub fn filter(&self, page: &Page) -> Result<AuditFilter, Problems> {
        let mut problems = Problems::default();
        let zone = page.app.config.venues.zone();
        let mut day = |field: &'static str, text: &str, later: bool| {
            let text = text.trim();
            let day =
                date(text).and_then(|day| if later { day.tomorrow().ok() } else { Some(day) });
            let time = day.and_then(|day| midnight(day, &zone));
            if time.is_none() && !text.is_empty() {
                problems.add(field, page.t("audit-day-unreadable"));
            }
            time
        };
        let (from, until) = (day("from", &self.from, false), day("until", &self.until, true));
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            problems.add("until", page.t("audit-days-reversed"));
        }
        let actor = self.actor.trim().to_owned();
        if actor.len() > MAX_ACTOR_BYTES || !shows_all(&actor) {
            problems.add("actor", page.t("audit-actor-unreadable"));
        }
        let action = Action::from_name(&self.action);
        if action.is_none() && !self.action.is_empty() {
            problems.add("action", page.t("audit-choose"));
        }
        let subject = self.about(page, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(AuditFilter { from, until, actor, action, subject })
    }

    fn about(&self, page: &Page, problems: &mut Problems) -> Option<About> {
        let kind = Subject::KINDS.iter().copied().find(|kind| *kind == self.kind);
        let number = self.number.trim();
        match kind {
            None if !self.kind.is_empty() => problems.add("kind", page.t("audit-choose")),
            None if !number.is_empty() => problems.add("kind", page.t("audit-kind-needed")),
            None => {}
            Some(kind) if number.is_empty() => return Some(About::Kind(kind)),
            Some(kind) => {
                let is_number = number.bytes().all(|digit| digit.is_ascii_digit());
                let subject = Subject::from_text(&format!("{kind} {number}"));
                match subject.filter(|_| is_number) {
                    Some(subject) => return Some(About::One(subject)),
                    None => problems.add("number", page.t("audit-number-unreadable")),
                }
            }
        }
        None
    }

    /// The entry before which the page begins.
    pub fn before(&self) -> Option<i64> {
        self.before.parse().ok()
    }

    /// The same in an address, with its end marked for more: empty, or `name=value&...&`.
    pub fn query(&self) -> String {
        let pairs = [
            ("from", &self.from),
            ("until", &self.until),
            ("actor", &self.actor),
            ("action", &self.action),
            ("kind", &self.kind),
            ("number", &self.number),
        ];
        let typed: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let query = serde_urlencoded::to_string(&typed).unwrap_or_default();
        if query.is_empty() { query } else { query + "&" }
    }

    /// Whether anything is looked for.
    pub fn is_search(&self) -> bool {
        !self.query().is_empty()
    }

    pub fn is_action(&self, name: &str) -> bool {
        self.action == name
    }

    pub fn is_kind(&self, name: &str) -> bool {
        self.kind == name
    }

    /// All actions by their texts.
    pub fn actions(page: &Page) -> Vec<(&'static str, String)> {
        let named = Action::ALL.iter().map(|action| action.name());
        let mut actions: Vec<_> = named.map(|name| (name, page.named_or("audit", name))).collect();
        actions.sort_by(|one, other| one.1.cmp(&other.1));
        actions
    }

    /// All kinds of things by their texts.
    pub fn kinds(page: &Page) -> Vec<(&'static str, String)> {
        Subject::KINDS.iter().map(|kind| (*kind, page.named("audit-kind", kind))).collect()
    }
}
