//! Check-ins as time passes: reminders, automatic check-outs, and the file of sealed check-ins,
//! rewritten every hour whether anybody checked in or not.

use vungxanh_protocol::interval::UnixTime;

use super::Engine;
use super::events::Event;
use super::problems::Kind;
use crate::venue::{CheckInError, Closed, Found, Happened};

pub(super) async fn run(engine: &Engine) {
    loop {
        let now = engine.clock.now();
        let passed = pass_time(engine, now).await;
        let written = if passed.is_ok() && engine.check_ins.is_due(now) {
            rewrite(engine, now, false).await
        } else {
            passed
        };
        if let Err(error) = written {
            engine.problem(Kind::CheckIns, error);
            engine.wait_to_retry().await;
            continue;
        }
        engine.mended(Kind::CheckIns);
        let next = engine.check_ins.next_moment(now);
        tokio::select! {
            () = engine.wait_until(next) => {}
            () = engine.check_ins.changed() => {}
        }
    }
}

async fn pass_time(engine: &Engine, now: UnixTime) -> Result<(), CheckInError> {
    for happened in engine.on_check_ins(move |check_ins| check_ins.pass_time(now)).await? {
        engine.tell(match happened {
            Happened::EndsSoon { until } => Event::VisitEndsSoon { until },
            Happened::CheckedOut(closed) => checked_out(closed),
        });
    }
    Ok(())
}

/// Writes the file. At the `end` of the daemon with the running hour.
pub(super) async fn rewrite(engine: &Engine, now: UnixTime, end: bool) -> Result<(), CheckInError> {
    let retention = engine.clock_is_trusted().then(|| engine.retention_days());
    engine.on_check_ins(move |check_ins| check_ins.rewrite(now, retention, end)).await
}

pub(super) fn checked_out(closed: Closed) -> Event {
    Event::CheckedOut { until: closed.until, automatic: closed.automatic }
}

impl Engine {
    /// Tells what was found when check-ins were opened.
    pub(crate) fn note_check_ins(&self, found: &Found) {
        if let Some(damaged) = &found.damaged {
            self.problem(Kind::CheckInsDamaged, damaged.moved_to.display());
        }
        let venues = self.sync.authority().is_some_and(|enrolled| {
            let document = enrolled.authority.document();
            !document.venue_keys.is_empty()
        });
        // Whether a visit was open, nothing that is left says: so everybody is told.
        if found.began_anew && venues {
            self.tell(Event::CheckInsBeganAnew);
        }
    }

    pub(super) fn clock_is_trusted(&self) -> bool {
        self.live().clock_watch.is_trusted()
    }
}
