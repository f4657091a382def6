//! Transactions that write, several of which share one commit: where others wait for their turn, a
//! transaction that is done hands the database's transaction on instead of committing it, and is answered when
//! the last one has committed. With a slow disk it is the syncs that limit how many there are a second.
//!
//! Each is taken back by itself if it is not completed: the second and later ones begin with a savepoint.

use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::{Any, AnyConnection, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use super::{DatabaseTimes, Statement, Store, StoreError, TURN_TIMEOUT};

/// So many transactions share a commit at most.
const MEMBERS: usize = 64;
/// So long a shared transaction takes further ones.
const OPEN: Duration = Duration::from_millis(20);

/// There is one writer at a time; waiting here is fair and takes no connection, waiting in SQLite's
/// busy handler is not, and for PostgreSQL's lock only processes wait. Holds the transaction that the next
/// one joins, if there is one.
pub(super) type Writer = Arc<Mutex<Option<Group>>>;
type Turn = OwnedMutexGuard<Option<Group>>;

/// A transaction of the database, with what is done in it and not committed yet.
#[derive(Debug)]
pub(super) struct Group {
    transaction: Transaction<'static, Any>,
    /// Transactions of this program that are completed and wait for the commit.
    members: usize,
    began: Instant,
    ended: watch::Sender<Option<Result<(), Arc<StoreError>>>>,
}

impl Group {
    async fn commit(self) {
        let committed = self.transaction.commit().await;
        let committed = committed.map_err(|error| Arc::new(StoreError::from(error)));
        self.ended.send_replace(Some(committed));
    }

    const fn is_shared(&self) -> bool {
        self.members > 0
    }
}

/// A write transaction and the turn that it waited for. Dropped, its changes are taken back.
#[derive(Debug)]
pub struct Write(Option<Open>, DatabaseTimes, Instant);

#[derive(Debug)]
struct Open {
    group: Group,
    turn: Turn,
    /// Whether the changes can be taken back without those of others.
    has_savepoint: bool,
}

impl Store {
    /// Begins a transaction that writes. Readers go on; other writers wait.
    pub(super) async fn write(&self) -> Result<Write, StoreError> {
        let asked = Instant::now();
        let write = self.times.noted(self.begin().await)?;
        self.times.waited(asked.elapsed());
        Ok(write)
    }

    async fn begin(&self) -> Result<Write, StoreError> {
        let opened = |open| Write(Some(open), self.times.clone(), Instant::now());
        let turn = tokio::time::timeout(TURN_TIMEOUT, self.writer.clone().lock_owned()).await;
        let mut turn = turn.map_err(|_| StoreError::Busy)?;
        let open_one = turn.take();
        if let Some(group) = open_one {
            if group.members < MEMBERS && group.began.elapsed() < OPEN {
                return opened(Open { group, turn, has_savepoint: false }).joined().await;
            }
            // Not ended by a caller that goes away.
            turn = tokio::spawn(async move {
                group.commit().await;
                turn
            })
            .await
            .map_err(|_| StoreError::Busy)?;
        }
        let transaction = self.pool.begin_with(self.dialect.begin_write()).await?;
        let (ended, _) = watch::channel(None);
        let group = Group { transaction, members: 0, began: Instant::now(), ended };
        Ok(opened(Open { group, turn, has_savepoint: false }))
    }

    /// One statement as a transaction; says how many rows it changed.
    pub(super) async fn execute(&self, statement: Statement<'_>) -> Result<u64, StoreError> {
        let mut write = self.write().await?;
        let changed = write.execute(statement).await?;
        write.commit().await?;
        Ok(changed)
    }
}

impl Write {
    async fn joined(mut self) -> Result<Self, StoreError> {
        sqlx::raw_sql("SAVEPOINT member").execute(self.connection()?).await?;
        if let Some(open) = &mut self.0 {
            open.has_savepoint = true;
        }
        Ok(self)
    }

    /// Where its statements go.
    pub(super) fn connection(&mut self) -> Result<&mut AnyConnection, StoreError> {
        // There is none only after the commit, which takes the whole.
        self.0.as_mut().map(|open| &mut *open.group.transaction).ok_or(StoreError::Busy)
    }

    /// Says how many rows the statement changed.
    pub(super) async fn execute(&mut self, statement: Statement<'_>) -> Result<u64, StoreError> {
        Ok(statement.execute(self.connection()?).await?.rows_affected())
    }

    /// Returns when the changes are on the disk.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        let Some(open) = self.0.take() else { return Err(StoreError::Busy) };
        // It goes on if the caller goes away: others may wait for the same commit.
        let done = tokio::spawn(complete(open)).await.map_err(|_| StoreError::Busy);
        self.1.noted(done.and_then(|done| done))?;
        self.1.wrote(self.2.elapsed());
        Ok(())
    }

    pub(super) async fn savepoint(&mut self) -> Result<(), StoreError> {
        sqlx::raw_sql("SAVEPOINT request").execute(self.connection()?).await?;
        Ok(())
    }

    /// Keeps or takes back what was done since the savepoint.
    pub(super) async fn settle(&mut self, keep: bool) -> Result<(), StoreError> {
        let sql = if keep { "RELEASE request" } else { "ROLLBACK TO request; RELEASE request" };
        sqlx::raw_sql(sql).execute(self.connection()?).await?;
        Ok(())
    }
}

/// Leaves the transaction to those who wait for their turn; the first whose turn comes again, because
/// nobody waits any more, commits for all.
async fn complete(open: Open) -> Result<(), StoreError> {
    let Open { mut group, mut turn, has_savepoint } = open;
    if has_savepoint {
        let released =
            sqlx::raw_sql("RELEASE member").execute(&mut *group.transaction).await.map(drop);
        if let Err(error) = released {
            group.commit().await;
            return Err(error.into());
        }
    }
    group.members += 1;
    let mut ended = group.ended.subscribe();
    let writer = OwnedMutexGuard::mutex(&turn).clone();
    *turn = Some(group);
    drop(turn);
    let again = tokio::select! {
        biased;
        _ = ended.changed() => None,
        turn = writer.lock_owned() => Some(turn),
    };
    if let Some(mut turn) = again
        && let Some(group) = turn.take()
    {
        group.commit().await;
    }
    let outcome = ended.borrow().clone();
    match outcome {
        Some(committed) => committed.map_err(StoreError::Together),
        // The transaction went without a commit.
        None => Err(StoreError::Busy),
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        let Some(open) = self.0.take() else { return };
        // Without others, dropping the database's transaction takes all back.
        if open.group.is_shared()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(take_back(open));
        }
    }
}

/// Takes back the changes of one transaction and commits those of the others.
async fn take_back(open: Open) {
    let Open { mut group, turn, has_savepoint } = open;
    if has_savepoint {
        let sql = "ROLLBACK TO member; RELEASE member";
        if let Err(error) = sqlx::raw_sql(sql).execute(&mut *group.transaction).await {
            // The database has given up the whole transaction, as SQLite does when the disk is full.
            group.ended.send_replace(Some(Err(Arc::new(error.into()))));
            return;
        }
    }
    group.commit().await;
    drop(turn);
}
