//! What notifications say, and how urgent they are.

use super::notification_state::Content;
use crate::engine::problems::ProblemKind;
use crate::platform::i18n::Texts;
use crate::platform::time_format::time_of_day;

/// A notification as a service takes it. Neither text holds markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The name of this program.
    pub program: String,
    /// One line; enough by itself, because a service may leave out the rest.
    pub summary: String,
    pub body: String,
    /// A name of the Icon Naming Specification.
    pub icon: &'static str,
    pub urgency: Urgency,
    /// For now only: not to be stored in any list or log of the service.
    pub transient: bool,
    /// Whether it goes by itself after a while.
    pub expires: bool,
}

/// Urgency levels of the Desktop Notifications Specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    Normal = 1,
    /// Stays until the person takes it away.
    Critical = 2,
}

impl Notification {
    /// Words for `content`. A day, a place or a level is in none: others may see the screen, and
    /// services show notifications while it is locked.
    pub fn of(content: &Content, texts: &Texts) -> Self {
        let id = id(content);
        let time = match content {
            Content::VisitEndsSoon(at) | Content::VisitEnded(at) => time_of_day(*at),
            Content::Exposure(_) | Content::Problem(_) | Content::NotDelivered(_) => String::new(),
        };
        let is_visit = matches!(content, Content::VisitEndsSoon(_) | Content::VisitEnded(_));
        let is_exposure = matches!(content, Content::Exposure(_));
        Self {
            program: texts.get("notice-program"),
            summary: texts.with(id, &[("time", time.into())]),
            body: texts.get(&format!("{}-body", body_id(content).unwrap_or(id))),
            icon: if is_visit { "dialog-information" } else { "dialog-warning" },
            urgency: if is_exposure { Urgency::Critical } else { Urgency::Normal },
            transient: is_visit,
            expires: matches!(content, Content::VisitEnded(_)),
        }
    }
}

const fn id(content: &Content) -> &'static str {
    match content {
        Content::Exposure(_) => "notice-exposure",
        Content::VisitEndsSoon(_) => "notice-visit-ends-soon",
        Content::VisitEnded(_) => "notice-visit-ended",
        Content::Problem(ProblemKind::Clock) => "notice-clock",
        Content::Problem(ProblemKind::Sync) => "notice-sync",
        Content::Problem(ProblemKind::CheckIns) => "notice-check-ins",
        Content::Problem(ProblemKind::DeclarationKeys) => "notice-declaration-keys",
        Content::NotDelivered(_) => "notice-declaration",
        Content::Problem(_) => "notice-not-tracing",
    }
}

/// Why tracing has stopped, where that is what the summary says.
const fn body_id(content: &Content) -> Option<&'static str> {
    let Content::Problem(kind) = content else { return None };
    Some(match kind {
        ProblemKind::NotEnrolled => "notice-not-enrolled",
        ProblemKind::AuthorityExpired => "notice-authority-expired",
        ProblemKind::RadioOff => "notice-radio-off",
        ProblemKind::RadioMissing => "notice-radio-missing",
        ProblemKind::BroadcastFailed | ProblemKind::ScanFailed | ProblemKind::ScanStopped => {
            "notice-radio-failed"
        }
        ProblemKind::Store => "notice-store",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use vungxanh_protocol::interval::{UnixTime, UtcDay};
    use vungxanh_protocol::risk::RiskLevel;

    use super::*;
    use crate::platform::i18n::Language;

    /// 2026-03-10T12:00:00Z
    const NOON: UnixTime = UnixTime::from_secs(1_773_144_000);

    fn exposure(day: UtcDay, level: RiskLevel) -> Content {
        Content::Exposure(BTreeMap::from([(day, level)]))
    }

    #[test]
    fn what_is_shown_of_an_exposure_depends_on_neither_day_nor_level() {
        for language in [Language::Vi, Language::En] {
            let texts = Texts::load(language);
            let one = Notification::of(&exposure(NOON.day(), RiskLevel::High), &texts);
            let other = Notification::of(&exposure(NOON.day().minus(5), RiskLevel::Low), &texts);
            assert_eq!(one, other);
            assert!(one.body.contains("vungxanh exposures"));
            assert_eq!(
                (one.urgency, one.transient, one.expires),
                (Urgency::Critical, false, false)
            );
        }
    }

    #[test]
    fn every_text_is_there_without_markup() {
        let problems = [
            ProblemKind::NotEnrolled,
            ProblemKind::AuthorityExpired,
            ProblemKind::RadioOff,
            ProblemKind::RadioMissing,
            ProblemKind::BroadcastFailed,
            ProblemKind::ScanFailed,
            ProblemKind::ScanStopped,
            ProblemKind::Store,
            ProblemKind::Clock,
            ProblemKind::Sync,
            ProblemKind::CheckIns,
            ProblemKind::DeclarationKeys,
        ];
        let others = [
            exposure(NOON.day(), RiskLevel::Low),
            Content::NotDelivered(1),
            Content::VisitEndsSoon(NOON),
            Content::VisitEnded(NOON),
        ];
        for language in [Language::Vi, Language::En] {
            let texts = Texts::load(language);
            for content in problems.into_iter().map(Content::Problem).chain(others.clone()) {
                let said = Notification::of(&content, &texts);
                for text in [&said.summary, &said.body, &said.program] {
                    assert!(!text.starts_with("notice-"), "{text}");
                    assert!(!text.contains(['<', '>', '&']), "{text}");
                }
                assert!(said.summary.chars().count() <= 60, "{}", said.summary);
            }
        }
    }
}
