//! Phones of a venue's staff: accounts that only count visits, opened by an invitation.

use super::app::App;
use super::venues::VenueServiceError;
use crate::domain::accounts::{AccountId, Login, Role};
use crate::domain::sessions::{INVITATION_SECONDS, Invitation};
use crate::domain::venues::VenueId;
use crate::storage::StoreError;
use crate::storage::accounts::{Account, NewAccount};
use crate::storage::audit::Actor;

/// The most open phones of one venue.
pub const MAX_PHONES: usize = 100;

/// An invitation, which can be shown only now.
pub struct Invited {
    /// Whose phone it is for.
    pub name: String,
    pub invitation: Invitation,
}

/// The open phones of a venue.
pub async fn open_phones(app: &App, venue: VenueId) -> Result<Vec<Account>, StoreError> {
    let mut accounts = app.store.accounts(Some(venue)).await?;
    accounts.retain(|account| account.role == Role::VenueStaff && account.disabled_at.is_none());
    Ok(accounts)
}

async fn find(app: &App, venue: VenueId, account: AccountId) -> Result<Account, VenueServiceError> {
    let phones = open_phones(app, venue).await?;
    let phone = phones.into_iter().find(|phone| phone.account == account);
    phone.ok_or(VenueServiceError::NotFound)
}

/// Makes an account for a phone, and its first invitation.
pub async fn add(
    app: &App,
    venue: VenueId,
    name: String,
    actor: &Actor,
) -> Result<Invited, VenueServiceError> {
    if open_phones(app, venue).await?.len() >= MAX_PHONES {
        return Err(VenueServiceError::TooManyPhones);
    }
    let login = Login::of_staff_phone(&mut rand::rng());
    let new = NewAccount {
        login: login.as_str(),
        name: &name,
        password: "",
        one_time_until: None,
        role: Role::VenueStaff,
        venue: Some(venue),
    };
    let added = app.store.add_account(&new, actor, app.clock.now()).await?;
    let account = added.ok_or(VenueServiceError::LoginTaken)?;
    invite(app, venue, account, name, actor).await
}

/// Invites another phone in place of the one before, whose sessions end.
pub async fn replace(
    app: &App,
    venue: VenueId,
    account: AccountId,
    actor: &Actor,
) -> Result<Invited, VenueServiceError> {
    let phone = find(app, venue, account).await?;
    invite(app, venue, account, phone.name, actor).await
}

async fn invite(
    app: &App,
    venue: VenueId,
    account: AccountId,
    name: String,
    actor: &Actor,
) -> Result<Invited, VenueServiceError> {
    let invitation = Invitation::generate(&mut rand::rng());
    let hash = invitation.hash(&app.keys.account_hash);
    let now = app.clock.now();
    let expires_at = now.plus(INVITATION_SECONDS);
    if !app.store.invite(account, venue, &hash, expires_at, actor, now).await? {
        return Err(VenueServiceError::NotFound);
    }
    Ok(Invited { name, invitation })
}

/// Closes a phone's account for good and ends its sessions.
pub async fn close(
    app: &App,
    venue: VenueId,
    account: AccountId,
    actor: &Actor,
) -> Result<(), VenueServiceError> {
    find(app, venue, account).await?;
    app.store.disable_account(account, Some(venue), actor, app.clock.now()).await?;
    Ok(())
}
