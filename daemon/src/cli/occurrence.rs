//! What happened, in the person's language.

use vungxanh_protocol::interval::UnixTime;

use super::{declarations, exposures};
use crate::control_api::{Occurrence, Problem};
use crate::platform::i18n::Texts;
use crate::platform::time_format::{local_dates, local_time};

/// One line of text.
pub(super) fn text(texts: &Texts, occurrence: &Occurrence) -> String {
    let at_time = |id: &str, time: &UnixTime| texts.with(id, &[("time", local_time(*time).into())]);
    match occurrence {
        Occurrence::Started { socket, radio } => texts.with(
            "event-started",
            &[("socket", socket.as_str().into()), ("radio", texts.reason(radio).into())],
        ),
        Occurrence::Tracing => texts.get("event-tracing"),
        Occurrence::Problem(problem) => problem_text(texts, problem),
        Occurrence::Resolved(problem) => {
            texts.with("event-mended", &[("what", problem_text(texts, problem).into())])
        }
        Occurrence::Exposure { days, level } => texts.with(
            "event-exposure",
            &[
                ("day", local_dates(&days.range()).into()),
                ("level", texts.get(exposures::level_id(*level)).into()),
            ],
        ),
        Occurrence::CheckedIn { until } => at_time("event-checked-in", until),
        Occurrence::VisitEndsSoon { until } => at_time("event-visit-ends-soon", until),
        Occurrence::CheckedOut { until, automatic: true } => {
            at_time("event-checked-out-by-itself", until)
        }
        Occurrence::CheckedOut { until, automatic: false } => at_time("event-checked-out", until),
        Occurrence::CheckInsBeganAnew => texts.get("event-check-ins-began-anew"),
        Occurrence::DummyUploadSent => texts.get("event-look-alike"),
        Occurrence::Published { periods } => {
            texts.with("event-published", &[("periods", (*periods).into())])
        }
        Occurrence::Declaration { state } => texts.get(declarations::event_id(*state)),
        Occurrence::Stopped => texts.get("event-stopped"),
        Occurrence::Unknown => texts.get("event-unknown"),
    }
}

/// What is wrong, and what to do.
pub(super) fn problem_text(texts: &Texts, problem: &Problem) -> String {
    texts.with(&problem.id, &[("detail", problem.detail.as_str().into())])
}
