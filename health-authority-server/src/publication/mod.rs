//! From stored keys to signed files: cutting batches, padding, signing, the object store.

pub mod batcher;
pub mod names;
pub mod object_store;
pub(crate) mod padding;
mod pass_notices;
pub(crate) mod period;
pub mod signer;
pub mod turn;
pub mod warnings;

use crate::authority::error::FileError;
use crate::storage::StoreError;

/// What went wrong with making or writing batches.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the published files cannot be written: {0}; nothing is lost, it is tried again")]
    Files(#[from] std::io::Error),
    /// Export files cannot be made of what is stored.
    #[error("an export file cannot be made: {0}")]
    Export(#[from] vungxanh_protocol::export::ExportError),
    /// This process stalled in the middle of its work.
    #[error("another server has taken over this work; nothing is lost")]
    Overtaken,
    #[error(transparent)]
    File(#[from] FileError),
    /// A batch of warnings to passes cannot be made of what is stored.
    #[error("a batch of warnings cannot be made: {0}")]
    Passes(#[from] vungxanh_protocol::door::DoorError),
    /// A batch of warnings cannot be made of what is stored.
    #[error("a batch of warnings cannot be made: {0}")]
    Warnings(#[from] vungxanh_protocol::venue::VenueError),
}
