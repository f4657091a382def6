//! Supervised doors: taking what they send, and opening an hour for a case. What is opened stays in
//! memory; only notices to passes, and whom officers call, leave it, sealed.

use std::collections::{BTreeMap, BTreeSet};

use rand::RngExt;
use vungxanh_protocol::door::{OpenedHour, SealedRecord, open_hour};
use vungxanh_protocol::intake::WHOLE_AUTHORITY;
use vungxanh_protocol::interval::UnixTime;
use vungxanh_protocol::seal::SealKey;
use vungxanh_protocol::venue::slot::Hour;

use super::app::App;
use crate::authority::door_keys::{destroy_door_keys, door_key, read_door_key};
use crate::authority::error::FileError;
use crate::authority::intake::read_card_keys;
use crate::domain::door_secrets::{
    Call, Callee, open_call, open_upload, opening_id, seal_call, seal_notice, seal_upload,
    upload_id,
};
use crate::domain::doors::{
    Bounds, DoorShares, calls, case_time, join_keys, notices, records_in, split_upload,
};
use crate::domain::share_requests::{RequestedPoster, ShareError, oldest_kept};
use crate::domain::venues::{UnitId, VenueId};
use crate::storage::StoreError;
use crate::storage::doors::{NewDoorUpload, OpenedDoors, SealedNotice, StoredUpload};
use crate::storage::share_requests::RequestDetails;

/// Why an upload was not taken.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// Its length is that of no upload.
    #[error("this is no upload of a door")]
    NotRecords,
    #[error("there is no such unit of that venue")]
    NotFound,
    #[error("the hour is not over yet")]
    HourNotOver,
    #[error("the hour is so long ago that nobody is warned about it any more")]
    HourTooOld,
    #[error("there are as many records of that hour as can be opened")]
    HourFull,
    #[error("the venue has too many records")]
    VenueFull,
    #[error("there are too many records of all venues")]
    ServerFull,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    File(#[from] FileError),
}

impl UploadError {
    /// Its name, by which texts are found.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotRecords => "not-records",
            Self::NotFound => "not-found",
            Self::HourNotOver => "hour-not-over",
            Self::HourTooOld => "hour-too-old",
            Self::HourFull => "hour-full",
            Self::VenueFull => "venue-full",
            Self::ServerFull => "server-full",
            Self::Store(_) | Self::File(_) => "failed",
        }
    }
}

/// Stores a door's records of an hour that is over. Sent again, they are there once. Says whether the
/// hour was opened for a case before: those who are in the upload only are not warned of that one.
pub async fn take_upload(
    app: &App,
    venue: VenueId,
    unit: UnitId,
    hour: Hour,
    upload: &[u8],
) -> Result<bool, UploadError> {
    let records = records_in(upload.len()).ok_or(UploadError::NotRecords)?;
    app.store.unit(venue, unit).await?.ok_or(UploadError::NotFound)?;
    let now = app.clock.now();
    if hour.end() > now {
        return Err(UploadError::HourNotOver);
    }
    if hour.end() <= oldest_kept(app.profile.tracing.retention_days, now) {
        return Err(UploadError::HourTooOld);
    }
    let day = day_of(app, hour);
    let key = door_key(&app.folder, day, &mut rand::rng())?;
    let id = upload_id(&key, unit, hour, upload);
    let sealed = seal_upload(&key, &id, upload, &mut rand::rng());
    let opening = opening_id(&key, unit, hour);
    let new = NewDoorUpload { id, venue, unit, hour, day, records, sealed, opening };
    match app.store.put_door_upload(&new, Bounds::DEFAULT, now).await? {
        StoredUpload::There { late } => Ok(late),
        StoredUpload::HourFull => Err(UploadError::HourFull),
        StoredUpload::VenueFull => Err(UploadError::VenueFull),
        StoredUpload::ServerFull => Err(UploadError::ServerFull),
    }
}

/// What can go wrong with what is stored of declarations and doors.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why hours were not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenDoorError {
    /// The shares do not fit.
    #[error(transparent)]
    Share(#[from] ShareError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("the work was given up")]
    GivenUp,
}

/// Opens a door's hours for a request with the venue's shares: what was scanned there with the case
/// becomes notices. The keys and everything else that was opened end here.
pub async fn open(
    app: &App,
    details: &RequestDetails,
    poster: &RequestedPoster,
    hours: &BTreeSet<Hour>,
    shares: DoorShares,
) -> Result<OpenedDoors, OpenDoorError> {
    let id = poster.authority_key_id;
    let own = app.venue_keys.with_id(id).ok_or(ShareError::NoAuthorityKey(id))?.clone();
    let (of_poster, wanted) = (poster.clone(), hours.clone());
    let join = move || join_keys(&of_poster, &wanted, &shares, (&own.sealing, own.proven()));
    let keys = off_the_runtime(join).await??;
    let case = case_time(&details.notice, app.profile.venues.lingering_minutes);
    let passes = app.published.get(&app.folder)?;
    let cards = read_card_keys(&app.folder)?.map_or_else(Vec::new, |keys| keys.list().keys.clone());
    let mut opened = OpenedDoors::default();
    let mut visits = Vec::new();
    for (hour, key) in keys {
        let day = day_of(app, hour);
        let day_key = door_key(&app.folder, day, &mut rand::rng())?;
        opened.openings.push((opening_id(&day_key, poster.unit, hour), day));
        // Without keys of passes none was issued.
        let Some(passes) = passes.clone() else { continue };
        let records = records_of(app, poster.unit, hour, &day_key).await?;
        let cards = cards.clone();
        let open = move || open_hour(&records, hour, &key, case, &passes.passes, &cards);
        let OpenedHour { visits: found, refused, left_over } = off_the_runtime(open).await?;
        if refused + left_over > 0 {
            tracing::warn!(refused, left_over, "a door's hour has records that are not valid");
        }
        visits.extend(found);
    }
    for notice in notices(&visits, &details.notice, &details.venue_name) {
        let day = day_of(app, Hour::at(notice.1.from));
        let key = door_key(&app.folder, day, &mut rand::rng())?;
        let id = rand::rng().random();
        let sealed = seal_notice(&key, &id, &notice, &mut rand::rng());
        let sealed = sealed.ok_or(ShareError::Failed)?;
        opened.notices.push(SealedNotice { id, day, sealed });
    }
    for call in calls(&visits, &details.venue_name) {
        let day = day_of(app, Hour::at(call.from));
        let key = door_key(&app.folder, day, &mut rand::rng())?;
        let id = rand::rng().random();
        let sealed = seal_call(&key, &id, &call, &mut rand::rng()).ok_or(ShareError::Failed)?;
        opened.calls.push(SealedNotice { id, day, sealed });
    }
    Ok(opened)
}

/// Whom officers are to call who open this intake key, and with `cards_of` the cards of that local day.
pub async fn calls_for(
    app: &App,
    key_id: u32,
    cards_of: Option<u16>,
) -> Result<Vec<Call>, KeptError> {
    let belongs = |call: &Call, day: u16| match &call.callee {
        Callee::Contact(contact) => contact.key_id() == key_id,
        Callee::Card(_) => cards_of == Some(day),
    };
    let mut found = Vec::new();
    for sealed in app.store.door_calls().await? {
        let Some(key) = read_door_key(&app.folder, sealed.day)? else { continue };
        match open_call(&key, &sealed.id, &sealed.sealed) {
            Ok(call) if belongs(&call, sealed.day) => found.push(call),
            Ok(_) => {}
            Err(_) => tracing::error!("somebody to call cannot be read: the day has another key"),
        }
    }
    Ok(found)
}

/// How many people officers of each intake key are to call. Whose card was scanned counts for the day's key
/// of the whole authority.
pub async fn call_counts(app: &App) -> Result<BTreeMap<u32, u64>, KeptError> {
    let published = app.published.get(&app.folder)?;
    let key_of_all = |day| {
        let keys = published.iter().flat_map(|published| &published.intake.list().keys);
        let mut of_all = keys.filter(|key| (key.day, key.group) == (day, WHOLE_AUTHORITY));
        of_all.next().map(|key| key.id)
    };
    let mut counts = BTreeMap::new();
    for sealed in app.store.door_calls().await? {
        let Some(key) = read_door_key(&app.folder, sealed.day)? else { continue };
        if let Ok(call) = open_call(&key, &sealed.id, &sealed.sealed) {
            let key = match &call.callee {
                Callee::Contact(contact) => Some(contact.key_id()),
                Callee::Card(_) => key_of_all(sealed.day),
            };
            *counts.entry(key.unwrap_or_default()).or_default() += 1;
        }
    }
    Ok(counts)
}

async fn records_of(
    app: &App,
    unit: UnitId,
    hour: Hour,
    key: &SealKey,
) -> Result<Vec<SealedRecord>, StoreError> {
    let mut records = Vec::new();
    for upload in app.store.door_uploads(unit, hour).await? {
        match open_upload(key, &upload.id, &upload.sealed) {
            Ok(bytes) => records.extend(split_upload(&bytes)),
            // The key was lost and made again.
            Err(_) => tracing::error!("a door's upload cannot be read: its day has another key"),
        }
    }
    Ok(records)
}

/// Destroys the door keys of days of which nobody is warned any more, then what was sealed under them.
pub async fn expire(app: &App) -> Result<(), KeptError> {
    let now = app.clock.now();
    let oldest = day_of(app, Hour::at(oldest_kept(app.profile.tracing.retention_days, now)));
    destroy_door_keys(&app.folder, oldest)?;
    Ok(app.store.expire_doors(oldest).await?)
}

fn day_of(app: &App, hour: Hour) -> u16 {
    let at: UnixTime = hour.start();
    app.config.local_time(at).day(at)
}

async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, OpenDoorError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| OpenDoorError::GivenUp)
}
