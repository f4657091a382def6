//! From stored keys to signed files: cutting batches, padding, signing, the object store.

pub mod batcher;
pub mod object_store;
pub mod padding;
pub mod signer;

use crate::storage::StoreError;

/// What went wrong with making or writing batches.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object store.
    #[error("the export files cannot be written: {0}; nothing is lost, it is tried again")]
    Files(#[from] std::io::Error),
    /// Export files cannot be made of what is stored.
    #[error("an export file cannot be made: {0}")]
    Export(#[from] vungxanh_protocol::export::ExportError),
}
