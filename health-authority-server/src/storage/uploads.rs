//! Keys as devices publish them: several uploads in one transaction, each taken or refused by itself.

use std::collections::BTreeMap;

use sqlx::AnyConnection;
use vungxanh_protocol::diagnosis_key::DiagnosisKey;
use vungxanh_protocol::exposure_key::KEY_BYTES;
use vungxanh_protocol::interval::{Interval, UnixTime};

use super::key_memory::KeyMemory;
use super::key_places::{Found, Place, find_keys};
use super::keys::{Revision, insert_revised, revise_row};
use super::shapes::count_shape;
use super::statistics::{Counter, count_all};
use super::{Store, StoreError};
use crate::domain::release::{ReleaseRule, TimedKey};
use crate::domain::revision::RevisableKey;
use crate::domain::upload_check::{Changes, RevisionRefused, StoredKey, UploadKind, changes};
use crate::domain::upload_shape::{Observation, delay_observations, observe};

/// Keys of one person, to be stored.
#[derive(Debug)]
pub struct KeyUpload {
    pub keys: Vec<DiagnosisKey>,
    /// Keys of the revision token, if one was sent.
    pub token: Option<Vec<RevisableKey>>,
    /// Day of the onset of symptoms as an interval, if known.
    pub onset: Option<Interval>,
    pub kind: UploadKind,
}

/// For each upload of a group the number of keys that are stored on its behalf, or why none is.
pub type Taken = Vec<Result<usize, RevisionRefused>>;

impl Store {
    /// Reads into `memory` which keys are stored, while others write. Without it the first group of uploads
    /// does that.
    pub async fn remember_keys(
        &self,
        memory: &mut KeyMemory,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        memory.load(&self.pool, now).await
    }

    /// Takes uploads in one transaction. Of each it inserts new keys and revises stored ones, or refuses
    /// all of it. After an error nothing of any of them is stored, except when the database could not say
    /// whether it was; the same upload again is answered in either case.
    pub async fn publish_keys(
        &self,
        memory: &mut KeyMemory,
        uploads: &[KeyUpload],
        release: ReleaseRule,
        now: UnixTime,
    ) -> Result<Taken, StoreError> {
        memory.load(&self.pool, now).await?;
        let mut write = self.write().await?;
        let connection = write.connection()?;
        memory.catch_up(connection, now).await?;
        let mut group = Group::begin(connection, memory, uploads, now).await?;
        let taken = uploads.iter().map(|upload| group.take(upload, release, now)).collect();
        let staged = memory.stage(connection, &group.new, release.window(now)).await?;
        group.write(connection, now).await?;
        write.commit().await?;
        memory.committed(staged, &group.new);
        Ok(taken)
    }
}

/// Uploads that are stored together.
#[derive(Debug, Default)]
struct Group {
    /// Of all keys that the uploads name, those that are stored, this group's included.
    stored: BTreeMap<[u8; KEY_BYTES], StoredKey>,
    /// Where those lie that were stored before.
    found: BTreeMap<[u8; KEY_BYTES], Found>,
    new: Vec<TimedKey>,
    revised: Vec<Revision>,
    /// How uploads look; those of dummy uploads count 0 times.
    observations: Vec<(Observation, u32)>,
    publications: usize,
    dummies: usize,
}

impl Group {
    async fn begin(
        connection: &mut AnyConnection,
        memory: &KeyMemory,
        uploads: &[KeyUpload],
        now: UnixTime,
    ) -> Result<Self, StoreError> {
        let keys = uploads.iter().flat_map(|upload| &upload.keys).map(|key| key.key);
        let found = find_keys(connection, memory.known(), keys, now).await?;
        let stored = found.iter().map(|(key, found)| (*key, found.stored())).collect();
        Ok(Self { stored, found, ..Self::default() })
    }

    /// What an upload changes becomes part of the group, if it is a real one.
    fn take(
        &mut self,
        upload: &KeyUpload,
        release: ReleaseRule,
        now: UnixTime,
    ) -> Result<usize, RevisionRefused> {
        let real = upload.kind == UploadKind::Real;
        let changes = match changes(&self.stored, &upload.keys, upload.token.as_deref()) {
            Err(_) if !real => Changes::default(),
            changes => changes?,
        };
        let observed = observe(&changes.insert, upload.onset, now);
        self.observations.extend(observed.into_iter().map(|seen| (seen, u32::from(real))));
        if real {
            self.publications += 1;
            self.apply(&changes, release, now);
        } else {
            self.dummies += 1;
        }
        Ok(changes.insert.len() + changes.revise.len() + changes.unchanged)
    }

    fn apply(&mut self, changes: &Changes, release: ReleaseRule, now: UnixTime) {
        for key in &changes.insert {
            let timed = release.apply(*key, now);
            self.new.push(timed);
            let found = Found { timed, revised_to: None, place: Place::Staged };
            self.stored.insert(key.key, found.stored());
            self.found.insert(key.key, found);
        }
        for (at, key) in changes.revise.iter().enumerate() {
            let Some(found) = self.found.get_mut(&key.key) else { continue };
            if at == 0 {
                let from = Some(found.timed.key.report_type);
                let received = found.timed.received_window;
                let delays = delay_observations(from, key.report_type, received, now);
                self.observations.extend(delays.into_iter().map(|seen| (seen, 1)));
            }
            found.revised_to = Some(key.report_type);
            self.stored.insert(key.key, found.stored());
            self.revised.push(Revision {
                timed: found.timed,
                to: key.report_type,
                days_since_onset: key.days_since_onset,
                window: release.window(now),
            });
        }
    }

    /// The same statements for real and dummy uploads, revision excepted.
    async fn write(&self, connection: &mut AnyConnection, now: UnixTime) -> Result<(), StoreError> {
        for revision in &self.revised {
            match self.found.get(&revision.timed.key.key).map(|found| found.place) {
                Some(Place::Row { .. }) => revise_row(connection, revision).await?,
                Some(Place::Batch(batch)) => {
                    insert_revised(connection, revision, Some(batch)).await?;
                }
                Some(Place::Staged) | None => insert_revised(connection, revision, None).await?,
            }
        }
        count_shape(connection, &self.observations).await?;
        let counters = [
            (Counter::Publications, self.publications),
            (Counter::KeysReceived, self.new.len()),
            (Counter::KeysRevised, self.revised.len()),
            (Counter::DummyRequests, self.dummies),
            (Counter::DummyPublications, self.dummies),
        ];
        count_all(connection, &counters, now).await
    }
}

/// What the rules of revision ask of a stored key.
impl Found {
    const fn stored(&self) -> StoredKey {
        StoredKey {
            key: self.timed.key,
            revised_to: self.revised_to,
            released: match self.place {
                Place::Row { batch } => batch.is_some(),
                Place::Batch(_) => true,
                Place::Staged => false,
            },
        }
    }
}
