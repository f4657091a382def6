//! What the control interface asks of the engine, beyond `status`.

use std::sync::Arc;

use vungxanh_protocol::interval::{Interval, UtcDay};
use vungxanh_protocol::publish::redact;
use vungxanh_protocol::risk::RiskLevel;

use super::Engine;
use super::events::Event;
use super::exchange;
use super::problems::Kind;
use crate::cli::{Exit, Failure};
use crate::control::types::{
    EnrollRequest, Exposures, ForgetRequest, Forgotten, History, HistoryDay, Imported, Period,
    ReportRequest, ReportablePeriods, Reported,
};
use crate::store::{Forget, StoreError, archive};
use crate::sync::Replace;

impl Engine {
    /// Pins another authority, or the same anew.
    pub async fn enroll(&self, request: EnrollRequest) -> Result<(), Failure> {
        let replace = if request.replace { Replace::Confirmed } else { Replace::Never };
        self.sync.enroll(&request.url, &request.fingerprint, replace).await?;
        self.look_again();
        Ok(())
    }

    /// Fetches from the authority now.
    pub async fn exchange_now(&self) -> Result<(), Failure> {
        if self.sync.authority().is_none() {
            return Err(Failure::new(Exit::Negative, "problem-not-enrolled"));
        }
        exchange::exchange(self).await;
        match self.sync.status().last_error {
            None => Ok(()),
            Some(error) => Err(Failure::new(Exit::Network, "problem-sync").because(error)),
        }
    }

    /// How much is kept for each day.
    pub async fn history(&self) -> Result<History, StoreError> {
        let counts = self.on_store(|store| store.scan_summary()).await?;
        let keys = self.keys.keys();
        let days = counts.iter().map(|count| HistoryDay {
            day: count.day,
            scan_instances: count.scan_instances as u64,
            bytes: count.bytes,
            own_keys: keys.iter().filter(|own| own.key.rolling_start().day() == count.day).count()
                as u32,
        });
        Ok(History { days: days.collect() })
    }

    /// Days with an exposure, and what the authority advises.
    pub async fn exposures(&self) -> Result<Exposures, Failure> {
        let days = self.sync.exposures().await?;
        let worth_advice = days.iter().any(|day| day.summary.level > RiskLevel::None);
        let advice = self
            .sync
            .authority()
            .filter(|_| worth_advice)
            .map(|enrolled| enrolled.authority.document().advice.clone());
        Ok(Exposures { days, advice: advice.unwrap_or_default() })
    }

    /// The periods that a report would publish, newest first.
    pub fn reportable_periods(&self) -> ReportablePeriods {
        let keys = self.keys.keys();
        let publishable = keys.publishable(self.clock.now());
        let periods = redact(&publishable, &[]).into_iter().map(|key| Period {
            start: key.rolling_start().start(),
            end: key.rolling_end().start(),
        });
        ReportablePeriods { periods: periods.collect() }
    }

    /// Publishes the person's keys.
    pub async fn report(&self, request: ReportRequest) -> Result<Reported, Failure> {
        let leave_out = request.leave_out.iter().map(|period| period.start..period.end).collect();
        let reported = self.sync.report(self.keys.as_ref(), &request.code, leave_out).await;
        self.note_pending_report();
        let reported = reported?;
        self.look_again();
        self.tell(Event::Published { periods: reported.published });
        Ok(reported)
    }

    /// Says whether a publication was begun and not finished: the same code goes on with it.
    pub(super) fn note_pending_report(&self) {
        match self.sync.has_pending_report() {
            Ok(true) => self.problem(Kind::ReportPending, ""),
            Ok(false) => self.mended(Kind::ReportPending),
            Err(error) => self.problem(Kind::Store, error),
        }
    }

    /// All own data, sealed by a passphrase.
    pub async fn export(&self, passphrase: String) -> Result<Vec<u8>, Failure> {
        let sealed = self
            .on_store(move |store| {
                let records = store.export_records()?;
                Ok(archive::write(&records, &passphrase, &mut rand::rng()))
            })
            .await?;
        Ok(sealed?)
    }

    /// Takes own data over from a file.
    pub async fn import(&self, passphrase: String, file: Vec<u8>) -> Result<Imported, Failure> {
        let oldest = self.oldest_day();
        let imported = self
            .on_store(move |store| {
                archive::read(&file, &passphrase)
                    .map(|records| store.import_records(records, oldest))
                    .map_or_else(|refused| Ok(Err(refused)), |imported| imported.map(Ok))
            })
            .await??;
        self.reload().await?;
        Ok(imported)
    }

    /// Destroys what is kept.
    pub async fn forget(&self, request: ForgetRequest) -> Result<Forgotten, Failure> {
        let what = request.day.map_or(Forget::AllDays, |day| Forget::Days(day..=day));
        let expired = self.on_store(move |store| store.forget(what)).await?;
        if request.day.is_none() {
            self.sync.forget_person().await?;
            self.note_pending_report();
        }
        super::upkeep::begin_day(self).await;
        self.reload().await?;
        Ok(Forgotten { days: expired.0.len() as u32 })
    }

    async fn reload(&self) -> Result<(), StoreError> {
        let keys = Arc::clone(&self.keys);
        self.on_store(move |_| keys.reload()).await?;
        self.look_again();
        Ok(())
    }

    fn oldest_day(&self) -> UtcDay {
        let interval: Interval = self.clock.now().interval();
        interval.day().minus(self.retention_days())
    }
}
