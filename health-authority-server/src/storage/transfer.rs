//! All rows from one database to another: for moving an authority, for backups of PostgreSQL and for
//! restoring into it.
//!
//! What tables there are, SQLite says: one side is always SQLite, and both have the same schema. Rows
//! are read in the order of their keys, which is the same on both, and counted and hashed on both
//! sides; nothing is committed unless both agree. A row at a time is in memory, and one statement's.

use futures_util::TryStreamExt;
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::dialect::Dialect;
use super::{Store, StoreError, rows};

/// The most rows that one statement inserts.
const ROWS_AT_ONCE: usize = 500;
/// The most values of one statement: SQLite takes 32,766.
const VALUES_AT_ONCE: usize = 10_000;
/// The most bytes of values in one statement, but for one row that is longer.
const BYTES_AT_ONCE: usize = 1 << 20;

/// What was copied of a table, as both sides have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CopiedTable {
    pub table: String,
    pub rows: u64,
    /// SHA-256 over all rows in the order of their keys; lower-case hex.
    pub digest: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Text,
    Bytes,
}

#[derive(Debug)]
struct Table {
    name: String,
    columns: Vec<(String, Kind)>,
    /// The columns of the primary key, in its order; none where the schema makes one row.
    key: Vec<String>,
    /// Tables that its rows refer to.
    refers_to: Vec<String>,
    /// The database gives its rows their numbers.
    numbered: bool,
}

enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
}

impl Store {
    /// Copies everything as of one moment to `target`, whose tables must be empty, in one transaction.
    /// Other writers of `self` wait until it is over.
    pub async fn copy_all_to(&self, target: &Self) -> Result<Vec<CopiedTable>, StoreError> {
        let mut from = self.write().await?;
        let mut to = target.write().await?;
        let copied = copy(from.connection()?, (to.connection()?, target.dialect), || {
            if self.dialect == Dialect::Sqlite { Side::From } else { Side::To }
        });
        let copied = copied.await?;
        to.commit().await?;
        Ok(copied)
    }

    /// The same without holding writers up: for backups of a database server.
    pub(super) async fn copy_snapshot_to(
        &self,
        target: &Self,
    ) -> Result<Vec<CopiedTable>, StoreError> {
        let mut from = self.pool.begin_with(self.dialect.begin_snapshot()).await?;
        let mut to = target.write().await?;
        let copied = copy(&mut from, (to.connection()?, target.dialect), || Side::To).await?;
        to.commit().await?;
        Ok(copied)
    }
}

/// Which side is SQLite and says what tables there are.
enum Side {
    From,
    To,
}

async fn copy(
    from: &mut AnyConnection,
    (to, dialect): (&mut AnyConnection, Dialect),
    sqlite: impl FnOnce() -> Side,
) -> Result<Vec<CopiedTable>, StoreError> {
    let tables = match sqlite() {
        Side::From => tables(from).await?,
        Side::To => tables(to).await?,
    };
    for table in &tables {
        if table.key.is_empty() {
            // The schema puts its one row there.
            let sql = format!("DELETE FROM {}", table.name);
            sqlx::query(AssertSqlSafe(sql)).execute(&mut *to).await?;
            continue;
        }
        let sql = format!("SELECT 1 AS there FROM {} LIMIT 1", table.name);
        if sqlx::query(AssertSqlSafe(sql)).fetch_optional(&mut *to).await?.is_some() {
            return Err(StoreError::NotEmpty(table.name.clone()));
        }
    }
    let mut copied = Vec::new();
    for table in tables {
        let sent = send(&table, from, to).await?;
        let arrived = digest(&table, to).await?;
        if sent != arrived {
            return Err(StoreError::CopyDiffers(table.name));
        }
        if table.numbered && dialect == Dialect::Postgres {
            go_on_numbering(&table, to).await?;
        }
        copied.push(sent);
    }
    Ok(copied)
}

/// The tables, each after those that its rows refer to.
async fn tables(sqlite: &mut AnyConnection) -> Result<Vec<Table>, StoreError> {
    let names = sqlx::query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'schema_version' \
         AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name",
    )
    .fetch_all(&mut *sqlite)
    .await?;
    let mut waiting = Vec::new();
    for row in names {
        waiting.push(table(sqlite, row.try_get("name")?).await?);
    }
    let mut tables: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_there = |name: &String| tables.iter().any(|table| table.name == *name);
        let ready = waiting.iter().position(|table: &Table| table.refers_to.iter().all(is_there));
        tables.push(waiting.remove(ready.ok_or(StoreError::Corrupt("circle of tables"))?));
    }
    Ok(tables)
}

async fn table(sqlite: &mut AnyConnection, name: String) -> Result<Table, StoreError> {
    let described = sqlx::query("SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid")
        .bind(name.clone())
        .fetch_all(&mut *sqlite)
        .await?;
    let (mut columns, mut key, mut declared_integer) = (Vec::new(), Vec::new(), false);
    for row in described {
        let column: String = row.try_get("name")?;
        let declared: String = row.try_get("type")?;
        let place: i64 = row.try_get("pk")?;
        if place > 0 {
            key.push((place, column.clone()));
            declared_integer = declared == "INTEGER";
        }
        let kind = match declared.as_str() {
            "INTEGER" | "BIGINT" => Kind::Integer,
            "TEXT" => Kind::Text,
            "BLOB" => Kind::Bytes,
            _ => return Err(StoreError::Corrupt("column type")),
        };
        columns.push((column, kind));
    }
    key.sort();
    let referred = sqlx::query(
        "SELECT DISTINCT \"table\" AS referred FROM pragma_foreign_key_list($1) \
         WHERE \"table\" <> $1",
    )
    .bind(name.clone())
    .fetch_all(sqlite)
    .await?;
    Ok(Table {
        numbered: declared_integer && key.len() == 1,
        key: key.into_iter().map(|(_, column)| column).collect(),
        refers_to: referred
            .iter()
            .map(|row| row.try_get("referred"))
            .collect::<Result<_, sqlx::Error>>()?,
        name,
        columns,
    })
}

impl Table {
    fn column_names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    }

    /// All rows in the order of the key.
    fn select(&self) -> String {
        let columns = self.column_names();
        let order = if self.key.is_empty() { columns.clone() } else { self.key.join(", ") };
        format!("SELECT {columns} FROM {} ORDER BY {order}", self.name)
    }

    fn read(&self, row: &AnyRow) -> Result<Vec<Value>, StoreError> {
        let value = |(number, (_, kind)): (usize, &(String, Kind))| {
            Ok(match kind {
                Kind::Integer => Value::Integer(row.try_get(number)?),
                Kind::Text => Value::Text(row.try_get(number)?),
                Kind::Bytes => Value::Bytes(row.try_get(number)?),
            })
        };
        self.columns.iter().enumerate().map(value).collect()
    }
}

/// Copies a table and says what was read.
async fn send(
    table: &Table,
    from: &mut AnyConnection,
    to: &mut AnyConnection,
) -> Result<CopiedTable, StoreError> {
    let mut sum = Sum::default();
    let most = ROWS_AT_ONCE.min(VALUES_AT_ONCE / table.columns.len().max(1)).max(1);
    let (mut waiting, mut bytes) = (Vec::new(), 0);
    let select = table.select();
    let mut stream = sqlx::query(AssertSqlSafe(select)).fetch(from);
    while let Some(row) = stream.try_next().await? {
        let row = table.read(&row)?;
        bytes += sum.add(&row);
        waiting.push(row);
        if waiting.len() == most || bytes >= BYTES_AT_ONCE {
            insert(table, std::mem::take(&mut waiting), to).await?;
            bytes = 0;
        }
    }
    insert(table, waiting, to).await?;
    Ok(sum.of(table))
}

async fn insert(
    table: &Table,
    values: Vec<Vec<Value>>,
    to: &mut AnyConnection,
) -> Result<(), StoreError> {
    if values.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO {} ({}) VALUES {}",
        table.name,
        table.column_names(),
        rows(values.len(), table.columns.len())
    );
    let mut query =
        sqlx::query::<sqlx::Any>(AssertSqlSafe(sql)).persistent(values.len() == ROWS_AT_ONCE);
    for value in values.into_iter().flatten() {
        query = match value {
            Value::Integer(integer) => query.bind(integer),
            Value::Text(text) => query.bind(text),
            Value::Bytes(bytes) => query.bind(bytes),
        };
    }
    query.execute(to).await?;
    Ok(())
}

/// What a table holds.
async fn digest(table: &Table, connection: &mut AnyConnection) -> Result<CopiedTable, StoreError> {
    let mut sum = Sum::default();
    let mut stream = sqlx::query(AssertSqlSafe(table.select())).fetch(connection);
    while let Some(row) = stream.try_next().await? {
        sum.add(&table.read(&row)?);
    }
    Ok(sum.of(table))
}

/// PostgreSQL's next number is above those that came with the rows.
async fn go_on_numbering(table: &Table, to: &mut AnyConnection) -> Result<(), StoreError> {
    let (name, key) = (&table.name, table.key.join(""));
    let sql = format!(
        "SELECT setval(pg_get_serial_sequence('{name}', '{key}'), COALESCE(MAX({key}), 1), \
         MAX({key}) IS NOT NULL) AS next FROM {name}"
    );
    sqlx::query(AssertSqlSafe(sql)).fetch_one(to).await?;
    Ok(())
}

/// Rows counted and hashed: of each value its kind, its length and its bytes.
#[derive(Default)]
struct Sum {
    rows: u64,
    hash: Sha256,
}

impl Sum {
    /// Says how many bytes the row has.
    fn add(&mut self, row: &[Value]) -> usize {
        self.rows += 1;
        row.iter().map(|value| self.add_value(value)).sum()
    }

    fn add_value(&mut self, value: &Value) -> usize {
        let mut put = |kind: u8, bytes: &[u8]| {
            self.hash.update([kind]);
            self.hash.update((bytes.len() as u64).to_be_bytes());
            self.hash.update(bytes);
            bytes.len() + 9
        };
        match value {
            Value::Integer(Some(integer)) => put(1, &integer.to_be_bytes()),
            Value::Text(Some(text)) => put(2, text.as_bytes()),
            Value::Bytes(Some(bytes)) => put(3, bytes),
            Value::Integer(None) | Value::Text(None) | Value::Bytes(None) => put(0, &[]),
        }
    }

    fn of(self, table: &Table) -> CopiedTable {
        let digest = hex::encode(self.hash.finalize());
        CopiedTable { table: table.name.clone(), rows: self.rows, digest }
    }
}
