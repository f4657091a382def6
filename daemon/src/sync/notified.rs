//! What the person has been notified of, and what of it they have acknowledged: by looking at it or by dismissing its
//! notification, whichever comes first.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use vungxanh_protocol::interval::{UnixTime, UtcDay};
use vungxanh_protocol::risk::RiskLevel;

use super::records::{self, NOTIFIED};
use super::{Inner, Sync, SyncError};
use crate::control_api::ExposureNotice;
use crate::platform::threads::lock;

/// Days are remembered for longer than any retention.
const REMEMBERED_DAYS: u32 = 30;

/// The days that the person was notified of, as the store keeps them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NotifiedDays(BTreeMap<UtcDay, NotifiedDay>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct NotifiedDay {
    level: RiskLevel,
    at: UnixTime,
    #[serde(default, rename = "unseen")]
    unacknowledged: bool,
}

/// The levels that days have by the parameters in force.
type Levels = BTreeMap<UtcDay, RiskLevel>;

/// Days that are taken over from a file, at most.
const MAX_DAYS: usize = 64;

impl NotifiedDays {
    /// Whether a device can have noted this by `now`.
    pub(super) fn is_possible(&self, now: UnixTime) -> bool {
        let tomorrow = now.day().plus(1);
        let possible = |(day, notified): (&UtcDay, &NotifiedDay)| {
            *day <= tomorrow && notified.at.day() <= tomorrow
        };
        self.0.len() <= MAX_DAYS && self.0.iter().all(possible)
    }

    /// When the person was first notified of a day.
    pub(super) fn first_notified_at(&self, day: UtcDay) -> Option<UnixTime> {
        self.0.get(&day).map(|notified| notified.at)
    }

    /// Days that reach a level above what the person was notified of.
    fn pending(&self, present: &Levels) -> Vec<ExposureNotice> {
        let so_far = |day| self.0.get(day).map_or(RiskLevel::None, |notified| notified.level);
        let risen = present.iter().filter(|(day, level)| **level > so_far(day));
        risen.map(|(&day, &level)| ExposureNotice { day, level }).collect()
    }

    fn notify(&mut self, notices: &[ExposureNotice], now: UnixTime) {
        for &ExposureNotice { day, level } in notices {
            let first = NotifiedDay { level: RiskLevel::None, at: now, unacknowledged: false };
            let entry = self.0.entry(day).or_insert(first);
            entry.unacknowledged |= level > entry.level;
            entry.level = entry.level.max(level);
        }
        self.0.retain(|day, _| *day >= now.day().minus(REMEMBERED_DAYS));
    }

    /// Exposures that still are and that the person has not acknowledged.
    fn unacknowledged(&self, present: &Levels) -> Vec<ExposureNotice> {
        let waiting = self.0.iter().filter(|(_, notified)| notified.unacknowledged);
        waiting
            .filter(|(day, _)| present.get(day).is_some_and(|level| *level > RiskLevel::None))
            .map(|(&day, notified)| ExposureNotice { day, level: notified.level })
            .collect()
    }

    /// Notes that the person has looked at days as they were then. Returns what is acknowledged now for the first
    /// time, as the person was notified of it.
    fn acknowledge(
        &mut self,
        looked_at: &[ExposureNotice],
        present: &Levels,
    ) -> Vec<ExposureNotice> {
        let looked_at: Levels = looked_at.iter().map(|notice| (notice.day, notice.level)).collect();
        let mut acknowledged = Vec::new();
        for (&day, entry) in self.0.iter_mut().filter(|(_, entry)| entry.unacknowledged) {
            // What was high in its notification may be low by newer parameters: the person saw what is.
            let level = present.get(&day).map_or(entry.level, |level| entry.level.min(*level));
            if looked_at.get(&day).is_some_and(|looked_at| *looked_at >= level) {
                entry.unacknowledged = false;
                acknowledged.push(ExposureNotice { day, level: entry.level });
            }
        }
        acknowledged
    }
}

/// Which exposures wait for the person: the one way for the engine, the command line and the desktop to read and to
/// change it. Clones share everything.
#[derive(Clone)]
pub struct ExposureNotices {
    sync: Sync,
}

impl Sync {
    /// Which exposures wait for the person.
    pub fn notices(&self) -> ExposureNotices {
        ExposureNotices { sync: self.clone() }
    }
}

impl ExposureNotices {
    /// What the person should be notified of and has not been.
    pub(super) async fn pending(&self) -> Result<Vec<ExposureNotice>, SyncError> {
        self.sync.blocking(|shared| Ok(shared.notified()?.pending(&shared.levels()?))).await
    }

    /// To be called once the person has been notified. Until then [`Sync::run_due`] returns the same notices again,
    /// so that none is lost with a kill.
    pub async fn mark_notified(&self, notices: &[ExposureNotice]) -> Result<(), SyncError> {
        if notices.is_empty() {
            return Ok(());
        }
        let (now, notices) = (self.sync.now(), notices.to_vec());
        self.change(move |notified, shared| {
            // What the person has had forgotten since the fetch does not come back by this.
            let present = shared.levels()?;
            let still = notices.into_iter().filter(|notice| present.contains_key(&notice.day));
            notified.notify(&still.collect::<Vec<_>>(), now);
            Ok(())
        })
        .await
    }

    /// Exposures that the person was notified of and has not acknowledged. Those that are no more are left out.
    pub async fn unacknowledged(&self) -> Result<Vec<ExposureNotice>, SyncError> {
        self.sync
            .blocking(|shared| {
                let notified = shared.notified()?;
                if notified.0.values().all(|day| !day.unacknowledged) {
                    return Ok(Vec::new());
                }
                Ok(notified.unacknowledged(&shared.levels()?))
            })
            .await
    }

    /// The person has looked at these days, as they were then. Returns what is acknowledged now for the first time.
    pub async fn acknowledge(
        &self,
        looked_at: &[ExposureNotice],
    ) -> Result<Vec<ExposureNotice>, SyncError> {
        if looked_at.is_empty() {
            return Ok(Vec::new());
        }
        let looked_at = looked_at.to_vec();
        self.change(move |notified, shared| Ok(notified.acknowledge(&looked_at, &shared.levels()?)))
            .await
    }

    async fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut NotifiedDays, &Inner) -> Result<T, SyncError> + Send + 'static,
    ) -> Result<T, SyncError> {
        self.sync
            .blocking(|shared| {
                let _no_other_change = lock(&shared.notifying);
                let before = shared.notified()?;
                let mut notified = before.clone();
                let result = change(&mut notified, shared)?;
                if notified != before {
                    records::write(shared.store.as_ref(), NOTIFIED, &notified)?;
                }
                Ok(result)
            })
            .await
    }
}

impl Inner {
    pub(super) fn notified(&self) -> Result<NotifiedDays, SyncError> {
        records::read(self.store.as_ref(), NOTIFIED)
    }

    fn levels(&self) -> Result<Levels, SyncError> {
        let days = self.summaries()?.into_iter().map(|of_day| of_day.summary);
        Ok(days.map(|summary| (summary.day, summary.level)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_earlier_program_noted_is_still_known() {
        let noted = r#"{"20000":{"level":"low","at":1728000000,"unseen":true},"20001":{"level":"high","at":1728000000}}"#;
        let mut notified: NotifiedDays = serde_json::from_str(noted).unwrap();
        let day = UtcDay::new(20_000);
        let present = Levels::from([(day, RiskLevel::Low), (day.plus(1), RiskLevel::High)]);
        let low = ExposureNotice { day, level: RiskLevel::Low };
        assert_eq!(notified.unacknowledged(&present), [low]);
        let again: NotifiedDays =
            serde_json::from_slice(&serde_json::to_vec(&notified).unwrap()).unwrap();
        assert_eq!(again, notified);
        assert_eq!(notified.acknowledge(&[low], &present), [low]);
        assert_eq!(notified.unacknowledged(&present), []);
    }
}
