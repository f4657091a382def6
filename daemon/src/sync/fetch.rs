//! One fetch: the document, the lists of files, the new files, what they match.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::sync::Arc;

use vungxanh_protocol::authority::{AuthorityDocument, AuthorityError};
use vungxanh_protocol::export::{ExportFile, ExportHeader, VerificationKey, check_batches};
use vungxanh_protocol::interval::UnixTime;

use super::http::{ServerUrl, remove_file};
use super::index::{self, MAX_INDEX_BYTES};
use super::{Enrolled, Outcome, Shared, Sync, SyncError};

/// What a fetch goes by.
#[derive(Clone)]
pub(super) struct Basis {
    pub(super) enrolled: Arc<Enrolled>,
    /// Where export files are.
    exports: ServerUrl,
    /// What may have signed them.
    pub(super) keys: Arc<[VerificationKey]>,
    pub(super) rssi_correction: i8,
}

/// Files that make up one batch, all of them downloaded and verified.
pub(super) struct Batch {
    pub(super) names: Vec<String>,
}

impl Basis {
    fn new(enrolled: Arc<Enrolled>, at: UnixTime, rssi_correction: i8) -> Result<Self, SyncError> {
        let document = enrolled.authority.document();
        if at >= document.expires_at {
            return Err(AuthorityError::Expired(document.expires_at).into());
        }
        let exports = enrolled.url.folder(&document.exports)?;
        let keys = document
            .export_keys
            .iter()
            .filter_map(|key| VerificationKey::from_authority(key, at).ok())
            .collect();
        Ok(Self { enrolled, exports, keys, rssi_correction })
    }

    pub(super) fn document(&self) -> &AuthorityDocument {
        self.enrolled.authority.document()
    }
}

impl Sync {
    /// Fetches and matches what is new, whether or not it is time: the caller waits for
    /// [`Sync::next_due`], or a person asked. `rssi_correction` is this device's, in dB.
    ///
    /// One broken file or list does not keep the others from being matched; the first error is
    /// in the outcome. The next fetch is scheduled, sooner after an error.
    pub async fn run_due(&self, rssi_correction: i8) -> Outcome {
        let _one_at_a_time = self.shared.fetching.lock().await;
        let mut outcome = Outcome::default();
        if let Err(error) = self.fetch(rssi_correction, &mut outcome).await {
            outcome.note(error);
        }
        match self.notices().await {
            Ok(notices) => outcome.notices = notices,
            Err(error) => outcome.note(error),
        }
        if let Err(error) = self.finish(&outcome).await {
            outcome.note(error);
        }
        outcome
    }

    async fn fetch(&self, rssi_correction: i8, outcome: &mut Outcome) -> Result<(), SyncError> {
        let (authority_time, updated) = self.update_document().await;
        outcome.authority_time = authority_time;
        match updated {
            Ok(changed) => outcome.document_changed = changed,
            // Without a network the rest fails, too. Anything else concerns the document alone:
            // the one that is known stays in force until it expires.
            Err(error @ (SyncError::Unreachable { .. } | SyncError::NotEnrolled)) => {
                return Err(error);
            }
            Err(error) => outcome.note(error),
        }
        if outcome.document_changed {
            // It may name the signing key that was missing.
            self.change_progress(|progress| progress.refused.clear()).await?;
        }
        let now = self.now();
        // A signing key that is valid since a moment ago, by a clock that is a little ahead.
        let at = now.max(authority_time.unwrap_or(now));
        let basis = Basis::new(self.enrolled()?, at, rssi_correction)?;
        let names = self.new_files(&basis, outcome).await?;
        let verified = self.obtain_all(&basis, &names, outcome).await?;
        let batches = complete_batches(verified, outcome);
        if !batches.is_empty() {
            let counts =
                self.blocking(move |shared| shared.match_batches(&basis, &batches)).await?;
            outcome.batches = counts.batches;
            outcome.keys = counts.keys;
        }
        Ok(())
    }

    /// The files that are listed and have not been matched yet, oldest first.
    async fn new_files(
        &self,
        basis: &Basis,
        outcome: &mut Outcome,
    ) -> Result<Vec<String>, SyncError> {
        let mut listed = Vec::new();
        for region in &basis.document().regions {
            match self.list(basis, region).await {
                Ok(names) => listed.push((region.clone(), names)),
                Err(error @ SyncError::Unreachable { .. }) => return Err(error),
                Err(error) => outcome.note(error),
            }
        }
        let now = self.now();
        self.blocking(move |shared| {
            let mut new = Vec::new();
            shared.change_progress(|progress| {
                for (region, names) in listed {
                    progress.listed(&region, &names, now.day());
                    let mut seen = BTreeSet::new();
                    new.extend(
                        names
                            .into_iter()
                            .filter(|name| progress.wants(name, now) && seen.insert(name.clone())),
                    );
                }
            })?;
            shared.spool.tidy(&new)?;
            Ok(new)
        })
        .await
    }

    async fn list(&self, basis: &Basis, region: &str) -> Result<Vec<String>, SyncError> {
        index::check_region(region)?;
        let url = basis.exports.join(&format!("{region}/index.txt"))?;
        let what = format!("the list of export files of {region}");
        let fetched = self.shared.http.get(url, &what, MAX_INDEX_BYTES).await?;
        index::parse(region, &fetched.bytes)
    }

    /// Downloads and verifies files. One that is not accepted is put off.
    async fn obtain_all(
        &self,
        basis: &Basis,
        names: &[String],
        outcome: &mut Outcome,
    ) -> Result<Vec<(String, ExportHeader)>, SyncError> {
        let mut verified = Vec::new();
        for name in names {
            match self.obtain(basis, name).await {
                Ok(header) => verified.push((name.clone(), header)),
                Err(error @ SyncError::Unreachable { .. }) => {
                    outcome.note(error);
                    break;
                }
                Err(error @ (SyncError::Store(_) | SyncError::File { .. })) => return Err(error),
                Err(error) => {
                    outcome.note(error);
                    let (name, now) = (name.clone(), self.now());
                    self.change_progress(move |progress| progress.refuse(&name, now)).await?;
                }
            }
        }
        Ok(verified)
    }

    async fn obtain(&self, basis: &Basis, name: &str) -> Result<ExportHeader, SyncError> {
        let spool = &self.shared.spool;
        if spool.complete(name).exists() {
            if let Ok(header) = self.verify(basis, name).await {
                return Ok(header);
            }
            spool.discard(name)?;
        }
        loop {
            let part = spool.part(name);
            let resumed = part.exists();
            let url = basis.exports.join(name)?;
            let limit = self.shared.limits.file_bytes;
            match self.shared.http.download(url, name, &part, limit).await {
                Ok(()) => {}
                Err(error @ (SyncError::Unreachable { .. } | SyncError::File { .. })) => {
                    return Err(error);
                }
                Err(error) => {
                    remove_file(&part)?;
                    return Err(error);
                }
            }
            spool.finish(name)?;
            match self.verify(basis, name).await {
                Ok(header) => return Ok(header),
                // Its two halves may come from different files: once more, as a whole.
                Err(_) if resumed => spool.discard(name)?,
                Err(error) => {
                    spool.discard(name)?;
                    return Err(error);
                }
            }
        }
    }

    async fn verify(&self, basis: &Basis, name: &str) -> Result<ExportHeader, SyncError> {
        let (keys, name) = (Arc::clone(&basis.keys), name.to_owned());
        self.blocking(move |shared| {
            let mut file = shared.open_export(&name)?;
            file.verify(&keys)
                .map_err(|source| SyncError::Export { name: name.clone(), source })?;
            let header = file.header().clone();
            let region = name.split('/').next().unwrap_or_default();
            if header.region != region {
                let (region, found) = (region.to_owned(), header.region);
                return Err(SyncError::WrongRegion { name, region, found });
            }
            Ok(header)
        })
        .await
    }

    /// Remembers how the fetch went and when the next one is due.
    async fn finish(&self, outcome: &Outcome) -> Result<(), SyncError> {
        let now = self.now();
        let failed = outcome.error.as_ref().map(ToString::to_string);
        let succeeded = failed.is_none();
        if let Some(enrolled) = self.authority() {
            self.change_schedule(move |schedule| {
                let parameters = &enrolled.authority.document().tracing;
                schedule.fetched(now, succeeded, parameters, &mut rand::rng());
            })
            .await?;
        }
        self.change_progress(move |progress| {
            progress.last_error = failed;
            if succeeded {
                progress.last_success = Some(now);
            }
        })
        .await
    }
}

impl Shared {
    /// Opens a downloaded file.
    pub(super) fn open_export(&self, name: &str) -> Result<ExportFile<File>, SyncError> {
        let path = self.spool.complete(name);
        let file = File::open(&path).map_err(|error| SyncError::file(&path, error))?;
        ExportFile::open(file, &self.limits)
            .map_err(|source| SyncError::Export { name: name.to_owned(), source })
    }
}

impl Outcome {
    /// Keeps the first error.
    pub(super) fn note(&mut self, error: SyncError) {
        tracing::debug!(%error, "part of a fetch failed");
        self.error.get_or_insert(error);
    }
}

/// Puts files together to batches, in the order in which they are listed. Files of a batch of
/// which another one is missing wait on disk.
fn complete_batches(files: Vec<(String, ExportHeader)>, outcome: &mut Outcome) -> Vec<Batch> {
    let incomplete = check_batches(files.iter().map(|(_, header)| header));
    let mut batches: BTreeMap<_, Batch> = BTreeMap::new();
    let mut order = Vec::new();
    for (name, header) in files {
        let waits = incomplete.iter().any(|batch| {
            (batch.start, batch.end, &batch.region, batch.batch_size)
                == (header.start, header.end, &header.region, header.batch_size)
        });
        if !waits {
            let id = (header.start, header.end, header.region, header.batch_size);
            let batch = batches.entry(id.clone()).or_insert_with(|| {
                order.push(id);
                Batch { names: Vec::new() }
            });
            batch.names.push(name);
        }
    }
    for batch in incomplete {
        outcome.note(SyncError::Incomplete(batch));
    }
    order.iter().filter_map(|id| batches.remove(id)).collect()
}
