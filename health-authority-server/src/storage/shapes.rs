//! Counts of how uploads look, see [`crate::domain::upload_shape`].

use std::collections::BTreeMap;

use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::{Store, StoreError, integer, rows};
use crate::domain::upload_shape::{Observation, Property, UploadShapes};

/// Adds observations, each so many times, as part of the caller's transaction, in one statement.
pub(super) async fn count_shape(
    connection: &mut AnyConnection,
    observations: &[(Observation, u32)],
) -> Result<(), StoreError> {
    let mut counts: BTreeMap<(Property, i64), i64> = BTreeMap::new();
    for (Observation { property, bucket }, times) in observations {
        *counts.entry((*property, *bucket)).or_default() += i64::from(*times);
    }
    if counts.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO upload_shapes (property, bucket, uploads) VALUES {} \
         ON CONFLICT (property, bucket) \
         DO UPDATE SET uploads = upload_shapes.uploads + excluded.uploads",
        rows(counts.len(), 3)
    );
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for ((property, bucket), uploads) in counts {
        query = query.bind(property.name()).bind(bucket).bind(uploads);
    }
    query.execute(connection).await?;
    Ok(())
}

impl Store {
    /// Adds what was observed of uploads to `shapes`.
    pub async fn observed_shapes(
        &self,
        mut shapes: UploadShapes,
    ) -> Result<UploadShapes, StoreError> {
        let counted = sqlx::query("SELECT property, bucket, uploads FROM upload_shapes")
            .fetch_all(&self.pool)
            .await?;
        for row in counted {
            let name: String = row.try_get("property")?;
            if let Some(property) = Property::from_name(&name) {
                shapes.add(property, integer(&row, "bucket")?, integer(&row, "uploads")?);
            }
        }
        Ok(shapes)
    }
}
