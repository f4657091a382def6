//! Who is logged in, and why somebody is not.

use super::password_hashing::Busy;
use crate::domain::codes::KeyedHash;
use crate::domain::sessions::CsrfToken;
use crate::storage::StoreError;
use crate::storage::accounts::Account;

/// Why somebody is not let in, or may not change an account.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Login, password or code are not right.
    #[error("the login is not right")]
    Wrong,
    /// Too many were wrong.
    #[error("too many logins were wrong")]
    TooMany,
    /// What was sealed for the browser does not come back.
    #[error("the sealed secret is not ours")]
    Unreadable,
    /// The secret of an authenticator app cannot be opened.
    #[error("the secret of an authenticator app cannot be opened")]
    SecretDamaged,
    /// The password cannot be hashed now.
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, Clone)]
pub struct SignedIn {
    pub account: Account,
    /// What the database knows it by.
    pub token_hash: KeyedHash,
    /// What requests that change something must carry.
    pub csrf: CsrfToken,
}
