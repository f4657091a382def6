//! The passes that are kept, for matching of warnings: read from the store, so that matching needs nothing
//! that needs matching.

use std::sync::Arc;

use super::book::Book;
use super::entry::Entry;
use crate::store::{EncounterStore, StoreError};
use crate::sync::{HeldPass, HeldPasses};

/// Passes of all declarations in a store, used or not.
pub struct StoredPasses(Arc<dyn EncounterStore>);

impl StoredPasses {
    pub fn new(store: Arc<dyn EncounterStore>) -> Self {
        Self(store)
    }
}

impl HeldPasses for StoredPasses {
    fn held(&self) -> Result<Vec<HeldPass>, StoreError> {
        let book = Book::read(self.0.as_ref())?;
        Ok(book.entries.iter().flat_map(Entry::held).collect())
    }
}
