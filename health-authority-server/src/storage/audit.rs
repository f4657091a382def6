//! The audit log: who decided what, when. Never a secret, never a visitor. `audit_chain` chains it.

use std::fmt;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::UnixTime;

use super::audit_chain::chain;
use super::{Store, StoreError, Write, integer, nullable, seconds, time};
use crate::domain::accounts::AccountId;
use crate::domain::api_keys::ApiKeyId;
use crate::domain::share_requests::RequestId;
use crate::domain::venues::{UnitId, VenueId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The account; none for the command line and the program itself.
    pub account: Option<AccountId>,
    /// Its login at the time.
    pub name: String,
}

impl Actor {
    /// An operator who runs commands on the server; `actor-command-line` is its text.
    pub fn command_line() -> Self {
        Self { account: None, name: "command line".into() }
    }

    /// A program of the staff's with this API key, which is named as a subject is.
    pub fn api_key(key: ApiKeyId) -> Self {
        Self { account: None, name: Subject::ApiKey(key).to_string() }
    }

    /// The program, by itself; `actor-server` is its text.
    pub fn server() -> Self {
        Self { account: None, name: "server".into() }
    }
}

macro_rules! subjects {
    ($($(#[$about:meta])* $subject:ident($number:ty) = $kind:literal,)*) => {
        /// What an entry is about, by its number: names of people and places stay out of the log's column.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Subject {
            $($(#[$about])* $subject($number),)*
        }

        impl Subject {
            /// The names of all kinds.
            pub const KINDS: &[&str] = &[$($kind),*];

            /// The name of its kind in the database, by which its text is found, and its number.
            pub const fn kind_and_number(self) -> (&'static str, i64) {
                match self {
                    $(Self::$subject(number) => ($kind, number),)*
                }
            }

            /// Reads what the database holds, for example `venue 7`.
            pub fn from_text(text: &str) -> Option<Self> {
                let (kind, number) = text.split_once(' ')?;
                let number: i64 = number.parse().ok()?;
                match kind {
                    $($kind => Some(Self::$subject(number)),)*
                    _ => None,
                }
            }
        }
    };
}

subjects! {
    Account(AccountId) = "account",
    /// A key of staff's programs.
    ApiKey(ApiKeyId) = "api-key",
    /// A verification code, by a number made from the keyed hash of its id.
    Code(i64) = "code",
    Venue(VenueId) = "venue",
    /// A unit of a venue.
    Unit(UnitId) = "unit",
    Poster(i64) = "poster",
    /// A request for shares; which venue and hour it asks for must not stand in the log.
    Request(RequestId) = "request",
    /// A publication period, by its start in Unix seconds.
    Period(i64) = "period",
    /// An authority document, by its serial.
    Document(i64) = "document",
    /// A key that signs export files, by its number.
    ExportKey(i64) = "export-key",
    /// A generation of the authority's keys for venues, by its number.
    VenueKey(i64) = "venue-key",
    /// A key of declarations, by its id.
    IntakeKey(i64) = "intake-key",
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, number) = self.kind_and_number();
        write!(f, "{kind} {number}")
    }
}

macro_rules! actions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Action { $($(#[$doc])* $variant,)* }

        impl Action {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name in the database; `audit-NAME` is its text.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
        }
    };
}

actions! {
    LoggedIn = "logged-in",
    /// A wrong password or code for an account that is there.
    LoginFailed = "login-failed",
    /// An account was made.
    AccountAdded = "account-added",
    /// The first administrator was made in the browser.
    FirstAdministrator = "first-administrator",
    /// An account got another role.
    RoleChanged = "role-changed",
    /// An account got a one-time password; its authenticator app is gone.
    AccountReset = "account-reset",
    /// An account was closed for good.
    AccountDisabled = "account-disabled",
    /// A password was set.
    PasswordSet = "password-set",
    /// A password was set by a code to the telephone; the authenticator app is gone.
    ResetByPhone = "reset-by-phone",
    /// An authenticator app was set up.
    TotpOn = "totp-on",
    /// An authenticator app was removed.
    TotpOff = "totp-off",
    /// New recovery codes in place of the old.
    RecoveryCodesRenewed = "recovery-codes-renewed",
    /// A recovery code logged somebody in; so many are left.
    RecoveryCodeUsed = "recovery-code-used",
    ApiKeyAdded = "api-key-added",
    ApiKeyDisabled = "api-key-disabled",
    /// A staff phone was invited.
    Invited = "invited",
    /// A staff phone took its invitation.
    InvitationUsed = "invitation-used",
    VenueRegistered = "venue-registered",
    /// A refused venue corrected its registration.
    VenueCorrected = "venue-corrected",
    /// An approved venue proposed another name, address or telephone.
    ChangeProposed = "change-proposed",
    ChangeWithdrawn = "change-withdrawn",
    ChangeApproved = "change-approved",
    ChangeRefused = "change-refused",
    /// An officer approved a venue.
    VenueApproved = "venue-approved",
    /// An officer refused a venue.
    VenueRefused = "venue-refused",
    /// An officer closed a venue.
    VenueClosed = "venue-closed",
    /// A venue gave its key, or another one.
    VenueKeySet = "venue-key-set",
    UnitsAdded = "units-added",
    /// A unit was changed.
    UnitChanged = "unit-changed",
    /// A unit was closed.
    UnitClosed = "unit-closed",
    /// A unit's display was set up.
    DisplaySet = "display-set",
    /// A poster was issued.
    PosterIssued = "poster-issued",
    /// A poster was revoked.
    PosterRevoked = "poster-revoked",
    /// A venue was asked for its shares.
    SharesRequested = "shares-requested",
    /// A venue that did not answer was reminded.
    VenueReminded = "venue-reminded",
    /// A request was cancelled by staff.
    RequestCancelled = "request-cancelled",
    /// A venue gave its shares, or had given them in advance.
    SharesGiven = "shares-given",
    /// A venue gave no shares.
    SharesRefused = "shares-refused",
    /// A venue handed over shares in advance.
    SharesInAdvance = "shares-in-advance",
    /// A venue took its shares in advance back.
    SharesRevoked = "shares-revoked",
    /// An officer handed in the public half of the own key.
    OfficerKeySet = "officer-key-set",
    /// An officer fetched the sealed declarations of a day and group.
    DeclarationsFetched = "declarations-fetched",
    /// An officer gave another one access to a day and group.
    AccessGiven = "access-given",
    /// Everything that was published in a period was taken back.
    PeriodRevoked = "period-revoked",
    /// The warnings of a request were published.
    WarningsPublished = "warnings-published",
    /// A draft of the authority document was made.
    DocumentDrafted = "document-drafted",
    /// A signed document was uploaded.
    DocumentReceived = "document-received",
    DocumentInForce = "document-in-force",
    /// A draft was given up.
    DocumentDropped = "document-dropped",
    /// A further key was made, or keys of declarations for the days to come.
    KeyMade = "key-made",
    /// A verification code was issued.
    CodeIssued = "code-issued",
    /// A verification code could not be sent to its telephone, and was taken back.
    CodeNotSent = "code-not-sent",
    /// A verification code was ended before it was used.
    CodeRevoked = "code-revoked",
}

impl Action {
    /// The action with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its number; later entries have higher ones.
    pub entry: i64,
    pub at: UnixTime,
    pub actor: Actor,
    /// A name of [`Action`].
    pub action: String,
    /// To what: a [`Subject`] as text.
    pub subject: String,
    /// Reason or values; may be empty.
    pub detail: String,
}

/// An entry to be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewEntry<'a> {
    actor: &'a Actor,
    action: Action,
    subject: Subject,
    detail: &'a str,
}

impl Actor {
    /// The entry that says what this one did to what, and why or with which values.
    pub(super) const fn did<'a>(
        &'a self,
        action: Action,
        subject: Subject,
        detail: &'a str,
    ) -> NewEntry<'a> {
        NewEntry { actor: self, action, subject, detail }
    }
}

/// Writes an entry and chains it, as part of the caller's transaction.
pub(super) async fn audit(
    connection: &mut AnyConnection,
    entry: NewEntry<'_>,
    now: UnixTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO audit (at, account, actor, action, subject, detail) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(seconds(now))
    .bind(entry.actor.account)
    .bind(entry.actor.name.as_str())
    .bind(entry.action.name())
    .bind(entry.subject.to_string())
    .bind(entry.detail)
    .execute(&mut *connection)
    .await?;
    chain(connection).await
}

impl Write {
    /// Keeps what was done, and the entry that says so.
    pub(super) async fn commit_audited(
        mut self,
        entry: NewEntry<'_>,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        audit(self.connection()?, entry, now).await?;
        self.commit().await
    }
}

pub(super) fn entry_of(row: &AnyRow) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        entry: integer(row, "entry")?,
        at: time(row, "at")?,
        actor: Actor { account: nullable(row, "account")?, name: row.try_get("actor")? },
        action: row.try_get("action")?,
        subject: row.try_get("subject")?,
        detail: row.try_get("detail")?,
    })
}

impl Store {
    /// Notes that somebody made a key; `detail` says which where the subject does not.
    pub async fn note_key_made(
        &self,
        subject: Subject,
        detail: &str,
        actor: &Actor,
        now: UnixTime,
    ) -> Result<(), StoreError> {
        let write = self.write().await?;
        write.commit_audited(actor.did(Action::KeyMade, subject, detail), now).await
    }

    /// The entries about one thing, the oldest first.
    pub async fn audit_of(&self, subject: Subject) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = sqlx::query(
            "SELECT entry, at, account, actor, action, subject, detail FROM audit \
             WHERE subject = $1 ORDER BY entry LIMIT 100",
        )
        .bind(subject.to_string())
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(entry_of).collect()
    }

    /// What people call a thing: a person and the login, the name of a venue, a unit with its venue.
    /// `None` when it has no name, or is not there any more.
    pub async fn name_of(&self, subject: Subject) -> Result<Option<String>, StoreError> {
        let unit = "CASE WHEN u.name = '' THEN v.name ELSE u.name || ' · ' || v.name END AS name";
        let (query, number) = match subject {
            Subject::Account(number) => (
                "SELECT CASE WHEN name IN ('', login) THEN login \
                 WHEN role = 'venue_staff' THEN name \
                 ELSE name || ' (' || login || ')' END AS name FROM accounts WHERE account = $1"
                    .to_owned(),
                number,
            ),
            Subject::ApiKey(number) => {
                ("SELECT name FROM api_keys WHERE api_key = $1 AND name <> ''".to_owned(), number)
            }
            Subject::Venue(number) => {
                ("SELECT name FROM venues WHERE venue = $1".to_owned(), number)
            }
            Subject::Unit(number) => (
                format!(
                    "SELECT {unit} FROM units u JOIN venues v ON v.venue = u.venue WHERE u.unit = $1"
                ),
                number,
            ),
            Subject::Poster(number) => (
                format!(
                    "SELECT {unit} FROM posters p JOIN units u ON u.unit = p.unit \
                     JOIN venues v ON v.venue = u.venue WHERE p.poster = $1"
                ),
                number,
            ),
            // Which venue and hour it asks for must not stand in the log.
            Subject::Request(_) => return Ok(None),
            // A number and nothing else.
            Subject::IntakeKey(_)
            | Subject::Period(_)
            | Subject::Document(_)
            | Subject::ExportKey(_)
            | Subject::VenueKey(_)
            | Subject::Code(_) => return Ok(None),
        };
        let row = sqlx::query(sqlx::AssertSqlSafe(query)).bind(number);
        let row = row.fetch_optional(&self.pool).await?;
        Ok(row.map(|row| row.try_get("name")).transpose()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_are_read_back_as_they_were_written() {
        for (subject, text) in [
            (Subject::Account(3), "account 3"),
            (Subject::ApiKey(4), "api-key 4"),
            (Subject::Venue(7), "venue 7"),
            (Subject::Unit(12), "unit 12"),
            (Subject::Poster(1), "poster 1"),
            (Subject::IntakeKey(11), "intake-key 11"),
            (Subject::Code(4_294_967_295), "code 4294967295"),
            (Subject::Request(i64::MAX), "request 9223372036854775807"),
        ] {
            assert_eq!(subject.to_string(), text);
            assert_eq!(Subject::from_text(text), Some(subject));
        }
        for kind in Subject::KINDS {
            let subject = Subject::from_text(&format!("{kind} 7")).unwrap();
            assert_eq!(subject.kind_and_number(), (*kind, 7));
        }
        for other in ["", "venue", "venue x", "ward 7", "venue 7 8"] {
            assert_eq!(Subject::from_text(other), None, "{other}");
        }
    }
}
