//! Publishing the person's own keys: what would be published, what was begun, and doing it.

use std::ops::Range;

use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::publish::redact;

use super::events::Event;
use super::problems::ProblemKind;
use super::{Engine, EngineError};
use crate::control_api::{PendingReport, Period, ReportRequest, ReportablePeriods, Reported};
use crate::sync::{Pending, SyncError, period};

impl Engine {
    /// The periods that a report would publish, newest first, and what was begun before.
    pub fn reportable_periods(&self) -> Result<ReportablePeriods, EngineError> {
        let pending = self.sync.pending_report()?.map(|pending| self.pending(&pending));
        Ok(ReportablePeriods { periods: self.publishable(&[]), pending })
    }

    /// Publishes the person's keys.
    pub async fn report(&self, request: ReportRequest) -> Result<Reported, EngineError> {
        let leave_out = left_out(&request);
        let reported = self.sync.report(self.keys.as_ref(), &request.code, leave_out).await;
        self.reported(reported)
    }

    /// Goes on with a publication that was interrupted, as the person had chosen.
    pub async fn resume_report(&self) -> Result<Reported, EngineError> {
        let reported = self.sync.resume_report(self.keys.as_ref()).await;
        self.reported(reported)
    }

    /// Says whether a publication was begun and not finished: it can go on.
    pub(super) fn note_pending_report(&self) {
        match self.sync.has_pending_report() {
            Ok(true) => self.problem(ProblemKind::ReportPending, ""),
            Ok(false) => self.resolved(ProblemKind::ReportPending),
            Err(error) => self.problem(ProblemKind::Store, error),
        }
    }

    fn reported(&self, reported: Result<Reported, SyncError>) -> Result<Reported, EngineError> {
        self.note_pending_report();
        let reported = reported?;
        self.wake();
        self.emit(Event::Published { periods: reported.published });
        Ok(reported)
    }

    fn pending(&self, pending: &Pending) -> PendingReport {
        let (periods, left_out) = pending.listed_periods().unwrap_or_else(|| {
            let periods = self.publishable(pending.choice());
            let mut left_out = self.publishable(&[]);
            left_out.retain(|period| !periods.contains(period));
            (periods, left_out)
        });
        PendingReport { periods, left_out, sent: pending.may_be_public() }
    }

    fn publishable(&self, leave_out: &[Range<UnixTime>]) -> Vec<Period> {
        let keys = self.keys.keys();
        let publishable = keys.publishable(self.clock.now());
        redact(&publishable, leave_out).into_iter().map(period).collect()
    }
}

/// What the person left out, and what began after they had looked.
fn left_out(request: &ReportRequest) -> Vec<Range<UnixTime>> {
    let chosen = request.leave_out.iter().map(|period| period.start..period.end);
    let unseen = request.shown_until.map(|shown| shown..UnixTime::from_secs(u64::MAX));
    chosen.chain(unseen).collect()
}

#[cfg(test)]
mod tests {
    use vungxanh_protocol::exposure_key::TemporaryExposureKey;
    use vungxanh_protocol::interval::{Interval, RollingPeriod};
    use vungxanh_protocol::secret::SecretBytes;

    use super::*;
    use crate::test_support::NOON;

    #[test]
    fn a_period_that_began_after_the_person_had_looked_is_left_out() {
        let length = RollingPeriod::SIX_HOURS;
        let first = NOON.interval().period_start(length);
        let keys: Vec<TemporaryExposureKey> = (0..4)
            .map(|nth: u8| {
                let start = first.plus(u32::from(nth) * length.intervals());
                TemporaryExposureKey::new(SecretBytes::new([nth; 16]), start, length)
            })
            .collect();
        let all: Vec<&TemporaryExposureKey> = keys.iter().collect();
        let published = |shown_until| -> Vec<Interval> {
            let leave_out = vec![period(&keys[1])];
            let request = ReportRequest { code: String::new(), leave_out, shown_until };
            let kept = redact(&all, &left_out(&request));
            kept.into_iter().map(TemporaryExposureKey::rolling_start).collect()
        };
        let starts = |nths: &[usize]| -> Vec<Interval> {
            nths.iter().map(|nth| keys[*nth].rolling_start()).collect()
        };
        assert_eq!(published(Some(period(&keys[2]).end)), starts(&[2, 0]));
        assert_eq!(published(None), starts(&[3, 2, 0]), "where nobody was shown anything");
    }
}
