//! New passwords of accounts that exist: what is known of an account must not stand in its password.

use super::app::App;
use crate::domain::accounts::{Login, Password};
use crate::domain::password_strength::{WeakPassword, check};
use crate::storage::StoreError;
use crate::storage::accounts::Account;

/// Whether the account may have this password.
pub async fn judge(
    app: &App,
    account: &Account,
    password: &Password,
) -> Result<Result<(), WeakPassword>, StoreError> {
    let mut names = vec![account.name.clone()];
    if let Some(venue) = account.venue {
        let found = app.store.venue(venue).await?;
        names.extend(found.map(|venue| venue.registration.name));
        names.extend(app.store.units(venue).await?.into_iter().map(|unit| unit.name));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // Logins in the database have the form of one.
    let login = account.login.parse::<Login>().ok();
    Ok(check(password, login.as_ref(), &names))
}
