//! Totals by day. Nothing here is about one person.

use std::collections::BTreeMap;

use sqlx::{AnyConnection, Row};
use vungxanh_protocol::interval::UnixTime;

use super::{Store, StoreError, integer};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    /// Codes issued.
    CodesIssued,
    /// Codes exchanged for tokens.
    CodesRedeemed,
    /// Certificates made.
    Certificates,
    /// Publications taken.
    Publications,
    /// Keys of publications taken.
    KeysReceived,
    /// Keys revised.
    KeysRevised,
    /// Look-alike requests answered, of all three kinds.
    LookAlikes,
    /// Look-alike publications answered.
    LookAlikePublications,
    /// Synthetic persons made.
    SyntheticPersons,
    /// Batches cut.
    Batches,
    /// Keys in them, synthetic ones included.
    KeysPublished,
}

impl Counter {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::CodesIssued,
        Self::CodesRedeemed,
        Self::Certificates,
        Self::Publications,
        Self::KeysReceived,
        Self::KeysRevised,
        Self::LookAlikes,
        Self::LookAlikePublications,
        Self::SyntheticPersons,
        Self::Batches,
        Self::KeysPublished,
    ];

    /// Its name in the database and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CodesIssued => "codes_issued",
            Self::CodesRedeemed => "codes_redeemed",
            Self::Certificates => "certificates",
            Self::Publications => "publications",
            Self::KeysReceived => "keys_received",
            Self::KeysRevised => "keys_revised",
            Self::LookAlikes => "look_alikes",
            Self::LookAlikePublications => "look_alike_publications",
            Self::SyntheticPersons => "synthetic_persons",
            Self::Batches => "batches",
            Self::KeysPublished => "keys_published",
        }
    }
}

/// Adds to a counter as part of the caller's transaction.
pub(super) async fn count(
    connection: &mut AnyConnection,
    counter: Counter,
    by: u64,
    now: UnixTime,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO statistics (name, day, total) VALUES ($1, $2, $3) \
         ON CONFLICT (name, day) DO UPDATE SET total = statistics.total + excluded.total",
    )
    .bind(counter.name())
    .bind(i64::from(now.day().number()))
    .bind(i64::try_from(by).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(())
}

impl Store {
    /// Every counter's total over all days, 0 for those that never counted.
    pub async fn statistics(&self) -> Result<BTreeMap<&'static str, u64>, StoreError> {
        let mut totals: BTreeMap<_, _> = Counter::ALL.iter().map(|c| (c.name(), 0)).collect();
        let rows = sqlx::query(
            "SELECT name, CAST(SUM(total) AS BIGINT) AS total FROM statistics GROUP BY name",
        )
        .fetch_all(&self.pool)
        .await?;
        for row in rows {
            let name: String = row.try_get("name")?;
            if let Some((_, total)) = totals.iter_mut().find(|(known, _)| **known == name) {
                *total = integer(&row, "total")?;
            }
        }
        Ok(totals)
    }
}
