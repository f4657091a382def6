//! What an administrator does to accounts.

use vungxanh_protocol::interval::UnixTime;

use super::accounts::{Account, Changed, end_access, is_administrator_left};
use super::audit::{Action, Actor, Subject};
use super::columns::columns;
use super::recovery_codes::replace_recovery_codes;
use super::{Store, StoreError, seconds};
use crate::domain::accounts::{AccountId, Role};

impl Store {
    /// The account with this number.
    pub async fn account(&self, account: AccountId) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!(accounts),
            " FROM accounts WHERE account = $1"
        ))
        .bind(account)
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(Account::of_row).transpose()
    }

    /// Gives an account of the authority another role and ends its sessions.
    pub async fn change_role(
        &self,
        account: AccountId,
        (from, to): (Role, Role),
        actor: &Actor,
        now: UnixTime,
    ) -> Result<Changed, StoreError> {
        let mut write = self.write().await?;
        let change = sqlx::query(
            "UPDATE accounts SET role = $3 WHERE account = $1 AND role = $2 \
             AND venue IS NULL AND disabled_at IS NULL",
        );
        let change = change.bind(account).bind(from.name()).bind(to.name());
        if write.execute(change).await? == 0 {
            return Ok(Changed::OtherState);
        }
        let is_reduced = from == Role::Administrator && to != from;
        if is_reduced && !is_administrator_left(write.connection()?, now).await? {
            return Ok(Changed::LastAdministrator);
        }
        end_access(write.connection()?, account).await?;
        let detail = format!("{} {}", from.name(), to.name());
        let entry = actor.did(Action::RoleChanged, Subject::Account(account), &detail);
        write.commit_audited(entry, now).await?;
        Ok(Changed::Done)
    }

    /// Gives an open account a password that ends, takes its authenticator app and recovery codes away, and ends its
    /// sessions; `false` when there is no such one.
    pub async fn give_password(
        &self,
        account: AccountId,
        password: &str,
        until: UnixTime,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let set = sqlx::query(
            "UPDATE accounts SET password = $2, one_time_until = $3, totp = NULL, totp_step = 0 \
             WHERE account = $1 AND disabled_at IS NULL",
        );
        if write.execute(set.bind(account).bind(password).bind(seconds(until))).await? == 0 {
            return Ok(false);
        }
        replace_recovery_codes(write.connection()?, account, &[]).await?;
        end_access(write.connection()?, account).await?;
        let entry = actor.did(Action::AccountReset, Subject::Account(account), "");
        write.commit_audited(entry, now).await?;
        Ok(true)
    }
}
