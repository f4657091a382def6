//! Where published files are: in a folder, or in a bucket of a store that speaks S3
//! ([ADR 53](../../../../docs/adr/0053-object-store-by-url.md)).
//!
//! Names are relative, with `/`. Files never change once they are there; only a region's list does, and
//! it is switched in one step.

#[cfg(feature = "s3")]
mod bucket;
#[cfg(feature = "s3")]
mod cache;
mod entry;
mod folder;
mod health;
#[cfg(feature = "s3")]
mod s3;

use std::io;
use std::path::Path;
use std::sync::Arc;

#[cfg(feature = "s3")]
pub use bucket::Bucket;
pub use entry::{CHANGING, PublishedFile, Put, SIGNED, SeenIndex, StoreLock, headers, is_index};
use folder::FolderStore;
use health::HealthRecord;
pub use health::StoreHealth;

/// Published files. Clones are the same store.
#[derive(Debug, Clone)]
pub struct ObjectStore {
    backend: Backend,
    health: Arc<HealthRecord>,
}

#[derive(Debug, Clone)]
enum Backend {
    Folder(FolderStore),
    #[cfg(feature = "s3")]
    S3(s3::S3Store),
}

/// Asks the backend, on a thread that may block where it is a folder, and remembers how it went.
macro_rules! ask {
    ($store:expr, $folder:ident => $of_folder:expr, $bucket:ident => $of_bucket:expr) => {
        $store.health.note(match &$store.backend {
            Backend::Folder($folder) => $of_folder.await,
            #[cfg(feature = "s3")]
            Backend::S3($bucket) => $of_bucket.await,
        })
    };
}

impl ObjectStore {
    /// The store in `folder`, which is made when missing.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        let backend = Backend::Folder(FolderStore::open(folder)?);
        Ok(Self { backend, health: Arc::default() })
    }

    /// The store in a bucket. It is not asked yet: a server starts also while it is gone.
    #[cfg(feature = "s3")]
    pub fn in_bucket(bucket: &Bucket<'_>) -> io::Result<Self> {
        let backend = Backend::S3(s3::S3Store::open(bucket)?);
        Ok(Self { backend, health: Arc::default() })
    }

    /// How the store does.
    pub fn health(&self) -> StoreHealth {
        self.health.now()
    }

    /// Waits for other processes of this machine that write here.
    pub async fn lock(&self) -> io::Result<StoreLock> {
        match &self.backend {
            Backend::Folder(folder) => folder.run(FolderStore::lock).await,
            #[cfg(feature = "s3")]
            Backend::S3(bucket) => bucket.lock().await,
        }
    }

    /// Writes a file that never changes again, unless something has its name: someone may have
    /// fetched that.
    pub async fn put_new(&self, name: &str, content: Vec<u8>) -> io::Result<Put> {
        let to = name.to_owned();
        ask!(self, folder => folder.run(move |folder| folder.put_new(&to, &content)),
            bucket => bucket.put_new(name, content))
    }

    /// The names of a region's files, in no order.
    pub async fn names(&self, region: &str) -> io::Result<Vec<String>> {
        let of = region.to_owned();
        ask!(self, folder => folder.run(move |folder| folder.names(&of)),
            bucket => bucket.names(Some(region)))
    }

    /// The names of all files of all regions, in no order.
    pub async fn all_names(&self) -> io::Result<Vec<String>> {
        ask!(self, folder => folder.run(FolderStore::all_names), bucket => bucket.names(None))
    }

    /// A region's list, to be replaced.
    pub async fn index(&self, region: &str) -> io::Result<SeenIndex> {
        let of = region.to_owned();
        ask!(self, folder => folder.run(move |folder| folder.index(&of)),
            bucket => bucket.index(region))
    }

    /// Replaces a region's list in one step, unless another one was written since it was seen: what
    /// was worked out before that may be older. Says whether it was replaced.
    pub async fn replace_index(
        &self,
        region: &str,
        seen: &SeenIndex,
        content: Vec<u8>,
    ) -> io::Result<bool> {
        let (of, before) = (region.to_owned(), seen.clone());
        ask!(self,
            folder => folder.run(move |folder| folder.replace_index(&of, &before, &content)),
            bucket => bucket.replace_index(region, seen, content))
    }

    /// Deletes a file; one that is gone is fine.
    pub async fn delete(&self, name: &str) -> io::Result<()> {
        let gone = name.to_owned();
        ask!(self, folder => folder.run(move |folder| folder.delete(&gone)),
            bucket => bucket.delete(name))
    }

    /// A file's content, or `None` when there is none or its name is not one that we give.
    pub async fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let of = name.to_owned();
        ask!(self, folder => folder.run(move |folder| folder.get(&of)), bucket => bucket.get(name))
    }

    /// A file to give out, or `None` when there is none or its name is not one that we give. Its
    /// content is read once for its tag, and not again while it stays the same file.
    pub async fn open_published(&self, name: &str) -> io::Result<Option<PublishedFile>> {
        let of = name.to_owned();
        match &self.backend {
            Backend::Folder(folder) => {
                self.health.note(folder.run(move |folder| folder.open_published(&of)).await)
            }
            // What it has of its own says nothing about the bucket.
            #[cfg(feature = "s3")]
            Backend::S3(bucket) => bucket.open_published(name, &self.health).await,
        }
    }
}
