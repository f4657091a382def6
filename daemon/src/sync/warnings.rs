//! Batches of warnings against the sealed check-ins.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::thread;

use vungxanh_protocol::door::{self, DoorError, PassWarnings, WarningBatchWithPasses};
use vungxanh_protocol::interval::UtcDay;
use vungxanh_protocol::venue::VenueError;
use vungxanh_protocol::venue::batch::WarningBatch;
use vungxanh_protocol::venue::cells::CellTable;
use vungxanh_protocol::venue::keys::ProvenVenueKey;
use vungxanh_protocol::venue::slot::Hour;
use vungxanh_protocol::venue::warning::{VenueMatch, Warning};

use super::budget::Spending;
use super::fetch_context::FetchContext;
use super::files::ListedFile;
use super::http::ServerUrl;
use super::index::ListedName;
use super::parallelism::Parallelism;
use super::passes::pass_matches;
use super::records::{FileHistory, Progress};
use super::{Inner, Outcome, Sync, SyncError, unless_expired};
use crate::platform::atomic_file;
use crate::store::StoreError;

/// Warnings about hours further ahead than this are not waited for: a case stays for a day at most,
/// and lingers for a day.
const HOURS_AHEAD: u32 = 48;

/// How batches of version 1 end, and those with a section for passes.
const SLOTS: &str = ".vxw";
const WITH_PASSES: &str = ".vxp";

/// A batch of either version.
struct ReadBatch {
    slots: WarningBatch,
    passes: Option<PassWarnings>,
}

/// Batches of warnings about venues.
pub(super) struct WarningFiles;

impl ListedFile for WarningFiles {
    type Verified = ();
    const EXTENSIONS: &'static [&'static str] = &[SLOTS, WITH_PASSES];
    const WHAT: &'static str = "batches of warnings";

    /// Version 2 holds what version 1 holds: where both are listed, one of them is read.
    fn choose(listed: Vec<ListedName>) -> Vec<ListedName> {
        let newer: BTreeSet<ListedName> =
            listed.iter().filter_map(|name| name.with_ending(WITH_PASSES, SLOTS)).collect();
        listed.into_iter().filter(|name| !newer.contains(name)).collect()
    }

    fn folder(context: &FetchContext) -> Option<&ServerUrl> {
        context.warnings.as_ref()
    }

    fn limit(_shared: &Inner) -> u64 {
        door::MAX_SIGNED_BYTES as u64
    }

    fn history(progress: &mut Progress) -> &mut FileHistory {
        &mut progress.warnings
    }

    fn verify(shared: &Inner, context: &FetchContext, name: &ListedName) -> Result<(), SyncError> {
        shared.read_warnings(context, name).map(drop)
    }
}

impl ReadBatch {
    fn read(
        bytes: &[u8],
        name: &ListedName,
        key: &ProvenVenueKey,
        region: &str,
    ) -> Result<Self, VenueError> {
        if !name.as_str().ends_with(WITH_PASSES) {
            let slots = WarningBatch::read(bytes, &key.warning_key, region)?;
            return Ok(Self { slots, passes: None });
        }
        let batch =
            WarningBatchWithPasses::read(bytes, &key.warning_key, region).map_err(|error| {
                match error {
                    DoorError::Venue(error) => error,
                    DoorError::Format(error) => error.into(),
                    _ => VenueError::UnknownKey(0),
                }
            })?;
        Ok(Self { slots: batch.slots, passes: Some(batch.passes) })
    }
}

impl Sync {
    /// Fetches new batches of warnings and tries them; where an authority has no venues, none.
    /// Whether this device has ever checked in makes no difference to what is asked for.
    pub(super) async fn take_warnings(
        &self,
        context: &FetchContext,
        names: &[ListedName],
        spending: &mut Spending,
        outcome: &mut Outcome,
    ) -> Result<(), SyncError> {
        let obtained = self.obtain_all::<WarningFiles>(context, names, spending, outcome).await?;
        for (name, ()) in obtained {
            let context = context.clone();
            let tried = self.blocking(move |shared| shared.match_warnings(&context, &name)).await?;
            outcome.warnings += tried.unwrap_or(0);
        }
        Ok(())
    }
}

impl Inner {
    /// Tries a batch on the sealed check-ins and keeps what it says of them; only then takes note
    /// that it is done. `None`: it speaks of hours whose check-ins are still to come, and is tried
    /// again.
    fn match_warnings(
        &self,
        context: &FetchContext,
        name: &ListedName,
    ) -> Result<Option<u64>, SyncError> {
        let Some(check_ins) = &self.check_ins else { return Ok(None) };
        let batch = self.read_warnings(context, name)?;
        let now = context.now;
        let _nothing_is_forgotten = self.matching.blocking_lock();
        let (table, complete) = check_ins.cells(now);
        let parallelism = Parallelism::now();
        let slots = batch.slots.warnings();
        let mut found = parallelism.run(|| try_all(&table, slots, parallelism.threads()));
        if let (Some(warnings), Some(passes)) = (&batch.passes, &self.passes) {
            let held = passes.held()?;
            found.extend(parallelism.run(|| pass_matches(warnings, &held, now)));
        }
        self.add_venue_matches(found)?;
        let ahead = Hour::new(Hour::at(now).number().saturating_add(HOURS_AHEAD));
        let to_come = |warning: &Warning| warning.hour() > complete && warning.hour() <= ahead;
        if slots.iter().any(to_come) {
            return Ok(None);
        }
        let count = slots.len() as u64;
        self.change_progress(|progress| {
            progress.warnings.processed(name, now.day());
            progress.warning_batches += 1;
        })?;
        self.download_dir.discard(name)?;
        Ok(Some(count))
    }

    /// Reads a batch that one of the authority's present warning keys has signed for the region in
    /// whose list it stands.
    fn read_warnings(
        &self,
        context: &FetchContext,
        name: &ListedName,
    ) -> Result<ReadBatch, SyncError> {
        let refused = |source| SyncError::Warnings { name: name.to_string(), source };
        let path = self.download_dir.complete(name);
        let bytes = atomic_file::read(&path, door::MAX_SIGNED_BYTES as u64 + 1)
            .map_err(StoreError::from)?
            .unwrap_or_default();
        let region = name.region();
        let mut error = VenueError::UnknownKey(0);
        for key in context.venue_keys.iter() {
            match ReadBatch::read(&bytes, name, key, region) {
                Ok(batch) => return Ok(batch),
                Err(refused) => error = refused,
            }
        }
        Err(refused(error))
    }

    /// Adds matches to those of their days. Doing so twice changes nothing.
    fn add_venue_matches(&self, found: Vec<VenueMatch>) -> Result<(), SyncError> {
        if found.is_empty() {
            return Ok(());
        }
        let mut days: BTreeMap<UtcDay, Vec<VenueMatch>> = BTreeMap::new();
        for venue_match in self.store.venue_matches()? {
            days.entry(venue_match.visit_from.day()).or_default().push(venue_match);
        }
        for venue_match in found {
            let day = venue_match.visit_from.day();
            let of_day = days.entry(day).or_default();
            if !of_day.contains(&venue_match) {
                of_day.push(venue_match);
                unless_expired(self.store.put_venue_matches(day, of_day))?;
            }
        }
        Ok(())
    }
}

/// Tries all warnings; about 1 ms for each cell of an hour. One with a bad point is passed over.
fn try_all(table: &CellTable, warnings: &[Warning], threads: NonZero<usize>) -> Vec<VenueMatch> {
    let try_part = |part: &[Warning]| {
        let found = part.iter().filter_map(|warning| table.try_warning(warning).ok());
        found.flatten().collect::<Vec<_>>()
    };
    let share = warnings.len().div_ceil(threads.get()).max(1);
    thread::scope(|scope| {
        let parts = warnings.chunks(share);
        let workers: Vec<_> = parts.map(|part| scope.spawn(move || try_part(part))).collect();
        let joined = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.flatten().collect()
    })
}
