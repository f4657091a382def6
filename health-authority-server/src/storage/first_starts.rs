//! The first administrator: tokens, each once, and none once there is one.

use sqlx::AnyConnection;
use vungxanh_protocol::interval::UnixTime;

use super::accounts::{Account, NewAccount, insert_account};
use super::audit::{Action, Subject};
use super::columns::columns;
use super::{Store, StoreError, Write, integer, seconds};
use crate::domain::accounts::Role;
use crate::domain::codes::KeyedHash;
use crate::domain::first_start::MAX_FIRST_STARTS;

/// What became of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FirstStart {
    Done(Box<Account>),
    /// The token is unknown, used or too old, or there is an administrator.
    Refused,
    /// Somebody else has the login; the token is not used up.
    LoginTaken,
}

/// Whether an administrator has an open account, as part of the caller's transaction.
async fn has_administrator(connection: &mut AnyConnection) -> Result<bool, StoreError> {
    let sql = "SELECT account FROM accounts WHERE role = $1 AND disabled_at IS NULL LIMIT 1";
    let found = sqlx::query(sql).bind(Role::Administrator.name()).fetch_optional(connection);
    Ok(found.await?.is_some())
}

/// Whether the token is good, as part of the caller's transaction.
async fn is_good(
    connection: &mut AnyConnection,
    token: &KeyedHash,
    now: UnixTime,
) -> Result<bool, StoreError> {
    let sql = "SELECT expires_at FROM first_starts WHERE token_hash = $1 AND expires_at > $2";
    let found = sqlx::query(sql).bind(token.to_vec()).bind(seconds(now));
    let found = found.fetch_optional(&mut *connection).await?.is_some();
    Ok(found && !has_administrator(connection).await?)
}

async fn end_all(write: &mut Write) -> Result<(), StoreError> {
    write.execute(sqlx::query("DELETE FROM first_starts")).await?;
    Ok(())
}

impl Store {
    /// Whether an administrator has an open account.
    pub async fn has_administrator(&self) -> Result<bool, StoreError> {
        has_administrator(&mut *self.pool.acquire().await?).await
    }

    /// A further token, beside those of other servers; `false` when there is an administrator. The oldest
    /// go where there are too many.
    pub async fn add_first_start(
        &self,
        token: &KeyedHash,
        expires_at: UnixTime,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        if has_administrator(write.connection()?).await? {
            return Ok(false);
        }
        let old = sqlx::query("DELETE FROM first_starts WHERE expires_at <= $1").bind(seconds(now));
        write.execute(old).await?;
        let sql = "INSERT INTO first_starts (token_hash, expires_at) VALUES ($1, $2)";
        write.execute(sqlx::query(sql).bind(token.to_vec()).bind(seconds(expires_at))).await?;
        let row = sqlx::query("SELECT COUNT(*) AS tokens FROM first_starts")
            .fetch_one(write.connection()?)
            .await?;
        if integer::<usize>(&row, "tokens")? > MAX_FIRST_STARTS {
            let oldest = sqlx::query(
                "DELETE FROM first_starts WHERE token_hash IN (SELECT token_hash FROM first_starts \
                 WHERE token_hash <> $1 ORDER BY expires_at, token_hash LIMIT 1)",
            );
            write.execute(oldest.bind(token.to_vec())).await?;
        }
        write.commit().await?;
        Ok(true)
    }

    /// Whether the first administrator can be made with this token.
    pub async fn knows_first_start(
        &self,
        token: &KeyedHash,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        is_good(&mut *self.pool.acquire().await?, token, now).await
    }

    /// Makes the first administrator and uses all tokens up.
    pub async fn make_first_administrator(
        &self,
        token: &KeyedHash,
        new: &NewAccount<'_>,
        now: UnixTime,
    ) -> Result<FirstStart, StoreError> {
        let mut write = self.write().await?;
        if !is_good(write.connection()?, token, now).await? {
            return Ok(FirstStart::Refused);
        }
        let Some(account) = insert_account(write.connection()?, new, now).await? else {
            return Ok(FirstStart::LoginTaken);
        };
        end_all(&mut write).await?;
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(accounts),
            " FROM accounts WHERE account = $1"
        ))
        .bind(account)
        .fetch_one(write.connection()?)
        .await?;
        let made = Account::of_row(&row)?;
        let entry = (made.actor(), Subject::Account(account));
        write.commit_audited(entry.0.did(Action::FirstAdministrator, entry.1, ""), now).await?;
        Ok(FirstStart::Done(Box::new(made)))
    }
}
