//! Hashing of passwords, in turns and in memory that is taken once and used again.
//!
//! One hash takes 19 MiB. Taken and given back for each attempt, that memory stayed with the allocator
//! once for each thread that had hashed, and grew with the number of attempts at a time.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand::RngExt;
use tokio::sync::Semaphore;

use crate::domain::accounts::{CannotHash, HashMemory, Password};

/// Passwords that are hashed at a time.
const AT_A_TIME: usize = 2;
/// Attempts that wait for their turn; more are refused.
pub const MAX_WAITING: usize = 64;
/// So many durations are remembered.
const REMEMBERED: usize = 32;

/// More attempts wait than are taken, or the system gives no memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("passwords cannot be checked now: too many attempts at a time; try again in a minute")]
pub struct Busy;

#[derive(Debug)]
pub struct PasswordHashing {
    queue: Semaphore,
    turns: Semaphore,
    memories: Mutex<Vec<HashMemory>>,
    /// How long the last ones took, with their waiting.
    recent: Mutex<VecDeque<Duration>>,
}

impl Default for PasswordHashing {
    fn default() -> Self {
        Self {
            queue: Semaphore::new(AT_A_TIME + MAX_WAITING),
            turns: Semaphore::new(AT_A_TIME),
            memories: Mutex::default(),
            recent: Mutex::default(),
        }
    }
}

impl PasswordHashing {
    /// Whether the password has this hash; as much work without one.
    pub async fn verify(&self, password: Password, hash: Option<String>) -> Result<bool, Busy> {
        self.in_turn(move |memory| password.verify(hash.as_deref(), memory)).await
    }

    pub async fn hash(&self, password: Password) -> Result<String, Busy> {
        let hash = self.in_turn(move |memory| password.hash(memory, &mut rand::rng())).await?;
        hash.map_err(|CannotHash| Busy)
    }

    /// Takes as long as one of the last checks, without its work.
    pub async fn pretend(&self) {
        let took = {
            let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            let any = recent.len().checked_sub(1).map(|last| rand::rng().random_range(0..=last));
            any.and_then(|any| recent.get(any).copied()).unwrap_or_default()
        };
        tokio::time::sleep(took).await;
    }

    /// Attempts that wait for their turn.
    pub fn waiting(&self) -> usize {
        let taken = (AT_A_TIME + MAX_WAITING).saturating_sub(self.queue.available_permits());
        taken.saturating_sub(AT_A_TIME)
    }

    fn remember(&self, took: Duration) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.len() == REMEMBERED {
            recent.pop_front();
        }
        recent.push_back(took);
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut HashMemory) -> T + Send + 'static,
    ) -> Result<T, Busy> {
        let started = Instant::now();
        let _waiting = self.queue.try_acquire().map_err(|_| Busy)?;
        let _turn = self.turns.acquire().await.map_err(|_| Busy)?;
        let mut memory = self.memories().pop().unwrap_or_default();
        let done = tokio::task::spawn_blocking(move || {
            let result = work(&mut memory);
            (result, memory)
        });
        let (result, memory) = done.await.map_err(|_| Busy)?;
        self.memories().push(memory);
        self.remember(started.elapsed());
        Ok(result)
    }

    fn memories(&self) -> std::sync::MutexGuard<'_, Vec<HashMemory>> {
        self.memories.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn memory_is_used_again_and_a_long_queue_is_refused() {
        let hashing = PasswordHashing::default();
        let password = Password::from("tre xanh bên đình".to_owned());
        let hash = hashing.hash(password.clone()).await.unwrap();
        assert_eq!(hashing.verify(password.clone(), Some(hash.clone())).await, Ok(true));
        assert_eq!(hashing.memories().len(), 1, "one after the other needs one");
        let attempts = (0..3 * MAX_WAITING).map(|_| hashing.verify(password.clone(), None));
        let answers = futures_util::future::join_all(attempts).await;
        let refused = answers.iter().filter(|answer| **answer == Err(Busy)).count();
        assert_eq!(refused, 3 * MAX_WAITING - (AT_A_TIME + MAX_WAITING));
        assert_eq!(hashing.memories().len(), AT_A_TIME);
        assert_eq!(hashing.verify(password, Some(hash)).await, Ok(true), "and it goes on");
    }
}
