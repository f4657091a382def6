//! Values of columns, checked: a value that this program never writes is [`StoreError::Corrupt`].

use sqlx::Row;
use sqlx::any::AnyRow;
use vungxanh_protocol::interval::UnixTime;

use super::StoreError;

/// An integer in the range of its type.
pub(super) fn integer<T: TryFrom<i64>>(
    row: &AnyRow,
    column: &'static str,
) -> Result<T, StoreError> {
    T::try_from(row.try_get::<i64, _>(column)?).map_err(|_| StoreError::Corrupt(column))
}

/// An integer in the range of its type, or none.
pub(super) fn nullable<T: TryFrom<i64>>(
    row: &AnyRow,
    column: &'static str,
) -> Result<Option<T>, StoreError> {
    row.try_get::<Option<i64>, _>(column)?
        .map(|value| T::try_from(value).map_err(|_| StoreError::Corrupt(column)))
        .transpose()
}

pub(super) fn time(row: &AnyRow, column: &'static str) -> Result<UnixTime, StoreError> {
    integer(row, column).map(UnixTime::from_secs)
}

/// A moment, or none.
pub(super) fn nullable_time(
    row: &AnyRow,
    column: &'static str,
) -> Result<Option<UnixTime>, StoreError> {
    Ok(nullable(row, column)?.map(UnixTime::from_secs))
}

/// Exactly `N` bytes.
pub(super) fn array<const N: usize>(
    row: &AnyRow,
    column: &'static str,
) -> Result<[u8; N], StoreError> {
    let bytes: Vec<u8> = row.try_get(column)?;
    bytes.try_into().map_err(|_| StoreError::Corrupt(column))
}

/// Exactly `N` bytes, or none.
pub(super) fn nullable_array<const N: usize>(
    row: &AnyRow,
    column: &'static str,
) -> Result<Option<[u8; N]>, StoreError> {
    row.try_get::<Option<Vec<u8>>, _>(column)?
        .map(|bytes| bytes.try_into().map_err(|_| StoreError::Corrupt(column)))
        .transpose()
}

/// One of the names that `from_name` knows.
pub(super) fn named<T>(
    row: &AnyRow,
    column: &'static str,
    from_name: impl Fn(&str) -> Option<T>,
) -> Result<T, StoreError> {
    let name: String = row.try_get(column)?;
    from_name(&name).ok_or(StoreError::Corrupt(column))
}

/// Seconds as the database has them. The year 292 billion is far.
pub(super) fn seconds(time: UnixTime) -> i64 {
    i64::try_from(time.as_secs()).unwrap_or(i64::MAX)
}
