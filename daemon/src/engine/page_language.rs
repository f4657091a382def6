//! The language that the person chose on their page: remembered until everything is deleted.

use super::Engine;
use crate::platform::i18n::Language;
use crate::store::{EncounterStore, Record, StoreError, put_state, state};

/// The record that holds its tag. It is no own data: files of own data are without it.
pub(super) const PAGE_LANGUAGE: &str = "page-language";

impl Engine {
    /// None where none was chosen.
    pub(crate) async fn page_language(&self) -> Result<Option<Language>, StoreError> {
        let tag: Option<String> = self.on_store(|store| state(store, PAGE_LANGUAGE)).await?;
        Ok(tag.and_then(|tag| Language::of_tag(&tag)))
    }

    pub(crate) async fn remember_page_language(
        &self,
        language: Language,
    ) -> Result<(), StoreError> {
        self.on_store(move |store| put_state(store, PAGE_LANGUAGE, &language.tag())).await
    }
}

pub(super) fn forget(store: &dyn EncounterStore) -> Result<(), StoreError> {
    store.put_state_bytes(PAGE_LANGUAGE, None)
}

pub(super) fn is_in(record: &Record) -> bool {
    matches!(record, Record::State(name, _) if name == PAGE_LANGUAGE)
}
