//! Totals by day. Nothing here is about one person.

use std::collections::BTreeMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};
use vungxanh_protocol::declaration::FormKind;
use vungxanh_protocol::interval::{UnixTime, UtcDay};

use super::{Store, StoreError, integer, nullable, rows};
use crate::domain::classes::kind_name;
use crate::domain::throttle::Limit;
use crate::domain::units::units;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    CodesIssued,
    /// Codes exchanged for tokens.
    CodesRedeemed,
    /// Codes that are nobody's: guesses, and mistakes.
    CodesWrong,
    /// Codes that came too late.
    CodesExpired,
    /// Codes that were used before, by another client.
    CodesUsedBefore,
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
    /// Visits that phones of venues counted.
    VisitsCounted,
    /// Text messages that the gateway took.
    MessagesSent,
    /// Text messages that it did not take.
    MessagesFailed,
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
    /// Hours in which codes to cases were too many.
    LimitCaseCodes,
    /// Hours in which declarations were too many.
    LimitDeclarations,
    /// Hours in which codes to telephones before declarations were too many.
    LimitDeclarationCodes,
}

impl Counter {
    pub const ALL: [Self; 30] = [
        Self::CodesIssued,
        Self::CodesRedeemed,
        Self::CodesWrong,
        Self::CodesExpired,
        Self::CodesUsedBefore,
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
        Self::VisitsCounted,
        Self::MessagesSent,
        Self::MessagesFailed,
        Self::LimitShortCodes,
        Self::LimitLogins,
        Self::LimitUnknownLogins,
        Self::LimitInvitations,
        Self::LimitFirstStarts,
        Self::LimitRegistrations,
        Self::LimitNotices,
        Self::LimitCaseCodes,
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
            Limit::CaseCodes => Self::LimitCaseCodes,
            Limit::Declarations => Self::LimitDeclarations,
            Limit::DeclarationCodes => Self::LimitDeclarationCodes,
        }
    }

    /// Its name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CodesIssued => "codes_issued",
            Self::CodesRedeemed => "codes_redeemed",
            Self::CodesWrong => "codes_wrong",
            Self::CodesExpired => "codes_expired",
            Self::CodesUsedBefore => "codes_used_before",
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
            Self::LimitCaseCodes => "limit_case_codes",
            Self::LimitDeclarations => "limit_declarations",
            Self::LimitDeclarationCodes => "limit_declaration_codes",
            Self::Declarations => "declarations",
            Self::DoorUploads => "door_uploads",
            Self::DoorHoursOpened => "door_hours_opened",
            Self::VisitsCounted => "visits_counted",
            Self::MessagesSent => "messages_sent",
            Self::MessagesFailed => "messages_failed",
        }
    }
}

/// What is counted by day: a counter, or one of a figure's classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    Counter(Counter),
    /// From issue of a code to its use, by a class of `domain/classes.rs`.
    UseTime(&'static str),
    /// From onset to publication, by a class.
    OnsetDelay(&'static str),
    /// From the test to publication.
    TestDelay(&'static str),
    DeclarationKind(FormKind),
    /// The ward that a declaration names; 0: none of Viet Nam's.
    DeclarationWard(u32),
}

const WARDS: &str = "declaration_ward:";

impl Figure {
    /// Its name in the database.
    pub fn name(self) -> String {
        match self {
            Self::Counter(counter) => counter.name().into(),
            Self::UseTime(class) => format!("code_use_time:{class}"),
            Self::OnsetDelay(class) => format!("onset_delay:{class}"),
            Self::TestDelay(class) => format!("test_delay:{class}"),
            Self::DeclarationKind(kind) => format!("declaration_kind:{}", kind_name(kind)),
            Self::DeclarationWard(ward) => format!("{WARDS}{ward:05}"),
        }
    }

    /// Of all that a declaration says outside, only wards that there are: strangers cannot make rows.
    pub(super) fn of_ward(code: u32) -> Self {
        Self::DeclarationWard(units().ward(code).map_or(0, |ward| ward.code))
    }
}

impl From<Counter> for Figure {
    fn from(counter: Counter) -> Self {
        Self::Counter(counter)
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

/// Adds to different figures as part of the caller's transaction, in one statement.
pub(super) async fn count_all<F: Into<Figure> + Copy>(
    connection: &mut AnyConnection,
    figures: &[(F, usize)],
    now: UnixTime,
) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO statistics (name, day, total) VALUES {} \
         ON CONFLICT (name, day) DO UPDATE SET total = statistics.total + excluded.total",
        rows(figures.len(), 3)
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for (figure, by) in figures {
        let figure: Figure = (*figure).into();
        query = query
            .bind(figure.name())
            .bind(i64::from(now.day().number()))
            .bind(i64::try_from(*by).unwrap_or(i64::MAX));
    }
    query.execute(connection).await?;
    Ok(())
}

/// What was counted of a figure on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayTotal {
    /// The figure's name.
    pub name: String,
    pub day: UtcDay,
    pub total: u64,
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

    /// What was counted on each day from one to another, both included, without wards.
    pub async fn statistics_by_day(
        &self,
        from: UtcDay,
        until: UtcDay,
    ) -> Result<Vec<DayTotal>, StoreError> {
        let counted = sqlx::query(
            "SELECT name, day, total FROM statistics WHERE day >= $1 AND day <= $2 \
             AND name NOT LIKE 'declaration!_ward:%' ESCAPE '!' ORDER BY day, name",
        )
        .bind(i64::from(from.number()))
        .bind(i64::from(until.number()))
        .fetch_all(&self.pool)
        .await?;
        let total = |row: &AnyRow| {
            let day = UtcDay::new(integer(row, "day")?);
            Ok(DayTotal { name: row.try_get("name")?, day, total: integer(row, "total")? })
        };
        counted.iter().map(total).collect()
    }

    /// How many declarations of each ward came on the days from one to another, both included.
    pub async fn declarations_by_ward(
        &self,
        from: UtcDay,
        until: UtcDay,
    ) -> Result<Vec<(u32, u64)>, StoreError> {
        let counted = sqlx::query(
            "SELECT name, CAST(SUM(total) AS BIGINT) AS total FROM statistics \
             WHERE day >= $1 AND day <= $2 AND name LIKE 'declaration!_ward:%' ESCAPE '!' \
             GROUP BY name ORDER BY name",
        )
        .bind(i64::from(from.number()))
        .bind(i64::from(until.number()))
        .fetch_all(&self.pool)
        .await?;
        let ward = |row: &AnyRow| {
            let name: String = row.try_get("name")?;
            let code = name.strip_prefix(WARDS).and_then(|code| code.parse().ok());
            Ok((code.ok_or(StoreError::Corrupt("name"))?, integer(row, "total")?))
        };
        counted.iter().map(ward).collect()
    }

    /// Deletes how many declarations came of which ward on days before this one.
    pub async fn expire_wards(&self, before: UtcDay) -> Result<(), StoreError> {
        let delete = sqlx::query(
            "DELETE FROM statistics WHERE day < $1 \
             AND name LIKE 'declaration!_ward:%' ESCAPE '!'",
        );
        self.execute(delete.bind(i64::from(before.number()))).await?;
        Ok(())
    }

    /// The first day on which anything was counted.
    pub async fn first_counted_day(&self) -> Result<Option<UtcDay>, StoreError> {
        let row =
            sqlx::query("SELECT MIN(day) AS day FROM statistics").fetch_one(&self.pool).await?;
        Ok(nullable(&row, "day")?.map(UtcDay::new))
    }

    /// Counts a message to a telephone.
    pub async fn count_message(&self, was_sent: bool, now: UnixTime) -> Result<(), StoreError> {
        let counter = if was_sent { Counter::MessagesSent } else { Counter::MessagesFailed };
        let mut write = self.write().await?;
        count(write.connection()?, counter, 1, now).await?;
        write.commit().await
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
