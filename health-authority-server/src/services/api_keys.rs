//! Keys of staff's programs.

use super::app::App;
use super::staff_accounts::Giver;
use crate::domain::api_keys::{ApiKeyId, ApiKeySecret, shown_hash};
use crate::domain::permissions::{Permission, Permissions};
use crate::storage::StoreError;
use crate::storage::api_keys::{ApiKey, FileKey};

/// What the key may do that `init` makes: what programs could do when it was the only one.
const OF_FILE_KEY: Permissions =
    Permissions::of(&[Permission::CodesIssue, Permission::StatisticsRead]);

/// Why a key was not made or disabled.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    #[error("who gives it may not do all that the key may do")]
    MoreThanOwn,
    #[error("a key needs a permission, and only those that keys can have")]
    Permissions,
    #[error("there are too many open keys")]
    TooMany,
    #[error("there is no such open key")]
    Unknown,
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn file_key(app: &App) -> FileKey {
    FileKey { hash: app.keys.first_api_key, permissions: OF_FILE_KEY }
}

/// The key that a program shows, if it is an open one; its use is counted.
pub async fn used(app: &App, shown: &[u8]) -> Result<Option<ApiKey>, StoreError> {
    let Some(hash) = shown_hash(shown) else { return Ok(None) };
    let now = app.clock.now();
    app.store.use_api_key(&hash, &file_key(app), app.config.today(now), now).await
}

/// How a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiKeyState {
    InUse,
    /// The file holds another one by now.
    Replaced,
    Disabled,
}

impl ApiKeyState {
    /// `api-key-state-NAME` is its text.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InUse => "in-use",
            Self::Replaced => "replaced",
            Self::Disabled => "disabled",
        }
    }
}

/// All keys with their states, the newest first.
pub async fn all(app: &App) -> Result<Vec<(ApiKey, ApiKeyState)>, StoreError> {
    let file = file_key(app);
    let keys = app.store.api_keys(&file, app.clock.now()).await?;
    let with_state = |key: ApiKey| {
        let state = match &key {
            ApiKey { disabled_at: Some(_), .. } => ApiKeyState::Disabled,
            ApiKey { is_from_file: true, hash, .. } if *hash != file.hash => ApiKeyState::Replaced,
            _ => ApiKeyState::InUse,
        };
        (key, state)
    };
    Ok(keys.into_iter().map(with_state).collect())
}

/// The open key with this number.
pub async fn find(app: &App, key: ApiKeyId) -> Result<ApiKey, ApiKeyError> {
    let found = all(app).await?.into_iter().map(|(key, _)| key).find(|one| one.id == key);
    found.filter(|key| key.disabled_at.is_none()).ok_or(ApiKeyError::Unknown)
}

/// Makes a key, which can be shown only now.
pub async fn add(
    app: &App,
    name: &str,
    permissions: Permissions,
    giver: &Giver,
) -> Result<(ApiKeyId, ApiKeySecret), ApiKeyError> {
    let possible = Permissions::of(&Permission::OF_API_KEYS);
    if permissions.is_empty() || !possible.contains(permissions) {
        return Err(ApiKeyError::Permissions);
    }
    if !giver.may_give(permissions) {
        return Err(ApiKeyError::MoreThanOwn);
    }
    let secret = ApiKeySecret::generate(&mut rand::rng());
    let (hash, now) = (secret.hash(), app.clock.now());
    let added = app.store.add_api_key(name, &hash, permissions, &giver.actor, now).await?;
    Ok((added.ok_or(ApiKeyError::TooMany)?, secret))
}

/// The key works no more, from the next request on.
pub async fn disable(app: &App, key: ApiKeyId, giver: &Giver) -> Result<(), ApiKeyError> {
    // The key of the file is noted before it can be disabled.
    find(app, key).await?;
    match app.store.disable_api_key(key, &giver.actor, app.clock.now()).await? {
        true => Ok(()),
        false => Err(ApiKeyError::Unknown),
    }
}
