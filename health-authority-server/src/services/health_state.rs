//! How the server does: what was found, and what is remembered between two looks.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use fluent_bundle::FluentValue;
use serde::Serialize;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use vungxanh_protocol::interval::UnixTime;

use crate::i18n::Language;
use crate::storage::StoreError;

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ok,
    /// It works, and somebody has to do something soon.
    Warning,
    Down,
}

/// What was found of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    pub state: State,
    /// What it means and what to do, by language; nothing where all is well.
    #[serde(flatten, skip_serializing_if = "BTreeMap::is_empty")]
    pub text: BTreeMap<&'static str, String>,
}

/// What was found of everything.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub stopping: bool,
    pub checks: BTreeMap<&'static str, Found>,
    /// Up to when keys are in batches.
    pub cut_until: Option<UnixTime>,
    /// When the signed document expires.
    pub document_until: Option<UnixTime>,
}

impl Found {
    pub fn ok() -> Self {
        Self { state: State::Ok, text: BTreeMap::new() }
    }

    pub fn is(state: State, id: &str, arguments: &[(&str, FluentValue<'_>)]) -> Self {
        let said = |language: Language| (language.tag(), language.messages().text(id, arguments));
        Self { state, text: [Language::Vi, Language::En].map(said).into() }
    }

    pub fn down_unless(is_ok: bool, id: &str) -> Self {
        if is_ok { Self::ok() } else { Self::is(State::Down, id, &[]) }
    }
}

impl Report {
    /// Whether everything works that is not left out, and the server is not about to stop.
    pub fn is_ready(&self, left_out: &[&str]) -> bool {
        let counts = |name: &&'static str| !left_out.contains(name);
        let mut counted = self.checks.iter().filter(|(name, _)| counts(name));
        !self.stopping && counted.all(|(_, found)| found.state != State::Down)
    }
}

/// What is known between two looks.
#[derive(Debug, Default)]
pub struct Readiness {
    stopping: AtomicBool,
    pub looking: Mutex<Looking>,
}

#[derive(Debug, Default)]
pub struct Looking {
    pub last: Option<(Instant, Report)>,
    /// A write that was tried and has not ended.
    pub write: Option<JoinHandle<Result<(), StoreError>>>,
}

impl Readiness {
    /// From now on the server is not ready.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_or_only_a_warning_does_not_count() {
        let mut report = Report::default();
        assert!(report.is_ready(&[]));
        report.checks.insert("disk", Found::is(State::Warning, "ready-keys", &[]));
        assert!(report.is_ready(&[]));
        report.checks.insert("batches", Found::down_unless(false, "ready-batches"));
        assert!(!report.is_ready(&[]) && report.is_ready(&["files", "batches"]));
        report.stopping = true;
        assert!(!report.is_ready(&["batches"]));
    }
}
