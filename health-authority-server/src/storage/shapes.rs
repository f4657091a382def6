//! Counts of how uploads look, see [`crate::domain::upload_shape`].

use sqlx::{AnyConnection, Row};

use super::{Store, StoreError, integer};
use crate::domain::upload_shape::{Observation, Property, UploadShapes};

/// Adds observations as part of the caller's transaction.
pub(super) async fn count_shape(
    connection: &mut AnyConnection,
    observations: &[Observation],
) -> Result<(), StoreError> {
    for Observation { property, bucket } in observations {
        sqlx::query(
            "INSERT INTO upload_shapes (property, bucket, uploads) VALUES ($1, $2, 1) \
             ON CONFLICT (property, bucket) DO UPDATE SET uploads = upload_shapes.uploads + 1",
        )
        .bind(property.name())
        .bind(*bucket)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

impl Store {
    /// Adds what was observed of uploads to `shapes`.
    pub async fn observed_shapes(
        &self,
        mut shapes: UploadShapes,
    ) -> Result<UploadShapes, StoreError> {
        let rows = sqlx::query("SELECT property, bucket, uploads FROM upload_shapes")
            .fetch_all(&self.pool)
            .await?;
        for row in rows {
            let name: String = row.try_get("property")?;
            if let Some(property) = Property::from_name(&name) {
                shapes.add(property, integer(&row, "bucket")?, integer(&row, "uploads")?);
            }
        }
        Ok(shapes)
    }
}
