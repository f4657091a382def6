//! What is wrong right now, for `status`: each kind of problem once, until it is resolved.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::control_api::Problem;
use crate::platform::threads::lock;

/// Kinds of problems; each has a text `problem-<kind>`, whose id stands for it in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// No authority is enrolled.
    NotEnrolled,
    /// The authority's document has expired and no newer one could be had.
    AuthorityExpired,
    /// The radio is switched off.
    RadioOff,
    /// The radio is not there.
    RadioMissing,
    /// The radio does not broadcast; resolved once it does.
    BroadcastFailed,
    /// The radio does not listen; resolved by the next window.
    ScanFailed,
    /// Scanning had stopped by itself and was restarted; resolved by the next window.
    ScanStopped,
    /// The clock cannot be believed.
    Clock,
    /// Encounters cannot be written; the disk may be full.
    Store,
    /// A damaged store was moved aside.
    StoreDamaged,
    /// Check-ins cannot be sealed or written.
    CheckIns,
    /// A damaged file of check-ins was moved aside.
    CheckInsDamaged,
    /// A damaged diary was moved aside.
    DiaryDamaged,
    /// The authority cannot be reached or answers nonsense.
    Sync,
    /// A publication was begun and not finished.
    ReportPending,
    /// A declaration, or a withdrawal, is not answered yet.
    DeclarationPending,
    /// Two different keys for passes were published under one name.
    DeclarationKeys,
}

impl ProblemKind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 17] = [
        Self::NotEnrolled,
        Self::AuthorityExpired,
        Self::RadioOff,
        Self::RadioMissing,
        Self::BroadcastFailed,
        Self::ScanFailed,
        Self::ScanStopped,
        Self::Clock,
        Self::Store,
        Self::StoreDamaged,
        Self::CheckIns,
        Self::CheckInsDamaged,
        Self::DiaryDamaged,
        Self::Sync,
        Self::ReportPending,
        Self::DeclarationPending,
        Self::DeclarationKeys,
    ];

    /// The kind whose text `id` is.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.id() == id)
    }

    pub const fn id(self) -> &'static str {
        match self {
            Self::NotEnrolled => "problem-not-enrolled",
            Self::AuthorityExpired => "problem-authority-expired",
            Self::RadioOff => "problem-radio-off",
            Self::RadioMissing => "problem-radio-missing",
            Self::BroadcastFailed => "problem-broadcast-failed",
            Self::ScanFailed => "problem-scan-failed",
            Self::ScanStopped => "problem-scan-stopped",
            Self::Clock => "problem-clock",
            Self::Store => "problem-store",
            Self::StoreDamaged => "problem-store-damaged",
            Self::CheckIns => "problem-check-ins",
            Self::CheckInsDamaged => "problem-check-ins-damaged",
            Self::DiaryDamaged => "problem-diary-damaged",
            Self::Sync => "problem-sync",
            Self::ReportPending => "problem-report-pending",
            Self::DeclarationPending => "problem-declaration-pending",
            Self::DeclarationKeys => "problem-declaration-keys",
        }
    }

    /// Whether encounters are lost, or never count, while it lasts.
    pub const fn stops_tracing(self) -> bool {
        matches!(
            self,
            Self::NotEnrolled
                | Self::AuthorityExpired
                | Self::RadioOff
                | Self::RadioMissing
                | Self::BroadcastFailed
                | Self::ScanFailed
                | Self::ScanStopped
                | Self::Store
                | Self::Clock
        )
    }
}

impl serde::Serialize for ProblemKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

#[derive(Debug, Default)]
pub struct Problems(Mutex<BTreeMap<ProblemKind, String>>);

impl Problems {
    /// Notes a problem, replacing the detail of the same kind. Returns whether it is new.
    pub fn set(&self, kind: ProblemKind, detail: impl std::fmt::Display) -> bool {
        self.lock().insert(kind, detail.to_string()).is_none()
    }

    /// The problem is resolved. Returns its detail if it was there.
    pub fn clear(&self, kind: ProblemKind) -> Option<String> {
        self.lock().remove(&kind)
    }

    /// Whether one of them stops tracing.
    pub fn stop_tracing(&self) -> bool {
        self.lock().keys().any(|kind| kind.stops_tracing())
    }

    /// All of them for `status`.
    pub fn list(&self) -> Vec<Problem> {
        self.list_of(|_| true)
    }

    /// Those that stop tracing.
    pub fn list_stopping(&self) -> Vec<Problem> {
        self.list_of(ProblemKind::stops_tracing)
    }

    fn list_of(&self, wanted: impl Fn(ProblemKind) -> bool) -> Vec<Problem> {
        let problem = |(kind, detail): (&ProblemKind, &String)| Problem {
            id: kind.id().into(),
            detail: detail.clone(),
        };
        self.lock().iter().filter(|(kind, _)| wanted(**kind)).map(problem).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<ProblemKind, String>> {
        lock(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_id() {
        // Declared last: one that is added after it is not forgotten above.
        assert_eq!(ProblemKind::DeclarationKeys as usize + 1, ProblemKind::ALL.len());
        for (place, kind) in ProblemKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, place);
            assert_eq!(ProblemKind::of_id(kind.id()), Some(kind));
        }
        assert_eq!(ProblemKind::of_id("problem-of-another-program"), None);
    }

    #[test]
    fn under_an_untrusted_clock_there_is_no_tracing() {
        let problems = Problems::default();
        problems.set(ProblemKind::Sync, "no route");
        assert!(!problems.stop_tracing());
        problems.set(ProblemKind::Clock, "the clock was set");
        assert!(problems.stop_tracing(), "what is heard is never scored");
        problems.clear(ProblemKind::Clock);
        assert!(!problems.stop_tracing());
    }

    #[test]
    fn who_shows_others_that_tracing_works_tells_only_what_stops_it() {
        let problems = Problems::default();
        problems.set(ProblemKind::ReportPending, "");
        problems.set(ProblemKind::RadioOff, "hci0");
        let stopping = problems.list_stopping();
        assert_eq!(stopping, [Problem { id: "problem-radio-off".into(), detail: "hci0".into() }]);
        assert_eq!(problems.list().len(), 2);
    }
}
