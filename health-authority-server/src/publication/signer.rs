//! Export files from the keys of a batch.

use std::collections::BTreeMap;

use vungxanh_protocol::diagnosis_key::{DiagnosisKey, Infectiousness};
use vungxanh_protocol::export::{ExportError, ExportHeader, SignatureInfo, write_export};
use vungxanh_protocol::risk::RiskParameters;

use crate::authority::export_keys::ExportKeyPair;
use crate::storage::batches::{Batch, BatchKeys};

/// Makes and signs the file of a batch. The same batch gives the same bytes.
pub fn sign_batch(
    batch: &Batch,
    keys: &BatchKeys,
    disclosure: &Disclosure,
    signer: &ExportKeyPair,
    key_id: &str,
) -> Result<Vec<u8>, ExportError> {
    let header = ExportHeader::single(batch.start, batch.end, batch.region.as_str());
    let info = SignatureInfo::new(key_id, signer.version());
    let [keys, revised] = [&keys.keys, &keys.revised]
        .map(|keys| keys.iter().map(|key| disclosure.publish(key)).collect::<Vec<_>>());
    write_export(&header, &keys, &revised, signer.key(), &info)
}

/// What files say of a key beyond its bytes and validity.
///
/// The days since the onset of symptoms link the keys of a person and reveal when symptoms began.
/// Readers need them only to look up how infectious the case was, so each key says one fixed day
/// for its level of infectiousness. The transmission risk is deprecated and would be a mark of
/// some clients; it is published only where plain GAEN clients take part.
#[derive(Debug, Clone)]
pub struct Disclosure {
    risk: RiskParameters,
    day_of_level: BTreeMap<Infectiousness, i32>,
    with_transmission_risk: bool,
}

impl Disclosure {
    /// For readers who score by `risk`.
    pub fn new(risk: RiskParameters, with_transmission_risk: bool) -> Self {
        let mut day_of_level = BTreeMap::new();
        // The day nearest to onset stands for its level, the earlier of two.
        let mut days: Vec<i32> = (-14..=14).collect();
        days.sort_by_key(|day| (day.abs(), *day));
        for day in days {
            day_of_level.entry(risk.infectiousness(Some(day))).or_insert(day);
        }
        Self { risk, day_of_level, with_transmission_risk }
    }

    fn publish(&self, key: &DiagnosisKey) -> DiagnosisKey {
        let level = self.risk.infectiousness(key.days_since_onset);
        // Where no day has the level of keys without onset, such a key goes on saying none.
        let days_since_onset = self.day_of_level.get(&level).copied();
        let transmission_risk = if self.with_transmission_risk { key.transmission_risk } else { 0 };
        DiagnosisKey { days_since_onset, transmission_risk, ..*key }
    }
}

#[cfg(test)]
mod tests {
    use vungxanh_protocol::diagnosis_key::ReportType;
    use vungxanh_protocol::interval::{Interval, RollingPeriod};

    use super::*;
    use crate::authority::disease_profile::{Profile, ReadyMade};

    #[test]
    fn one_day_for_each_level_scores_like_the_true_day() {
        let risk = Profile::from_json(ReadyMade::Covid19.json()).unwrap().risk;
        let disclosure = Disclosure::new(risk.clone(), false);
        let mut published = std::collections::BTreeSet::new();
        for days_since_onset in (-14..=14).map(Some).chain([None]) {
            let key = DiagnosisKey {
                key: [1; 16],
                rolling_start: Interval::new(1),
                rolling_period: RollingPeriod::SIX_HOURS,
                report_type: ReportType::ConfirmedTest,
                days_since_onset,
                transmission_risk: 3,
            };
            let shown = disclosure.publish(&key);
            assert_eq!(
                risk.infectiousness(shown.days_since_onset),
                risk.infectiousness(days_since_onset)
            );
            assert_eq!(shown.transmission_risk, 0);
            published.insert(shown.days_since_onset);
        }
        assert_eq!(published.len(), 3, "none, standard, high");
    }
}
