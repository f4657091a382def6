//! What can go wrong with what the engine is asked for.

use vungxanh_protocol::venue::VenueError;

use super::import::ImportError;
use crate::declarations::DeclareError;
use crate::store::StoreError;
use crate::store::archive::ArchiveError;
use crate::sync::SyncError;
use crate::venue::CheckInError;

/// A request that the engine could not fulfil.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no authority to exchange with.
    #[error("no authority is enrolled; enroll one first")]
    NoAuthority,
    /// The exchange with the authority failed; what it said.
    #[error("the exchange with the authority failed: {0}")]
    Exchange(String),
    /// What is to be disclosed is no visit.
    #[error("a line is not that of a visit: {0}")]
    DisclosureLine(VenueError),
    /// The file of own data.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// What the file of own data holds.
    #[error("nothing of the file was taken over: {0}")]
    Import(#[from] ImportError),
    /// A check-in, or the diary.
    #[error(transparent)]
    CheckIn(#[from] CheckInError),
    #[error(transparent)]
    Declare(#[from] DeclareError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The authority, or what is stored of it.
    #[error(transparent)]
    Sync(#[from] SyncError),
}
