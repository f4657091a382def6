//! Requests to venues as staff look back on them, and taking one back.

use super::app::App;
use super::venue_warnings::VenueWarningError;
use crate::domain::share_requests::RequestId;
use crate::storage::StoreError;
use crate::storage::audit::Actor;
use crate::storage::request_history::RequestFilter;
use crate::storage::share_requests::{RequestState, ShareRequest};

/// So many requests stand on one page.
const SHOWN: u32 = 50;

/// A page of the requests that were looked for, those asked last first.
pub struct RequestPage {
    pub requests: Vec<ShareRequest>,
    /// Whether there are more after these.
    pub has_more: bool,
}

/// The page of this number, from 0 on.
pub async fn page(
    app: &App,
    filter: &RequestFilter,
    number: u32,
) -> Result<RequestPage, StoreError> {
    let skipped = number.saturating_mul(SHOWN);
    let mut requests = app.store.find_share_requests(filter, skipped, SHOWN + 1).await?;
    let has_more = requests.len() > usize::try_from(SHOWN).unwrap_or(usize::MAX);
    requests.truncate(usize::try_from(SHOWN).unwrap_or(usize::MAX));
    Ok(RequestPage { requests, has_more })
}

pub async fn find(app: &App, request: RequestId) -> Result<ShareRequest, VenueWarningError> {
    app.store.share_request(request).await?.ok_or(VenueWarningError::NotFound)
}

/// Whether something of a request can still be taken back.
pub const fn is_cancellable(request: &ShareRequest) -> bool {
    matches!(request.state, RequestState::Waiting | RequestState::Approved)
}

/// Takes back what is not published of a request. What devices may have fetched stays published.
pub async fn cancel(app: &App, request: RequestId, actor: &Actor) -> Result<(), VenueWarningError> {
    find(app, request).await?;
    let cancelled = app.store.cancel_share_request(request, actor, app.clock.now());
    if cancelled.await? { Ok(()) } else { Err(VenueWarningError::NotWaiting) }
}
