//! Lists of signed files and the files in them: export files and batches of warnings alike.

use std::collections::BTreeSet;

use super::budget::Spending;
use super::fetch_context::FetchContext;
use super::http::{ServerUrl, remove_file};
use super::index::{self, ListedName, MAX_INDEX_BYTES};
use super::records::{FileHistory, Progress};
use super::{Inner, Outcome, Sync, SyncError};

/// A kind of files that an authority lists by region.
pub(super) trait ListedFile {
    /// What is known of a file once it is verified.
    type Verified: Send + 'static;
    /// How names of such files end.
    const EXTENSIONS: &'static [&'static str];
    /// What they are, for messages.
    const WHAT: &'static str;

    /// Those of the listed files that are read.
    fn choose(listed: Vec<ListedName>) -> Vec<ListedName> {
        listed
    }
    /// Where they are; `None` if the authority has none.
    fn folder(context: &FetchContext) -> Option<&ServerUrl>;
    /// Bytes that one has at most.
    fn limit(shared: &Inner) -> u64;
    /// What is remembered of them.
    fn history(progress: &mut Progress) -> &mut FileHistory;
    /// Verifies a downloaded one.
    fn verify(
        shared: &Inner,
        context: &FetchContext,
        name: &ListedName,
    ) -> Result<Self::Verified, SyncError>;
}

impl Sync {
    /// The files that are listed and have not been done yet, oldest first.
    pub(super) async fn new_files<K: ListedFile>(
        &self,
        context: &FetchContext,
        spending: &mut Spending,
        outcome: &mut Outcome,
    ) -> Result<Vec<ListedName>, SyncError> {
        let Some(folder) = K::folder(context) else { return Ok(Vec::new()) };
        let mut listed = Vec::new();
        for region in &context.document().regions {
            if spending.is_out_of_time() {
                break;
            }
            match self.list::<K>(folder, region).await {
                Ok(names) if !spending.take_names(&names) => {
                    outcome.note(SyncError::TooManyFiles(names.len()));
                }
                Ok(names) => listed.push((region.clone(), names)),
                Err(error @ SyncError::Unreachable { .. }) => return Err(error),
                Err(error) => outcome.note(error),
            }
        }
        let now = self.now();
        self.blocking(move |shared| {
            let mut new = Vec::new();
            shared.change_progress(|progress| {
                let history = K::history(progress);
                for (region, names) in listed {
                    history.listed(&region, &names, now.day());
                    let mut seen = BTreeSet::new();
                    let wanted =
                        |name: &ListedName| history.wants(name, now) && seen.insert(name.clone());
                    new.extend(names.into_iter().filter(wanted));
                }
            })?;
            Ok(new)
        })
        .await
    }

    async fn list<K: ListedFile>(
        &self,
        folder: &ServerUrl,
        region: &str,
    ) -> Result<Vec<ListedName>, SyncError> {
        index::check_region(region)?;
        let url = folder.join(&format!("{region}/index.txt"))?;
        let what = format!("the list of {} of {region}", K::WHAT);
        let fetched = self.shared.http.get(url, &what, MAX_INDEX_BYTES).await?;
        Ok(K::choose(index::parse(region, &fetched.bytes, K::EXTENSIONS)?))
    }

    /// Downloads and verifies files, as many as the fetch can afford. One that is not accepted is put
    /// off; which ones, is stored once.
    pub(super) async fn obtain_all<K: ListedFile>(
        &self,
        context: &FetchContext,
        names: &[ListedName],
        spending: &mut Spending,
        outcome: &mut Outcome,
    ) -> Result<Vec<(ListedName, K::Verified)>, SyncError> {
        let mut refused = Vec::new();
        let verified = self.obtain_each::<K>(context, names, spending, outcome, &mut refused).await;
        if !refused.is_empty() {
            let now = self.now();
            self.change_progress(move |progress| {
                let ledger = K::history(progress);
                refused.iter().for_each(|(name, reason)| ledger.refuse(name, reason, now));
            })
            .await?;
        }
        verified
    }

    async fn obtain_each<K: ListedFile>(
        &self,
        context: &FetchContext,
        names: &[ListedName],
        spending: &mut Spending,
        outcome: &mut Outcome,
        refused: &mut Vec<(ListedName, String)>,
    ) -> Result<Vec<(ListedName, K::Verified)>, SyncError> {
        let Some(folder) = K::folder(context) else { return Ok(Vec::new()) };
        let mut verified = Vec::new();
        for name in names {
            if let Some(reason) = spending.used_up() {
                tracing::info!(reason, "the rest of what is listed waits for the next fetch");
                outcome.cut_short = true;
                break;
            }
            match self.obtain::<K>(context, folder, name, spending).await {
                Ok(file) => {
                    spending.accepted();
                    verified.push((name.clone(), file));
                }
                Err(error @ SyncError::Unreachable { .. }) => {
                    outcome.note(error);
                    break;
                }
                Err(error @ (SyncError::Store(_) | SyncError::File { .. })) => return Err(error),
                Err(error) => {
                    spending.refused();
                    refused.push((name.clone(), error.to_string()));
                    outcome.note(error);
                }
            }
        }
        Ok(verified)
    }

    async fn obtain<K: ListedFile>(
        &self,
        context: &FetchContext,
        folder: &ServerUrl,
        name: &ListedName,
        spending: &mut Spending,
    ) -> Result<K::Verified, SyncError> {
        let download_dir = &self.shared.download_dir;
        if download_dir.complete(name).exists() {
            if let Ok(verified) = self.verify::<K>(context, name).await {
                return Ok(verified);
            }
            download_dir.discard(name)?;
        }
        loop {
            let part = download_dir.part(name);
            let resumed = part.exists();
            let url = folder.join(name.as_str())?;
            let limit = K::limit(&self.shared);
            let received = &mut spending.bytes;
            match self.shared.http.download(url, name.as_str(), &part, limit, received).await {
                Ok(()) => {}
                Err(error @ (SyncError::Unreachable { .. } | SyncError::File { .. })) => {
                    return Err(error);
                }
                Err(error) => {
                    remove_file(&part)?;
                    return Err(error);
                }
            }
            download_dir.finish(name)?;
            match self.verify::<K>(context, name).await {
                Ok(verified) => return Ok(verified),
                // Its two halves may come from different files: once more, as a whole.
                Err(_) if resumed => download_dir.discard(name)?,
                Err(error) => {
                    download_dir.discard(name)?;
                    return Err(error);
                }
            }
        }
    }

    async fn verify<K: ListedFile>(
        &self,
        context: &FetchContext,
        name: &ListedName,
    ) -> Result<K::Verified, SyncError> {
        let (context, name) = (context.clone(), name.clone());
        self.blocking(move |shared| K::verify(shared, &context, &name)).await
    }
}
