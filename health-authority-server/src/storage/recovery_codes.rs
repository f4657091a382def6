//! Recovery codes of accounts, as keyed hashes.

use sqlx::AnyConnection;
use vungxanh_protocol::interval::UnixTime;

use super::audit::{Action, Actor, Subject};
use super::{Store, StoreError, integer};
use crate::domain::accounts::AccountId;
use crate::domain::codes::KeyedHash;

/// Puts these in place of those that the account has, as part of the caller's transaction.
pub(super) async fn replace_recovery_codes(
    connection: &mut AnyConnection,
    account: AccountId,
    codes: &[KeyedHash],
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM recovery_codes WHERE account = $1")
        .bind(account)
        .execute(&mut *connection)
        .await?;
    for code in codes {
        sqlx::query(
            "INSERT INTO recovery_codes (code_hash, account) VALUES ($1, $2) \
             ON CONFLICT (code_hash) DO NOTHING",
        )
        .bind(code.to_vec())
        .bind(account)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

async fn left(connection: &mut AnyConnection, account: AccountId) -> Result<u64, StoreError> {
    let row = sqlx::query("SELECT COUNT(*) AS codes FROM recovery_codes WHERE account = $1")
        .bind(account)
        .fetch_one(connection)
        .await?;
    integer(&row, "codes")
}

impl Store {
    /// How many an account has left.
    pub async fn recovery_codes_left(&self, account: AccountId) -> Result<u64, StoreError> {
        left(&mut *self.pool.acquire().await?, account).await
    }

    /// Puts new ones in place of the old; `false` where no authenticator app is set up, which they could replace.
    pub async fn renew_recovery_codes(
        &self,
        account: AccountId,
        codes: &[KeyedHash],
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let sql = "SELECT account FROM accounts WHERE account = $1 AND totp IS NOT NULL";
        let has_app =
            sqlx::query(sql).bind(account).fetch_optional(write.connection()?).await?.is_some();
        if !has_app {
            return Ok(false);
        }
        replace_recovery_codes(write.connection()?, account, codes).await?;
        let entry = actor.did(Action::RecoveryCodesRenewed, Subject::Account(account), "");
        write.commit_audited(entry, now).await?;
        Ok(true)
    }

    /// Uses one up; `false` when the account has no such one.
    pub async fn use_recovery_code(
        &self,
        account: AccountId,
        code: &KeyedHash,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let used = sqlx::query("DELETE FROM recovery_codes WHERE code_hash = $1 AND account = $2")
            .bind(code.to_vec())
            .bind(account);
        if write.execute(used).await? == 0 {
            return Ok(false);
        }
        let left = left(write.connection()?, account).await?.to_string();
        let entry = actor.did(Action::RecoveryCodeUsed, Subject::Account(account), &left);
        write.commit_audited(entry, now).await?;
        Ok(true)
    }
}
