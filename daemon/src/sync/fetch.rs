//! One fetch: the document, the lists of files, the new files, what they match.

use std::collections::BTreeMap;
use std::fs::File;

use vungxanh_protocol::export::{ExportFile, ExportHeader, check_batches};

use super::budget::Spending;
use super::fetch_context::FetchContext;
use super::files::ListedFile;
use super::http::ServerUrl;
use super::index::ListedName;
use super::records::{FileHistory, Progress};
use super::warnings::WarningFiles;
use super::{Inner, Outcome, Sync, SyncError};
use crate::platform::atomic_file;

/// Files that make up one batch, all of them downloaded and verified.
pub(super) struct Batch {
    pub(super) names: Vec<ListedName>,
}

/// Export files of keys.
struct ExportFiles;

impl ListedFile for ExportFiles {
    type Verified = ExportHeader;
    const EXTENSIONS: &'static [&'static str] = &[".zip"];
    const WHAT: &'static str = "export files";

    fn folder(context: &FetchContext) -> Option<&ServerUrl> {
        Some(&context.exports)
    }

    fn limit(shared: &Inner) -> u64 {
        shared.limits.file_bytes
    }

    fn history(progress: &mut Progress) -> &mut FileHistory {
        &mut progress.exports
    }

    fn verify(
        shared: &Inner,
        context: &FetchContext,
        name: &ListedName,
    ) -> Result<ExportHeader, SyncError> {
        let mut file = shared.open_export(name)?;
        file.verify(&context.keys)
            .map_err(|source| SyncError::Export { name: name.to_string(), source })?;
        let header = file.header().clone();
        if header.region != name.region() {
            let (region, found) = (name.region().to_owned(), header.region);
            return Err(SyncError::WrongRegion { name: name.to_string(), region, found });
        }
        Ok(header)
    }
}

impl Sync {
    /// Fetches and matches what is new, whether or not it is time: the caller waits for
    /// [`Sync::next_due`], or a person asked.
    ///
    /// One broken file or list does not keep the others from being matched; the first error is
    /// in the outcome. The next fetch is scheduled, sooner after an error.
    pub async fn run_due(&self) -> Outcome {
        let _one_at_a_time = self.shared.fetching.lock().await;
        let mut outcome = Outcome::default();
        if let Err(error) = self.fetch(&mut outcome).await {
            outcome.note(error);
        }
        match self.notices().pending().await {
            Ok(notices) => outcome.notices = notices,
            Err(error) => outcome.note(error),
        }
        if let Err(error) = self.finish(&outcome).await {
            outcome.note(error);
        }
        outcome
    }

    async fn fetch(&self, outcome: &mut Outcome) -> Result<(), SyncError> {
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
            self.change_progress(|progress| {
                progress.exports.reset();
                progress.warnings.reset();
            })
            .await?;
        }
        let now = self.now();
        // A signing key that is valid since a moment ago, by a clock that is a little ahead.
        let uptime = self.shared.clock.uptime();
        let true_time = authority_time.map_or(now, |heard| heard.at(uptime));
        let at = now.max(true_time);
        let context = FetchContext::new(self.enrolled()?, true_time, at)?;
        let spending = &mut Spending::begin(self.shared.budget);
        let names = self.new_files::<ExportFiles>(&context, spending, outcome).await?;
        let warnings = self.new_files::<WarningFiles>(&context, spending, outcome).await?;
        let wanted = [names.as_slice(), &warnings].concat();
        self.blocking(move |shared| shared.download_dir.tidy(&wanted)).await?;
        let verified = self.obtain_all::<ExportFiles>(&context, &names, spending, outcome).await?;
        let batches = complete_batches(verified, outcome);
        if !batches.is_empty() {
            let context = context.clone();
            let counts =
                self.blocking(move |shared| shared.match_batches(&context, &batches)).await?;
            outcome.batches = counts.batches;
            outcome.keys = counts.keys;
        }
        self.take_warnings(&context, &warnings, spending, outcome).await
    }

    /// Remembers how the fetch went and when the next one is due.
    async fn finish(&self, outcome: &Outcome) -> Result<(), SyncError> {
        let now = self.now();
        let failed = outcome.error.as_ref().map(ToString::to_string);
        let succeeded = outcome.error.is_none();
        if let Some(enrolled) = self.authority() {
            self.change_schedule(move |schedule| {
                let parameters = &enrolled.authority.document().tracing;
                schedule.fetched(now, succeeded, parameters, &mut rand::rng());
            })
            .await?;
        }
        self.change_progress(move |progress| {
            let refused = progress.still_refused();
            progress.last_error = failed.or(refused.map(|refused| refused.to_string()));
            if succeeded {
                progress.last_success = Some(now);
            }
        })
        .await
    }
}

impl Inner {
    /// Opens a downloaded file.
    pub(super) fn open_export(&self, name: &ListedName) -> Result<ExportFile<File>, SyncError> {
        let path = self.download_dir.complete(name);
        let file =
            atomic_file::open_regular(&path).map_err(|error| SyncError::file(&path, error))?;
        ExportFile::open(file, &self.limits)
            .map_err(|source| SyncError::Export { name: name.to_string(), source })
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
fn complete_batches(files: Vec<(ListedName, ExportHeader)>, outcome: &mut Outcome) -> Vec<Batch> {
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
    // Of what the next fetch goes on with, nothing is amiss yet.
    if !outcome.cut_short {
        incomplete.into_iter().for_each(|batch| outcome.note(SyncError::Incomplete(batch)));
    }
    order.iter().filter_map(|id| batches.remove(id)).collect()
}
