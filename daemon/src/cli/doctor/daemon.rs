//! What the running daemon says of itself.

use super::{Context, Report, Verdict};
use crate::control_api::{Status, StatusRequest};
use crate::engine::problems::ProblemKind;
use crate::radio::bluez::bus::AdapterInfo;
use crate::radio::bluez::choice::AdapterChoice;

/// Problems with which people are met and counted all the same. Any other, also one that this program
/// does not know, means that tracing does not work.
const TRACING_GOES_ON: [ProblemKind; 6] = [
    ProblemKind::StoreDamaged,
    ProblemKind::CheckIns,
    ProblemKind::CheckInsDamaged,
    ProblemKind::DiaryDamaged,
    ProblemKind::Sync,
    ProblemKind::ReportPending,
];

/// Problems beside which an advertisement is on the air all the same.
const BROADCASTING_GOES_ON: [ProblemKind; 4] =
    [ProblemKind::Clock, ProblemKind::ScanFailed, ProblemKind::ScanStopped, ProblemKind::Store];

/// The daemon of the profile, which runs.
pub(super) struct RunningDaemon(Status);

impl RunningDaemon {
    /// Asks for its status; `None` if none runs.
    pub(super) fn find(context: &Context) -> Option<Self> {
        context.daemon().and_then(|daemon| daemon.send(&StatusRequest)).ok().map(Self)
    }

    /// Its radio as `--radio` takes it, without what its name adds in parentheses.
    pub(super) fn radio(&self) -> &str {
        let name = self.0.radio.name.as_str();
        name.split_once(" (").map_or(name, |(radio, _)| radio)
    }

    fn is_simulated(&self) -> bool {
        !self.radio().starts_with("bluez")
    }

    /// The adapter that it uses or waits for.
    fn adapter(&self) -> Option<AdapterChoice> {
        AdapterChoice::parse(self.radio().strip_prefix("bluez")?).ok()
    }

    /// Whether it uses `adapter`, or would.
    pub(super) fn uses(&self, adapter: &AdapterInfo) -> bool {
        let used = self.adapter();
        used.is_some_and(|used| used.choose(std::slice::from_ref(adapter)).is_some())
    }

    /// Whether its radio is another than the one asked for, `found` if it is there.
    pub(super) fn uses_another(&self, asked: &AdapterChoice, found: Option<&AdapterInfo>) -> bool {
        match (found, self.adapter()) {
            (_, None) => true,
            (Some(found), Some(_)) => !self.uses(found),
            // A name may be that of an address; only what is certain is said.
            (None, Some(used)) => {
                std::mem::discriminant(&used) == std::mem::discriminant(asked) && used != *asked
            }
        }
    }

    /// The radio's name for people.
    pub(super) fn radio_name(&self) -> &str {
        &self.0.radio.name
    }

    /// Whether what it hears is not scored because of the clock.
    pub(super) fn distrusts_clock(&self) -> bool {
        self.0.problems.iter().any(|problem| problem.id == ProblemKind::Clock.id())
    }

    /// Whether, as far as it knows, an advertisement of its own is on the air.
    pub(super) fn broadcasts(&self) -> bool {
        let hinders =
            |id: &str| stops_tracing(id) && !BROADCASTING_GOES_ON.iter().any(|it| it.id() == id);
        self.0.radio.state == "ready"
            && self.0.radio.last_rotation.is_some()
            && !self.0.problems.iter().any(|problem| hinders(&problem.id))
    }
}

/// Whether a finding is a problem of the daemon's.
pub(super) fn is_problem(id: &str) -> bool {
    id.starts_with("problem-")
}

fn stops_tracing(problem: &str) -> bool {
    !TRACING_GOES_ON.iter().any(|kind| kind.id() == problem)
}

/// Its problems, and whether it traces. `spec` is the radio that was examined.
pub(super) fn examine(daemon: Option<&RunningDaemon>, spec: &str, report: &mut Report) {
    let Some(daemon) = daemon else {
        return report.add(Verdict::Bad, "daemon-stopped", "");
    };
    if daemon.is_simulated() && spec.starts_with("bluez") {
        report.add(Verdict::Bad, "simulated", daemon.radio_name());
    }
    let RunningDaemon(status) = daemon;
    for problem in &status.problems {
        let verdict = if stops_tracing(&problem.id) { Verdict::Bad } else { Verdict::Weak };
        report.add(verdict, &problem.id, &problem.detail);
    }
    let stopped = status.problems.iter().any(|problem| stops_tracing(&problem.id));
    if status.tracing && !stopped {
        report.add(Verdict::Good, "daemon", daemon.radio_name());
    } else {
        report.add(Verdict::Bad, "daemon-not-tracing", daemon.radio_name());
    }
}
