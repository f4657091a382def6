//! The published keys of declarations and passes, held in memory: checking them takes milliseconds.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::authority::document;
use crate::authority::error::FileError;
use crate::authority::folder::Folder;
use crate::authority::intake::{self, Published};

/// The published lists, read again when their file has changed.
#[derive(Debug, Default)]
pub struct PublishedCache(Mutex<Option<(SystemTime, Arc<Published>)>>);

impl PublishedCache {
    /// The lists in force; none in an authority that takes no declarations.
    pub fn get(&self, folder: &Folder) -> Result<Option<Arc<Published>>, FileError> {
        let Some(changed) = intake::changed_at(folder) else { return Ok(None) };
        let mut cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, published)) = &*cached
            && *at == changed
        {
            return Ok(Some(Arc::clone(published)));
        }
        let document = document::read(folder)?.document;
        let published = Published::read(folder, &document)?;
        let published = published.map(Arc::new);
        *cached = published.clone().map(|published| (changed, published));
        Ok(published)
    }
}
