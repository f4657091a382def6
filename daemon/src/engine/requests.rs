//! What the control interface asks of the engine, beyond `status`.

use std::sync::Arc;

use vungxanh_protocol::risk::RiskLevel;
use vungxanh_protocol::venue::poster::payload_of_url;

use super::events::Event;
use super::import::{self, ImportError};
use super::{Engine, EngineError};
use super::{check_ins, exchange, page_language};
use crate::control_api::{
    AcknowledgeRequest, CheckInRequest, CheckedIn, CheckedOut, EnrolRequest, Exposures,
    ExtendRequest, ForgetRequest, Forgotten, History, HistoryInterval, ImportRequest, Imported,
    RecentEvents, TimeSpan, VisitStatus, Visits,
};
use crate::store::{EncounterStore, Forget, StoreError, archive};
use crate::sync::Replace;
use crate::venue::CheckInError;

impl Engine {
    /// Pins another authority, or the same one again.
    pub async fn enrol(&self, request: EnrolRequest) -> Result<(), EngineError> {
        let replace = if request.replace { Replace::Confirmed } else { Replace::Never };
        self.sync.enrol(&request.url, &request.fingerprint, replace).await?;
        self.wake();
        Ok(())
    }

    /// Fetches from the authority now.
    pub async fn exchange_now(&self) -> Result<(), EngineError> {
        if self.sync.authority().is_none() {
            return Err(EngineError::NoAuthority);
        }
        exchange::exchange(self).await;
        match self.sync.status().last_error {
            None => Ok(()),
            Some(error) => Err(EngineError::Exchange(error)),
        }
    }

    /// How much is stored, by time.
    pub async fn history(&self) -> Result<History, StoreError> {
        let counts = self.on_store(|store| store.block_counts()).await?;
        let intervals = counts.iter().map(|count| HistoryInterval {
            start: count.interval.start(),
            scan_instances: count.scan_instances.unwrap_or(0) as u64,
            bytes: count.bytes,
        });
        let keys = self.keys.keys();
        let own_keys = keys.iter().map(|own| own.key.rolling_start().start());
        Ok(History { intervals: intervals.collect(), own_keys: own_keys.collect() })
    }

    /// What happened lately; nothing of visits and declarations.
    pub fn recent_events(&self) -> RecentEvents {
        self.recent.list()
    }

    /// Days with an exposure, and what the authority advises.
    pub async fn exposures(&self) -> Result<Exposures, EngineError> {
        let days = self.sync.exposures().await?;
        let worth_advice = days.iter().any(|day| day.summary.level > RiskLevel::None);
        let advice = self.sync.authority().filter(|_| worth_advice).map(|enrolled| {
            let document = enrolled.authority.document();
            (document.advice.clone(), document.contacts)
        });
        let (advice, contacts) = advice.unwrap_or_default();
        Ok(Exposures { days, advice, contacts })
    }

    /// The person has looked at these exposures.
    pub async fn acknowledge(&self, request: AcknowledgeRequest) -> Result<(), EngineError> {
        let acknowledged = self.sync.notices().acknowledge(&request.days).await?;
        self.events.acknowledged(&request.days);
        self.events.acknowledged(&acknowledged);
        Ok(())
    }

    /// Checks in with a poster's code.
    pub async fn check_in(&self, request: CheckInRequest) -> Result<CheckedIn, EngineError> {
        let enrolled = self.sync.authority().ok_or(CheckInError::NotEnrolled)?;
        let keys = enrolled.authority.document().venue_keys.clone();
        let code = payload_of_url(&request.code).map_err(CheckInError::from)?;
        let now = self.clock.now();
        let done = self
            .on_check_ins(move |ins| ins.check_in(&code, request.companions, &keys, now))
            .await?;
        if let Some(closed) = done.closed {
            self.emit(check_ins::checked_out(closed));
            self.stay_is_over();
        }
        self.emit(Event::CheckedIn { until: done.visit.until(), extended: done.extended });
        Ok(CheckedIn {
            visit: done.visit.status(),
            extended: done.extended,
            ended_another: done.closed.is_some(),
            clock_trusted: self.clock_is_trusted(),
        })
    }

    pub async fn check_out(&self) -> Result<CheckedOut, EngineError> {
        let now = self.clock.now();
        let closed = self.on_check_ins(move |check_ins| check_ins.check_out(now)).await?;
        self.stay_is_over();
        self.emit(check_ins::checked_out(closed));
        Ok(CheckedOut {
            since: closed.since,
            until: closed.until,
            automatic: closed.automatic,
            kept_days: self.check_ins.retention_days(),
        })
    }

    /// Prolongs the open visit.
    pub async fn extend(&self, request: ExtendRequest) -> Result<VisitStatus, EngineError> {
        let now = self.clock.now();
        let open =
            self.on_check_ins(move |check_ins| check_ins.extend(request.minutes, now)).await?;
        self.emit(Event::CheckedIn { until: open.until(), extended: true });
        Ok(open.status())
    }

    /// The open visit; of closed ones nothing is readable.
    pub fn visits(&self) -> Visits {
        Visits {
            open: self.check_ins.open_visit(self.clock.now()).map(|open| open.status()),
            kept_days: self.check_ins.retention_days(),
            diary: self.diary(),
        }
    }

    /// All own data, sealed by a passphrase.
    pub async fn export(&self, passphrase: String) -> Result<Vec<u8>, EngineError> {
        let sealed = self
            .on_store(move |store| {
                let mut records = store.export_records()?;
                // Programs before it would refuse the file.
                records.retain(|record| !page_language::is_in(record));
                Ok(archive::write(&records, &passphrase, &mut rand::rng()))
            })
            .await?;
        Ok(sealed?)
    }

    /// Takes own data over from a file.
    pub async fn import(&self, request: ImportRequest) -> Result<Imported, EngineError> {
        let ImportRequest { file, passphrase } = request;
        let records = self.on_store(move |_| Ok(archive::read(&file, &passphrase))).await??;
        let now = self.look_at_clock();
        if !self.clock_is_trusted() {
            return Err(ImportError::ClockNotTrusted.into());
        }
        let records = import::accepted(records, now)?;
        let _quiesced = self.sync.quiesce().await;
        let oldest = now.day().minus(self.retention_days());
        Ok(self.change_keys(move |store| store.import_records(records, oldest)).await?)
    }

    /// Destroys what is stored.
    pub async fn forget(&self, request: ForgetRequest) -> Result<Forgotten, EngineError> {
        let times = request.times.map(TimeSpan::range);
        let what = times.clone().map_or(Forget::AllDays, Forget::Times);
        let quiesce = self.sync.quiesce().await;
        let mut waiting = self.sync.notices().unacknowledged().await.unwrap_or_default();
        let expired = self.change_keys(move |store| store.forget(what)).await?;
        if times.is_none() {
            quiesce.forget_person().await?;
            self.on_store(import::forget_unknown).await?;
            self.on_store(page_language::forget).await?;
            self.note_pending_report();
        }
        // Days of which an exposure is left go on waiting.
        let left = self.sync.notices().unacknowledged().await.unwrap_or_default();
        waiting.retain(|notice| left.iter().all(|left| left.day != notice.day));
        self.events.acknowledged(&waiting);
        self.recent.forget();
        self.declarations.forget(times.clone()).await?;
        self.note_declarations().await;
        self.on_check_ins(move |check_ins| Ok(check_ins.forget(times)?)).await?;
        super::upkeep::begin_day(self).await;
        self.wake();
        Ok(Forgotten { days: expired.0.len() as u32 })
    }

    /// Changes the own keys in the store and takes up what is there then.
    async fn change_keys<T: Send + 'static>(
        &self,
        change: impl FnOnce(&dyn EncounterStore) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let keys = Arc::clone(&self.keys);
        let changed = self.on_store(move |_| keys.change_store(change)).await;
        self.wake();
        changed
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use vungxanh_protocol::interval::RollingPeriod;

    use super::*;
    use crate::radio::{Advertiser, RadioState};
    use crate::store::MemoryStore;
    use crate::sync::KeyAccess;
    use crate::test_support::{EngineFixture, NOON};

    #[tokio::test]
    async fn a_report_under_way_does_not_bring_back_what_is_forgotten() {
        let store = Arc::new(MemoryStore::new());
        let bench = EngineFixture::new(store.clone(), RadioState::SwitchedOff);
        let engine = &bench.engine;
        let metadata = bench.radio.transmit_power();
        for time in [NOON.minus(86_400), NOON] {
            engine.keys.pause();
            engine.keys.step(time, metadata, RollingPeriod::SIX_HOURS).unwrap();
        }
        assert_eq!(store.own_keys().unwrap().iter().count(), 2);
        let report = engine.sync.quiesce().await;
        let goes_on = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            engine.keys.retire(NOON).unwrap();
            drop(report);
        };
        let forget = engine.forget(ForgetRequest { times: None });
        let (forgotten, ()) = tokio::join!(forget, goes_on);
        assert_eq!(forgotten.unwrap().days, 2);
        assert_eq!(store.own_keys().unwrap().iter().count(), 0);
        assert_eq!(engine.keys.keys().iter().count(), 0);
    }
}
