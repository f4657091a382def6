//! Complete batches against what was heard.

use std::collections::{BTreeSet, HashMap, HashSet};

use vungxanh_protocol::diagnosis_key::{DiagnosisKey, KeyId, ReportType};
use vungxanh_protocol::encounter::{Encounter, join};
use vungxanh_protocol::export::KeyEntry;
use vungxanh_protocol::exposure_key::KEY_BYTES;
use vungxanh_protocol::interval::{Interval, UnixTime};
use vungxanh_protocol::matching::{Admission, Assessor};
use vungxanh_protocol::own_keys::OwnKeys;

use super::exposures::KeyMatches;
use super::fetch::Batch;
use super::fetch_context::FetchContext;
use super::index::ListedName;
use super::parallelism::Parallelism;
use super::records::{self, REVOKED, Revoked};
use super::{Inner, SyncError};
use crate::store::ExposureRecord;

pub(super) struct Counts {
    pub(super) batches: u64,
    pub(super) keys: u64,
}

/// What the files say of keys beside those that match.
struct SaidOfKeys<'a> {
    now: UnixTime,
    revoked: Revoked,
    /// Keys that caused exposures earlier.
    known: &'a BTreeSet<KeyId>,
    /// What the files now say of those.
    of_known: HashMap<KeyId, DiagnosisKey>,
}

impl SaidOfKeys<'_> {
    fn note(&mut self, key: &DiagnosisKey, admission: Admission) {
        match admission {
            Admission::Counts if self.known.contains(&key.id()) => {
                self.of_known.insert(key.id(), *key);
            }
            Admission::Revoked if key.report_type == ReportType::Revoked => {
                let end = key.rolling_end().start().min(self.now);
                self.revoked.insert(hex::encode(key.key), end.day());
            }
            _ => {}
        }
    }
}

/// The device's own keys, among them those of an archive that it took over: a replay of what it
/// broadcast, or the person's other device, must not warn the person of themselves.
fn own_secrets(keys: &OwnKeys) -> HashSet<[u8; KEY_BYTES]> {
    keys.iter().map(|own| *own.key.key().expose()).collect()
}

fn read_hex(key: &String) -> Option<[u8; KEY_BYTES]> {
    let mut bytes = [0; KEY_BYTES];
    hex::decode_to_slice(key, &mut bytes).is_ok().then_some(bytes)
}

impl Inner {
    /// Matches batches, adds what was found to the exposures, and only then takes note that they
    /// are done. Every step up to the last can be repeated without counting anything twice, and
    /// the last is one write.
    pub(super) fn match_batches(
        &self,
        context: &FetchContext,
        batches: &[Batch],
    ) -> Result<Counts, SyncError> {
        let _nothing_is_forgotten = self.matching.blocking_lock();
        let now = context.now;
        let tracing_parameters = &context.document().tracing;
        let oldest = now.day().minus(tracing_parameters.retention_days);
        let encounters = self.encounters(oldest.first_interval())?;
        let stored = self.stored_exposures()?;
        let known: BTreeSet<KeyId> = stored.iter().map(ExposureRecord::key_id).collect();
        let own_keys = self.store.own_keys()?;
        let own = own_secrets(&own_keys);
        let mut said = SaidOfKeys {
            now,
            revoked: records::read(self.store.as_ref(), REVOKED)?,
            known: &known,
            of_known: HashMap::new(),
        };
        said.revoked.retain(|_, day| *day >= oldest);
        let parallelism = Parallelism::now();
        let (assessment, keys) = parallelism.run(|| {
            let mut assessor = Assessor::by_parameters(&encounters, tracing_parameters)
                .at(now)
                .revoked_before(said.revoked.keys().filter_map(read_hex))
                .leaving_out(own.iter().copied())
                .on_threads(parallelism.threads());
            let mut keys = 0;
            for name in batches.iter().flat_map(|batch| &batch.names) {
                keys += self.read_keys(context, name, |key| {
                    said.note(key, assessor.take(key));
                })?;
            }
            Ok::<_, SyncError>((assessor.finish(), keys))
        })?;
        let SaidOfKeys { revoked, of_known, .. } = said;
        records::write(self.store.as_ref(), REVOKED, &revoked)?;
        // What an earlier program found of own keys counts no more.
        let own_found = known.iter().filter(|id| own.contains(&id.key));
        let count_no_more = revoked.keys().cloned().chain(own_found.map(|id| hex::encode(id.key)));
        self.add_key_matches(
            stored,
            &KeyMatches {
                matched: &assessment.matched,
                said_of_known: &of_known,
                revoked: &count_no_more.collect::<BTreeSet<_>>(),
                rssi_correction: self.rssi_correction,
            },
        )?;
        let counts = Counts { batches: batches.len() as u64, keys };
        self.change_progress(|progress| {
            for name in batches.iter().flat_map(|batch| &batch.names) {
                progress.exports.processed(name, now.day());
            }
            progress.batches += counts.batches;
            progress.keys += counts.keys;
            progress.altered += assessment.refused.len() as u64;
        })?;
        for name in batches.iter().flat_map(|batch| &batch.names) {
            self.download_dir.discard(name)?;
        }
        Ok(counts)
    }

    fn encounters(&self, from: Interval) -> Result<Vec<Encounter>, SyncError> {
        Ok(join(self.store.scans(from, Interval::new(u32::MAX))?.instances))
    }

    /// Verifies a file again, on what is on disk now, and hands out its keys. Returns how many.
    fn read_keys(
        &self,
        context: &FetchContext,
        name: &ListedName,
        mut each: impl FnMut(&DiagnosisKey),
    ) -> Result<u64, SyncError> {
        let mut file = self.open_export(name)?;
        let read = file
            .verify(&context.keys)
            .and_then(|keys| keys.for_each_key(|KeyEntry { key, .. }| each(&key)));
        match read {
            Ok(counts) => {
                if counts.invalid.count > 0 {
                    tracing::warn!(%name, skipped = counts.invalid.count, "damaged keys skipped");
                }
                Ok(counts.keys + counts.revised)
            }
            Err(source) => {
                self.download_dir.discard(name)?;
                Err(SyncError::Export { name: name.to_string(), source })
            }
        }
    }
}
