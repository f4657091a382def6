//! Published files in a bucket.
//!
//! Devices' requests are answered from a cache on this machine's disk. A file that is not there is
//! fetched only if the list names it, so that made-up names never reach the bucket; of the list, requests
//! share one look every few seconds.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, Error, GetOptions, ObjectStore, ObjectStoreExt, PutMode, PutOptions,
    PutPayload, UpdateVersion,
};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex as TurnMutex, Semaphore};

use super::bucket::Bucket;
use super::cache::Cache;
use super::entry::{PublishedFile, Put, SeenIndex, StoreLock, headers, index_name, is_public_name};
use super::folder::FolderStore;
use super::health::HealthRecord;

/// The largest list, in bytes.
const MAX_INDEX_BYTES: u64 = 8 << 20;
/// The largest file that is read whole, in bytes.
const MAX_FILE_BYTES: u64 = 256 << 20;
const MAX_NAMES: usize = 200_000;
/// How old a list may be that devices get.
const INDEX_AGE: Duration = Duration::from_secs(5);
/// After an error, the bucket is left alone for so long by requests for its list.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a look at the list takes at most; requests wait for it longer.
const LOOK_TIMEOUT: Duration = Duration::from_secs(10);
/// Files that are fetched at a time.
const DOWNLOADS: usize = 8;
/// How long a device's request waits for a file, in all.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(25);
/// How much of an error is repeated, in characters.
const MAX_ERROR_CHARACTERS: usize = 400;

#[derive(Clone)]
pub(super) struct S3Store(Arc<Inner>);

struct Inner {
    client: AmazonS3,
    prefix: String,
    region: String,
    conditional_writes: bool,
    /// The most that one call takes, retries included.
    patience: Duration,
    cache: Cache,
    index: Arc<TurnMutex<KnownIndex>>,
    downloads: Semaphore,
    turns: Mutex<HashMap<String, Weak<TurnMutex<()>>>>,
}

/// The list as it was last read.
#[derive(Default)]
struct KnownIndex {
    names: BTreeSet<String>,
    version: Option<String>,
    /// When the last look that succeeded began.
    looked_at: Option<Instant>,
    failed: Option<(Instant, String)>,
}

impl KnownIndex {
    fn of(content: &[u8], version: Option<String>) -> Self {
        let names = String::from_utf8_lossy(content).lines().map(str::to_owned).collect();
        Self { names, version, ..Self::default() }
    }
}

/// What was found under a name.
struct Found {
    content: Vec<u8>,
    version: Option<String>,
}

impl fmt::Debug for S3Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("S3Store(..)")
    }
}

impl S3Store {
    pub(super) fn open(bucket: &Bucket<'_>) -> io::Result<Self> {
        let client = bucket.client()?;
        // Another bucket has other files under the same names.
        let place = format!("{} {} {}", bucket.settings.endpoint, bucket.name, bucket.prefix);
        let folder = hex::encode(&Sha256::digest(place.as_bytes())[..8]);
        let cache = Cache::open(
            bucket.cache.join(folder),
            bucket.settings.cache_mebibytes.saturating_mul(1 << 20),
        )?;
        Ok(Self(Arc::new(Inner {
            client,
            prefix: bucket.prefix.to_owned(),
            region: bucket.region.to_owned(),
            conditional_writes: bucket.settings.conditional_writes,
            patience: Duration::from_secs(bucket.settings.timeout_seconds) * 6,
            cache,
            index: Arc::default(),
            downloads: Semaphore::new(DOWNLOADS),
            turns: Mutex::default(),
        })))
    }

    pub(super) async fn lock(&self) -> io::Result<StoreLock> {
        self.0.cache.files.run(FolderStore::lock).await
    }

    /// The names of a region's files or of all.
    pub(super) async fn names(&self, region: Option<&str>) -> io::Result<Vec<String>> {
        let folder = self.0.path(region.unwrap_or_default());
        let listing = async {
            let mut names = Vec::new();
            let mut found = self.0.client.list(Some(&folder));
            while let Some(one) = found.try_next().await? {
                let name = self.0.name(one.location.as_ref());
                names.extend(name.filter(|name| is_public_name(name)));
                if names.len() > MAX_NAMES {
                    return Err(too_large());
                }
            }
            Ok(names)
        };
        self.0.within(listing).await
    }

    pub(super) async fn put_new(&self, name: &str, content: Vec<u8>) -> io::Result<Put> {
        // Also where the store ignores conditions.
        if let Some(there) = self.compare(name, &content).await? {
            return Ok(there);
        }
        let mode = match self.0.conditional_writes {
            true => PutMode::Create,
            false => PutMode::Overwrite,
        };
        match self.0.put(name, content.clone(), mode).await {
            Ok(_) => {
                self.0.cache.keep(name, content).await;
                Ok(Put::Written)
            }
            // Somebody was faster, or our own answer was lost.
            Err(Error::AlreadyExists { .. }) => {
                let there = self.compare(name, &content).await?;
                there.ok_or_else(|| io::Error::other("a file came and went meanwhile"))
            }
            Err(error) => Err(reported(error)),
        }
    }

    /// What has a name already; a part of it is in memory.
    async fn compare(&self, name: &str, content: &[u8]) -> io::Result<Option<Put>> {
        let comparing = async {
            let found =
                match self.0.client.get_opts(&self.0.path(name), GetOptions::default()).await {
                    Ok(found) => found,
                    Err(Error::NotFound { .. }) => return Ok(None),
                    Err(error) => return Err(error),
                };
            if found.meta.size != content.len() as u64 {
                return Ok(Some(Put::OtherThere));
            }
            let mut rest = content;
            let mut stream = found.into_stream();
            while let Some(piece) = stream.try_next().await? {
                match rest.strip_prefix(&piece[..]) {
                    Some(after) => rest = after,
                    None => return Ok(Some(Put::OtherThere)),
                }
            }
            Ok(Some(if rest.is_empty() { Put::SameThere } else { Put::OtherThere }))
        };
        self.0.within(comparing).await
    }

    pub(super) async fn index(&self, region: &str) -> io::Result<SeenIndex> {
        let name = index_name(region);
        Ok(match self.0.within(self.0.read(&name, MAX_INDEX_BYTES)).await? {
            Some(found) => SeenIndex { content: Some(found.content), version: found.version },
            None => SeenIndex { content: None, version: None },
        })
    }

    pub(super) async fn replace_index(
        &self,
        region: &str,
        seen: &SeenIndex,
        content: Vec<u8>,
    ) -> io::Result<bool> {
        let mode = match (&seen.version, &seen.content, self.0.conditional_writes) {
            (Some(_), Some(_), true) => {
                PutMode::Update(UpdateVersion { e_tag: seen.version.clone(), version: None })
            }
            (_, None, true) => PutMode::Create,
            _ => PutMode::Overwrite,
        };
        let text = content.clone();
        match self.0.put(&index_name(region), content, mode).await {
            Ok(()) => {
                self.know(region, &text).await;
                Ok(true)
            }
            Err(Error::Precondition { .. } | Error::AlreadyExists { .. }) => Ok(false),
            Err(error) => Err(reported(error)),
        }
    }

    /// Serves what was just written, also if the bucket is gone from now on.
    async fn know(&self, region: &str, content: &[u8]) {
        if region != self.0.region {
            return;
        }
        let mut known = self.0.index.lock().await;
        self.0.cache.keep(&index_name(region), content.to_vec()).await;
        *known = KnownIndex::of(content, None);
        known.looked_at = Some(Instant::now());
    }

    pub(super) async fn delete(&self, name: &str) -> io::Result<()> {
        let path = self.0.path(name);
        let deleting = async {
            match self.0.client.delete(&path).await {
                Err(Error::NotFound { .. }) => Ok(()),
                done => done,
            }
        };
        self.0.within(deleting).await?;
        let name = name.to_owned();
        self.0.cache.files.run(move |files| files.delete(&name)).await
    }

    pub(super) async fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        if !is_public_name(name) {
            return Ok(None);
        }
        let found = self.0.within(self.0.read(name, MAX_FILE_BYTES)).await?;
        Ok(found.map(|found| found.content))
    }

    pub(super) async fn open_published(
        &self,
        name: &str,
        health: &Arc<HealthRecord>,
    ) -> io::Result<Option<PublishedFile>> {
        let region = name.split_once('/').map(|(region, _)| region);
        if !is_public_name(name) || region != Some(self.0.region.as_str()) {
            return Ok(None);
        }
        let opening = self.find_or_fetch(name, health);
        tokio::time::timeout(REQUEST_TIMEOUT, opening).await.unwrap_or_else(|_| Err(timed_out()))
    }

    async fn find_or_fetch(
        &self,
        name: &str,
        health: &Arc<HealthRecord>,
    ) -> io::Result<Option<PublishedFile>> {
        let arrived = Instant::now();
        if name == index_name(&self.0.region) {
            let since = arrived.checked_sub(INDEX_AGE).unwrap_or(arrived);
            let looked = self.names_since(since, None, health).await;
            // After a restart while the bucket is gone, the list as it last was is on the disk.
            let cached = self.0.cache.find(name).await?;
            return match looked {
                Err(error) if cached.is_none() => Err(error),
                _ => Ok(cached),
            };
        }
        if let Some(file) = self.0.cache.find(name).await? {
            return Ok(Some(file));
        }
        let since = arrived.checked_sub(INDEX_AGE).unwrap_or(arrived);
        // A list from before this request came may be older than the one that the device has.
        let named = self.names_since(since, Some(name), health).await?
            || self.names_since(arrived, Some(name), health).await?;
        if !named {
            return Ok(None);
        }
        self.fetch(name, health).await?;
        self.0.cache.find(name).await
    }

    /// Fetches a file into the cache, once for all who wait for it, also when they go away.
    async fn fetch(&self, name: &str, health: &Arc<HealthRecord>) -> io::Result<()> {
        let turn = self.0.turn(name).lock_owned().await;
        if self.0.cache.find(name).await?.is_some() {
            return Ok(());
        }
        let (this, of, health) = (self.clone(), name.to_owned(), health.clone());
        let task = tokio::spawn(async move {
            let _turn = turn;
            health.note(this.0.download(&of).await)
        });
        task.await.map_err(io::Error::other).flatten()
    }

    /// Whether the list names a file, by a look that began at `since` or later. While the bucket is
    /// gone, the list as it last was counts: nothing new is published meanwhile. A look goes on for the
    /// others who wait when who began it goes away.
    async fn names_since(
        &self,
        since: Instant,
        name: Option<&str>,
        health: &Arc<HealthRecord>,
    ) -> io::Result<bool> {
        let mut known = self.0.index.clone().lock_owned().await;
        if known.looked_at.is_none_or(|at| at < since) {
            let paused = known.failed.as_ref().filter(|(at, _)| at.elapsed() < PAUSE);
            let error = match paused {
                Some((_, error)) => Some(io::Error::other(error.clone())),
                None => {
                    let (this, health) = (self.clone(), health.clone());
                    let look = tokio::spawn(async move {
                        let looked = this.0.look(&mut known, &health).await;
                        (known, looked)
                    });
                    let looked = look.await.map_err(io::Error::other)?;
                    known = looked.0;
                    looked.1.err()
                }
            };
            let is_known = match name {
                Some(name) => known.names.contains(name),
                None => known.looked_at.is_some(),
            };
            if let Some(error) = error
                && !is_known
            {
                return Err(error);
            }
        }
        Ok(name.is_some_and(|name| known.names.contains(name)))
    }
}

impl Inner {
    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.prefix))
    }

    /// The name of what is at a place of the bucket.
    fn name(&self, place: &str) -> Option<String> {
        let rest = place.strip_prefix(self.prefix.as_str())?;
        Some(if self.prefix.is_empty() { rest } else { rest.strip_prefix('/')? }.to_owned())
    }

    async fn within<T>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send,
    ) -> io::Result<T> {
        let done = tokio::time::timeout(self.patience, work).await;
        done.map_err(|_| timed_out())?.map_err(reported)
    }

    async fn put(&self, name: &str, content: Vec<u8>, mode: PutMode) -> Result<(), Error> {
        let (media_type, cache_control) = headers(name);
        let attributes = Attributes::from_iter([
            (Attribute::ContentType, media_type),
            (Attribute::CacheControl, cache_control),
        ]);
        let options = PutOptions { mode, attributes, ..PutOptions::default() };
        let path = self.path(name);
        let putting = self.client.put_opts(&path, PutPayload::from(content), options);
        match tokio::time::timeout(self.patience, putting).await {
            Ok(done) => done.map(drop),
            Err(_) => Err(Error::Generic { store: "S3", source: Box::new(timed_out()) }),
        }
    }

    async fn read(&self, name: &str, most: u64) -> Result<Option<Found>, Error> {
        let found = match self.client.get_opts(&self.path(name), GetOptions::default()).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        if found.meta.size > most {
            return Err(too_large());
        }
        let (size, version) = (found.meta.size, found.meta.e_tag.clone());
        let mut content = Vec::new();
        let mut stream = found.into_stream();
        while let Some(piece) = stream.try_next().await? {
            content.extend_from_slice(&piece);
            if content.len() as u64 > size {
                return Err(too_large());
            }
        }
        if content.len() as u64 != size {
            return Err(Error::Generic { store: "S3", source: "a file ended too early".into() });
        }
        Ok(Some(Found { content, version }))
    }

    /// Reads the list, unless it is the one that is known and in the cache.
    async fn look(&self, known: &mut KnownIndex, health: &HealthRecord) -> io::Result<()> {
        let began = Instant::now();
        let name = index_name(&self.region);
        let reading = self.within(self.read(&name, MAX_INDEX_BYTES));
        let found = tokio::time::timeout(LOOK_TIMEOUT, reading).await;
        let found =
            health.note(found.unwrap_or_else(|_| Err(timed_out()))).inspect_err(|error| {
                known.failed = Some((Instant::now(), error.to_string()));
            })?;
        let Some(found) = found else {
            *known = KnownIndex { looked_at: Some(began), ..KnownIndex::default() };
            return self.cache.files.run(move |files| files.delete(&name)).await;
        };
        let is_known = found.version.is_some() && found.version == known.version;
        if !is_known || self.cache.find(&name).await?.is_none() {
            let next = KnownIndex::of(&found.content, found.version);
            self.cache.files.run(move |files| files.put(&name, &found.content)).await?;
            *known = next;
            self.cache.retain(&known.names).await;
        }
        known.failed = None;
        known.looked_at = Some(began);
        Ok(())
    }

    /// The turn of those who wait for one file.
    fn turn(&self, name: &str) -> Arc<TurnMutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turn) = turns.get(name).and_then(Weak::upgrade) {
            return turn;
        }
        turns.retain(|_, turn| turn.strong_count() > 0);
        let turn = Arc::default();
        turns.insert(name.to_owned(), Arc::downgrade(&turn));
        turn
    }

    async fn download(&self, name: &str) -> io::Result<()> {
        let _one_of_few = self.downloads.acquire().await.map_err(io::Error::other)?;
        let mut incoming = self.cache.begin(name).await?;
        let receiving = async {
            let options = GetOptions::default();
            let found = self.client.get_opts(&self.path(name), options).await.map_err(reported)?;
            let size = found.meta.size;
            let mut stream = found.into_stream();
            while let Some(piece) = stream.try_next().await.map_err(reported)? {
                incoming.write(&piece).await?;
            }
            match incoming.bytes == size {
                true => Ok(()),
                false => Err(io::Error::other("a file ended too early")),
            }
        };
        let received = tokio::time::timeout(self.patience, receiving).await;
        if let Err(error) = received.unwrap_or_else(|_| Err(timed_out())) {
            incoming.give_up().await;
            // Deleted since the list was read: it is nowhere.
            return if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) };
        }
        incoming.finish().await?;
        self.cache.make_room(name).await;
        Ok(())
    }
}

fn timed_out() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the store takes too long")
}

fn too_large() -> Error {
    Error::Generic { store: "S3", source: "there is more than can be read".into() }
}

/// An error for the log: on one line, and no longer than needed.
fn reported(error: Error) -> io::Error {
    let kind = match &error {
        Error::NotFound { .. } => io::ErrorKind::NotFound,
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            io::ErrorKind::PermissionDenied
        }
        _ => io::ErrorKind::Other,
    };
    let text = error.to_string();
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    io::Error::new(kind, plain.take(MAX_ERROR_CHARACTERS).collect::<String>())
}
