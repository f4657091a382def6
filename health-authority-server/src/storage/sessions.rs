//! Sessions of browsers.

use sqlx::Row;
use vungxanh_protocol::interval::{UnixTime, UtcDay};

use super::accounts::Account;
use super::audit::{Action, Subject};
use super::columns::columns;
use super::{Store, StoreError, seconds, time};
use crate::domain::accounts::AccountId;
use crate::domain::codes::KeyedHash;
use crate::domain::sessions::{Lifetime, SEEN_SECONDS};

/// That somebody logged in, or tried to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastLogin {
    pub at: UnixTime,
    pub succeeded: bool,
}

impl Store {
    /// Begins a session after a login, on the local day `today`. What the browser had before (`replaced`) ends, so
    /// that it cannot have been planted.
    pub async fn begin_session(
        &self,
        account: &Account,
        token_hash: &KeyedHash,
        replaced: Option<&KeyedHash>,
        today: UtcDay,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        if let Some(replaced) = replaced {
            sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
                .bind(replaced.to_vec())
                .execute(&mut *connection)
                .await?;
        }
        let lifetime = Lifetime::of(account.role);
        sqlx::query(
            "INSERT INTO sessions (token_hash, account, created_at, seen_at, expires_at) \
             VALUES ($1, $2, $3, $3, $4)",
        )
        .bind(token_hash.to_vec())
        .bind(account.account)
        .bind(seconds(now))
        .bind(seconds(now.plus(lifetime.longest)))
        .execute(&mut *connection)
        .await?;
        sqlx::query("UPDATE accounts SET last_login_day = $2 WHERE account = $1")
            .bind(account.account)
            .bind(i64::from(today.number()))
            .execute(&mut *connection)
            .await?;
        let (actor, subject) = (account.actor(), Subject::Account(account.account));
        write.commit_audited(actor.did(Action::LoggedIn, subject, ""), now).await
    }

    /// The account of a session that is still good, and notes that it is in use.
    pub async fn session(
        &self,
        token_hash: &KeyedHash,
        now: UnixTime,
    ) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!("a." accounts),
            ", s.created_at AS begun_at, s.seen_at AS seen_at \
                 FROM sessions s JOIN accounts a ON a.account = s.account \
                 WHERE s.token_hash = $1 AND a.disabled_at IS NULL"
        ))
        .bind(token_hash.to_vec())
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let account = Account::of_row(&row)?;
        let begun = time(&row, "begun_at")?;
        let seen = time(&row, "seen_at")?;
        if !Lifetime::of(account.role).covers(begun, seen, now) {
            self.end_session(token_hash).await?;
            return Ok(None);
        }
        if now.since(seen) >= SEEN_SECONDS {
            let statement = sqlx::query("UPDATE sessions SET seen_at = $2 WHERE token_hash = $1")
                .bind(token_hash.to_vec())
                .bind(seconds(now));
            self.execute(statement).await?;
        }
        Ok(Some(account))
    }

    /// When somebody logged in to the account or tried to, the latest first, at most `count`.
    pub async fn logins_of(
        &self,
        account: AccountId,
        count: u32,
    ) -> Result<Vec<PastLogin>, StoreError> {
        let rows = sqlx::query(
            "SELECT at, action FROM audit WHERE subject = $1 AND action IN ($2, $3) \
             ORDER BY entry DESC LIMIT $4",
        )
        .bind(Subject::Account(account).to_string())
        .bind(Action::LoggedIn.name())
        .bind(Action::LoginFailed.name())
        .bind(i64::from(count))
        .fetch_all(&self.pool)
        .await?;
        let of_row = |row| {
            let action: String = Row::try_get(row, "action")?;
            Ok(PastLogin { at: time(row, "at")?, succeeded: action == Action::LoggedIn.name() })
        };
        rows.iter().map(of_row).collect()
    }

    pub async fn end_session(&self, token_hash: &KeyedHash) -> Result<(), StoreError> {
        let statement =
            sqlx::query("DELETE FROM sessions WHERE token_hash = $1").bind(token_hash.to_vec());
        self.execute(statement).await?;
        Ok(())
    }
}
