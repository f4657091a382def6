//! Accounts, and invitations for phones of a venue's staff.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::{UnixTime, UtcDay};

use super::audit::{Action, Actor, Subject};
use super::columns::columns;
use super::phone_codes::{PhoneCodeCheck, check_phone_code};
use super::recovery_codes::replace_recovery_codes;
use super::{Store, StoreError, integer, named, nullable, nullable_time, seconds, time};
use crate::domain::accounts::{AccountId, Role};
use crate::domain::codes::KeyedHash;
use crate::domain::venues::VenueId;

/// An account, without anything secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub account: AccountId,
    /// What it logs in with.
    pub login: String,
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// Of which venue; none for the authority's staff.
    pub venue: Option<VenueId>,
    /// Whether an authenticator app is set up.
    pub has_totp: bool,
    /// The password was given by somebody else, must be changed, and ends then.
    pub one_time_until: Option<UnixTime>,
    /// The local day of the last login, where the authority is.
    pub last_login: Option<UtcDay>,
    /// When it was made.
    pub created_at: UnixTime,
    /// When it was closed.
    pub disabled_at: Option<UnixTime>,
}

impl Account {
    /// For the audit log.
    pub fn actor(&self) -> Actor {
        Actor { account: Some(self.account), name: self.login.clone() }
    }

    pub(super) fn of_row(row: &AnyRow) -> Result<Self, StoreError> {
        let totp: Option<Vec<u8>> = row.try_get("totp")?;
        Ok(Self {
            account: integer(row, "account")?,
            login: row.try_get("login")?,
            name: row.try_get("name")?,
            role: named(row, "role", Role::from_name)?,
            venue: nullable(row, "venue")?,
            has_totp: totp.is_some(),
            one_time_until: nullable_time(row, "one_time_until")?,
            last_login: nullable(row, "last_login_day")?.map(UtcDay::new),
            created_at: time(row, "created_at")?,
            disabled_at: nullable_time(row, "disabled_at")?,
        })
    }
}

/// What a login is checked against.
#[derive(Clone)]
pub struct Credentials {
    pub account: Account,
    /// Hash of its password; empty when it has none.
    pub password: String,
    /// The secret of its authenticator app, sealed.
    pub totp: Option<Vec<u8>>,
    /// The last step whose code was used.
    pub totp_step: u64,
}

/// An account to be made.
#[derive(Debug, Clone)]
pub struct NewAccount<'a> {
    /// What it logs in with.
    pub login: &'a str,
    pub name: &'a str,
    /// Hash of its password; empty when only an invitation opens it.
    pub password: &'a str,
    /// Somebody else gave the password, which ends then.
    pub one_time_until: Option<UnixTime>,
    /// What it may do.
    pub role: Role,
    pub venue: Option<VenueId>,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    Done,
    /// There is no such open account, or it has changed meanwhile.
    OtherState,
    /// No administrator would be left who can log in.
    LastAdministrator,
}

/// Whether an administrator is left who can log in, as part of the caller's transaction.
pub(super) async fn is_administrator_left(
    connection: &mut AnyConnection,
    now: UnixTime,
) -> Result<bool, StoreError> {
    let sql = "SELECT account FROM accounts WHERE role = $1 AND disabled_at IS NULL \
               AND (one_time_until IS NULL OR one_time_until > $2) LIMIT 1";
    let found = sqlx::query(sql).bind(Role::Administrator.name()).bind(seconds(now));
    Ok(found.fetch_optional(connection).await?.is_some())
}

/// Makes an account as part of the caller's transaction; `None` when the login is taken.
pub(super) async fn insert_account(
    connection: &mut AnyConnection,
    new: &NewAccount<'_>,
    now: UnixTime,
) -> Result<Option<AccountId>, StoreError> {
    let row = sqlx::query(
        "INSERT INTO accounts (login, name, password, one_time_until, role, venue, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (login) DO NOTHING RETURNING account",
    )
    .bind(new.login)
    .bind(new.name)
    .bind(new.password)
    .bind(new.one_time_until.map(seconds))
    .bind(new.role.name())
    .bind(new.venue)
    .bind(seconds(now))
    .fetch_optional(connection)
    .await?;
    row.map(|row| integer(&row, "account")).transpose()
}

/// Ends the sessions of an account, but for one.
async fn end_sessions(
    connection: &mut AnyConnection,
    account: AccountId,
    keep: Option<&KeyedHash>,
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM sessions WHERE account = $1 AND token_hash <> $2")
        .bind(account)
        .bind(keep.map_or_else(Vec::new, |hash| hash.to_vec()))
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends the sessions of an account, and invitations that are open.
pub(super) async fn end_access(
    connection: &mut AnyConnection,
    account: AccountId,
) -> Result<(), StoreError> {
    end_sessions(connection, account, None).await?;
    sqlx::query("DELETE FROM invitations WHERE account = $1")
        .bind(account)
        .execute(connection)
        .await?;
    Ok(())
}

impl Store {
    /// Makes an account; `None` when the login is taken.
    pub async fn add_account(
        &self,
        new: &NewAccount<'_>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<Option<AccountId>, StoreError> {
        let mut write = self.write().await?;
        let inserted = insert_account(write.connection()?, new, now).await?;
        let Some(account) = inserted else { return Ok(None) };
        let detail = format!("{} {}", new.role.name(), new.login);
        let subject = Subject::Account(account);
        write.commit_audited(actor.did(Action::AccountAdded, subject, &detail), now).await?;
        Ok(Some(account))
    }

    /// What a login is checked against.
    pub async fn credentials(&self, login: &str) -> Result<Option<Credentials>, StoreError> {
        let row =
            sqlx::query(concat!("SELECT ", columns!(accounts), " FROM accounts WHERE login = $1"))
                .bind(login)
                .fetch_optional(&self.pool)
                .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Credentials {
            account: Account::of_row(&row)?,
            password: row.try_get("password")?,
            totp: row.try_get("totp")?,
            totp_step: integer(&row, "totp_step")?,
        }))
    }

    /// Accounts of a venue, or of the authority when `None`, by number.
    pub async fn accounts(&self, venue: Option<VenueId>) -> Result<Vec<Account>, StoreError> {
        let rows = sqlx::query(concat!(
            "SELECT ",
            columns!(accounts),
            " FROM accounts WHERE venue = $1 OR (venue IS NULL AND $1 IS NULL) \
             ORDER BY account"
        ))
        .bind(venue)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(Account::of_row).collect()
    }

    /// Sets a password and ends all sessions of the account but `keep`.
    pub async fn set_password(
        &self,
        account: AccountId,
        password: &str,
        one_time_until: Option<UnixTime>,
        keep: Option<&KeyedHash>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let set = "UPDATE accounts SET password = $2, one_time_until = $3 WHERE account = $1";
        let set = sqlx::query(set).bind(account).bind(password);
        write.execute(set.bind(one_time_until.map(seconds))).await?;
        end_sessions(write.connection()?, account, keep).await?;
        write
            .commit_audited(actor.did(Action::PasswordSet, Subject::Account(account), ""), now)
            .await
    }

    /// Sets a password, takes the authenticator app away and ends all sessions, if the code is the one
    /// that was sent: `hashes` are those of the telephone and of the code.
    pub async fn reset_by_phone(
        &self,
        account: AccountId,
        hashes: (&KeyedHash, &KeyedHash),
        password: &str,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<PhoneCodeCheck, StoreError> {
        let mut write = self.write().await?;
        let check = check_phone_code(write.connection()?, hashes, now).await?;
        if check != PhoneCodeCheck::Right {
            write.commit().await?;
            return Ok(check);
        }
        let set = "UPDATE accounts SET password = $2, one_time_until = NULL, totp = NULL, \
                   totp_step = 0 WHERE account = $1";
        write.execute(sqlx::query(set).bind(account).bind(password)).await?;
        replace_recovery_codes(write.connection()?, account, &[]).await?;
        end_sessions(write.connection()?, account, None).await?;
        let entry = actor.did(Action::ResetByPhone, Subject::Account(account), "");
        write.commit_audited(entry, now).await?;
        Ok(check)
    }

    /// Notes that somebody tried to log in to an account, with a wrong password or code.
    pub async fn login_failed(&self, account: &Account, now: UnixTime) -> Result<(), StoreError> {
        let write = self.write().await?;
        let subject = Subject::Account(account.account);
        write.commit_audited(Actor::server().did(Action::LoginFailed, subject, ""), now).await
    }

    /// Sets up an authenticator app (a sealed secret, the step of the code that proved it, and recovery codes) or
    /// removes it with all recovery codes, and ends all sessions of the account but `keep`.
    pub async fn set_totp(
        &self,
        account: AccountId,
        totp: Option<(Vec<u8>, u64, &[KeyedHash])>,
        keep: Option<&KeyedHash>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let mut write = self.write().await?;
        let action = if totp.is_some() { Action::TotpOn } else { Action::TotpOff };
        let (sealed, step, codes) = match totp {
            Some((sealed, step, codes)) => (Some(sealed), step, codes),
            None => (None, 0, &[][..]),
        };
        let set = sqlx::query("UPDATE accounts SET totp = $2, totp_step = $3 WHERE account = $1")
            .bind(account)
            .bind(sealed)
            .bind(i64::try_from(step).unwrap_or(i64::MAX));
        write.execute(set).await?;
        replace_recovery_codes(write.connection()?, account, codes).await?;
        end_sessions(write.connection()?, account, keep).await?;
        write.commit_audited(actor.did(action, Subject::Account(account), ""), now).await
    }

    /// Uses up a step of an authenticator app; `false` when it, or a later one, was used before.
    pub async fn use_totp_step(&self, account: AccountId, step: u64) -> Result<bool, StoreError> {
        let sql = "UPDATE accounts SET totp_step = $2 WHERE account = $1 AND totp_step < $2";
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        Ok(self.execute(sqlx::query(sql).bind(account).bind(step)).await? == 1)
    }

    /// Closes an account of this venue, or of the authority when `None`, for good and ends its sessions. The last
    /// administrator who can log in stays.
    pub async fn disable_account(
        &self,
        account: AccountId,
        venue: Option<VenueId>,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<Changed, StoreError> {
        let mut write = self.write().await?;
        let close = sqlx::query(
            "UPDATE accounts SET disabled_at = $3, password = '', totp = NULL \
             WHERE account = $1 AND disabled_at IS NULL \
             AND (venue = $2 OR (venue IS NULL AND $2 IS NULL)) RETURNING role",
        )
        .bind(account)
        .bind(venue)
        .bind(seconds(now));
        let Some(closed) = close.fetch_optional(write.connection()?).await? else {
            return Ok(Changed::OtherState);
        };
        let is_administrator = named(&closed, "role", Role::from_name)? == Role::Administrator;
        if is_administrator && !is_administrator_left(write.connection()?, now).await? {
            return Ok(Changed::LastAdministrator);
        }
        replace_recovery_codes(write.connection()?, account, &[]).await?;
        end_access(write.connection()?, account).await?;
        write
            .commit_audited(actor.did(Action::AccountDisabled, Subject::Account(account), ""), now)
            .await?;
        Ok(Changed::Done)
    }

    /// Stores an invitation for a staff phone in place of earlier ones, and ends the sessions
    /// that those began; `false` when the venue has no such open account.
    pub async fn invite(
        &self,
        account: AccountId,
        venue: VenueId,
        code_hash: &KeyedHash,
        expires_at: UnixTime,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<bool, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let known = sqlx::query(
            "SELECT account FROM accounts WHERE account = $1 AND venue = $2 AND role = $3 \
             AND disabled_at IS NULL",
        )
        .bind(account)
        .bind(venue)
        .bind(Role::VenueStaff.name())
        .fetch_optional(&mut *connection)
        .await?;
        if known.is_none() {
            return Ok(false);
        }
        end_access(connection, account).await?;
        sqlx::query("INSERT INTO invitations (code_hash, account, expires_at) VALUES ($1, $2, $3)")
            .bind(code_hash.to_vec())
            .bind(account)
            .bind(seconds(expires_at))
            .execute(connection)
            .await?;
        write
            .commit_audited(actor.did(Action::Invited, Subject::Account(account), ""), now)
            .await?;
        Ok(true)
    }

    /// Uses an invitation up; `None` when there is none that is valid.
    pub async fn use_invitation(
        &self,
        code_hash: &KeyedHash,
        now: UnixTime,
    ) -> Result<Option<Account>, StoreError> {
        let mut write = self.write().await?;
        let connection = write.connection()?;
        let row = sqlx::query(concat!(
            "SELECT ",
            columns!("a." accounts),
            " FROM invitations i JOIN accounts a ON a.account = i.account \
                 WHERE i.code_hash = $1 AND i.expires_at > $2 AND a.disabled_at IS NULL"
        ))
        .bind(code_hash.to_vec())
        .bind(seconds(now))
        .fetch_optional(&mut *connection)
        .await?;
        let Some(account) = row.as_ref().map(Account::of_row).transpose()? else {
            return Ok(None);
        };
        sqlx::query("DELETE FROM invitations WHERE code_hash = $1")
            .bind(code_hash.to_vec())
            .execute(connection)
            .await?;
        let (action, subject) = (Action::InvitationUsed, Subject::Account(account.account));
        write.commit_audited(account.actor().did(action, subject, ""), now).await?;
        Ok(Some(account))
    }
}
