//! What waits, what was counted, and whether the server works.

use std::collections::BTreeMap;

use vungxanh_protocol::interval::UnixTime;

use super::app::App;
use crate::domain::accounts::Role;
use crate::domain::throttle::Limit;
use crate::domain::venues::VenueState;
use crate::storage::StoreError;
use crate::storage::accounts::Account;

/// How many things wait for somebody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Waiting {
    /// Requests that a venue has not answered.
    pub requests: u64,
    /// Venues that no officer has decided about.
    pub venues: u64,
    /// Changes of approved venues that no officer has decided about.
    pub changes: u64,
}

/// What waits for the person of this account.
pub async fn waiting_for(app: &App, account: &Account) -> Result<Waiting, StoreError> {
    let mut waiting = Waiting::default();
    match (account.role, account.venue) {
        (Role::VenueManager, Some(venue)) => {
            let requests = app.store.waiting_share_requests(venue).await?;
            waiting.requests = u64::try_from(requests.len()).unwrap_or(u64::MAX);
        }
        (role, _) if role.may(Role::VenueOfficer) => {
            waiting.venues = venues_to_decide(app).await?;
            waiting.changes = app.store.waiting_change_count().await?;
        }
        _ => {}
    }
    Ok(waiting)
}

/// How many venues no officer has decided about.
pub async fn venues_to_decide(app: &App) -> Result<u64, StoreError> {
    app.store.venue_count(VenueState::Pending).await
}

/// The limits on attempts that are reached now, and until when.
pub async fn reached_limits(app: &App) -> Result<Vec<(Limit, UnixTime)>, StoreError> {
    app.store.reached_limits(app.clock.now()).await
}

/// Totals since the beginning, by their names.
pub async fn totals(app: &App) -> Result<BTreeMap<&'static str, u64>, StoreError> {
    app.store.statistics().await
}

/// Whether the database answers.
pub async fn works(app: &App) -> bool {
    app.store.statistics().await.is_ok()
}
