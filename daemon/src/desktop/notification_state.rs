//! Which notifications ought to be on the screen, and which are: pure, with the time as an argument.

use std::collections::BTreeMap;
use std::time::Duration;

use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::risk::RiskLevel;

use crate::control_api::{DeclarationState, ExposureNotice};
use crate::engine::events::Event;
use crate::engine::problems::ProblemKind;

/// How often is looked while a problem lasts.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// What a look that comes late counts at most: the machine slept meanwhile. So a problem that was
/// there before a suspend and is gone soon after it has not lasted the night.
const LONGEST_LOOK: Duration = Duration::from_secs(120);
/// A problem that comes and goes is notified once in this time.
const PAUSE: Duration = Duration::from_secs(3_600);
/// For how long a notification says that a visit has ended by itself, in seconds.
const ENDED_SECONDS: u64 = 1_800;

const MINUTES: Duration = Duration::from_secs(300);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// How long a problem may last before the person is notified: `None` if it is not for notifications.
const fn patience(kind: ProblemKind) -> Option<Duration> {
    match kind {
        ProblemKind::RadioOff
        | ProblemKind::RadioMissing
        | ProblemKind::BroadcastFailed
        | ProblemKind::ScanFailed
        | ProblemKind::ScanStopped
        | ProblemKind::Store
        | ProblemKind::CheckIns
        | ProblemKind::NotEnrolled
        | ProblemKind::DeclarationKeys => Some(MINUTES),
        // What a fetch mends, without anybody's doing.
        ProblemKind::AuthorityExpired | ProblemKind::Clock => Some(HOUR),
        ProblemKind::Sync => Some(DAY),
        // Others who see the screen need not know that the person was about to report.
        ProblemKind::ReportPending | ProblemKind::DeclarationPending => None,
        // Nothing to be done about it any more: `vungxanh status` says so.
        ProblemKind::StoreDamaged | ProblemKind::CheckInsDamaged | ProblemKind::DiaryDamaged => {
            None
        }
    }
}

/// What a notification is about. There is at most one about each at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// Exposures, all of them.
    Exposure,
    /// One kind of problem.
    Problem(ProblemKind),
    /// Declarations that were not delivered.
    Declarations,
    Visit,
}

/// What a notification says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// There were exposures. Day and level are not shown: they distinguish a new exposure from one that
    /// is on the screen already.
    Exposure(BTreeMap<UtcDay, RiskLevel>),
    Problem(ProblemKind),
    /// So many declarations were not delivered, and will not be. The number is not shown: it distinguishes one more from
    /// those that are on the screen already.
    NotDelivered(u32),
    /// The open visit ends soon by itself.
    VisitEndsSoon(UnixTime),
    /// The visit has ended by itself.
    VisitEnded(UnixTime),
}

impl Content {
    /// What it is about.
    pub const fn topic(&self) -> Topic {
        match self {
            Self::Exposure(_) => Topic::Exposure,
            Self::Problem(kind) => Topic::Problem(*kind),
            Self::NotDelivered(_) => Topic::Declarations,
            Self::VisitEndsSoon(_) | Self::VisitEnded(_) => Topic::Visit,
        }
    }
}

/// What to ask of the notification service next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Show this, in place of the notification `replaces` (0: of none).
    Show {
        content: Content,
        /// The service's number of the notification that it replaces.
        replaces: u32,
    },
    /// Take a notification from the screen.
    Close {
        /// What it is about.
        topic: Topic,
        /// The service's number of it.
        id: u32,
    },
}

/// A notification that the service has taken.
#[derive(Debug)]
struct Shown {
    content: Content,
    /// The service's number; 0 once it is no longer on the screen.
    id: u32,
}

/// What ought to be shown and what is.
#[derive(Debug, Default)]
pub struct NotificationState {
    /// Exposures that the person has not looked at.
    unacknowledged: BTreeMap<UtcDay, RiskLevel>,
    /// Present problems, and how long they have lasted while the machine was awake.
    problems: BTreeMap<ProblemKind, Duration>,
    /// When each kind was shown last.
    last_shown: BTreeMap<ProblemKind, Duration>,
    /// Declarations that were not delivered since one was.
    not_delivered: u32,
    visit: Option<Content>,
    shown: BTreeMap<Topic, Shown>,
    now: UnixTime,
    uptime: Duration,
}

impl NotificationState {
    /// Time passes: it is `now`, and `uptime` after some fixed moment. Call before anything else.
    pub fn pass(&mut self, uptime: Duration, now: UnixTime) {
        let elapsed = uptime.saturating_sub(self.uptime).min(LONGEST_LOOK);
        for lasted in self.problems.values_mut() {
            *lasted += elapsed;
        }
        self.uptime = uptime;
        self.now = now;
    }

    pub fn emit(&mut self, event: &Event) {
        match *event {
            Event::Exposure { day, level, .. } => self.expose(ExposureNotice { day, level }),
            Event::Problem { kind, .. } => {
                self.problems.entry(kind).or_default();
            }
            Event::Resolved { kind, .. } => {
                self.problems.remove(&kind);
            }
            Event::CheckedIn { .. } | Event::CheckedOut { automatic: false, .. } => {
                self.visit = None;
            }
            Event::VisitEndsSoon { until } => self.visit = Some(Content::VisitEndsSoon(until)),
            Event::CheckedOut { until, automatic: true } => {
                self.visit = Some(Content::VisitEnded(until));
            }
            // What only the running daemon can keep true does not outlast it.
            Event::Stopped => {
                self.problems.clear();
                self.visit = None;
            }
            Event::Started { .. }
            | Event::Tracing
            | Event::CheckInsBeganAnew
            | Event::DummyUploadSent
            | Event::Published { .. } => {}
            Event::Declaration { state } => match state {
                DeclarationState::TooLate | DeclarationState::Refused => self.not_delivered += 1,
                DeclarationState::Sent | DeclarationState::Replaced => self.not_delivered = 0,
                _ => {}
            },
        }
    }

    /// There is an exposure that the person has not looked at.
    pub fn expose(&mut self, ExposureNotice { day, level }: ExposureNotice) {
        let so_far = self.unacknowledged.entry(day).or_insert(level);
        *so_far = level.max(*so_far);
    }

    /// The person has looked at these exposures, or they are no more.
    pub fn acknowledged(&mut self, exposures: &[ExposureNotice]) {
        for ExposureNotice { day, level } in exposures {
            if self.unacknowledged.get(day).is_some_and(|unacknowledged| unacknowledged <= level) {
                self.unacknowledged.remove(day);
            }
        }
    }

    /// The next step, if any. Report the outcome by [`NotificationState::shown`] or [`NotificationState::closed`].
    pub fn next_step(&mut self) -> Option<Step> {
        let wanted = self.wanted();
        let replaced = |content: &Content| self.shown.get(&content.topic());
        let new = |content: &Content| replaced(content).is_none_or(|old| old.content != *content);
        if let Some(content) = wanted.values().find(|content| new(content)) {
            let replaces = replaced(content).map_or(0, |old| old.id);
            return Some(Step::Show { content: content.clone(), replaces });
        }
        self.shown.retain(|topic, shown| shown.id != 0 || wanted.contains_key(topic));
        let mut stale = self.shown.iter().filter(|(topic, _)| !wanted.contains_key(topic));
        stale.next().map(|(&topic, shown)| Step::Close { topic, id: shown.id })
    }

    /// The service has taken `content` and calls it `id`.
    pub fn shown(&mut self, content: Content, id: u32) {
        if let Content::Problem(kind) = content {
            self.last_shown.insert(kind, self.uptime);
        }
        self.shown.insert(content.topic(), Shown { content, id });
    }

    /// What was said about `topic` is not on the screen any more, because we wanted so.
    pub fn closed(&mut self, topic: Topic) {
        self.shown.remove(&topic);
    }

    /// The notification `id` has left the screen; `dismissed`, if the person took it away. Answers
    /// the exposures that the person has taken note of so.
    pub fn left(&mut self, id: u32, dismissed: bool) -> Vec<ExposureNotice> {
        let Some(shown) = self.shown.values_mut().find(|shown| shown.id == id && id != 0) else {
            return Vec::new();
        };
        // Not shown again: the person knows, or the service shows things for a while only.
        shown.id = 0;
        let Content::Exposure(days) = &shown.content else { return Vec::new() };
        if !dismissed {
            return Vec::new();
        }
        let noted =
            days.iter().map(|(&day, &level)| ExposureNotice { day, level }).collect::<Vec<_>>();
        self.acknowledged(&noted);
        noted
    }

    /// Another service has taken over, or none is there: whatever was shown is not any more, and may be shown
    /// again at once.
    pub fn lost(&mut self) {
        self.shown.clear();
        self.last_shown.clear();
    }

    /// In how long to look again although nothing has happened: a problem becomes old enough, or a
    /// visit's end passes.
    pub fn next_look(&self) -> Option<Duration> {
        let waits =
            self.problems.keys().any(|&kind| patience(kind).is_some() && !self.is_old(kind));
        (waits || self.visit.is_some()).then_some(LOOK_EVERY)
    }

    fn wanted(&self) -> BTreeMap<Topic, Content> {
        let exposure = (!self.unacknowledged.is_empty())
            .then(|| Content::Exposure(self.unacknowledged.clone()));
        let visit = self.visit.clone().filter(|visit| match visit {
            Content::VisitEnded(at) => self.now < at.plus(ENDED_SECONDS),
            // A minute in which what comes next can take its place.
            Content::VisitEndsSoon(at) => self.now < at.plus(60),
            _ => false,
        });
        let old = self.problems.keys().copied().filter(|&kind| self.is_old(kind));
        let declarations =
            (self.not_delivered > 0).then_some(Content::NotDelivered(self.not_delivered));
        let all = exposure.into_iter().chain(old.map(Content::Problem));
        let all = all.chain(declarations).chain(visit);
        all.map(|content| (content.topic(), content)).collect()
    }

    /// Whether a problem has lasted long enough to be notified, and was not notified lately.
    fn is_old(&self, kind: ProblemKind) -> bool {
        let lasted = self.problems.get(&kind).copied().unwrap_or_default();
        let rested = self.last_shown.get(&kind).is_none_or(|at| self.uptime >= *at + PAUSE);
        let is_shown = self.shown.contains_key(&Topic::Problem(kind));
        patience(kind).is_some_and(|patience| lasted >= patience) && (is_shown || rested)
    }
}

#[cfg(test)]
mod tests;
