//! Totals by day. Nothing here is about one person.

use std::collections::BTreeMap;

use sqlx::{AnyConnection, AssertSqlSafe, Row};
use vungxanh_protocol::interval::UnixTime;

use super::{Store, StoreError, integer, rows};
use crate::domain::throttle::Limit;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    CodesIssued,
    /// Codes exchanged for tokens.
    CodesRedeemed,
    Certificates,
    Publications,
    /// Keys of publications taken.
    KeysReceived,
    KeysRevised,
    /// Dummy requests answered, of all three kinds.
    DummyRequests,
    DummyPublications,
    SyntheticPersons,
    Batches,
    /// Keys in them, synthetic ones included.
    KeysPublished,
    Declarations,
    /// Uploads of supervised doors.
    DoorUploads,
    /// Hours of doors that were opened for a case.
    DoorHoursOpened,
    /// Windows in which short codes were stopped.
    LimitShortCodes,
    /// Windows in which a login was locked.
    LimitLogins,
    /// Windows with too many attempts at logins that no one has.
    LimitUnknownLogins,
    /// Windows in which invitations were stopped.
    LimitInvitations,
    /// Windows in which the first start was stopped.
    LimitFirstStarts,
    /// Hours in which codes to telephones were too many.
    LimitRegistrations,
    /// Hours in which messages to venues were too many.
    LimitNotices,
    /// Hours in which declarations were too many.
    LimitDeclarations,
    /// Hours in which codes to telephones before declarations were too many.
    LimitDeclarationCodes,
}

impl Counter {
    pub const ALL: [Self; 23] = [
        Self::CodesIssued,
        Self::CodesRedeemed,
        Self::Certificates,
        Self::Publications,
        Self::KeysReceived,
        Self::KeysRevised,
        Self::DummyRequests,
        Self::DummyPublications,
        Self::SyntheticPersons,
        Self::Batches,
        Self::KeysPublished,
        Self::Declarations,
        Self::DoorUploads,
        Self::DoorHoursOpened,
        Self::LimitShortCodes,
        Self::LimitLogins,
        Self::LimitUnknownLogins,
        Self::LimitInvitations,
        Self::LimitFirstStarts,
        Self::LimitRegistrations,
        Self::LimitNotices,
        Self::LimitDeclarations,
        Self::LimitDeclarationCodes,
    ];

    /// What counts how often this limit was reached.
    pub const fn of_limit(limit: Limit) -> Self {
        match limit {
            Limit::ShortCodes => Self::LimitShortCodes,
            Limit::Logins => Self::LimitLogins,
            Limit::UnknownLogins => Self::LimitUnknownLogins,
            Limit::Invitations => Self::LimitInvitations,
            Limit::FirstStarts => Self::LimitFirstStarts,
            Limit::Registrations => Self::LimitRegistrations,
            Limit::Notices => Self::LimitNotices,
            Limit::Declarations => Self::LimitDeclarations,
            Limit::DeclarationCodes => Self::LimitDeclarationCodes,
        }
    }

    /// Its name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CodesIssued => "codes_issued",
            Self::CodesRedeemed => "codes_redeemed",
            Self::Certificates => "certificates",
            Self::Publications => "publications",
            Self::KeysReceived => "keys_received",
            Self::KeysRevised => "keys_revised",
            Self::DummyRequests => "look_alikes",
            Self::DummyPublications => "look_alike_publications",
            Self::SyntheticPersons => "synthetic_persons",
            Self::Batches => "batches",
            Self::KeysPublished => "keys_published",
            Self::LimitShortCodes => "limit_short_codes",
            Self::LimitLogins => "limit_logins",
            Self::LimitUnknownLogins => "limit_unknown_logins",
            Self::LimitInvitations => "limit_invitations",
            Self::LimitFirstStarts => "limit_first_starts",
            Self::LimitRegistrations => "limit_registrations",
            Self::LimitNotices => "limit_notices",
            Self::LimitDeclarations => "limit_declarations",
            Self::LimitDeclarationCodes => "limit_declaration_codes",
            Self::Declarations => "declarations",
            Self::DoorUploads => "door_uploads",
            Self::DoorHoursOpened => "door_hours_opened",
        }
    }
}

/// Adds to a counter as part of the caller's transaction.
pub(super) async fn count(
    connection: &mut AnyConnection,
    counter: Counter,
    by: usize,
    now: UnixTime,
) -> Result<(), StoreError> {
    count_all(connection, &[(counter, by)], now).await
}

/// Adds to different counters as part of the caller's transaction, in one statement.
pub(super) async fn count_all(
    connection: &mut AnyConnection,
    counters: &[(Counter, usize)],
    now: UnixTime,
) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO statistics (name, day, total) VALUES {} \
         ON CONFLICT (name, day) DO UPDATE SET total = statistics.total + excluded.total",
        rows(counters.len(), 3)
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (counter, by) in counters {
        query = query
            .bind(counter.name())
            .bind(i64::from(now.day().number()))
            .bind(i64::try_from(*by).unwrap_or(i64::MAX));
    }
    query.execute(connection).await?;
    Ok(())
}

impl Store {
    /// Every counter's total over all days, 0 for those that never counted.
    pub async fn statistics(&self) -> Result<BTreeMap<&'static str, u64>, StoreError> {
        let mut totals: BTreeMap<_, _> = Counter::ALL.iter().map(|c| (c.name(), 0)).collect();
        let counted = sqlx::query(
            "SELECT name, CAST(SUM(total) AS BIGINT) AS total FROM statistics GROUP BY name",
        )
        .fetch_all(&self.pool)
        .await?;
        for row in counted {
            let name: String = row.try_get("name")?;
            if let Some((_, total)) = totals.iter_mut().find(|(known, _)| **known == name) {
                *total = integer(&row, "total")?;
            }
        }
        Ok(totals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Language;

    #[test]
    fn every_counter_has_a_label() {
        for counter in Counter::ALL {
            let id = format!("total-{}", counter.name().replace('_', "-"));
            assert!(Language::En.messages().has(&id), "{id}");
        }
    }
}
